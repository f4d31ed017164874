"""The frame of every portal page: signed in, read in the viewer's time zone, and where each role lands."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from agents.models import User
from contracts import clock
from ppr_portal.pages import viewer

P = ParamSpec("P")
# An id has no more digits; Python refuses to read some thousands of them.
DIGITS_MAX = 19


class PortalRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User
    htmx: HtmxDetails
    viewer: viewer.Viewer
    today: date


def portal_page(
    view: Callable[Concatenate[PortalRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let only signed-in people in, keep their pages out of shared caches, and tell all days and times in their time zone."""

    @never_cache
    @login_required
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        known = cast(PortalRequest, request)
        found = viewer.viewer_of(request)
        assert found is not None
        known.viewer = found
        with timezone.override(found.person.zone):
            known.today = timezone.localdate(clock.now())
            return view(known, *args, **kwargs)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)


def asked_number(request: HttpRequest, name: str) -> int:
    """Return the id that an address asks for; 0, which no row has, for anything that is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= DIGITS_MAX else 0


def asked_text(request: HttpRequest, name: str) -> str:
    """Return a text that an address asks for, without the zero bytes that the database refuses."""
    return request.GET.get(name, "").replace("\x00", "").strip()


@require_safe
@portal_page
def more(request: PortalRequest) -> HttpResponse:
    """Show what does not fit into the bar of a phone."""
    return render(request, "more.html", {"is_more": True})


@require_safe
@portal_page
def home(request: PortalRequest) -> HttpResponse:
    """Bring everybody to the page they come for."""
    from ppr_portal.pages import agent

    person = request.viewer.person
    if person.is_agent:
        return agent.home(request)
    if person.is_lead:
        return redirect("team")
    if person.is_staff and not person.reads_everyone:
        return redirect("admin:index")
    if len(request.viewer.places) == 1:
        return redirect(request.viewer.places[0].url)
    return render(request, "welcome.html", {"places": request.viewer.places})
