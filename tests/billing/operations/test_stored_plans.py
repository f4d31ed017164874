"""Every term of a stored plan, from stored rows to stored lines, beside the calculator on the same inputs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agents import models as work
from billing.models import ExchangeRate, Reversal, Settlement
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run
from contracts import models as terms
from tests import factories
from tests.billing import pay_world
from tests.billing.stored_pay import lines_beside_calculator

pytestmark = pytest.mark.django_db

AFTER = {
    factories.MARCH: pay_world.AFTER_MARCH,
    factories.APRIL: datetime(2016, 5, 2, 12, tzinfo=UTC),
    factories.MAY: datetime(2016, 6, 2, 12, tzinfo=UTC),
}
APRIL_4 = datetime(2016, 4, 4, 14, tzinfo=UTC)


def make_plan(*, tiers: tuple[dict[str, Any], ...] = ({"share_bp": 5_000},), code: str = "stored", **values: Any) -> terms.PayPlanVersion:
    """A plan without pay law or quality, so that each line is one term's."""
    plan = terms.PayPlan.objects.create(code=code, name="Stored plan")
    given = {"number": 1, "effective_from": date(2015, 1, 1), "currency": "USD", "rule_pack": "none", **values}
    version = terms.PayPlanVersion.objects.create(plan=plan, **given)
    for tier in tiers:
        terms.PayPlanTier.objects.create(version=version, **tier)
    return version


def activate(version: terms.PayPlanVersion) -> terms.PayPlanVersion:
    terms.PayPlanVersion.objects.filter(pk=version.pk).update(status="active")
    version.refresh_from_db()
    return version


def make_world(version: terms.PayPlanVersion) -> tuple[pay_world.World, work.Agent]:
    """One agent on a plan, and a contract that pays 2.40 for everything."""
    activate(version)
    world = pay_world.World(site=factories.make_site(), plan=version, contract=factories.make_contract_version())
    return world, pay_world.add_agent(world)


def run(world: pay_world.World, month: date = factories.MARCH) -> Any:
    book_resolutions.book_resolutions(as_of=AFTER[month])
    return calculate_pay_run.calculate_pay_run(site=world.site, period_start=month, as_of=AFTER[month])


def pay(world: pay_world.World, agent: work.Agent, month: date = factories.MARCH) -> list[tuple[str, str]]:
    """Calculate twice: the second time writes the same; then hold the lines equal to the calculator's."""
    assert run(world, month).failures == ()
    before = pay_world.picture(world.site)
    run(world, month)
    assert pay_world.picture(world.site) == before
    return lines_beside_calculator(agent, month=month, as_of=AFTER[month])


def test_a_salary_covers_its_hours_and_pays_each_further_one() -> None:
    world, agent = make_world(make_plan(tiers=(), salary_micros=1_200_000_000, salary_per="two_weeks", salary_hours=40))
    pay_world.work_a_week(agent, hours=9)
    assert pay(world, agent) == [("base", "600.00"), ("base", "75.00")]


def test_each_time_category_has_its_rate_and_the_rest_base_pay() -> None:
    version = make_plan(tiers=(), base_hourly_micros=10_000_000)
    terms.PayPlanCategoryRate.objects.create(version=version, category="training", hourly_micros=8_000_000)
    world, agent = make_world(version)
    pay_world.work_a_week(agent, days=2)
    factories.make_time(agent=agent, started_at=pay_world.MARCH_7 + timedelta(days=3), hours=3, category="training")
    assert pay(world, agent) == [("category", "24.00"), ("base", "160.00")]


def test_a_fixed_amount_of_the_most_specific_class_is_what_a_share_is_taken_of() -> None:
    version = make_plan(basis="fixed")
    network = factories.make_query_type(code="network", name="Network")
    terms.PayPlanClassAmount.objects.create(version=version, amount_micros=1_000_000)
    terms.PayPlanClassAmount.objects.create(version=version, query_type=network, amount_micros=3_000_000)
    world, agent = make_world(version)
    pay_world.resolve(world, agent, 2)
    other = pay_world.resolve(world, agent, 1, first=pay_world.MARCH_7 + timedelta(days=1))[0]
    work.Resolution.objects.filter(pk=other.pk).update(query_type=factories.make_query_type(code="desk", name="Desk"))
    assert pay(world, agent) == [("unit", "0.50"), ("unit", "3.00")]
    assert set(agent.earnings.values_list("price_micros", flat=True)) == {1_000_000, 3_000_000}


