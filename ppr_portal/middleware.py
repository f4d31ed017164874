"""The content security policy: strict for the portal, what Unfold needs for the admin. And how the person who reads wants it written."""

from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from contracts import reading

# What a program or a spreadsheet reads is the same for everybody.
FILE_ENDINGS = (".csv", ".json", ".pdf", ".xlsx", ".xml", ".zip")
FILE_FORMATS = ("csv", "xlsx")
API_PREFIX = "/api/"


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp with a second policy for the admin's pages."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None and request.path_info.startswith(settings.ADMIN_URL_PREFIX):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts


class PreferencesMiddleware:
    """Writes each page in the language and with the numbers that the person chose; files and the API stay plain.

    Without a choice the language is the browser's, which Django's own middleware has found before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _is_file(request):
            # Not for the block only: the rows of a streamed file are written after it.
            translation.activate(settings.LANGUAGE_CODE)
            return self.get_response(request)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        if chosen := reading.language_of(request.user):
            translation.activate(chosen)
        with reading.read_by(request.user):
            return self.get_response(request)


def _is_file(request: HttpRequest) -> bool:
    path = request.path_info
    return path.startswith(API_PREFIX) or path.endswith(FILE_ENDINGS) or request.GET.get("format") in FILE_FORMATS
