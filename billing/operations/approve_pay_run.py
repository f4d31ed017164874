"""Decide on a calculated pay run: approve, and post what it owes. The person who prepared it cannot approve it."""

from collections.abc import Sequence
from datetime import datetime

import pghistory
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import User
from agents.operations.people.notify import Told, notify_each
from billing.models import Adjustment, PayRun, Reversal, Settlement, StatementNotice
from billing.models.settlements import SettlementStatus
from billing.operations import calculate_pay_run, changed_pay, post_settlements
from billing.operations.lock_pay_run import lock_pay_run
from billing.queries import approval_limits, payees, references
from billing.rules import paydays, periods

Status = PayRun.Status
NAMES_MAX = 10


class UnableToApprove(Exception):
    """A run that is not calculated, or that this person may not approve."""


class PayChanged(UnableToApprove):
    """A run that was calculated before something that its pay rests on changed; `changed` tells whose."""

    def __init__(self, message: str, *, changed: Sequence[changed_pay.ChangedPay]) -> None:
        super().__init__(message)
        self.changed = changed


class UnableToPost(Exception):
    """A run that nobody approved yet, or that was posted before."""


def approve_pay_run(
    *,
    run_id: int,
    person: User,
    as_of: datetime,
    despite_failures: bool = False,
    despite_changes: bool = False,
    reason: str = "",
    seen_hash: str | None = None,
    seen_changes: str | None = None,
) -> PayRun:
    """Approve a calculated run; from then on its settlements and lines never change.

    A run that owes more than one person may approve alone stays in review after the first approval, and is approved by the
    second, who is neither the first nor who prepared it. Calculating it again forgets the first one.

    Args:
        run_id: the run.
        person: who approves; not the person who prepared it.
        as_of: business instant of the decision.
        despite_failures: approve although agents could not be computed; they are left out and stay named in the run.
        despite_changes: approve although hours, surveys, reviews or cases were recorded or corrected since the run was calculated;
            the run keeps whose pay that is, and a reason has to say why it is not calculated again.
        reason: why, in the person's words; kept with the run.
        seen_hash: the fingerprint of the run as the person saw it; None asks nothing.
        seen_changes: the mark (`changed_pay.mark_of`) of the changes that the person saw; others are refused. None asks nothing.

    Returns: the run; in review still, with `first_approved_by`, where a second person has to follow.
    Raises: UnableToApprove, of which PayChanged tells whose pay changed; nothing is written then.
    Source: design.md section 9; docs/pay-run.md.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="approve pay run"):
        run = lock_pay_run(run_id=run_id)
        if run.status not in (Status.CALCULATED, Status.IN_REVIEW):
            words = _("%(run)s is %(state)s; only a calculated run can be approved.")
            raise UnableToApprove(words % {"run": run, "state": run.get_status_display().lower()})
        if run.prepared_by_id == person.pk:
            raise UnableToApprove(
                _("%(person)s prepared %(run)s and cannot approve it; ask another approver.") % {"person": person, "run": run}
            )
        if seen_hash is not None and seen_hash != run.inputs_hash:
            words = _("%(run)s was calculated again after you opened the page, from other facts; look at it again, then approve it.")
            raise UnableToApprove(words % {"run": run})
        _refuse_still_employed(run, as_of)
        _refuse_decided_since(run)
        _refuse_before_earlier(run)
        failed = [failure["name"] for shard in run.shards.order_by("number") for failure in shard.failures]
        if failed and not despite_failures:
            words = _("%(run)s could not pay %(agents)s; mend what its shards say and calculate it again, or approve it without them.")
            raise UnableToApprove(words % {"run": run, "agents": ", ".join(failed)})
        over = approval_limits.list_exceeded(run=run)
        if run.first_approved_by_id == person.pk:
            words = _("%(person)s approved %(run)s already; it owes %(owed)s. Ask a second approver.")
            raise UnableToApprove(words % {"person": person, "run": run, "owed": over[0].words if over else _("much")})
        changed = changed_pay.list_changed(run=run, as_of=as_of)
        told = changed_pay.as_rows(changed=changed)
        is_seen = seen_changes is None or seen_changes == changed_pay.mark_of(rows=told)
        if changed and not (despite_changes and reason.strip() and is_seen):
            raise PayChanged(_tell_changed(run, changed), changed=changed)
        run.changed = told
        run.approval_reason = "\n".join(filter(None, (run.approval_reason, reason)))
        if over and run.first_approved_by_id is None:
            run.status, run.first_approved_by, run.first_approved_at = Status.IN_REVIEW, person, as_of
            run.save(update_fields=["status", "first_approved_by", "first_approved_at", "approval_reason", "changed"])
            return run
        run.status, run.approved_by, run.approved_at = Status.APPROVED, person, as_of
        run.save(update_fields=["status", "approved_by", "approved_at", "approval_reason", "changed"])
        _approve_settlements(run)
    return run


def post_pay_run(*, run_id: int, person: User, as_of: datetime, notify: bool = True) -> PayRun:
    """Post an approved run: what it owes is now owed, in the ledger too, and each agent is to be told that the statement is ready.

    Args:
        run_id: the run.
        person: who posts it.
        as_of: business instant.
        notify: write down which agents are to get a mail; a task sends them after the commit.

    Raises: UnableToPost; nothing is written then, neither here nor in the ledger.
    Source: design.md section 9.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="post pay run"):
        run = lock_pay_run(run_id=run_id)
        if run.status != Status.APPROVED:
            words = _("%(run)s is %(state)s; only an approved run can be posted.")
            raise UnableToPost(words % {"run": run, "state": run.get_status_display().lower()})
        _refuse_out_of_order(run)
        run.status, run.posted_at = Status.POSTED, as_of
        run.save(update_fields=["status", "posted_at"])
        _settlements(run).update(status=SettlementStatus.POSTED)
        post_settlements.post_settlements(run=run, posted_at=as_of, person_id=person.pk)
        _tell_agents(run, as_of)
        if notify:
            _note_mails(run)
    return run


