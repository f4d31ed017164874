"""Small makers of rows for tests: each gives everything that the database insists on, and takes what the test is about."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group

from agents import models as work
from billing import models as pay
from contracts import models as terms

PASSWORD = "correct horse battery"
NEW_YORK = "America/New_York"
NOON = datetime(2016, 4, 20, 16, tzinfo=UTC)
APRIL = date(2016, 4, 1)
MAY = date(2016, 5, 1)
MARCH = date(2016, 3, 1)
MICROS = 1_000_000

# All numbers have as many digits, so that names sort as they were made, however many tests ran before.
_counter = itertools.count(100_001)


def _next() -> int:
    return next(_counter)


# People -----------------------------------------------------------------------------------------------------------------


def make_user(*, name: str = "", roles: Sequence[str] = (), email: str = "", **extra: Any) -> work.User:
    """Make somebody who can sign in with PASSWORD."""
    number = _next()
    user = work.User.objects.create_user(
        email=email or f"person{number}@example.com", password=PASSWORD, name=name or f"Person {number}", **extra
    )
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


def make_site(*, name: str = "Manchester", timezone: str = NEW_YORK) -> work.Site:
    """Make a place that people work at."""
    return work.Site.objects.create(code=f"site-{_next()}", name=name, timezone=timezone)


def make_team(*, name: str = "Network A", lead: work.User | None = None, site: work.Site | None = None) -> work.Team:
    """Make a team."""
    return work.Team.objects.create(code=f"team-{_next()}", name=name, lead=lead, site=site or make_site())


def make_agent(
    *,
    name: str = "",
    user: work.User | None = None,
    team: work.Team | None = None,
    site: work.Site | None = None,
    since: date = date(2015, 1, 1),
) -> work.Agent:
    """Make an agent, in a team from their first day if one is given."""
    number = _next()
    where = site or (team.site if team else make_site())
    agent = work.Agent.objects.create(code=f"a-{number}", name=name or f"Agent {number}", site=where, user=user, employed_from=since)
    if team:
        work.TeamMembership.objects.create(agent=agent, team=team, effective_from=since)
    return agent


def make_agent_with_account(*, name: str = "Maya Torres", team: work.Team | None = None) -> work.Agent:
    """Make an agent who can sign in."""
    return make_agent(name=name, user=make_user(name=name, roles=["agent"]), team=team)


# Terms ------------------------------------------------------------------------------------------------------------------


def make_contract_version(*, currency: str = "USD", client_name: str = "Larch Home") -> terms.ContractVersion:
    """Make an active contract version with a policy and one price for anything: 2.40."""
    number = _next()
    client = terms.Client.objects.create(code=f"client-{number}", name=client_name)
    contract = terms.Contract.objects.create(client=client, code=f"contract-{number}", name=f"{client_name} 2016", timezone=NEW_YORK)
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2015, 1, 1), currency=currency)
    terms.ResolutionPolicy.objects.create(version=version)
    terms.RateCardRow.objects.create(version=version, unit_amount_micros=2_400_000)
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    return version


def make_query_type(*, code: str = "network/outage", name: str = "Network outage") -> terms.QueryType:
    """Make or find a query type."""
    return terms.QueryType.objects.get_or_create(code=code, defaults={"name": name})[0]


def make_channel(*, code: str = "chat", name: str = "Chat") -> terms.Channel:
    """Make or find a channel."""
    return terms.Channel.objects.get_or_create(code=code, defaults={"name": name})[0]


def make_plan_version(*, name: str = "Care plan", base_hourly_micros: int = 12_500_000, share_bp: int = 2_000) -> terms.PayPlanVersion:
    """Make an active plan version: base pay for each hour, and a share of each price."""
    plan = terms.PayPlan.objects.create(code=f"plan-{_next()}", name=name)
    version = terms.PayPlanVersion.objects.create(
        plan=plan, number=2, effective_from=date(2015, 1, 1), currency="USD", rule_pack="us-federal", base_hourly_micros=base_hourly_micros
    )
    terms.PayPlanTier.objects.create(version=version, share_bp=share_bp)
    for metric, weight_bp in (("csat", 4_000), ("fcr", 4_000), ("qa", 2_000)):
        terms.PayPlanMetric.objects.create(version=version, metric=metric, weight_bp=weight_bp)
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    return version


def assign_plan(*, agent: work.Agent, version: terms.PayPlanVersion, since: date = date(2015, 1, 1)) -> work.PlanAssignment:
    """Put an agent on a plan."""
    return work.PlanAssignment.objects.create(agent=agent, plan=version.plan, effective_from=since)


# Work -------------------------------------------------------------------------------------------------------------------


def make_source(*, code: str = "desk", vendor: str = "other") -> work.Source:
    """Make or find a source of records."""
    return work.Source.objects.get_or_create(code=code, defaults={"name": code.title(), "vendor": vendor})[0]


def make_resolution(
    *,
    agent: work.Agent | None,
    version: terms.ContractVersion,
    state: str = "confirmed",
    resolved_at: datetime = NOON - timedelta(days=2),
    verified_at: datetime | None = None,
    window_ends_at: datetime | None = None,
    fcr: str = "yes",
    key: str = "",
) -> work.Resolution:
    """Make a case with one resolution; a verified one is verified an hour after it was resolved unless told otherwise."""
    is_verified = state in {"confirmed", "assumed"}
    case = work.Case.objects.create(
        source=make_source(), key=key or f"INC{_next():07d}", contract=version.contract, opened_at=resolved_at - timedelta(hours=3)
    )
    return work.Resolution.objects.create(
        case=case,
        number=1,
        state=state,
        rule="customer_acknowledged" if state == "confirmed" else "window_passed",
        agent=agent,
        policy_version=version,
        price_version=version,
        query_type=make_query_type(),
        channel=make_channel(),
        resolved_at=resolved_at,
        window_ends_at=window_ends_at or (resolved_at + timedelta(hours=72)),
        verified_at=verified_at or (resolved_at + timedelta(hours=1) if is_verified else None),
        is_payable=is_verified,
        fcr=fcr if is_verified else "pending",
    )


def make_time(
    *, agent: work.Agent, started_at: datetime, hours: float = 8, category: str = "productive", source: work.Source | None = None
) -> work.TimeEntry:
    """Make clocked time."""
    return work.TimeEntry.objects.create(
        source=source or make_source(code="clock", vendor="simulated"),
        agent=agent,
        category=category,
        started_at=started_at,
        ended_at=started_at + timedelta(hours=hours),
    )


def make_decision(*, agent: work.Agent, level: str = "act", effect: str = "stop_assignment", **extra: Any) -> work.GuardrailDecision:
    """Make a guardrail decision about the days in a row."""
    values: dict[str, Any] = {
        "limit": "consecutive_days",
        "value": 7,
        "threshold": 7,
        "starts_at": NOON - timedelta(hours=3),
        "ends_at": NOON + timedelta(hours=8),
        "decided_at": NOON - timedelta(hours=3),
    }
    return work.GuardrailDecision.objects.create(agent=agent, level=level, effect=effect, **{**values, **extra})


def make_signal(*, agent: work.Agent, kind: str = "self_created", **extra: Any) -> work.GamingSignal:
    """Make an open gaming signal about an agent's resolutions so far."""
    values: dict[str, Any] = {
        "since_at": NOON - timedelta(weeks=4),
        "until_at": NOON - timedelta(hours=6),
        "observed_count": 40,
        "marked_count": 20,
        "expected_count": 1,
        "base_observed_count": 120,
        "interval_low": "0.280000",
        "interval_high": "0.720000",
        "found_at": NOON - timedelta(hours=6),
        "expires_at": NOON + timedelta(days=7),
    }
    signal = work.GamingSignal.objects.create(agent=agent, kind=kind, **{**values, **extra})
    signal.resolutions.set(work.Resolution.objects.filter(agent=agent))
    return signal


