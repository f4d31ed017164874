"""How often programs may call. The rates are settings of REST framework; the counts are in the shared cache."""

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from agents.models import ApiKey, Source


class ApiKeyThrottle(SimpleRateThrottle):
    """Counts the requests of each key."""

    scope = "api_key"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return f"throttle:api_key:{request.auth.pk}" if isinstance(request.auth, ApiKey) else None


class SourceThrottle(SimpleRateThrottle):
    """Counts the webhooks of each source, once it is proven that they are its own: a stranger cannot use up its share."""

    scope = "hook"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        source = getattr(view, "source", None)
        return f"throttle:hook:{source.pk}" if isinstance(source, Source) else None
