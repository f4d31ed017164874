"""The demo's story in order: records in, March closed and paid, April open up to the demo's present. Every step may run again.

Each step says in words what it did. A run that was interrupted is taken up: what is there stays, what is missing is added.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from agents.models import Agent, ImportRun, JobRun, Resolution, Site, TeamMembership, User
from agents.operations.fairness.find_signals import find_signals
from agents.operations.fairness.freeze_reference_rates import freeze_reference_rates
from agents.operations.fairness.watch_guardrails import watch_guardrails
from agents.operations.imports.import_cases import import_cases
from agents.operations.jobs.run_job import Skipped, run_job
from agents.operations.resolutions.resolve_cases import resolve_cases
from billing.models import ApprovalLimit, Dispute, PayRun, Reversal, SettlementLine
from billing.models.corrections import Decision
from billing.operations.approve_pay_run import approve_pay_run, post_pay_run
from billing.operations.book_resolutions import book_resolutions
from billing.operations.calculate_pay_run import calculate_pay_run
from billing.operations.decide_reversal import decide_reversal
from billing.operations.open_dispute import Claim, open_dispute
from billing.operations.pay_run_shards import Failure
from billing.operations.propose_reversals import propose_reversals
from billing.operations.refresh_accruals import refresh_accruals
from billing.queries import approval_limits
from contracts.rules import calendar_months
from ppr_portal.demo import (
    clock,
    company,
    company_setup,
    contacts,
    hours,
    invoices,
    payments,
    people,
    quality,
    quality_work,
    references,
    value,
)

JOB = "demo"
Progress = Callable[[str, int, int], None]


class UnableToBuild(Exception):
    """A step of the demo came to something it must not; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One part of the set-up: what it is called, and what it does; it returns what came of it, in words."""

    title: str
    act: Callable[[Progress], str]


def first_step() -> Step:
    """Return what has to come before anything else."""
    return Step(title="Database", act=migrate)


def list_steps() -> tuple[Step, ...]:
    """Return the set-up on a ready database, in order."""
    return (
        Step(title="Demo company (simulated)", act=found_company),
        Step(title="Real incidents", act=import_incidents),
        Step(title="Working hours (simulated)", act=clock_hours),
        Step(title="March: resolutions", act=resolve_first_month),
        Step(title="March: pay run", act=close_first_month),
        Step(title="March: invoices", act=invoices.bill_first_month),
        Step(title="April: resolutions", act=resolve_until_now),
        Step(title="April: load and corrections", act=correct),
        Step(title="April: signals to review", act=review_signals),
        Step(title="April: quality work", act=work_on_quality),
        Step(title="April: pay so far", act=accrue),
        Step(title="April: invoice drafts", act=invoices.draft_second_month),
        Step(title="Value to the clients", act=value.report_value),
    )


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one process at a time set the demo up, and record when it was complete.

    Raises: UnableToBuild if another one is at it.
    """
    if _is_done():
        yield
        return
    try:
        with run_job(job=JOB, as_of=company.load_company().now) as result:
            yield
            result.message = "The demo company is set up."
    except Skipped as fault:
        raise UnableToBuild("Another `make demo` is setting this database up; wait until it is done, then start again.") from fault


