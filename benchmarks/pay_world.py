"""A company of any size for the pay benchmarks, generated inside the database: a month of resolutions, surveys and hours."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

from benchmarks import bulk

MARCH, APRIL = date(2016, 3, 1), date(2016, 4, 1)
AFTER_MARCH = datetime(2016, 4, 2, 12, tzinfo=UTC)
LAST_OF_MARCH = datetime(2016, 3, 31, 16, tzinfo=UTC)
ZONE = "America/New_York"
QUERY_TYPES = 6
CHANNELS = ("bench-chat", "bench-email")
# By model: what each column holds, and where from. Columns that are not named hold what their field starts with.
CASES = (
    {
        "source_id": "%(source)s",
        "key": "'C' || lpad(i::text, 9, '0')",
        "contract_id": "%(contract)s",
        "customer_hash": "md5((i / 2)::text)",
        "opened_at": "TIMESTAMPTZ '2016-03-01 05:00+00' + interval '30 days' * (i::float8 / %(count)s)",
    },
    "generate_series(1, %(count)s) i",
)
RESOLUTIONS = (
    {
        "case_id": "c.id",
        "number": "1",
        "state": "CASE WHEN i %% 3 = 0 THEN 'assumed' ELSE 'confirmed' END",
        "rule": "'customer_acknowledged'",
        "agent_id": "(%(agents)s::bigint[])[1 + abs(hashint8(i)::bigint) %% %(agent_count)s]",
        "policy_version_id": "%(version)s",
        "price_version_id": "%(version)s",
        "query_type_id": "(%(types)s::bigint[])[1 + i %% %(type_count)s]",
        "channel_id": "(%(channels)s::bigint[])[1 + (i / 7) %% %(channel_count)s]",
        "resolved_at": "c.opened_at + interval '1 hour'",
        "window_ends_at": "c.opened_at + interval '73 hours'",
        "verified_at": "c.opened_at + interval '2 hours'",
        "is_payable": "true",
        "fcr": "CASE WHEN i %% 4 = 0 THEN 'no' ELSE 'yes' END",
    },
    "agents_case c, LATERAL (SELECT substr(c.key, 2)::bigint AS i) n",
)
SURVEYS = (
    {
        "source_id": "%(source)s",
        "key": "'S' || r.id",
        "resolution_id": "r.id",
        "agent_id": "r.agent_id",
        "is_favorable": "r.id %% 100 < 88",
        "answered_at": "r.verified_at",
    },
    "agents_resolution r WHERE r.id %% 10 = 0",
)
HOURS = (
    {
        "source_id": "%(source)s",
        "agent_id": "a",
        "category": "'productive'",
        "started_at": "starts",
        "ended_at": "starts + interval '8 hours'",
    },
    """unnest(%(agents)s::bigint[]) a, generate_series(TIMESTAMPTZ '2016-03-01 15:00+00', '2016-03-31 15:00+00', '1 day') starts
    WHERE extract(isodow FROM starts) < 6""",
)


@dataclass(frozen=True, kw_only=True)
class World:
    """What was made, by id."""

    site_id: int
    version_id: int
    plan_version_id: int
    agent_ids: tuple[int, ...]
    resolution_count: int


def make_world(*, resolution_count: int, agent_count: int) -> World:
    """Fill an empty database: one site, one contract with tiered prices by class, one plan with three tiers and quality."""
    from agents import models as work

    site = work.Site.objects.create(code="bench", name="Bench", timezone=ZONE)
    source = work.Source.objects.create(code="bench", name="Bench", vendor="other")
    type_ids, channel_ids = _make_classes()
    contract_id, version_id = _make_contract(type_ids, channel_ids, resolution_count)
    plan_version_id, plan_id = _make_plan(resolution_count // agent_count)
    agents = work.Agent.objects.bulk_create(
        work.Agent(code=f"A-{number:06d}", name=f"Agent {number}", site=site, employed_from=date(2015, 1, 1))
        for number in range(agent_count)
    )
    agent_ids = tuple(agent.pk for agent in agents)
    work.PlanAssignment.objects.bulk_create(
        work.PlanAssignment(agent=agent, plan_id=plan_id, effective_from=date(2015, 1, 1)) for agent in agents
    )
    values = {
        "source": source.pk,
        "contract": contract_id,
        "version": version_id,
        "count": resolution_count,
        "agents": list(agent_ids),
        "agent_count": agent_count,
        "types": type_ids,
        "type_count": len(type_ids),
        "channels": channel_ids,
        "channel_count": len(channel_ids),
    }
    tables = ((work.Case, CASES), (work.Resolution, RESOLUTIONS), (work.Survey, SURVEYS), (work.TimeEntry, HOURS))
    bulk.fill(tables=tables, asked=values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _freeze_rates()
    return World(
        site_id=site.pk, version_id=version_id, plan_version_id=plan_version_id, agent_ids=agent_ids, resolution_count=resolution_count
    )


def _make_classes() -> tuple[list[int], list[int]]:
    from contracts import models as terms

    types = [terms.QueryType.objects.create(code=f"bench/t{number}", name=f"Type {number}").pk for number in range(QUERY_TYPES)]
    return types, [terms.Channel.objects.create(code=code, name=code).pk for code in CHANNELS]


def _make_contract(type_ids: list[int], channel_ids: list[int], resolution_count: int) -> tuple[int, int]:
    """A price for each class in three graduated tiers, each holding about a third of the month."""
    from contracts import models as terms

    client = terms.Client.objects.create(code="bench", name="Bench")
    contract = terms.Contract.objects.create(client=client, code="bench", name="Bench", timezone=ZONE)
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2015, 1, 1), currency="USD")
    terms.ResolutionPolicy.objects.create(version=version)
    third = max(1, resolution_count // (len(type_ids) * len(channel_ids)) // 3)
    for place, type_id in enumerate(type_ids):
        for channel_id in channel_ids:
            row = terms.RateCardRow.objects.create(
                version=version, query_type_id=type_id, channel_id=channel_id, shape=terms.RateCardRow.Shape.GRADUATED
            )
            for step, up_to in enumerate((third, 2 * third, None)):
                amount = 3_000_000 - 200_000 * step + 100_000 * place
                terms.RateTier.objects.create(row=row, up_to=up_to, unit_amount_micros=amount)
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    return contract.pk, version.pk


def _make_plan(units_each: int) -> tuple[int, int]:
    """15.00 an hour, 10%, 12.5% and 15% of the price in three tiers, and quality by surveys and first contact."""
    from contracts import models as terms

    plan = terms.PayPlan.objects.create(code="bench", name="Bench plan")
    version = terms.PayPlanVersion.objects.create(
        plan=plan, number=1, effective_from=date(2015, 1, 1), currency="USD", rule_pack="us-federal", base_hourly_micros=15_000_000
    )
    for up_to, share_bp in ((max(1, units_each // 3), 1_000), (max(2, units_each * 2 // 3), 1_250), (None, 1_500)):
        terms.PayPlanTier.objects.create(version=version, up_to=up_to, share_bp=share_bp)
    for metric, weight_bp in (("csat", 6_000), ("fcr", 4_000)):
        terms.PayPlanMetric.objects.create(version=version, metric=metric, weight_bp=weight_bp)
    terms.PayPlanVersion.objects.filter(pk=version.pk).update(status="active")
    return version.pk, plan.pk


def _freeze_rates() -> None:
    from agents import models as work

    for metric, good in (("csat", 88), ("fcr", 75)):
        work.ReferenceRate.objects.create(metric=metric, period_start=MARCH, success_count=good, observation_count=100, basis="bench")
