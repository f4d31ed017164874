"""The content security policy: strict for the portal, what Unfold needs for the admin. And how the person who reads wants it written."""

from collections.abc import Callable, Iterable
from datetime import MAXYEAR, MINYEAR
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin, helpers
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from agents.models import User
from billing import access
from contracts import reading
from ppr_portal.pages import errors

# What a program or a spreadsheet reads is the same for everybody.
FILE_ENDINGS = (".csv", ".json", ".pdf", ".xlsx", ".xml", ".zip")
FILE_FORMATS = ("csv", "xlsx")
API_PREFIX = "/api/"
ZERO_BYTE = "%00"
# Where a factor is added, and what programs open with keys of their own.
FACTOR_FREE = ("/accounts/", "/static/", "/health/", "/hooks/", "/language/", "/appearance/", API_PREFIX)
# More than any year has.
DIGITS_READ = 6
HAS_FACTOR = "has_second_factor"


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp with a second policy for the admin's pages."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and parts.config is None and request.path_info.startswith(settings.ADMIN_URL_PREFIX):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts


class AdministrationAddressMiddleware:
    """Answers what somebody typed into an address of the administration that makes no sense, where Django and its filters break.

    A zero byte is refused before, for the database takes none. What breaks over a record that is not there, a year that no
    calendar has, or selected records whose ids are none, is no fault of ours; every other one stays one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.ADMIN_URL_PREFIX) and ZERO_BYTE in request.META.get("QUERY_STRING", ""):
            return errors.unreadable(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or not request.path_info.startswith(settings.ADMIN_URL_PREFIX):
            return None
        model_admin = getattr(match.func, "model_admin", None)
        if model_admin is not None and "object_id" in match.kwargs and not _is_there(request, model_admin, match.kwargs["object_id"]):
            return errors.closed(request)
        if not all(_is_year(str(value)) for name, value in request.GET.items() if name.endswith("__year")):
            return errors.unreadable(request)
        if model_admin is not None and not _may_be_ids(model_admin, request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)):
            return errors.unreadable(request)
        return None


def _is_there(request: HttpRequest, model_admin: "ModelAdmin[Any]", object_id: object) -> bool:
    return model_admin.get_object(request, unquote(str(object_id))) is not None


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdigit() and MINYEAR <= int(text[:DIGITS_READ]) <= MAXYEAR


def _may_be_ids(model_admin: "ModelAdmin[Any]", ids: Iterable[str]) -> bool:
    try:
        for one in ids:
            model_admin.model._meta.pk.to_python(one)
    except (ValidationError, ValueError):
        return False
    return True


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice of a language by the browser, which ends with the request: whoever comes next in the thread starts anew."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        told = super().process_response(request, response)
        translation.deactivate()
        return told


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


class SecondFactorMiddleware:
    """Where the installation asks for it, people who decide on money add a second factor before they open anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.PPR_SECOND_FACTOR_FOR_MONEY and not request.path_info.startswith(FACTOR_FREE) and _lacks_factor(request):
            messages.warning(request, _("Your role decides on money, so it needs a second step at sign-in. Add one, then go on."))
            return redirect("mfa_index")
        return self.get_response(request)


def _lacks_factor(request: HttpRequest) -> bool:
    user = request.user
    if not isinstance(user, User) or not access.may_decide_invoices(user):
        return False
    if not request.session.get(HAS_FACTOR):
        request.session[HAS_FACTOR] = is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
    return not request.session[HAS_FACTOR]
