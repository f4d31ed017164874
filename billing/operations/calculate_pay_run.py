"""Calculate a pay run: open it, compute its parts with whoever else helps, and finish it."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import pghistory
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from agents.models import Agent, Site, User
from billing.models import PayRun, PayRunShard, Settlement
from billing.models.settlements import SettlementStatus
from billing.operations import book_resolutions, left_out, pay_run_shards, settle_agents, write_settlements
from billing.operations.pay_run_shards import Failure
from billing.queries import pay_periods, payees, variance
from billing.queries.pay_inputs import prices
from billing.queries.pay_inputs.scope import Scope
from billing.rules import periods
from billing.rules.pay import workweeks

Status = PayRun.Status
FIXED = payees.FIXED
# Other workers may hold the last parts for as long as the database lets them hang.
WAIT = timedelta(seconds=pay_run_shards.HANGING_SECONDS_MAX + 30)


class UnableToCalculate(Exception):
    """A period that is not over, or a run that somebody approved already."""


@dataclass(frozen=True, kw_only=True)
class CurrencyTotal:
    """What a run owes in one currency."""

    currency: str
    agent_count: int
    total_micros: int


@dataclass(frozen=True, kw_only=True)
class PayRunReport:
    """What a pay run came to. A dry run has no id and no fingerprint; nothing was written."""

    run_id: int | None
    site: str
    period_start: date
    status: str
    agent_count: int
    resolution_count: int
    totals: tuple[CurrencyTotal, ...]
    failures: tuple[Failure, ...]
    inputs_hash: str
    seconds: float


def calculate_pay_run(
    *,
    site: Site,
    period_start: date,
    as_of: datetime,
    prepared_by: User | None = None,
    dry_run: bool = False,
    agents_per_shard: int | None = None,
) -> PayRunReport:
    """Calculate what a site's agents are owed for a pay period.

    A run that was interrupted is taken up where it stands; one that is calculated is calculated anew; one that is
    approved, posted or paid is not touched, and what changed since then comes into the open period.

    Args:
        site: its time zone decides the period.
        period_start: first day of the pay period, a calendar month.
        as_of: what was known at this instant counts.
        prepared_by: who asks for it, and cannot approve it; None is the nightly job.
        dry_run: compute everything and write nothing; also for a period that is not over.
        agents_per_shard: agents computed in one transaction, one or more.

    Returns: totals, and by name the agents that could not be computed.
    Raises: UnableToCalculate; nothing is written then.
    Source: design.md section 9.
    """
    started = time.monotonic()
    period = pay_periods.period_of(site=site, day=period_start)
    if period.start != period_start:
        raise UnableToCalculate(
            _("A pay period starts on the first of a month; calculate %(start)s instead of %(period_start)s.")
            % {"start": f"{period.start:%Y-%m}", "period_start": period_start}
        )
    if dry_run:
        return _try_out(site, period, as_of, started)
    run = open_pay_run(site=site, period=period, as_of=as_of, prepared_by=prepared_by, agents_per_shard=agents_per_shard)
    work_on_pay_run(run_id=run.pk, wait_seconds_max=WAIT.total_seconds())
    return report_pay_run(run_id=run.pk, seconds=time.monotonic() - started)


def open_pay_run(
    *,
    site: Site,
    period: workweeks.PayPeriod,
    as_of: datetime,
    prepared_by: User | None = None,
    agents_per_shard: int | None = None,
) -> PayRun:
    """Open a run and cut its agents into parts, or take up the one that is being calculated for the same instant.

    Args:
        site: whose agents are paid.
        period: over at `as_of`.
        as_of: what was known at this instant counts.
        prepared_by: who asks for it, and cannot approve it; None for the nightly job.
        agents_per_shard: agents in a part, 1 or more; None: as `part_size` says.

    Returns: the run, ready for `work_on_pay_run`.
    Raises: UnableToCalculate if the period is not over, or the run is approved.
    Source: design.md section 9.
    """
    name = f"{period.start:%B %Y} of {site}"
    if as_of < period.ends_at:
        raise UnableToCalculate(
            _("%(name)s ends on %(end)s; until then it accrues. Use a dry run to look ahead.")
            % {"name": name, "end": period.end - timedelta(days=1)}
        )
    with transaction.atomic(), pghistory.context(user=prepared_by.pk if prepared_by else None, act="calculate pay run"):
        lock_site(site_id=site.pk)
        values = {"period_end": period.end, "as_of": as_of, "prepared_by": prepared_by}
        PayRun.objects.get_or_create(site=site, period_start=period.start, agent=None, defaults=values)
        run = PayRun.objects.select_for_update(no_key=True).get(site=site, period_start=period.start, agent=None)
        if _start(run, name, as_of, prepared_by):
            pay_run_shards.cut_shards(run=run, agent_ids=list_payees(site=site, period=period), size=agents_per_shard)
            _name_worked_after(run)
    return run


def _name_worked_after(run: PayRun) -> None:
    """Write them into a part of their own, which is done."""
    worked = left_out.tell_worked_after(run=run, as_of=run.as_of)
    if worked:
        done = {"number": run.shards.count() + 1, "status": PayRunShard.Status.DONE, "agent_ids": [], "seconds": 0.0}
        run.shards.create(**done, failures=[asdict(failure) for failure in worked])


def open_final_run(*, agent: Agent, as_of: datetime, prepared_by: User | None = None, period_start: date | None = None) -> PayRun:
    """Open the run of one agent who left, so that the final pay need not wait for the month's run, which leaves the agent out then.

    Args:
        agent: whose last day is over by the clock of the site.
        as_of: what was known at this instant counts; what becomes payable later comes with a later run.
        prepared_by: who asks for it, and cannot approve it.
        period_start: the period of a run that is calculated again; refused where the last day lies in another one by now.

    Returns: the run of the pay period of the last day, ready for `work_on_pay_run`.
    Raises: UnableToCalculate if the agent is still employed, or another run pays them already; nothing is written then.
    Source: docs/payouts.md; pay_rules.md section 9.
    """
    site = agent.site
    left_on, today = agent.employed_to, as_of.astimezone(periods.load_timezone(name=site.timezone)).date()
    if left_on is None or today < left_on:
        raise UnableToCalculate(
            _("%(agent)s is employed on %(today)s; final pay is calculated after the last day, which the administration holds.")
            % {"agent": agent, "today": today}
        )
    period = pay_periods.period_of(site=site, day=left_on - timedelta(days=1))
    if period_start is not None and period_start != period.start:
        words = _("The last day of %(agent)s is %(day)s now, in another pay period; withdraw this final pay and calculate it anew.")
        raise UnableToCalculate(words % {"agent": agent, "day": left_on - timedelta(days=1)})
    name = f"final pay of {agent} for {period.start:%B %Y}"
    with transaction.atomic(), pghistory.context(user=prepared_by.pk if prepared_by else None, act="calculate final pay"):
        lock_site(site_id=site.pk)
        _refuse_paid_otherwise(agent, period)
        values = {"site": site, "period_end": period.end, "as_of": as_of, "prepared_by": prepared_by}
        PayRun.objects.get_or_create(agent=agent, period_start=period.start, defaults=values)
        run = PayRun.objects.select_for_update(no_key=True).get(agent=agent, period_start=period.start)
        if _start(run, name, as_of, prepared_by):
            pay_run_shards.cut_shards(run=run, agent_ids=[agent.pk])
    return run


def _refuse_paid_otherwise(agent: Agent, period: workweeks.PayPeriod) -> None:
    """Refuse final pay of whom another run pays: that of the month, also at a site that the agent came from."""
    own = PayRun.objects.filter(agent=agent, period_start=period.start)
    others = PayRun.objects.filter(period_end__gt=period.start, period_start__lt=period.end).exclude(agent=agent)
    paying = others.filter(settlements__agent=agent).first()
    # The run of a month leaves out who has a run of their own.
    if paying is None and not own.exists():
        paying = payees.find_month_run(agent=agent, period=period)
    if paying is not None:
        words = _("The run of %(start)s of %(site)s was started and pays %(agent)s; take that one further.")
        raise UnableToCalculate(words % {"start": f"{paying.period_start:%B %Y}", "site": paying.site, "agent": agent})


def _start(run: PayRun, name: str, as_of: datetime, prepared_by: User | None) -> bool:
    """Set a run back to its beginning; False if it is being calculated for the same instant already."""
    if run.status in FIXED:
        raise UnableToCalculate(
            _("%(name)s is %(lower)s and is not calculated again; what changed since comes into the open period.")
            % {"name": name, "lower": run.get_status_display().lower()}
        )
    if run.status == Status.CALCULATING and run.as_of == as_of and run.shards.exists():
        return False
    run.status, run.as_of, run.inputs_hash, run.seconds, run.prepared_by = Status.CALCULATING, as_of, "", None, prepared_by
    run.variance = run.review_by = run.review_at = run.first_approved_by = run.first_approved_at = None
    run.approval_reason, run.changed = "", []
    run.save()
    return True


def lock_site(*, site_id: int) -> None:
    """Open one run of a site at a time: that of a month leaves out who has a run of their own, which is refused where the month has one.

    Args:
        site_id: locked before any of its runs.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site_id)


