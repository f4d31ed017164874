"""Django's Redis cache, joining the embedded server when REDIS_URL names no other."""

from typing import Any

from django.conf import settings
from django.core.cache.backends import redis

from ppr_portal import embedded


class PortalCacheClient(redis.RedisCacheClient):
    """A client that makes sure that somebody answers before it connects."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if embedded.is_embedded(address=settings.REDIS_URL, var_dir=settings.PPR_VAR_DIR):
            embedded.join(var_dir=settings.PPR_VAR_DIR)
        return super().get_client(key, write=write)


class PortalCache(redis.RedisCache):
    """The cache that web processes share, for rate limits of sign-in among others."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = PortalCacheClient
