"""One search over everything that a person may open: a page of its own, and the list in the dialog that Ctrl K opens."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ppr_portal import search as searching
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page


@require_safe
@portal_page
def search(request: PortalRequest) -> HttpResponse:
    """Show what was found; htmx gets the list alone."""
    find = asked_text(request, "find")
    pages = [(str(place.label), place.url) for place in request.viewer.places]
    groups = searching.search(user=request.user, find=find, pages=pages, on=request.today)
    context = {
        "find": find,
        "groups": groups,
        "hit_count": sum(len(group.hits) for group in groups),
        "case_length_min": searching.CASE_LENGTH_MIN,
    }
    return render(request, "search/_results.html" if request.htmx else "search/search.html", context)
