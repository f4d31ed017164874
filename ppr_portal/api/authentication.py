"""Programs prove who they are with a key: `Authorization: Bearer ppr_...`."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.models import ApiKey
from agents.operations.deliveries import api_keys

SCHEME = "Bearer"


class ApiKeyAuthentication(BaseAuthentication):
    """Finds the key; `request.auth` is it. A program is no person, so `request.user` stays anonymous."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        key = api_keys.find_api_key(text=text.strip().decode("ascii", "replace"), used_at=timezone.now())
        if key is None:
            raise AuthenticationFailed("This key is unknown or was revoked. Ask a contract admin for a new one.")
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class HasScope(BasePermission):
    """Lets a key in that has the scope which the view names."""

    message = "This key may not do that. Ask a contract admin for one with the right scope."

    def has_permission(self, request: Request, view: APIView) -> bool:
        key: Any = request.auth
        return isinstance(key, ApiKey) and getattr(view, "scope", None) in key.scopes