def list_payees(*, site: Site, period: workweeks.PayPeriod) -> list[int]:
    """Return the agents that the run of a site may concern, ordered by code."""
    return [agent_id for _other, agent_id in sorted(payees.list_payees(site=site, period=period).values_list("code", "pk"))]


def work_on_pay_run(*, run_id: int, wait_seconds_max: float = 0) -> bool:
    """Compute parts of a run until none is left to take, then finish it if all are done.

    Args:
        run_id: a run that is being calculated.
        wait_seconds_max: how long to wait for parts that other workers hold.

    Returns: whether the run is finished.
    """
    # The collector wakes up when what was computed is gone; within a run it would walk all of it after each part.
    with settle_agents.without_collector():
        try:
            wait_seconds_max = max(wait_seconds_max, pay_run_shards.POLL_SECONDS)
            pay_run_shards.work_off(run_id=run_id, compute=_settle_shard, wait_seconds_max=wait_seconds_max)
        finally:
            prices.forget()
        return finish_pay_run(run_id=run_id)


def finish_pay_run(*, run_id: int) -> bool:
    """Mark a run as calculated once all its parts are done, with the fingerprint of all that was read and the change since last time."""
    with transaction.atomic(), pghistory.context(act="finish pay run"):
        run = PayRun.objects.select_for_update(no_key=True).get(pk=run_id)
        if run.status != Status.CALCULATING:
            return True
        if run.shards.exclude(status=PayRunShard.Status.DONE).exists():
            return False
        run.inputs_hash = _fingerprint(run)
        run.seconds = run.shards.aggregate(total=Sum("seconds"))["total"] or 0.0
        run.variance = variance.read_variance(run=run)
        run.status = Status.CALCULATED
        run.save(update_fields=["inputs_hash", "seconds", "variance", "status"])
    return True