def make_feedback(*, agent: work.Agent, words: str = "Quick and kind.", kind: str = "customer", **extra: Any) -> work.Feedback:
    """Make feedback that an agent reads."""
    values = {"source": make_source(code="voice", vendor="simulated"), "given_at": NOON - timedelta(days=1), "tags": ["rapid_resolution"]}
    return work.Feedback.objects.create(agent=agent, words=words, kind=kind, **{**values, **extra})


# Pay --------------------------------------------------------------------------------------------------------------------


def make_settlement(
    *,
    agent: work.Agent,
    plan_version: terms.PayPlanVersion,
    period_start: date = APRIL,
    period_end: date = MAY,
    status: str = "accruing",
    lines: Iterable[dict[str, Any]] = (),
    evidence: dict[str, Any] | None = None,
    as_of: datetime = NOON,
    **run_values: Any,
) -> pay.Settlement:
    """Make a settlement with its lines; anything but an accruing one gets the run of its site and period."""
    rows = [{"position": position, **line} for position, line in enumerate(lines, start=1)]
    run = None
    if status != "accruing":
        run, _ = pay.PayRun.objects.get_or_create(
            site=agent.site,
            period_start=period_start,
            defaults={"period_end": period_end, "status": status, "as_of": as_of, **run_values},
        )
    settlement = pay.Settlement.objects.create(
        agent=agent,
        run=run,
        period_start=period_start,
        period_end=period_end,
        status="accruing" if run is None else "calculated",
        plan_version=plan_version,
        rule_version="1",
        rule_pack_version="us-federal 2016-01-01",
        currency="USD",
        total_micros=sum(row["amount_micros"] for row in rows),
        evidence=evidence or {},
        as_of=as_of,
    )
    for row in rows:
        pay.SettlementLine.objects.create(settlement=settlement, **{"exact": str(row["amount_micros"] / MICROS), **row})
    for step in ("approved", "posted", "paid"):
        if status in ("approved", "posted", "paid") and ("approved", "posted", "paid").index(step) <= ("approved", "posted", "paid").index(
            status
        ):
            pay.Settlement.objects.filter(pk=settlement.pk).update(status=step)
    settlement.refresh_from_db()
    return settlement


