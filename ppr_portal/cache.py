"""Django's Redis cache, joining the embedded server when REDIS_URL names no other."""

from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.core.cache.backends import redis

from ppr_portal import embedded


class PortalCacheClient(redis.RedisCacheClient):
    """A client that makes sure that somebody answers before it connects, and counts in one trip."""

    @cached_property
    def is_embedded(self) -> bool:
        return embedded.is_embedded(address=settings.REDIS_URL, var_dir=settings.PPR_VAR_DIR)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if self.is_embedded:
            embedded.join(var_dir=settings.PPR_VAR_DIR)
        return super().get_client(key, write=write)

    def count(self, key: str, before: str, seconds: int) -> tuple[int, int]:
        """Add one to a counter that ends after some seconds; return it, and another one."""
        trip = self.get_client(key, write=True).pipeline(transaction=False)
        counted, _, other = trip.incr(key).expire(key, seconds).get(before).execute()
        return int(counted), int(other or 0)


class PortalCache(redis.RedisCache):
    """The cache that web processes share, for rate limits of sign-in among others."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = PortalCacheClient

    def count(self, key: str, before: str, seconds: int) -> tuple[int, int]:
        """Add one to a counter that ends after some seconds; return it, and another one."""
        client = cast(PortalCacheClient, self._cache)
        return client.count(self.make_and_validate_key(key), self.make_and_validate_key(before), seconds)


def count(*, cache: Any, key: str, before: str, seconds: int) -> tuple[int, int]:
    """Add one to a counter in the cache, in one trip where it is the portal's.

    Args:
        cache: where the counters are.
        key: the counter.
        before: another one, to be read only.
        seconds: after which an untouched counter may be forgotten.

    Returns: both counters, the first with this one.
    """
    if hasattr(cache, "count"):
        counted: tuple[int, int] = cache.count(key, before, seconds)
        return counted
    cache.add(key, 0, seconds)
    return cache.incr(key), cache.get(before, 0)