def migrate(progress: Progress) -> str:
    """Bring the database to the newest schema."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return "up to date"
    call_command("migrate", verbosity=1, interactive=False, no_color=True, stdout=_AppliedCounter(progress, len(plan)))
    return f"{len(plan)} migrations applied"


class _AppliedCounter(io.StringIO):
    """Takes what `migrate` prints, and turns each migration that is reported as done into progress."""

    def __init__(self, progress: Progress, total: int) -> None:
        super().__init__()
        self._progress, self._total, self._done = progress, total, 0

    def write(self, text: str) -> int:
        self._done += text.count(" OK")
        self._progress("Migrations", self._done, self._total)
        return len(text)


def found_company(progress: Progress) -> str:
    """Write clients, contracts, plans, teams, agents and sign-ins."""
    is_new = company_setup.seed_company()
    definition = company.load_company()
    clock.stop_at(instant=definition.now)
    what = f"{len(definition.clients)} clients, {len(company.load_agents())} agents, {len(definition.pay_plans)} pay plans"
    return f"{what}{'' if is_new else '; 0 new'}"


def import_incidents(progress: Progress) -> str:
    """Import the incident log; a log that was imported before is read again, to show that nothing is added twice."""
    definition = company.load_company()
    is_known = ImportRun.objects.filter(source__code=definition.source.code).exists()
    report = import_cases(
        path=company.INCIDENT_LOG,
        source_code=definition.source.code,
        received_at=definition.now,
        dry_run=is_known,
        progress=progress,
        notes_cases=False,
    )
    return f"{report.row_count:,} rows, {report.case_count:,} tickets: {report.new_count:,} new, {report.held_count:,} rows held"


def clock_hours(progress: Progress) -> str:
    """Lay shifts around what agents did."""
    plans = {agent.code: agent.plan for agent in company.load_agents()}
    return f"{hours.seed_hours(until=company.load_company().now, plan_of_agent=plans):,} new time entries"


def resolve_first_month(progress: Progress) -> str:
    """Decide resolutions as they were known when March was closed, with the quality results of that time."""
    close = company.load_company().close
    if _is_paid(close.period_start):
        return "closed before; 0 new"
    counted = _learn_until(close.known_at, months=(close.period_start,))
    references.seed_first_references(period_start=close.period_start, references=company.load_company().references)
    freeze_reference_rates(period_start=_next_month(close.period_start), as_of=close.known_at)
    return counted


def close_first_month(progress: Progress) -> str:
    """Calculate, approve, post and pay March at every site."""
    close = company.load_company().close
    if _is_paid(close.period_start):
        return "paid before; 0 new"
    booked = book_resolutions(as_of=close.known_at)
    _watch(close.period_start, close.known_at, progress)
    approver = _user(close.approver)
    limit_micros = close.approves_alone * 1_000_000
    ApprovalLimit.objects.get_or_create(currency=company.load_company().currency, defaults={"amount_micros": limit_micros})
    for site in Site.objects.order_by("code"):
        _close_site(site, close, approver)
    return f"{booked.booked_count:,} resolutions booked, pay calculated, approved by {approver}, posted and paid"


def resolve_until_now(progress: Progress) -> str:
    """Decide resolutions up to the demo's present."""
    definition = company.load_company()
    if _is_done():
        return "0 new"
    april = _next_month(definition.close.period_start)
    counted = _learn_until(definition.now, months=(definition.close.period_start, april))
    booked = book_resolutions(as_of=definition.now)
    return f"{counted}; {booked.booked_count:,} booked, {booked.corrected_count:,} corrected"


def correct(progress: Progress) -> str:
    """Watch load, propose reversals, approve one of them, and let the showcased agent dispute a line."""
    definition = company.load_company()
    if _is_done():
        return "0 new"
    showcase, words = definition.showcase, company.load_words()
    _watch(_next_month(definition.close.period_start), definition.now, progress)
    propose_reversals(as_of=showcase.reversal_at)
    _approve_one_reversal(showcase, words)
    propose_reversals(as_of=definition.now)
    _open_one_dispute(showcase, words)
    leads = _leads()
    quality.seed_coaching(as_of=definition.now, words=words, leads=leads, agents=_coached(showcase))
    proposed = Reversal.objects.filter(status=Decision.PROPOSED).count()
    return f"{proposed:,} reversals wait for a person, 1 approved; 1 dispute open"


def review_signals(progress: Progress) -> str:
    """Look once for what chance hardly explains, as the nightly job would have; what is held for it waits for a person."""
    as_of = company.load_company().now
    if _is_done():
        return "0 new"
    with run_job(job="find_signals", as_of=as_of) as result:
        report = find_signals(as_of=as_of)
        result.seen_count, result.changed_count = report.assessed_count, report.new_count
    # The price at stake is written on what is held now.
    book_resolutions(as_of=as_of)
    return f"{report.new_count} of {report.assessed_count:,} comparisons stand out; {report.held_count} units held until somebody decides"


def work_on_quality(progress: Progress) -> str:
    """Draw and fill in reviews, coach, train, and open one improvement plan."""
    definition = company.load_company()
    return quality_work.seed_quality_work(as_of=definition.now, showcase=definition.showcase.agent)


def accrue(progress: Progress) -> str:
    """Bring the open period's pay to the demo's present."""
    definition = company.load_company()
    if _is_done():
        return "0 new"
    report = refresh_accruals(as_of=definition.now)
    if report.failures:
        raise UnableToBuild(_name_failures(report.failures, "all sites"))
    return f"{report.changed_count:,} agents have worked"


def _learn_until(as_of: datetime, *, months: tuple[date, ...]) -> str:
    """Decide resolutions, then let customers and reviewers have their say, and decide those cases again."""
    words, showcase = company.load_words(), company.load_company().showcase
    resolve_cases(as_of=as_of)
    surveys = quality.seed_surveys(as_of=as_of, words=words, few=showcase.few_surveys)
    case_ids = contacts.acknowledge(surveys=surveys, received_at=as_of)
    case_ids += contacts.seed_hostile_contacts(hostile=showcase.hostile, as_of=as_of)
    if case_ids:
        resolve_cases(as_of=as_of, case_ids=case_ids)
    leads = _leads()
    review_count = sum(quality.seed_reviews(month=month, as_of=as_of, words=words, leads=leads) for month in months)
    payable_count = Resolution.objects.filter(is_payable=True).count()
    return f"{payable_count:,} payable; simulated: {len(surveys):,} surveys, {review_count:,} QA reviews"


