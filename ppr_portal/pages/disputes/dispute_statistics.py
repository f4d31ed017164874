"""How disputes end, by reason and by who answered them, for those who can do something about it."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import access
from billing.queries import dispute_statistics
from contracts import clock
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, portal_page

CSV_HEAD = ("by", "name", "disputes", "waiting", "answered", "accepted", "accepted_part", "median_days", "median_reply_days", "overdue")


@require_safe
@portal_page
def statistics(request: PortalRequest) -> HttpResponse:
    """Show counts, the accepted part, the median days to an answer, and what was overdue."""
    if not access.reads_dispute_statistics(request.user):
        raise Http404
    seen = access.disputes_for(request.user, on=request.today)
    reasons, reviewers = dispute_statistics.read_statistics(disputes=seen, as_of=clock.now())
    if request.GET.get("format") == "csv":
        rows = [_cells("reason", tally) for tally in reasons] + [_cells("reviewer", tally) for tally in reviewers]
        return exports.csv_response(name=f"dispute-statistics-{request.today}", head=CSV_HEAD, rows=rows)
    tables = [
        ("reasons", _("By reason"), _("Reason"), reasons),
        ("reviewers", _("By the person who answered"), _("Answered by"), reviewers),
    ]
    return render(request, "disputes/statistics.html", {"tables": tables, "is_empty": not reasons})


def _cells(by: str, tally: dispute_statistics.Tally) -> tuple[object, ...]:
    part = exports.rounded(tally.accepted_part, places=4)
    days, reply = (exports.rounded(median, places=1) for median in (tally.median_days, tally.median_reply_days))
    counts = (tally.count, tally.waiting_count, tally.answered_count, tally.accepted_count)
    return (by, tally.label, *counts, part, days, reply, tally.overdue_count)
