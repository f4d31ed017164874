"""How often programs may call. The rates are settings of REST framework; the counts are in the shared cache."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from agents.models import ApiKey, Source
from ppr_portal import cache as counters


class CountedThrottle(SimpleRateThrottle):
    """Counts requests in the present window and weighs those of the one before it by how much of it is still within reach.

    One trip to the cache a request, whatever the rate; a request that is refused is not counted.
    """

    num_requests: int
    duration: int
    left_seconds = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        ident = self.get_cache_key(request, view)
        if ident is None or not self.num_requests:
            return True
        now = self.timer()
        window = int(now // self.duration)
        self.left_seconds = self.duration - now % self.duration
        count, before = counters.count(cache=self.cache, key=f"{ident}:{window}", before=f"{ident}:{window - 1}", seconds=2 * self.duration)
        if count + before * self.left_seconds / self.duration <= self.num_requests:
            return True
        self.cache.decr(f"{ident}:{window}")
        return False

    def wait(self) -> float:
        """Return the seconds after which the present window is over."""
        return self.left_seconds


class ApiKeyThrottle(CountedThrottle):
    """Counts the requests of each key."""

    scope = "api_key"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"throttle:api_key:{request.auth.pk}" if isinstance(request.auth, ApiKey) else None


class SourceThrottle(CountedThrottle):
    """Counts the webhooks of each source, once it is proven that they are its own: a stranger cannot use up its share."""

    scope = "hook"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        source = getattr(view, "source", None)
        return f"throttle:hook:{source.pk}" if isinstance(source, Source) else None