def _refuse_still_employed(run: PayRun, as_of: datetime) -> None:
    """Refuse final pay of who did not leave then after all: no run reads what they work since. Where the month left them out, it stands."""
    if run.agent is None or payees.find_month_without(run=run) is not None:
        return
    left_on, today = run.agent.employed_to, as_of.astimezone(periods.load_timezone(name=run.site.timezone)).date()
    if left_on is None or left_on > today or not run.period_start < left_on <= run.period_end:
        words = _(
            "The last day of %(agent)s is no longer before %(today)s in that month; correct it, or withdraw %(run)s, so that the run of "
            "the month pays."
        )
        raise UnableToApprove(words % {"agent": run.agent, "today": today, "run": run})


def _refuse_decided_since(run: PayRun) -> None:
    """Refuse final pay without what was decided for it after it was calculated: no later run would read that."""
    since = {"agent": run.agent_id, "period_start": run.period_start}
    decided = (Adjustment.objects.filter(**since, approved_at__gt=run.as_of), Reversal.objects.filter(**since, decided_at__gt=run.as_of))
    if run.agent_id is not None and any(found.exists() for found in decided):
        words = _("Something was decided about the pay of %(agent)s after %(run)s was calculated; calculate it again, so that it is paid.")
        raise UnableToApprove(words % {"agent": run.agent, "run": run})


def _tell_changed(run: PayRun, changed: Sequence[changed_pay.ChangedPay]) -> str:
    names = ", ".join(one.name for one in changed[:NAMES_MAX])
    more = ngettext(" and %(count)s more", " and %(count)s more", len(changed) - NAMES_MAX) % {"count": len(changed) - NAMES_MAX}
    return _(
        "What the pay of %(agents)s rests on changed since %(run)s was calculated; calculate it again, or approve it as it is and say why."
    ) % {"agents": names + (more if len(changed) > NAMES_MAX else ""), "run": run}


