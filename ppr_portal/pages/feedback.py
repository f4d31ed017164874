"""The agent's inbox: what customers and reviewers said."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.operations import read_feedback
from agents.queries import inbox
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, portal_page


@require_safe
@portal_page
def feedback(request: PortalRequest) -> HttpResponse:
    """List what was said, newest first."""
    items = inbox.list_feedback(feedback=access.feedback_for(request.user))
    return render(request, "agent/feedback.html", {"items": items, "new_count": sum(item.is_new for item in items)})


@require_POST
@portal_page
def reading(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark a piece as read, or with `undo` as new again; htmx gets the piece, a form the page it came from."""
    found = get_object_or_404(access.feedback_for(request.user), pk=pk)
    read_feedback.mark_feedback(feedback=found, read_at=None if "undo" in request.POST else clock.now())
    if request.htmx:
        (item,) = inbox.list_feedback(feedback=access.feedback_for(request.user).filter(pk=pk))
        return render(request, "agent/_feedback_item.html", {"item": item, "was_marked": "undo" not in request.POST})
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back) if is_ours else redirect("feedback")
