"""What the agent's home reads: days and states that add up to their lines, and an estimate of what is pending."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from agents.models import Hold, Resolution
from billing.models import Settlement, SettlementLine
from billing.queries import open_period, pending_pay, team_quality
from contracts.models import PayPlan, PayPlanClassAmount, PayPlanTier, PayPlanVersion
from contracts.queries import terms
from tests import factories

ZONE = ZoneInfo(factories.NEW_YORK)
APRIL_4, APRIL_5 = date(2016, 4, 4), date(2016, 4, 5)


def line(position: int, amount_micros: int, kind: str = "unit") -> SettlementLine:
    return SettlementLine(position=position, kind=kind, amount_micros=amount_micros)


def cell(day: date, state: str, weight: int, position: int = 1, count: int = 1) -> open_period.Cell:
    return open_period.Cell(day=day, state=state, line_position=position, resolution_count=count, weight=weight)


def test_a_line_is_split_without_losing_a_cent() -> None:
    cells = [cell(APRIL_4, "confirmed", 1), cell(APRIL_4, "assumed", 1), cell(APRIL_5, "assumed", 1)]
    parts = open_period.split_units(lines=[line(1, 1_000_000)], cells=cells, currency="USD")

    assert [part.amount_micros for part in parts] == [340_000, 330_000, 330_000]


def test_parts_of_several_lines_add_up_to_each() -> None:
    cells = [cell(APRIL_4, "confirmed", 2, 1), cell(APRIL_5, "assumed", 1, 1), cell(APRIL_5, "assumed", 5, 2)]
    parts = open_period.split_units(lines=[line(1, 1_000_000), line(2, 70_000), line(3, 9_000_000, "base")], cells=cells, currency="USD")

    assert [part.amount_micros for part in parts] == [670_000, 330_000, 70_000]


def test_a_line_whose_prices_are_zero_is_split_by_count() -> None:
    cells = [cell(APRIL_4, "confirmed", 0, count=1), cell(APRIL_5, "confirmed", 0, count=3)]
    parts = open_period.split_units(lines=[line(1, 0)], cells=cells, currency="USD")

    assert [part.amount_micros for part in parts] == [0, 0]


def test_hours_are_split_by_the_seconds_worked() -> None:
    assert open_period.split_hours(amount_micros=100_010_000, seconds_by_day={APRIL_5: 3600, APRIL_4: 3600}, currency="USD") == {
        APRIL_4: 50_010_000,
        APRIL_5: 50_000_000,
    }
    assert open_period.split_hours(amount_micros=5, seconds_by_day={APRIL_4: 0}, currency="USD") == {}


@pytest.mark.django_db
def test_pending_and_held_are_estimated_at_list_price_and_first_share(django_assert_num_queries) -> None:
    version, contract = factories.make_plan_version(), factories.make_contract_version()
    agent = factories.make_agent()
    for number, state in enumerate(("pending", "pending", "confirmed", "reopened")):
        factories.make_resolution(agent=agent, version=contract, state=state, resolved_at=factories.NOON - timedelta(hours=number))
    held = Resolution.objects.get(state="confirmed")
    for reason in ("possible_duplicate", "unmapped_identity"):
        Hold.objects.create(resolution=held, reason=reason, message="Decide.", expires_at=factories.NOON, opened_at=factories.NOON)
    plan = terms.load_plan_terms(version_ids=[version.pk])[version.pk]
    found = Resolution.objects.filter(agent=agent)
    pending_pay.list_open_units(resolutions=found, plan=plan)
    with django_assert_num_queries(1):
        units = pending_pay.list_open_units(resolutions=found, plan=plan)

    assert [(unit.is_held, unit.amount_micros) for unit in units].count((False, 480_000)) == 2
    assert [unit.resolution_id for unit in units if unit.is_held] == [held.pk]
    assert pending_pay.total_micros(units) == 3 * 480_000


@pytest.mark.django_db
def test_a_settlement_names_its_plan_and_a_pending_case_its_price_as_they_are_now(django_assert_num_queries) -> None:
    version, contract, agent = factories.make_plan_version(), factories.make_contract_version(), factories.make_agent()
    factories.make_settlement(agent=agent, plan_version=version)
    factories.make_resolution(agent=agent, version=contract, state="pending")

    def read() -> tuple[str, list[int | None]]:
        (settlement,) = open_period.latest_settlements(settlements=Settlement.objects.all(), agent_id=agent.pk, count=2)
        plan = open_period.plan_of(settlement=settlement)
        units = pending_pay.list_open_units(resolutions=Resolution.objects.filter(agent=agent), plan=plan)
        return plan.label, [unit.amount_micros for unit in units]

    assert read()[1] == [480_000]
    with django_assert_num_queries(2):
        read()
    PayPlan.objects.filter(pk=version.plan_id).update(name="Larch")
    assert read() == ("Larch, version 2", [480_000])


@pytest.mark.django_db
def test_a_plan_of_fixed_amounts_estimates_by_them_whatever_the_client_pays() -> None:
    chat = factories.make_channel()
    version = PayPlanVersion.objects.create(
        plan=PayPlan.objects.create(code="fixed", name="Fixed"), number=1, effective_from=APRIL_4, currency="USD", basis="fixed"
    )
    PayPlanTier.objects.create(version=version, share_bp=2_000)
    PayPlanClassAmount.objects.create(version=version, channel=chat, amount_micros=3_000_000)
    agent, contract = factories.make_agent(), factories.make_contract_version(currency="EUR")
    priced = factories.make_resolution(agent=agent, version=contract, state="pending")
    Resolution.objects.filter(pk=priced.pk).update(channel=chat)
    other = factories.make_resolution(agent=agent, version=contract, state="pending")
    Resolution.objects.filter(pk=other.pk).update(channel=None)
    plan = terms.load_plan_terms(version_ids=[version.pk])[version.pk]
    units = pending_pay.list_open_units(resolutions=Resolution.objects.filter(agent=agent), plan=plan)

    assert {unit.resolution_id: unit.amount_micros for unit in units} == {priced.pk: 600_000, other.pk: None}


@pytest.mark.django_db
def test_what_can_not_be_priced_is_counted_and_not_zero() -> None:
    agent = factories.make_agent()
    factories.make_resolution(agent=agent, version=factories.make_contract_version(currency="EUR"), state="pending")
    version = factories.make_plan_version()
    plan = terms.load_plan_terms(version_ids=[version.pk])[version.pk]
    units = pending_pay.list_open_units(resolutions=Resolution.objects.filter(agent=agent), plan=plan)

    assert [unit.amount_micros for unit in units] == [None]
    assert pending_pay.total_micros(units) is None


@pytest.mark.django_db
def test_cells_are_counted_by_the_local_day_of_verification() -> None:
    plan, contract, agent = factories.make_plan_version(), factories.make_contract_version(), factories.make_agent()
    settlement = factories.make_settlement(agent=agent, plan_version=plan)
    late = datetime(2016, 4, 5, 3, 30, tzinfo=UTC)  # still April 4 in New York
    for verified_at in (late, late + timedelta(hours=1)):
        found = factories.make_resolution(agent=agent, version=contract, verified_at=verified_at)
        settlement.earnings.create(
            agent=agent, resolution=found, verified_at=verified_at, price_micros=2_400_000, credit_micros=500_000, line_position=1
        )
    cells = open_period.read_cells(settlement=settlement, zone=ZONE)

    assert [(found.day, found.weight) for found in cells] == [(APRIL_4, 1_200_000_000_000), (APRIL_5, 1_200_000_000_000)]


def test_a_stored_score_is_read_whole_however_long_its_numbers() -> None:
    stored = {
        "composite": "17286515424652803104569158085147427533549517/23461912221822400000000000000000000000000000",
        "multiplier": "1.05",
        "provisional": False,
        "n": "30",
        "metrics": [
            {
                "code": "csat",
                "score": "9/10",
                "interval": {"low": "0.8", "high": "0.97"},
                "n": "30",
                "successes": "27",
                "expected": "26.4",
                "pool": "0.88",
                "weight_share": "1",
            },
            {
                "code": "qa",
                "score": None,
                "interval": None,
                "n": "0",
                "successes": "0",
                "expected": "0",
                "pool": "0.9",
                "weight_share": None,
            },
        ],
    }
    score = team_quality.score_of(stored)

    assert score is not None
    assert score.multiplier == Fraction(21, 20)
    assert score.metrics[0].interval is not None
    assert score.metrics[0].interval.low == Fraction(4, 5)
    assert score.metrics[1].score is None
    assert team_quality.score_of(None) is None
