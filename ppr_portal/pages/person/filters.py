"""Keep a filter of a list page, open the page with it, delete it and bring it back."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.models import SavedFilter
from agents.operations.people import saved_filters
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.filter_pages import PAGES


@require_POST
@portal_page
def filter_saving(request: PortalRequest) -> HttpResponse:
    """Save the filter that a page shows."""
    page, query = request.POST.get("page", ""), request.POST.get("query", "").replace("\x00", "")
    if page not in PAGES:
        raise Http404
    try:
        kept = saved_filters.save_filter(
            person=request.user,
            page=page,
            name=request.POST.get("name", "").replace("\x00", ""),
            query=query,
            is_default="is_default" in request.POST,
            as_of=clock.now(),
        )
    except saved_filters.UnableToSaveFilter as refused:
        messages.error(request, str(refused))
        return redirect(f"{reverse(page)}?{saved_filters.clean_query(text=query)}")
    messages.success(request, _("Saved as “%(name)s”. Its address opens the same list for whoever may see it.") % {"name": kept.name})
    return _to(kept)


@require_POST
@portal_page
def filter_default(request: PortalRequest, pk: int) -> HttpResponse:
    """Let the page open with a filter, or with none."""
    wanted = request.POST.get("is_default") == "1"
    return _after(saved_filters.set_default(person=request.user, filter_id=pk, is_default=wanted), _to)


@require_POST
@portal_page
def filter_deletion(request: PortalRequest, pk: int) -> HttpResponse:
    """Delete a filter; the page that comes next offers to bring it back."""
    found = saved_filters.delete_filter(person=request.user, filter_id=pk, as_of=clock.now())
    return _after(found, lambda kept: redirect(f"{reverse(kept.page)}?{urlencode({'deleted': kept.pk})}"))


@require_POST
@portal_page
def filter_restoring(request: PortalRequest, pk: int) -> HttpResponse:
    """Bring a deleted filter back."""
    return _after(saved_filters.restore_filter(person=request.user, filter_id=pk), _to)


def _after(found: SavedFilter | None, go: Callable[[SavedFilter], HttpResponse]) -> HttpResponse:
    if found is None or found.page not in PAGES:
        raise Http404
    return go(found)


def _to(kept: SavedFilter) -> HttpResponse:
    return redirect(f"{reverse(kept.page)}?{kept.query}")