def test_under_list_prices_earnings_tell_the_list_price() -> None:
    world, agent = make_world(make_plan(basis="list"))
    pay_world.resolve(world, agent)
    assert pay(world, agent) == [("unit", "1.20")]
    assert list(agent.earnings.values_list("price_micros", flat=True)) == [2_400_000]


def test_a_class_without_an_amount_is_named_and_held() -> None:
    version = make_plan(basis="fixed")
    terms.PayPlanClassAmount.objects.create(version=version, query_type=factories.make_query_type(code="desk"), amount_micros=1_000_000)
    world, agent = make_world(version)
    pay_world.resolve(world, agent)
    (failure,) = run(world).failures
    assert failure.name == agent.name
    assert failure.message.startswith('The plan has no amount for class "network/outage/chat" of resolution desk/INC')
    assert not Settlement.objects.exists()


def test_interpolated_tiers_earn_as_they_fill() -> None:
    tiers = ({"up_to": 4, "amount_micros": 100_000_000}, {"up_to": 8, "amount_micros": 60_000_000})
    world, agent = make_world(make_plan(mode="interpolated", tiers=tiers))
    pay_world.resolve(world, agent, 5)
    assert pay(world, agent) == [("unit", "100.00"), ("tier_uplift", "15.00")]


def test_tiers_of_a_transaction_start_anew_with_each_resolution() -> None:
    tiers = ({"up_to": 1, "share_bp": 1_000}, {"share_bp": 5_000})
    world, agent = make_world(make_plan(measure="amount", accumulate="transaction", tiers=tiers))
    pay_world.resolve(world, agent, 3)
    # Of each 2.40, the first 1.00 at 10% and 1.40 at 50%.
    assert pay(world, agent) == [("unit", "0.72"), ("tier_uplift", "1.68")]


def test_tiers_of_the_year_go_on_and_start_anew_in_january() -> None:
    tiers = ({"up_to": 3, "share_bp": 1_000}, {"share_bp": 2_000})
    world, agent = make_world(make_plan(accumulate="year", tiers=tiers))
    pay_world.resolve(world, agent, 2)
    assert pay(world, agent) == [("unit", "0.48")]
    pay_world.resolve(world, agent, 2, first=APRIL_4)
    assert pay(world, agent, factories.APRIL) == [("unit", "0.48"), ("tier_uplift", "0.24")]
    assert Settlement.objects.get(period_start=factories.APRIL).evidence["balances"]["tier_position"] == "4"
    january = datetime(2017, 1, 9, 15, tzinfo=UTC)
    pay_world.resolve(world, agent, 1, first=january)
    AFTER[date(2017, 1, 1)] = datetime(2017, 2, 2, tzinfo=UTC)
    assert pay(world, agent, date(2017, 1, 1)) == [("unit", "0.24")]
    assert Settlement.objects.get(period_start=date(2017, 1, 1)).evidence["balances"]["tier_position"] == "1"


def test_a_draw_lifts_a_month_and_is_repaid_from_the_next() -> None:
    world, agent = make_world(make_plan(draw_micros=5_000_000, is_draw_recoverable=True, draw_recovery_bp=5_000))
    pay_world.resolve(world, agent, 2)
    assert pay(world, agent) == [("unit", "2.40"), ("draw", "2.60")]
    pay_world.resolve(world, agent, 6, first=APRIL_4)
    assert pay(world, agent, factories.APRIL) == [("unit", "7.20"), ("draw_recovery", "-1.10")]
    assert Settlement.objects.get(period_start=factories.APRIL).evidence["balances"]["draw"] == "1.5"


def test_what_is_above_the_cap_waits_for_a_month_with_room() -> None:
    world, agent = make_world(make_plan(cap_micros=3_000_000))
    pay_world.resolve(world, agent, 3)
    assert pay(world, agent) == [("unit", "3.60"), ("cap", "-0.60")]
    pay_world.resolve(world, agent, 2, first=APRIL_4)
    assert pay(world, agent, factories.APRIL) == [("unit", "2.40"), ("cap_release", "0.60")]


