"""Signals of gaming, for the people who review them: what was counted, what else may explain it, and one decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.models import GamingSignal
from agents.operations.fairness import decide_signal
from agents.queries import signal_reviews
from agents.rules.signals import words
from contracts import clock
from contracts.translation import gettext_lazy, told
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.work import resolutions

PAGE_ROWS = 50
Status = GamingSignal.Status
STATES = (
    (Status.OPEN, gettext_lazy("To review")),
    (Status.DISMISSED, gettext_lazy("Nothing wrong")),
    (Status.CONFIRMED, gettext_lazy("Real problems")),
    (Status.EXPIRED, gettext_lazy("Undecided")),
)
CSV_HEAD = (
    "agent", "signal", "state", "found_at", "expires_at", "marked", "observed", "rate_low", "rate_high", "expected", "decided_by", "reason",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SignalRow:
    """A signal as pages show it."""

    signal: GamingSignal
    words: words.SignalWords
    url: str
    rate: Fraction
    expected_rate: Fraction
    record: str


@require_safe
@portal_page
def signals(request: PortalRequest) -> HttpResponse:
    """List the signals that this person reviews."""
    seen = _seen(request)
    chosen = request.GET.get("state", "")
    state = str(Status(chosen) if chosen in Status.values else Status.OPEN)
    asked = {"state": state, **list_tools.read_asked(request, "find")}
    find = asked.get("find", "")
    found = seen.filter(status=state, agent__name__icontains=find).select_related("agent", "decided_by")
    if request.GET.get("format") == "csv":
        rows = found.order_by("-found_at", "-pk").iterator()
        return exports.csv_response(name=f"signals-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = list_tools.cut(request, found=found, by="found_at", asked=asked, size=PAGE_ROWS)
    record = signal_reviews.record_of_kinds(as_of=clock.now())
    counts = signal_reviews.count_by_status(signals=seen)
    states = ((str(name), label, counts.get(name, 0)) for name, label in STATES)
    context = {
        "rows": [_row(signal, record) for signal in page.rows],
        "find": find,
        "state": state,
        "chips": list_tools.chips(name="state", states=states, asked=asked, keeps=True),
        **page.links,
        "records": [(told(words.SIGNAL_WORDS[kind].name), record.get(kind)) for kind in words.SIGNAL_WORDS],
    }
    return render(request, "signals/_list.html" if request.htmx else "signals/list.html", context)


@require_safe
@portal_page
def signal(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one signal with its evidence; whoever may decide it does so here."""
    return _show(request, get_object_or_404(_seen(request).select_related("agent", "decided_by"), pk=pk))


@require_POST
@portal_page
def decision(request: PortalRequest, pk: int) -> HttpResponse:
    """Dismiss or confirm a signal with a reason, or take a decision back."""
    found = get_object_or_404(_seen(request).select_related("agent", "decided_by"), pk=pk)
    if not access.may_decide_signal(request.user, signal=found):
        raise Http404
    decided, reason = request.POST.get("decision", ""), request.POST.get("reason", "").replace("\x00", "")
    try:
        if "undo" in request.POST:
            decide_signal.take_decision_back(signal_id=pk, person=request.user, as_of=clock.now())
            messages.success(request, _("The decision is taken back, and the signal is open again."))
        else:
            decide_signal.decide_signal(signal_id=pk, person=request.user, decision=decided, reason=reason, as_of=clock.now())
            messages.success(request, _("Decided. No pay was cut; you can take the decision back on the signal’s page."))
    except decide_signal.UnableToDecide as refused:
        return _show(request, found, fault=str(refused), reason=reason, chosen=decided)
    return redirect("signal", pk=pk)


def _show(request: PortalRequest, found: GamingSignal, *, fault: str = "", reason: str = "", chosen: str = "") -> HttpResponse:
    evidence, evidence_count = signal_reviews.list_evidence(signal=found)
    may_decide = access.may_decide_signal(request.user, signal=found)
    context = {
        "row": _row(found, signal_reviews.record_of_kinds(as_of=clock.now())),
        "evidence": [(one, resolutions.about(one.resolution.query_type, one.resolution.channel), _apart(one)) for one in evidence],
        "has_pairs": found.kind == GamingSignal.Kind.SPLITTING,
        "evidence_count": evidence_count,
        "held_count": sum(one.is_held for one in evidence),
        "is_open": found.status == Status.OPEN,
        "is_decided": found.status in signal_reviews.DECIDED,
        "may_decide": may_decide,
        "fault": fault,
        "reason": reason,
        "chosen": chosen,
    }
    return render(request, "signals/signal.html", context, status=422 if fault else 200)


def _seen(request: PortalRequest) -> QuerySet[GamingSignal]:
    """Return the signals that this person reviews; the page does not exist for who reviews none."""
    if not access.reviews_signals(request.user):
        raise Http404
    return access.signals_for(request.user, on=request.today)


def _row(found: GamingSignal, record: Mapping[str, signal_reviews.KindRecord]) -> SignalRow:
    return SignalRow(
        signal=found,
        words=_told(words.SIGNAL_WORDS[found.kind]),
        url=reverse("signal", args=[found.pk]),
        rate=Fraction(found.marked_count, found.observed_count),
        expected_rate=Fraction(found.expected_count) / found.observed_count,
        record=_record(record.get(found.kind)),
    )


def _apart(one: signal_reviews.Evidence) -> int | None:
    """Return how many seconds lie between the opening of a customer's two cases."""
    return int((one.resolution.case.opened_at - one.earlier.case.opened_at).total_seconds()) if one.earlier else None


def _told(found: words.SignalWords) -> words.SignalWords:
    return words.SignalWords(name=told(found.name), counted=told(found.counted), innocent=told(found.innocent), look_at=told(found.look_at))


def _record(record: signal_reviews.KindRecord | None) -> str:
    """Tell how often such a signal was a real problem: 2 of the last 7 like this were real problems."""
    if record is None or record.decided_count == 0:
        return _("Nobody has decided a signal like this yet, so take it with care.")
    was = _("was a real problem") if record.confirmed_count == 1 else _("were real problems")
    return _("Of the last %(decided_count)s like this, %(confirmed_count)s %(was)s.") % {
        "decided_count": record.decided_count,
        "confirmed_count": record.confirmed_count,
        "was": was,
    }


def _csv_row(found: GamingSignal) -> tuple[object, ...]:
    return (
        found.agent.name,
        words.SIGNAL_WORDS[found.kind].name,
        found.status,
        found.found_at.isoformat(),
        found.expires_at.isoformat(),
        found.marked_count,
        found.observed_count,
        found.interval_low,
        found.interval_high,
        found.expected_count,
        str(found.decided_by or ""),
        found.decision_reason,
    )
