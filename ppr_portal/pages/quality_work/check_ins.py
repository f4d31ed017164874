"""An agent's own check-in. Nobody else can open this page on somebody's behalf: it only ever reads who is signed in."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Agent
from agents.operations.quality_work import check_ins as keeping
from agents.queries import check_ins as reading
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, portal_page


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def check_ins(request: PortalRequest) -> HttpResponse:
    """Show one's own check-ins, and keep a new one."""
    agent = _own(request)
    fault, words = "", ""
    if request.method == "POST":
        words = str(request.POST.get("words", "")).replace("\x00", "")
        try:
            keeping.note_check_in(agent=agent, day=str(request.POST.get("day", "")), words=words, as_of=clock.now())
        except keeping.UnableToCheckIn as refused:
            fault = str(refused)
        else:
            messages.success(request, _("Kept for you alone."))
            return redirect("check_ins")
    found = reading.list_own(agent_id=agent.pk)
    context = {"found": found, "days": reading.DAYS, "fault": fault, "words": words, "chosen": request.POST.get("day", "")}
    return render(request, "agent/check_ins.html", context, status=422 if fault else 200)


@require_POST
@portal_page
def deletion(request: PortalRequest, pk: int) -> HttpResponse:
    """Delete one's own check-in for good."""
    if not keeping.delete_check_in(agent=_own(request), check_in_id=pk):
        raise Http404
    messages.success(request, _("Deleted for good."))
    return redirect("check_ins")


def _own(request: PortalRequest) -> Agent:
    if not request.viewer.person.is_agent:
        raise Http404
    return get_object_or_404(Agent, pk=request.viewer.person.agent_id)