def test_a_held_part_is_released_when_its_window_passes_and_never_twice() -> None:
    world, agent = make_world(make_plan(holdback_bp=1_000, holdback_days=30))
    # The window of the first three ends in April, that of the last two (March 31, evening) on April 30.
    pay_world.resolve(world, agent, 3)
    pay_world.resolve(world, agent, 2, first=datetime(2016, 3, 31, 20, tzinfo=UTC))
    assert pay(world, agent) == [("unit", "6.00"), ("holdback", "-0.60")]
    pay_world.resolve(world, agent, 1, first=datetime(2016, 4, 29, 20, tzinfo=UTC))
    assert pay(world, agent, factories.APRIL) == [("unit", "1.20"), ("holdback", "-0.12"), ("release", "0.60")]
    released = Settlement.objects.get(period_start=factories.APRIL).lines.get(kind="release")
    assert released.label == "Released for 5 resolutions of March 2016"
    assert released.source == f"holdback of settlement {Settlement.objects.get(period_start=factories.MARCH).pk}"
    assert pay(world, agent, factories.MAY) == [("release", "0.12")]
    assert Settlement.objects.get(period_start=factories.MAY).evidence["balances"]["holdback"] == "0"


@pytest.mark.parametrize(("days", "released"), [(30, True), (31, False)])
def test_both_sides_of_a_window_that_ends_on_the_last_day_of_a_month(days: int, released: bool) -> None:
    world, agent = make_world(make_plan(holdback_bp=1_000, holdback_days=days))
    pay_world.resolve(world, agent, 1, first=datetime(2016, 3, 31, 20, tzinfo=UTC))
    pay(world, agent)
    lines = pay(world, agent, factories.APRIL)
    assert (("release", "0.12") in lines) is released


