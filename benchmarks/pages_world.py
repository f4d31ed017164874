"""A company of any size for the page benchmark, generated inside the database: a year of work, pay, bills and what people look through."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from benchmarks import bulk, pay_world
from benchmarks import pages_people_rows as people
from benchmarks import pages_rows as rows

NOW = datetime(2016, 4, 20, 20, tzinfo=UTC)
TEAM_SIZE = 16
CONTRACTS = 20
TYPES, CHANNELS = 6, 3


@dataclass(frozen=True, kw_only=True)
class World:
    """Who signs in, and whose pages are asked for."""

    agent_id: int
    users: dict[str, Any]
    contract_id: int
    client_id: int
    plan_version_id: int
    resolution_count: int


def make_world(*, resolution_count: int, agent_count: int) -> World:
    """Fill an empty database with a year of one company.

    Args:
        resolution_count: in all.
        agent_count: a multiple of the size of a team.
    """
    from agents import models as work
    from agents.operations.resolutions import count_first_contacts
    from billing.operations import count_value

    made = _people_and_terms(agent_count)
    users = made["users"]
    asked = {
        **made["ids"],
        "now": NOW,
        "count": resolution_count,
        "agent_count": agent_count,
        "contract_count": CONTRACTS,
        "type_count": TYPES,
        "channel_count": CHANNELS,
        "import_count": max(60, resolution_count // 1_500),
        "job_count": max(1_000, resolution_count // 15),
        "people": [users[role].pk for role in ("agent", "lead", "auditor", "contract_admin", "approver", "client")],
        "lead": users["lead"].pk,
        "admin": users["contract_admin"].pk,
        "notice_count": max(100, resolution_count // 1_000),
        "read_count": resolution_count // 10,
        "frame_count": 30,
        "act_count": max(100, resolution_count // 1_000),
        "shadow_count": max(60, resolution_count // 10_000),
        "line_count": max(500, resolution_count // 300),
        "account_count": max(20, resolution_count // 10_000),
    }
    bulk.fill(tables=((work.ImportRun, rows.IMPORT), (work.Case, rows.CASE), (work.Resolution, rows.RESOLUTION)), asked=asked)
    asked["runs"] = list(work.ImportRun.objects.values_list("pk", flat=True))
    asked["run_count"] = len(asked["runs"])
    bulk.fill(tables=_tables(), asked=asked)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    # Nobody asks for the value reports of the other contracts.
    count_value.count_value(as_of=NOW, contract_ids=made["ids"]["contracts"][:1])
    count_first_contacts.count_first_contacts(as_of=NOW)
    return World(
        agent_id=made["ids"]["agents"][0],
        users=users,
        contract_id=made["ids"]["contracts"][0],
        client_id=made["ids"]["client"],
        plan_version_id=made["ids"]["plan_version"],
        resolution_count=resolution_count,
    )


def _tables() -> tuple[tuple[Any, bulk.Rows], ...]:
    """Return what is made of cases and resolutions, in an order in which each finds what it needs."""
    from agents import models as work
    from billing import models as pay

    return (
        *((work.SourceIdentity, people.IDENTITY), (work.CaseEvent, rows.EVENT), (work.CaseEvent, people.STAGE_TIME)),
        *((work.ResolutionTransition, rows.STEP), (work.Survey, rows.SURVEY)),
        *((work.QaReview, rows.REVIEW), (work.Feedback, rows.FEEDBACK), (work.Hold, rows.HOLD), (work.TimeEntry, rows.TIME)),
        *((work.HeldRow, rows.HELD_ROW), (work.JobRun, rows.JOB), (work.GuardrailDecision, rows.DECISION)),
        *((work.GamingSignal, rows.SIGNAL), (pay.BookedLine, rows.BOOKED), (pay.PayRun, rows.RUN), (pay.Settlement, rows.SETTLEMENT)),
        *((pay.SettlementLine, rows.LINE), (pay.Earning, rows.EARNING), (pay.Invoice, rows.INVOICE)),
        *((pay.InvoiceLine, rows.INVOICE_LINE), (pay.Dispute, rows.DISPUTE), (pay.DisputeComment, people.COMMENT)),
        *((pay.LedgerTransaction, rows.TRANSACTION), (pay.LedgerEntry, rows.ENTRY)),
        *((work.Notification, people.NOTICE), (pay.PayRead, people.PAY_READ), (work.SampleDraw, people.DRAW)),
        *((work.SampledCase, people.SAMPLED), (work.QaReview, people.SCORED), (work.Assessment, people.ASSESSMENT)),
        *(
            (work.Assessment, people.SECOND),
            (work.AssessmentAnswer, people.ANSWER),
            (work.CoachingSession, people.TALK),
            (work.ImprovementPlan, people.PLAN),
        ),
        *((work.TrainingTask, people.TASK), (work.CheckIn, people.CHECK_IN), (work.HoldAct, people.HOLD_ACT)),
        *((pay.Document, people.PAPER), (pay.ShadowRun, people.SHADOW), (pay.ShadowLine, people.SHADOW_LINE)),
        (work.AccountMonth, people.ACCOUNT),
    )


def _people_and_terms(agent_count: int) -> dict[str, Any]:
    from django.contrib.auth.models import Group

    from agents import models as work
    from ppr_portal import roles

    roles.ensure_roles()
    since = date(2015, 1, 1)
    users = {}
    for role in ("agent", "lead", "approver", "auditor", "client", "contract_admin"):
        is_staff = role == "contract_admin"
        users[role] = work.User.objects.create_user(email=f"{role}@bench.example", name=f"{role.title()} Bench", is_staff=is_staff)
        users[role].groups.add(Group.objects.get(name=role))
    site = work.Site.objects.create(code="bench", name="Bench", timezone=pay_world.ZONE)
    source = work.Source.objects.create(code="bench", name="Bench", vendor="other")
    others = work.User.objects.bulk_create(
        work.User(email=f"lead-{number}@bench.example", name=f"Lead {number}") for number in range(1, agent_count // TEAM_SIZE)
    )
    teams = work.Team.objects.bulk_create(
        work.Team(site=site, code=f"t-{number}", name=f"Team {number:04d}", lead=lead)
        for number, lead in enumerate([users["lead"], *others])
    )
    agents = work.Agent.objects.bulk_create(
        work.Agent(
            code=f"A-{number:06d}", name=f"Agent {number:06d}", site=site, employed_from=since, user=users["agent"] if number == 0 else None
        )
        for number in range(agent_count)
    )
    work.TeamMembership.objects.bulk_create(
        work.TeamMembership(agent=agent, team=teams[place // TEAM_SIZE], effective_from=since) for place, agent in enumerate(agents)
    )
    plan_id, plan_version_id = _plan()
    work.PlanAssignment.objects.bulk_create(work.PlanAssignment(agent=agent, plan_id=plan_id, effective_from=since) for agent in agents)
    types, channels = _classes()
    contracts, versions = _contracts(since)
    work.ClientContact.objects.create(client_id=_client_of(contracts[0]), user=users["client"])
    for month in range(12):
        start = date(2015 + (month + 4) // 12, (month + 4) % 12 + 1, 1)
        for metric, good in (("csat", 88), ("fcr", 75), ("qa", 80)):
            work.ReferenceRate.objects.create(metric=metric, period_start=start, success_count=good, observation_count=100, basis="bench")
    ids = {
        **_growth(),
        "client": _client_of(contracts[0]),
        "site": site.pk,
        "source": source.pk,
        "agents": [agent.pk for agent in agents],
        "types": types,
        "channels": channels,
        "contracts": contracts,
        "versions": versions,
        "plan_version": plan_version_id,
    }
    return {"ids": ids, "users": users}


def _growth() -> dict[str, int]:
    """A scorecard in force with five questions, and a course."""
    from agents import models as work

    version = work.ScorecardVersion.objects.create(
        scorecard=work.Scorecard.objects.create(code="bench", name="Bench card"), number=1, effective_from=date(2015, 1, 1)
    )
    for position in range(5):
        work.ScorecardItem.objects.create(version=version, position=position, section="All", title=f"Question {position}", weight_bp=2_000)
    work.ScorecardVersion.objects.filter(pk=version.pk).update(status="active")
    course = work.Course.objects.create(code="bench", title="Asking well", minutes=30)
    return {"scorecard_version": version.pk, "course": course.pk}


def _plan() -> tuple[int, int]:
    from contracts import models as terms

    plan = terms.PayPlan.objects.create(code="bench", name="Bench plan")
    version = terms.PayPlanVersion.objects.create(
        plan=plan, number=1, effective_from=date(2015, 1, 1), currency="USD", rule_pack="us-federal", base_hourly_micros=15_000_000
    )
    terms.PayPlanTier.objects.create(version=version, share_bp=2_000)
    for metric, weight_bp in (("csat", 4_000), ("fcr", 4_000), ("qa", 2_000)):
        terms.PayPlanMetric.objects.create(version=version, metric=metric, weight_bp=weight_bp)
    terms.PayPlanVersion.objects.filter(pk=version.pk).update(status="active")
    return plan.pk, version.pk


def _classes() -> tuple[list[int], list[int]]:
    from contracts import models as terms

    types = [terms.QueryType.objects.create(code=f"bench/t{number}", name=f"Type {number}").pk for number in range(TYPES)]
    channels = [terms.Channel.objects.create(code=f"bench-{number}", name=f"Channel {number}").pk for number in range(CHANNELS)]
    return types, channels


def _contracts(since: date) -> tuple[list[int], list[int]]:
    from contracts import models as terms

    contracts, versions = [], []
    for number in range(CONTRACTS):
        client = terms.Client.objects.create(code=f"bench-{number}", name=f"Bench {number}")
        contract = terms.Contract.objects.create(client=client, code=f"bench-{number}", name="Bench", timezone=pay_world.ZONE)
        version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=since, currency="USD")
        terms.ResolutionPolicy.objects.create(version=version)
        terms.RateCardRow.objects.create(version=version, unit_amount_micros=2_400_000)
        terms.ContractVersion.objects.filter(pk=version.pk).update(status="active")
        terms.ValueBaseline.objects.create(
            contract=contract, starts_on=since, currency="USD", contact_micros=2_000_000, contacts_per_resolution="1.5", source="bench"
        )
        contracts.append(contract.pk)
        versions.append(version.pk)
    return contracts, versions


def _client_of(contract_id: int) -> int:
    from contracts.models import Contract

    return Contract.objects.get(pk=contract_id).client_id