def _approve_settlements(run: PayRun) -> None:
    words = _("%(run)s pays a resolution that is no longer there; calculate it again.") % {"run": run}
    try:
        _settlements(run).update(status=SettlementStatus.APPROVED)
    except IntegrityError as refused:
        raise UnableToApprove(words) from refused


def _refuse_before_earlier(run: PayRun) -> None:
    """Balances go from one settlement to the next, so none is approved that rests on one which may still change."""
    first = _first_before(run, calculate_pay_run.FIXED)
    if first is not None:
        words = _("%(first)s is %(state)s and comes before %(run)s; approve it first, for balances go from month to month.")
        raise UnableToApprove(words % {"first": first, "state": first.get_status_display().lower(), "run": run})
    accruing = Settlement.objects.filter(agent__in=_settlements(run).values("agent"), period_start__lt=run.period_start, run=None)
    # What accrues in a month that the site approved without them, no run takes up any more.
    closed = PayRun.objects.filter(
        site=models.OuterRef("agent__site"), agent=None, period_start=models.OuterRef("period_start"), status__in=calculate_pay_run.FIXED
    )
    held = accruing.exclude(models.Exists(closed)).select_related("agent").defer("evidence").order_by("period_start", "pk").first()
    if held is not None:
        words = _(
            "The pay of %(agent)s for %(month)s is in no run yet and comes before %(run)s; calculate and approve that month first, for "
            "balances go from month to month."
        )
        raise UnableToApprove(words % {"agent": held.agent, "month": f"{held.period_start:%B %Y}", "run": run})


def _refuse_out_of_order(run: PayRun) -> None:
    """Balances in the ledger go from one settlement to the next, so no agent's period is posted before an earlier one."""
    first = _first_before(run, (Status.POSTED, Status.PAID))
    if first is not None:
        words = _("%(first)s is %(state)s and comes before %(run)s; post it first, for balances go from month to month.")
        raise UnableToPost(words % {"first": first, "state": first.get_status_display().lower(), "run": run})


def _first_before(run: PayRun, done: Sequence[str]) -> PayRun | None:
    """Return the first earlier run of the same site or agents that is not as far."""
    earlier = PayRun.objects.filter(
        models.Q(site=run.site, agent=None) | models.Q(settlements__agent__in=_settlements(run).values("agent")),
        period_start__lt=run.period_start,
    )
    return earlier.exclude(status__in=done).select_related("site", "agent").order_by("period_start", "pk").first()


def _tell_agents(run: PayRun, as_of: datetime) -> None:
    told = [
        Told(
            person_id=found.agent.user_id,
            key=f"statement-{found.pk}",
            facts={
                "period_month": found.period_start.isoformat(),
                "payday_on": paydays.find_payday(period_end=found.period_end, working_day=run.site.payday_rule).isoformat(),
                "reference": references.statement_reference(settlement=found),
            },
            path=reverse("statement", args=[found.agent_id, found.period_start]),
        )
        for found in _settlements(run).filter(agent__user__isnull=False).select_related("agent").defer("evidence").order_by("pk")
        if found.agent.user_id is not None
    ]
    notify_each(kind="statement_ready", told=told, as_of=as_of)


def _note_mails(run: PayRun) -> None:
    told = _settlements(run).filter(agent__user__is_active=True).exclude(agent__user__email="").values_list("pk", "agent__user__email")
    StatementNotice.objects.bulk_create(
        [StatementNotice(settlement_id=pk, address=address) for pk, address in told.order_by("pk")], ignore_conflicts=True
    )


def _settlements(run: PayRun) -> models.QuerySet[Settlement]:
    return Settlement.objects.filter(run=run)
