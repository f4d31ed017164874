"""What of pay and invoices waits for the office, as entries of a list: what, the fact with numbers, by when, and one act."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent, Site
from billing import access
from billing.models import Adjustment, BillChange, Dispute, Invoice, PayRun, Settlement
from billing.models.corrections import Decision
from billing.models.disputes import Kind as DisputeKind
from billing.operations import changed_pay
from billing.queries import invoice_issues, invoice_list, payees
from billing.rules import paydays
from contracts import clock
from contracts.rules import calendar_months
from ppr_portal.pages.entry import PortalRequest
from ppr_portal.pages.todos import Todo
from ppr_portal.templatetags import formats, times

TODOS_MAX = 7
# A payday that is so near is written in bold.
SOON = timedelta(days=3)
WAITING = (Dispute.Status.OPEN, Dispute.Status.ESCALATED)
# Steps that a run still has to take, the ones nearest to payment first.
STEPS = (PayRun.Status.POSTED, PayRun.Status.APPROVED, PayRun.Status.IN_REVIEW, PayRun.Status.CALCULATED, PayRun.Status.CALCULATING)


def read_waiting(request: PortalRequest) -> dict[str, Any]:
    """Return what an approver finds when they come in; nothing for anybody who does not decide about pay."""
    if not access.may_decide_runs(request.user):
        return {}
    open_sums = invoice_list.read_ageing(invoices=access.invoices_for(request.user), on=request.today)
    runs = access.runs_for(request.user).filter(status__in=STEPS)
    shown = [_run(request, run) for run in _first_runs(runs)]
    todos = [
        *shown,
        *_uncalculated(request.today),
        *_approvals(request),
        *_reversals(request),
        *_disputes(request),
        *_drafts(request),
        *_late(open_sums),
    ]
    todo_count = len(todos) + runs.count() - len(shown)
    return {
        "todos": todos[:TODOS_MAX],
        "todo_count": todo_count,
        "more_count": max(0, todo_count - TODOS_MAX),
        "payday": _next_payday(request.today),
        "open_sums": open_sums,
    }


def _next_payday(today: date) -> date | None:
    """Return the next day on which a site sends pay: of the month that is over, or of the present one."""
    first = today.replace(day=1)
    ends = (first, calendar_months.add_months(day=first, months=1))
    rules = Site.objects.order_by().values_list("payday_rule", flat=True).distinct()
    found = (paydays.find_payday(period_end=end, working_day=rule) for rule in rules for end in ends)
    return min((day for day in found if day >= today), default=None)


def _first_runs(runs: QuerySet[PayRun]) -> QuerySet[PayRun]:
    """Return as many runs as the list has room for, the ones nearest to payment first; there can be one for each agent who left."""
    step = Case(*(When(status=status, then=place) for place, status in enumerate(STEPS)))
    return runs.select_related("site", "agent").order_by(step, "period_start", "pk")[:TODOS_MAX]


def _run(request: PortalRequest, run: PayRun) -> Todo:
    payday = paydays.find_payday(period_end=run.period_end, working_day=run.site.payday_rule)
    words, act = _step(run, is_preparer=run.prepared_by_id == request.user.pk)
    name = run.agent.name if run.agent else run.site.name
    page = reverse("payouts" if run.status == PayRun.Status.POSTED else "pay_run", args=[run.pk])
    changed = _changed(run)
    return Todo(
        look="stop" if payday < request.today else "warn" if changed else "plain",
        icon="i-statement",
        title=_("Pay of %(month)s, %(name)s") % {"month": times.month_year(run.period_start), "name": name},
        fact=" ".join(filter(None, (_sums(run), changed or words))),
        when=_("Payday %(day)s") % {"day": times.day(payday)},
        is_due=payday <= request.today + SOON,
        url=f"{page}#changed" if changed else page,
        act=_("Look") if changed else act,
    )


def _changed(run: PayRun) -> str:
    """Return how many agents of a run that waits have other pay by now; nothing where none has."""
    count = len(run.changed) if run.status in changed_pay.DECIDED else 0
    words = ngettext(
        "The pay of %(count)s agent changed since it was calculated: calculate it again, or approve it as it is and say why.",
        "The pay of %(count)s agents changed since it was calculated: calculate it again, or approve it as it is and say why.",
        count,
    )
    return words % {"count": formats.count(count)} if count else ""


def _step(run: PayRun, *, is_preparer: bool) -> tuple[str, str]:
    """Return what the next step of a run is, and the act that leads to it."""
    if run.status == PayRun.Status.POSTED:
        return _("Posted: the payments are to be ordered, or the bank has not answered yet."), _("See payments")
    if run.status == PayRun.Status.APPROVED:
        return _("Approved: posting makes what it owes a debt."), _("Post")
    if run.status == PayRun.Status.IN_REVIEW and is_preparer:
        return _("You prepared it, so another approver has to approve it."), _("Look")
    if run.status == PayRun.Status.IN_REVIEW:
        return _("In review: it can be approved."), _("Approve")
    if run.status == PayRun.Status.CALCULATED:
        return _("Calculated: look at what is flagged, then send it to review."), _("Look")
    return _("It is being calculated."), _("Look")


def _sums(run: PayRun) -> str:
    """Return what a run owes to how many, and how many of them are flagged; nothing before it is calculated.

    A sum of one agent is that agent's pay and stays out: who reads that is written down on the page of the run.
    """
    found = (run.variance or {}) if run.agent_id is None else {}
    totals = [one for one in found.get("totals", []) if one["now_count"]]
    if not totals or any(one["now_count"] == 1 for one in totals):
        return ""
    owed = ", ".join(formats.money(one["now_micros"], one["currency"]) for one in totals)
    people = sum(one["now_count"] for one in totals)
    flagged = len(found.get("flagged", []))
    return _("%(owed)s for %(people)s agents, %(flagged)s flagged.") % {
        "owed": owed,
        "people": formats.count(people),
        "flagged": formats.count(flagged),
    }


def _uncalculated(today: date) -> Iterable[Todo]:
    """Sites whose month is over and that nobody has calculated, be it by the nightly job."""
    first = today.replace(day=1)
    month = calendar_months.add_months(day=first, months=-1)
    concerned = Q(site=OuterRef("pk")) | payees.left_behind(site=OuterRef("pk"), period_start=month)
    paid = Settlement.objects.filter(agent=OuterRef("pk"), period_start=month, run__isnull=False)
    worked = Agent.objects.filter(concerned, ~Exists(paid), employed_from__lt=first).exclude(employed_to__lte=month)
    run = PayRun.objects.filter(site=OuterRef("pk"), agent=None, period_start=month)
    found = list(Site.objects.filter(Exists(worked), ~Exists(run)).order_by("name"))
    if not found:
        return
    payday = min(paydays.find_payday(period_end=first, working_day=site.payday_rule) for site in found)
    yield Todo(
        look="warn" if payday <= today + SOON else "plain",
        icon="i-statement",
        title=_("Pay of %(month)s is not calculated") % {"month": times.month_year(month)},
        fact=_("%(sites)s. The nightly job does it in the first days of a month; you can do it now.")
        % {"sites": ", ".join(site.name for site in found)},
        when=_("Payday %(day)s") % {"day": times.day(payday)},
        is_due=payday <= today + SOON,
        url=reverse("pay_runs"),
        act=_("Calculate"),
    )


def _approvals(request: PortalRequest) -> Iterable[Todo]:
    """What another person entered and a second one has to approve."""
    entered = Adjustment.objects.filter(approved_by=None).exclude(entered_by=request.user).exclude(agent__user=request.user)
    proposed = BillChange.objects.filter(approved_by=None).exclude(proposed_by=request.user).exclude(dispute__agent__user=request.user)
    entered_for = list(entered.values_list("dispute", flat=True))
    ids = [*(one for one in entered_for if one is not None), *proposed.values_list("dispute", flat=True)]
    if ids:
        title = ngettext("%(count)s change after a dispute to approve", "%(count)s changes after disputes to approve", len(ids))
        yield Todo(
            look="plain",
            icon="i-check",
            title=title % {"count": formats.count(len(ids))},
            fact=_("Somebody else entered it; no pay and no bill changes before a second person has looked."),
            url=reverse("dispute", args=[min(ids)]),
            act=_("Look"),
        )
    if by_hand := sum(one is None for one in entered_for):
        yield _adjustments(by_hand)


def _adjustments(count: int) -> Todo:
    return Todo(
        look="plain",
        icon="i-check",
        title=ngettext("%(count)s adjustment to approve", "%(count)s adjustments to approve", count) % {"count": formats.count(count)},
        fact=_("Somebody else entered it; no pay changes before a second person has looked."),
        url=f"{reverse('corrections')}?show=waiting",
        act=_("Look"),
    )


def _reversals(request: PortalRequest) -> Iterable[Todo]:
    """Paid resolutions that fell, which nobody has decided about."""
    seen = access.reversals_for(request.user).filter(status=Decision.PROPOSED).exclude(agent__user=request.user)
    if not (count := seen.count()):
        return
    title = ngettext("%(count)s reversal to decide", "%(count)s reversals to decide", count)
    yield Todo(
        look="plain",
        icon="s-reopened",
        title=title % {"count": formats.count(count)},
        fact=_("A paid case was reopened. Nothing is taken back unless a person approves it."),
        url=reverse("corrections"),
        act=_("Decide"),
    )


def _disputes(request: PortalRequest) -> Iterable[Todo]:
    """Those that nobody but the office answers: what a client questions, and what a lead handed on."""
    is_ours = Q(kind=DisputeKind.CLIENT_CASE) | Q(status=Dispute.Status.ESCALATED)
    seen = access.disputes_for(request.user, on=request.today).filter(is_ours, status__in=WAITING)
    found = seen.aggregate(count=Count("pk"), due_at=Min("due_at"), clients=Count("pk", filter=Q(kind=DisputeKind.CLIENT_CASE)))
    if not found["count"]:
        return
    title = ngettext("%(count)s dispute waits for your answer", "%(count)s disputes wait for your answer", found["count"])
    yield Todo(
        look="plain",
        icon="i-dispute",
        title=title % {"count": formats.count(found["count"])},
        fact=_("%(clients)s from clients, the others handed on by leads.") % {"clients": formats.count(found["clients"])},
        when=_("The first by %(day)s") % {"day": times.day(found["due_at"])},
        is_due=timezone.localtime(found["due_at"]).date() <= request.today + SOON,
        url=reverse("disputes"),
        act=_("Answer"),
    )


def _drafts(request: PortalRequest) -> Iterable[Todo]:
    """Drafts whose days of grace are over where their contract is."""
    now = clock.now()
    seen = access.invoices_for(request.user).filter(status=Invoice.Status.DRAFT, grace_until__lte=request.today + timedelta(days=1))
    drafts = seen.select_related("contract__client").order_by("grace_until", "pk")
    against = {one: {issue.code for issue in invoice_issues.find_blockers(invoice=one, as_of=now)} for one in drafts}
    found = [one for one in against if "collecting" not in against[one]]
    if not found:
        return
    named = ", ".join(dict.fromkeys(one.contract.client.name for one in found))
    blocked = sum(bool(against[one]) for one in found)
    title = ngettext("%(count)s invoice can be made final", "%(count)s invoices can be made final", len(found))
    words = _("%(named)s.") % {"named": named}
    if blocked:
        words += " " + ngettext("Something stands against %(count)s.", "Something stands against %(count)s of them.", blocked) % {
            "count": formats.count(blocked)
        }
    yield Todo(
        look="plain",
        icon="i-statement",
        title=title % {"count": formats.count(len(found))},
        fact=words,
        when=_("Since %(day)s") % {"day": times.day(found[0].grace_until)},
        url=reverse("invoice", args=[found[0].pk]) if len(found) == 1 else f"{reverse('invoices')}?status=draft",
        act=_("Look"),
    )


def _late(open_sums: Sequence[invoice_list.Age]) -> Iterable[Todo]:
    """What clients owe after its day."""
    late = [(age.currency, sum(age.buckets[1:])) for age in open_sums if sum(age.buckets[1:])]
    if not late:
        return
    yield Todo(
        look="warn",
        icon="i-value",
        title=_("Clients are late with %(sums)s") % {"sums": ", ".join(formats.money(micros, currency) for currency, micros in late)},
        fact=_("Open invoices after the day that they were due."),
        url=f"{reverse('invoices')}?status=final",
        act=_("See invoices"),
    )
