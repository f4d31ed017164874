"""The frame of every portal page: signed in, kept out of shared caches, and told in the viewer's time zone."""

import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

from agents.models import User
from contracts import clock, reading, row_ids
from ppr_portal.pages import exports, filter_pages, pay_seen, viewer

P = ParamSpec("P")
FIRST_YEAR, LAST_YEAR = 1900, 2200


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
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        known = cast(PortalRequest, request)
        found = viewer.viewer_of(request)
        assert found is not None
        known.viewer = found
        # Which day it is follows the site, as workdays and pay periods do; the times on the page are in the zone that they chose.
        known.today = timezone.localdate(clock.now(), found.person.zone)
        with timezone.override(reading.zone_of(request.user) or found.person.zone):
            if filtered := filter_pages.default_address(known):
                return HttpResponseRedirect(filtered)
            is_workbook = exports.asks_for_workbook(known)
            response = exports.write_table(view(known, *args, **kwargs), is_workbook=is_workbook)
            pay_seen.write_down(known, response, own_agent_id=found.person.agent_id)
            return response

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)


def asked_number(request: HttpRequest, name: str) -> int:
    """Return the id that an address asks for; 0, which no row has, for anything that is none."""
    return row_ids.read_id(request.GET.get(name, "")) or 0


def asked_month(request: HttpRequest, name: str, *, known: Iterable[date]) -> date | None:
    """Return the month, of those that are known, which an address asks for as 2016-03; none for anything else."""
    text = request.GET.get(name, "")
    return next((month for month in known if f"{month:%Y-%m}" == text), None)


def asked_month_or_first(request: HttpRequest, *, known: Sequence[date]) -> date | None:
    """Return the month that an address asks for, the first known where it asks for none; one that is not known is no page."""
    found = asked_month(request, "month", known=known)
    if found is None and request.GET.get("month"):
        raise Http404
    return found or next(iter(known), None)


def read_day(text: str) -> date | None:
    """Return the day that an address writes as 2016-03-31; none for what is no day, or so far off that nothing was recorded."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def midnight(day: date) -> datetime:
    """Return when a day begins in the time zone of the reader."""
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


def asked_text(request: HttpRequest, name: str) -> str:
    """Return a text that an address asks for, without the zero bytes that the database refuses."""
    return request.GET.get(name, "").replace("\x00", "").strip()