def _watch(start: date, until: datetime, progress: Progress) -> None:
    """Watch the guardrails at the end of every day, as the scheduled job would have."""
    days = (until.date() - start).days
    for count in range(1, days + 1):
        progress("Watching load", count, days + 1)
        watch_guardrails(as_of=min(until, until + timedelta(days=count - days - 1)))
    watch_guardrails(as_of=until)


def _close_site(site: Site, close: company.Close, approver: User) -> None:
    run = PayRun.objects.filter(site=site, period_start=close.period_start).first()
    if run is None or run.status in (PayRun.Status.CALCULATING, PayRun.Status.CALCULATED, PayRun.Status.IN_REVIEW):
        report = calculate_pay_run(site=site, period_start=close.period_start, as_of=close.known_at)
        if report.failures:
            raise UnableToBuild(_name_failures(report.failures, str(site)))
        run = PayRun.objects.get(pk=_run_id(report.run_id))
        if approval_limits.list_exceeded(run=run):
            approve_pay_run(run_id=run.pk, person=_user(close.first_approver), as_of=close.first_approved_at)
        run = approve_pay_run(run_id=run.pk, person=approver, as_of=close.approved_at)
    if run.status == PayRun.Status.APPROVED:
        run = post_pay_run(run_id=run.pk, person=approver, as_of=close.posted_at, notify=False)
    if run.status == PayRun.Status.POSTED:
        seller = invoices.seed_parties(definition=company.load_company())
        payments.pay_through_the_bank(run=run, seller=seller, approver=approver, as_of=close.posted_at)


def _name_failures(failures: Sequence[Failure], where: str) -> str:
    return f"{len(failures)} agents of {where} could not be paid; the first is {failures[0].name}: {failures[0].message}"


def _run_id(run_id: int | None) -> int:
    assert run_id is not None
    return run_id


def _approve_one_reversal(showcase: company.Showcase, words: company.Words) -> None:
    found = Reversal.objects.filter(agent__code=showcase.agent).order_by("proposed_at", "pk").first()
    if found is None:
        raise UnableToBuild(f"Agent {showcase.agent} has no reversal to show; choose another agent in company.yaml.")
    if found.status == Decision.PROPOSED:
        decide_reversal(
            reversal_id=found.pk, person=_user(showcase.reversal_by), approve=True, reason=words.reversal, as_of=showcase.reversal_at
        )


def _open_one_dispute(showcase: company.Showcase, words: company.Words) -> None:
    agent = Agent.objects.select_related("user").get(code=showcase.agent)
    assert agent.user is not None
    if Dispute.objects.filter(agent=agent).exists():
        return
    lines = SettlementLine.objects.filter(settlement__agent=agent, settlement__period_start=company.load_company().close.period_start)
    line = lines.filter(kind="unit").order_by("-amount_micros", "position").first()
    if line is None:
        raise UnableToBuild(f"Agent {showcase.agent} has no line to dispute; choose another agent in company.yaml.")
    claim = Claim(words=words.dispute, reason="wrong_price")
    open_dispute(agent=agent, person=agent.user, as_of=showcase.dispute_at, claim=claim, line_id=line.pk)


def _coached(showcase: company.Showcase) -> list[Agent]:
    """Choose who gets a coaching note: the showcased agent, and every fifth of the others."""
    agents = list(Agent.objects.order_by("code"))
    return [agent for position, agent in enumerate(agents) if position % 5 == 0 or agent.code == showcase.agent]


def _leads() -> dict[int, User]:
    """Return the lead of every agent's team, by agent id."""
    rows = TeamMembership.objects.filter(team__lead__isnull=False).select_related("team__lead")
    return {row.agent_id: row.team.lead for row in rows if row.team.lead is not None}


def _user(sign_in: str) -> User:
    return User.objects.get(email=people.address_of(company=company.load_company(), sign_in=sign_in))


def _is_paid(period_start: date) -> bool:
    runs = PayRun.objects.filter(period_start=period_start)
    return runs.count() == Site.objects.count() and not runs.exclude(status=PayRun.Status.PAID).exists()


def _is_done() -> bool:
    return JobRun.objects.filter(job=JOB, outcome=JobRun.Outcome.DONE, as_of=company.load_company().now).exists()


def _next_month(day: date) -> date:
    return calendar_months.add_months(day=day.replace(day=1), months=1)