def make_dispute(*, line: pay.SettlementLine | None, **extra: Any) -> pay.Dispute:
    """Make an agent's dispute of a line."""
    values = {
        "agent": line and line.settlement.agent,
        "line": line,
        "words": "Two of these were mine alone.",
        "currency": "USD",
        "opened_at": NOON - timedelta(days=1),
        "due_at": NOON + timedelta(days=4),
    }
    return pay.Dispute.objects.create(**{**values, **extra})


# Quality work ------------------------------------------------------------------------------------------------------------


def make_scorecard(*, name: str = "Contact quality", pass_score: int = 85) -> work.ScorecardVersion:
    """Make a scorecard with an active version of three items; the second is critical."""
    card = work.Scorecard.objects.create(code=f"card-{_next()}", name=name)
    version = work.ScorecardVersion.objects.create(scorecard=card, number=1, effective_from=date(2015, 1, 1), pass_score=pass_score)
    items = (("Understanding", "Found out what the customer needs", 2_500, False), ("Resolution", "The answer was right", 5_000, True))
    for position, (section, title, weight_bp, is_critical) in enumerate((*items, ("Care", "Said what happens next", 2_500, False)), 1):
        work.ScorecardItem.objects.create(
            version=version, position=position, section=section, title=title, weight_bp=weight_bp, is_critical=is_critical
        )
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    return version


def make_talk(*, agent: work.Agent, coach: work.User, planned_on: date, metric: str = "fcr", **extra: Any) -> work.CoachingSession:
    """Make a planned coaching talk."""
    return work.CoachingSession.objects.create(
        agent=agent,
        coach=coach,
        **{
            "planned_on": planned_on,
            "goal": "Say what happens next before the goodbye",
            "metric": metric,
            "follow_up_on": planned_on + timedelta(days=28),
            "created_at": NOON - timedelta(days=30),
            **extra,
        },
    )


def make_training_task(*, agent: work.Agent, by: work.User, **extra: Any) -> work.TrainingTask:
    """Make a task of half an hour, due in a week."""
    return work.TrainingTask.objects.create(
        agent=agent,
        assigned_by=by,
        **{"title": "Read the new outage guide", "minutes": 30, "assigned_at": NOON, "due_on": NOON.date() + timedelta(days=7), **extra},
    )


def make_improvement_plan(*, agent: work.Agent, by: work.User, **extra: Any) -> work.ImprovementPlan:
    """Make an open improvement plan with its first step."""
    plan = work.ImprovementPlan.objects.create(
        agent=agent,
        opened_by=by,
        **{
            "reason": "7 of 20 customers came back.",
            "goal": "As expected for these cases by June",
            "support": "An hour a week beside a colleague.",
            "opened_at": NOON,
            "review_on": NOON.date() + timedelta(days=28),
            **extra,
        },
    )
    work.ImprovementStep.objects.create(plan=plan, kind="opened", person=by, words=plan.reason, noted_at=NOON)
    return plan
