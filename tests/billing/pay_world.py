"""A small company for pay tests: a site, a plan with two tiers, a contract with tiered prices, agents with a month of work."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from agents import models as work
from billing.models import Earning, PayRun, Settlement, SettlementLine
from billing.operations import book_resolutions
from contracts import models as terms
from tests import factories

# Midnight of April 1 in New York, and the morning after the month ended there.
MARCH_ENDS = datetime(2016, 4, 1, 4, tzinfo=UTC)
AFTER_MARCH = datetime(2016, 4, 2, 12, tzinfo=UTC)
MARCH_7 = datetime(2016, 3, 7, 14, tzinfo=UTC)


@dataclass(kw_only=True)
class World:
    """What a test changes and asks for."""

    site: work.Site
    plan: terms.PayPlanVersion
    contract: terms.ContractVersion
    agents: list[work.Agent] = field(default_factory=list)


def make_plan(*, currency: str = "USD", crediting: str = "resolver", clawback_bp: int | None = None) -> terms.PayPlanVersion:
    """12.50 an hour, 20% of the price up to 3 resolutions, 25% above; CSAT moves it from 80% to 120%."""
    plan = terms.PayPlan.objects.create(code=f"plan-{terms.PayPlan.objects.count() + 1}", name="Care plan")
    version = terms.PayPlanVersion.objects.create(
        plan=plan,
        number=1,
        effective_from=date(2015, 1, 1),
        currency=currency,
        rule_pack="us-federal",
        base_hourly_micros=12_500_000,
        crediting=crediting,
        clawback_bp=clawback_bp,
    )
    terms.PayPlanTier.objects.create(version=version, up_to=3, share_bp=2_000)
    terms.PayPlanTier.objects.create(version=version, share_bp=2_500)
    terms.PayPlanMetric.objects.create(version=version, metric="csat", weight_bp=10_000)
    terms.PayPlanVersion.objects.filter(pk=version.pk).update(status="active")
    return version


def make_world(*, agent_count: int = 1, timezone: str = factories.NEW_YORK) -> World:
    """A site with agents on one plan, each with no work yet; the reference rate of CSAT is 88 of 100 in March and April."""
    world = World(site=factories.make_site(timezone=timezone), plan=make_plan(), contract=factories.make_contract_version())
    for month in (factories.MARCH, factories.APRIL):
        work.ReferenceRate.objects.create(metric="csat", period_start=month, success_count=88, observation_count=100, basis="test")
    for _ in range(agent_count):
        add_agent(world)
    return world


def make_busy_world(*, resolution_counts: Sequence[int], as_of: datetime | None = None) -> World:
    """A world whose agents each clocked a week and resolved so many cases; booked as of an instant where one is given."""
    world = make_world(agent_count=len(resolution_counts))
    for agent, count in zip(world.agents, resolution_counts, strict=True):
        work_a_week(agent)
        resolve(world, agent, count)
    if as_of is not None:
        book_resolutions.book_resolutions(as_of=as_of)
    return world


def add_agent(world: World, *, name: str = "", plan: terms.PayPlanVersion | None = None) -> work.Agent:
    """One more agent on a plan."""
    agent = factories.make_agent(name=name, site=world.site)
    factories.assign_plan(agent=agent, version=plan or world.plan)
    world.agents.append(agent)
    return agent


def work_a_week(agent: work.Agent, *, first: datetime = MARCH_7, days: int = 5, hours: float = 8) -> None:
    """Clock some days of productive time, from 10 in the morning in New York."""
    for day in range(days):
        factories.make_time(agent=agent, started_at=first + timedelta(days=day), hours=hours)


def resolve(
    world: World, agent: work.Agent | None, count: int = 1, *, first: datetime = MARCH_7, **values: object
) -> list[work.Resolution]:
    """Let an agent resolve cases, one an hour, each verified an hour later."""
    return [
        factories.make_resolution(
            agent=agent,
            version=world.contract,
            resolved_at=first + timedelta(hours=place),
            **values,  # type: ignore[arg-type]
        )
        for place in range(count)
    ]


def suspend_premium(agent: work.Agent, *, starts_at: datetime = MARCH_7 + timedelta(hours=3)) -> work.GuardrailDecision:
    """Suspend an agent's premium for their pace from an instant on."""
    return work.GuardrailDecision.objects.create(
        agent=agent, limit="pace", value=1, threshold=1, level="act", effect="premium_suspended", starts_at=starts_at, decided_at=starts_at
    )


def answer_surveys(resolutions: list[work.Resolution], *, favorable: int) -> None:
    """Let the customers of these resolutions answer, the first ones favorably."""
    source = factories.make_source(code="voice", vendor="simulated")
    work.Survey.objects.bulk_create(
        work.Survey(
            source=source,
            key=f"survey-{resolution.pk}",
            resolution=resolution,
            agent=resolution.agent,
            is_favorable=place < favorable,
            answered_at=resolution.verified_at,
        )
        for place, resolution in enumerate(resolutions)
    )


def lines_of(agent: work.Agent, month: date = factories.MARCH) -> list[tuple[str, str]]:
    """The kind and amount of each line of an agent's settlement."""
    lines = SettlementLine.objects.filter(settlement__agent=agent, settlement__period_start=month).order_by("position")
    return [(line.kind, f"{line.amount_micros / 1_000_000:.2f}") for line in lines]


def picture(site: work.Site) -> list[object]:
    """Everything that a run wrote, without the numbers that the database gives rows."""
    runs = PayRun.objects.filter(site=site).order_by("period_start").values_list("period_start", "status", "inputs_hash", "as_of")
    settlements = Settlement.objects.filter(agent__site=site).order_by("agent__code", "period_start")
    own = ("agent__code", "period_start", "period_end", "status", "currency", "total_micros", "resolution_count", "paid_seconds")
    lines = SettlementLine.objects.filter(settlement__agent__site=site).order_by(
        "settlement__agent__code", "settlement__period_start", "position"
    )
    shown = ("kind", "rule", "label", "week", "quantity", "rate", "exact", "amount_micros", "inputs", "source")
    earnings = Earning.objects.filter(agent__site=site).order_by("agent__code", "resolution__case__key")
    paid = ("agent__code", "resolution__case__key", "verified_at", "price_micros", "credit_micros", "line_position")
    return [
        list(runs),
        list(settlements.values_list(*own, "inputs_hash", "evidence", "as_of")),
        list(lines.values_list("settlement__agent__code", "position", *shown)),
        list(earnings.values_list(*paid)),
    ]
