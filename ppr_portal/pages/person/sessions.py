"""Where somebody is signed in, with a way to end each of them."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from contracts import row_ids
from ppr_portal.pages.entry import PortalRequest, portal_page

# The first that a browser's own words hold; later ones also name the earlier, so the order counts.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))
UNKNOWN = gettext_lazy("An unknown browser")


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One browser that is signed in."""

    pk: int
    words: str
    ip: str
    signed_in_at: datetime
    is_current: bool


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def sessions(request: PortalRequest) -> HttpResponse:
    """List the browsers that a person is signed in with; one of the others, or all of them, can be ended."""
    found = UserSession.objects.purge_and_list(request.user)
    if request.method == "POST":
        ended = [one for one in found if not one.is_current() and ("others" in request.POST or str(one.pk) == _asked(request))]
        for one in ended:
            one.end()
        if ended:
            messages.success(request, _("Ended. That browser has to sign in again."))
        return redirect("usersessions_list")
    rows = [
        SessionRow(pk=one.pk, words=describe(one.user_agent), ip=str(one.ip), signed_in_at=one.created_at, is_current=one.is_current())
        for one in sorted(found, key=lambda one: one.created_at, reverse=True)
    ]
    return render(request, "account/sessions.html", {"rows": rows, "has_others": any(not row.is_current for row in rows)})


def describe(user_agent: str) -> str:
    """Say which browser it is in a word or two."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or str(UNKNOWN)


def _asked(request: PortalRequest) -> str:
    asked = request.POST.get("session", "")
    return asked if row_ids.read_id(asked) is not None else ""