def test_a_resolution_that_falls_inside_its_window_loses_the_held_part_and_what_was_paid() -> None:
    world, agent = make_world(make_plan(holdback_bp=1_000, holdback_days=90, clawback_bp=10_000))
    resolved = pay_world.resolve(world, agent, 2)
    pay(world, agent)
    approver = factories.make_user(roles=["approver"])
    paid_run = Settlement.objects.get().run
    approve_pay_run.approve_pay_run(run_id=paid_run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    Reversal.objects.create(
        agent=agent,
        resolution=resolved[0],
        cited_line=Settlement.objects.get().lines.get(kind="unit"),
        paid_micros=1_200_000,
        currency="USD",
        status="approved",
        proposed_at=APRIL_4,
        decided_at=APRIL_4,
        decided_by=approver,
        decision_reason="The customer came back.",
        period_start=factories.APRIL,
    )
    pay_world.resolve(world, agent, 2, first=APRIL_4)
    lines = pay(world, agent, factories.APRIL)
    # 1.20 was brought, 0.12 of it held: 1.08 is taken back and 0.12 is never paid.
    assert lines == [("unit", "2.40"), ("holdback", "-0.24"), ("reversal", "-1.08")]
    assert Settlement.objects.get(period_start=factories.APRIL).evidence["balances"]["holdback"] == "0.36"


def test_a_price_in_another_currency_is_paid_at_the_rate_of_its_day() -> None:
    world, agent = make_world(make_plan(currency="EUR"))
    ExchangeRate.objects.create(currency="USD", pay_currency="EUR", starts_on=date(2016, 1, 1), rate="0.9", source="European Central Bank")
    ExchangeRate.objects.create(currency="USD", pay_currency="EUR", starts_on=date(2016, 3, 8), rate="0.8", source="European Central Bank")
    pay_world.resolve(world, agent, 1)
    pay_world.resolve(world, agent, 1, first=pay_world.MARCH_7 + timedelta(days=1))
    assert pay(world, agent) == [("unit", "2.04")]
    kept = Settlement.objects.get().evidence["exchange_rates"]
    assert [(one["starts_on"], one["rate"]) for one in kept] == [("2016-01-01", "0.9"), ("2016-03-08", "0.8")]


def test_a_missing_exchange_rate_holds_its_agent_and_nobody_else() -> None:
    world, agent = make_world(make_plan())
    pay_world.resolve(world, agent, 1)
    abroad = pay_world.add_agent(world, name="Noor Haddad", plan=activate(make_plan(currency="EUR", code="abroad")))
    pay_world.resolve(world, abroad, 1)
    (failure,) = run(world).failures
    assert failure.name == "Noor Haddad"
    assert failure.message == ("There is no exchange rate from USD to EUR on 2016-03-07; add one that is in force from that day or before.")
    assert list(Settlement.objects.values_list("agent", flat=True)) == [agent.pk]


def test_a_plan_without_tiers_holds_resolutions_and_pays_hours_alone() -> None:
    world, agent = make_world(make_plan(tiers=(), base_hourly_micros=10_000_000))
    pay_world.work_a_week(agent)
    assert pay(world, agent) == [("base", "400.00")]
    pay_world.resolve(world, agent, 2)
    (failure,) = run(world).failures
    assert failure.message.startswith(f"{agent.name} has 2 verified resolutions, but Stored plan, version 1 has no tiers")


def test_numbers_that_make_no_plan_hold_its_agents_and_nobody_else() -> None:
    world, agent = make_world(make_plan())
    pay_world.resolve(world, agent, 1)
    broken = make_plan(code="broken", tiers=({"up_to": 3, "share_bp": 1_000}, {"unit_amount_micros": 1_000_000}))
    other = pay_world.add_agent(world, name="Noor Haddad", plan=activate(broken))
    pay_world.resolve(world, other, 1)
    (failure,) = run(world).failures
    assert (failure.name, "write all of them the same way" in failure.message) == ("Noor Haddad", True)
    assert list(Settlement.objects.values_list("agent", flat=True)) == [agent.pk]


def add_stage(resolution: work.Resolution, agent: work.Agent, stage: str) -> None:
    source = factories.make_source()
    identity, _ = work.SourceIdentity.objects.get_or_create(source=source, value=agent.code, defaults={"agent": agent})
    key = f"{resolution.pk}-{agent.code}-{stage}"
    at = resolution.resolved_at - timedelta(minutes=5)
    values = {"type": "stage_time", "occurred_at": at, "code": stage, "handle_seconds": 60, "received_at": at, "body_hash": key}
    work.CaseEvent.objects.create(source=source, key=key, case=resolution.case, agent_identity=identity, **values)


def test_stages_share_a_resolution_by_their_weights() -> None:
    version = make_plan(crediting="stages")
    for stage, weight_bp in (("research", 3_000), ("capture", 1_000), ("resolve", 6_000)):
        terms.PayPlanStageWeight.objects.create(version=version, stage=stage, weight_bp=weight_bp)
    world, agent = make_world(version)
    helper = pay_world.add_agent(world)
    shared, alone = pay_world.resolve(world, agent, 2)
    add_stage(shared, helper, "research")
    add_stage(shared, agent, "research")
    # Nobody recorded capture, so research counts 3 of 9 and resolve 6 of 9; half of research is the helper's.
    assert pay(world, agent) == [("unit", "1.20"), ("unit", "1.00")]
    assert lines_beside_calculator(helper, month=factories.MARCH) == [("unit", "0.20")]
    parts = sorted(shared.earnings.values_list("agent", "credit_micros"))
    assert parts == [(agent.pk, 833_334), (helper.pk, 166_666)]
    assert list(alone.earnings.values_list("credit_micros", flat=True)) == [1_000_000]


def test_the_workweek_starts_where_the_plan_says() -> None:
    version = make_plan(tiers=(), base_hourly_micros=10_000_000, rule_pack="us-federal", workweek_starts_on=7)
    world, agent = make_world(version)
    # Sunday to Saturday: 48 hours in one workweek; from Monday they would be 40 and 8.
    pay_world.work_a_week(agent, first=pay_world.MARCH_7 - timedelta(days=1), days=6)
    assert pay(world, agent) == [("base", "480.00"), ("floor", "0.00"), ("overtime", "40.00")]


def test_a_balance_in_another_currency_than_the_plan_pays_is_named() -> None:
    world, agent = make_world(make_plan(cap_micros=3_000_000))
    pay_world.resolve(world, agent, 3)
    pay(world, agent)
    agent.plan_assignments.update(effective_to=factories.APRIL)
    abroad = activate(make_plan(currency="EUR", code="abroad"))
    work.PlanAssignment.objects.create(agent=agent, plan=abroad.plan, effective_from=factories.APRIL)
    (failure,) = run(world, factories.APRIL).failures
    assert failure.message.startswith("The settlement before hands on deferred 0.6 in USD, but Stored plan, version 1 pays in EUR")


def test_a_holiday_of_the_site_and_a_rest_day_of_the_agent_pay_by_the_law_of_the_plan() -> None:
    world, agent = make_world(make_plan(tiers=(), base_hourly_micros=100_000_000, rule_pack="ph"))
    pay_world.work_a_week(agent, days=3)
    work.SpecialDay.objects.create(site=world.site, day=date(2016, 3, 7), day_type="regular_holiday", name="Day of valor")
    work.SpecialDay.objects.create(site=world.site, day=date(2016, 3, 8), day_type="regular_holiday")
    work.SpecialDay.objects.create(site=world.site, agent=agent, day=date(2016, 3, 8), day_type="rest_day")
    work.SpecialDay.objects.create(site=world.site, agent=agent, day=date(2016, 3, 9), day_type="rest_day")
    # 24 hours at 100; 8 of them once more for the holiday, 8 of them at 260% for a holiday that is a rest day, 8 of them 30% more.
    assert pay(world, agent) == [("base", "2400.00"), ("category", "800.00"), ("category", "1280.00"), ("category", "240.00")]


def test_two_holidays_of_the_site_on_one_day_pay_by_the_law_of_the_plan() -> None:
    world, agent = make_world(make_plan(tiers=(), base_hourly_micros=100_000_000, rule_pack="ph"))
    pay_world.work_a_week(agent, days=3)
    for day, day_type in ((7, "double_holiday"), (8, "double_holiday"), (9, "regular_holiday_on_special_day")):
        work.SpecialDay.objects.create(site=world.site, day=date(2016, 3, day), day_type=day_type)
    for day in (8, 9):
        work.SpecialDay.objects.create(site=world.site, agent=agent, day=date(2016, 3, day), day_type="rest_day")
    # Beside 24 hours at 100: 200% more of the first eight, 290% more on a rest day, 200% more where holiday, special and rest day meet.
    assert pay(world, agent) == [("base", "2400.00"), ("category", "1600.00"), ("category", "2320.00"), ("category", "1600.00")]


def test_night_hours_and_overtime_of_a_rest_day_are_paid_by_the_law_of_the_plan() -> None:
    world, agent = make_world(make_plan(tiers=(), base_hourly_micros=100_000_000, rule_pack="ph"))
    # From 14:00 to midnight where the agent works, on a rest day: two hours of overtime at 169%, and both at night.
    factories.make_time(agent=agent, started_at=pay_world.MARCH_7 + timedelta(hours=5), hours=10)
    work.SpecialDay.objects.create(site=world.site, agent=agent, day=date(2016, 3, 7), day_type="rest_day")
    assert pay(world, agent) == [("base", "1000.00"), ("category", "300.00"), ("overtime", "78.00"), ("shift_differential", "33.80")]


def test_hours_that_overlap_are_refused_by_the_database() -> None:
    _, agent = make_world(make_plan(tiers=(), base_hourly_micros=10_000_000))
    factories.make_time(agent=agent, started_at=pay_world.MARCH_7, hours=8)
    with pytest.raises(IntegrityError, match="time_entries_never_overlap"), transaction.atomic():
        factories.make_time(agent=agent, started_at=pay_world.MARCH_7 + timedelta(hours=7), hours=2)
    assert work.TimeEntry.objects.count() == 1


def test_a_teams_plan_pays_its_members_and_an_agents_own_plan_goes_before_it() -> None:
    world, agent = make_world(make_plan(tiers=(), base_hourly_micros=10_000_000))
    team = factories.make_team(site=world.site)
    member = factories.make_agent(name="Noor Haddad", team=team)
    work.TeamMembership.objects.create(agent=agent, team=team, effective_from=date(2015, 1, 1))
    of_team = activate(make_plan(code="team", tiers=(), base_hourly_micros=20_000_000))
    work.PlanAssignment.objects.create(team=team, plan=of_team.plan, effective_from=date(2015, 1, 1))
    for one in (agent, member):
        pay_world.work_a_week(one, days=1)
    assert pay(world, agent) == [("base", "80.00")]
    assert lines_beside_calculator(member, month=factories.MARCH) == [("base", "160.00")]