def report_pay_run(*, run_id: int, seconds: float) -> PayRunReport:
    """Report what a run came to.

    Args:
        run_id: a run, whatever its status.
        seconds: how long the calculation took; 0 where other processes did it.
    """
    run = PayRun.objects.select_related("site").get(pk=run_id)
    settled = Settlement.objects.filter(run=run)
    totals = settled.values("currency").order_by("currency").annotate(agent_count=Count("pk"), total_micros=Sum("total_micros"))
    failures = [Failure(**failure) for shard in run.shards.order_by("number") for failure in shard.failures]
    return PayRunReport(
        run_id=run.pk,
        site=str(run.site),
        period_start=run.period_start,
        status=run.status,
        agent_count=settled.count(),
        resolution_count=settled.aggregate(total=Sum("resolution_count"))["total"] or 0,
        totals=tuple(CurrencyTotal(**total) for total in totals),
        failures=tuple(failures),
        inputs_hash=run.inputs_hash,
        seconds=seconds,
    )


def _settle_shard(run: PayRun, agent_ids: Sequence[int]) -> Sequence[Failure]:
    period = pay_periods.period_of(site=run.site, day=run.period_start)
    scope = Scope(site=run.site, agent_ids=agent_ids, period=period, as_of=run.as_of)
    computed = settle_agents.compute_settlements(scope=scope)
    existing = write_settlements.lock_settlements(scope=scope)
    taken = _list_taken(run, existing)
    if taken:
        # They changed sites after this run's parts were cut, and the run of the other site was faster: it pays them.
        scope = replace(scope, agent_ids=[agent_id for agent_id in agent_ids if agent_id not in taken])
        existing = {agent_id: found for agent_id, found in existing.items() if agent_id not in taken}
        computed = settle_agents.compute_settlements(scope=scope)
    _refuse_settled_later(computed)
    write_settlements.write_settlements(scope=scope, computed=computed, status=SettlementStatus.CALCULATED, run=run, existing=existing)
    return computed.failures


def _refuse_settled_later(computed: settle_agents.Computed) -> None:
    """Name those whose pay of a later period is approved, and pay them nothing."""
    later = payees.list_settled_later(agent_ids=computed.scope.agent_ids, period=computed.scope.period)
    refused = [one.inputs.payee for one in computed.settled if one.inputs.payee.agent_id in later]
    if refused:
        computed.settled = [one for one in computed.settled if one.inputs.payee.agent_id not in later]
        computed.failures += [left_out.tell_settled_later(payee=payee, later=later[payee.agent_id]) for payee in refused]


def _list_taken(run: PayRun, existing: Mapping[int, write_settlements.Existing]) -> set[int]:
    """Return the agents whom another run holds by now."""
    held = [found.pk for found in existing.values() if found.status != SettlementStatus.ACCRUING]
    return set(Settlement.objects.filter(pk__in=held).exclude(run=run).values_list("agent", flat=True)) if held else set()


def _fingerprint(run: PayRun) -> str:
    """Join the fingerprints of all settlements and the failures, in order of agent code."""
    digest = hashlib.sha256()
    for code, found in sorted(Settlement.objects.filter(run=run).values_list("agent__code", "inputs_hash")):
        digest.update(f"{code} {found}\n".encode())
    for shard in run.shards.order_by("number"):
        for failure in shard.failures:
            digest.update(f"{failure['name']}: {failure['message']}\n".encode())
    return digest.hexdigest()


def _try_out(site: Site, period: workweeks.PayPeriod, as_of: datetime, started: float) -> PayRunReport:
    """Book and compute a period in a transaction that is rolled back: nothing is written."""
    scope = Scope(site=site, agent_ids=list_payees(site=site, period=period), period=period, as_of=as_of)
    with transaction.atomic():
        book_resolutions.book_resolutions(as_of=as_of)
        computed = settle_agents.compute_settlements(scope=scope)
        _refuse_settled_later(computed)
        transaction.set_rollback(True)
    by_currency: dict[str, list[int]] = {}
    for settled in computed.settled:
        by_currency.setdefault(settled.plan.currency, []).append(settled.total_micros)
    return PayRunReport(
        run_id=None,
        site=str(site),
        period_start=period.start,
        status="dry_run",
        agent_count=len(computed.settled),
        resolution_count=sum(settled.resolution_count for settled in computed.settled),
        totals=tuple(
            CurrencyTotal(currency=currency, agent_count=len(totals), total_micros=sum(totals))
            for currency, totals in sorted(by_currency.items())
        ),
        failures=tuple(computed.failures),
        inputs_hash="",
        seconds=time.monotonic() - started,
    )
