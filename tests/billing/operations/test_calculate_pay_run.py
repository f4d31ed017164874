"""Pay runs against a real database: exact lines, once, by the site's clock, whatever fails beside them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import Agent, GuardrailDecision, Hold, PlanAssignment, Resolution
from billing.models import Adjustment, Earning, PayRun, Reversal, Settlement, SettlementLine
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run
from contracts.models import PayPlanVersion
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return pay_world.make_world()


@pytest.fixture
def agent(world):
    return world.agents[0]


def run(world, *, month=factories.MARCH, as_of=pay_world.AFTER_MARCH, **values):
    book_resolutions.book_resolutions(as_of=as_of)
    return calculate_pay_run.calculate_pay_run(site=world.site, period_start=month, as_of=as_of, **values)


def close(report):
    approver = factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    approve_pay_run.post_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    return approver


def test_a_month_is_paid_line_by_line(world, agent):
    pay_world.work_a_week(agent, hours=9)
    resolved = pay_world.resolve(world, agent, 5)
    pay_world.answer_surveys(resolved, favorable=5)
    report = run(world)
    # 5 x 2.40 x 20%, the 4th and 5th 5% more; score 0.88 + 0.6 / 55, so multiplier 1.0618... and 2.64 x 0.0618... = 0.163...;
    # 45 h x 12.50; half of 565.303... / 45 for 5 h.
    assert pay_world.lines_of(agent) == [
        ("unit", "2.40"),
        ("tier_uplift", "0.24"),
        ("quality", "0.16"),
        ("base", "562.50"),
        ("floor", "0.00"),
        ("overtime", "31.41"),
    ]
    settlement = Settlement.objects.get()
    assert settlement.total_micros == 596_710_000
    assert (settlement.status, settlement.resolution_count, settlement.paid_seconds) == ("calculated", 5, 45 * 3600)
    assert (settlement.rule_pack_version, settlement.evidence["outcomes"]) == ("us-federal 2026.1", {"1": {"confirmed": 5}})
    assert (report.status, report.agent_count, report.resolution_count, report.failures) == ("calculated", 1, 5, ())
    assert report.totals[0].total_micros == settlement.total_micros
    assert set(Earning.objects.values_list("line_position", "price_micros", "credit_micros")) == {(1, 2_400_000, 1_000_000)}


def test_calculating_again_gives_the_same_bytes(world, agent):
    pay_world.work_a_week(agent)
    pay_world.resolve(world, agent, 4)
    run(world)
    before = pay_world.picture(world.site)
    run(world)
    assert pay_world.picture(world.site) == before
    assert Settlement.objects.count() == PayRun.objects.count() == 1


def test_the_sites_clock_decides_the_month(world, agent):
    last = pay_world.MARCH_ENDS - timedelta(seconds=1)
    pay_world.resolve(world, agent, first=last - timedelta(hours=1), verified_at=last)
    pay_world.resolve(world, agent, first=last, verified_at=pay_world.MARCH_ENDS)
    factories.make_time(agent=agent, started_at=pay_world.MARCH_ENDS - timedelta(hours=2), hours=3)
    run(world)
    settlement = Settlement.objects.get()
    assert (settlement.resolution_count, settlement.paid_seconds) == (1, 2 * 3600)


def test_what_was_learned_later_does_not_count(world, agent):
    pay_world.resolve(world, agent, first=pay_world.AFTER_MARCH + timedelta(days=1))
    pay_world.work_a_week(agent, days=1)
    run(world)
    assert Settlement.objects.get().resolution_count == 0


def test_a_failing_agent_is_named_and_stops_nobody(world, agent):
    pay_world.work_a_week(agent)
    unplanned = pay_world.add_agent(world, name="Noor Haddad")
    PlanAssignment.objects.filter(agent=unplanned).delete()
    pay_world.work_a_week(unplanned)
    report = run(world, agents_per_shard=1)
    assert [(failure.name, failure.message) for failure in report.failures] == [
        ("Noor Haddad", "Noor Haddad has no active pay plan in March 2016; assign one and calculate again.")
    ]
    assert list(Settlement.objects.values_list("agent", flat=True)) == [agent.pk]
    approver = factories.make_user(roles=["approver"])
    with pytest.raises(approve_pay_run.UnableToApprove, match="could not pay Noor Haddad"):
        approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH, despite_failures=True)


def test_an_agent_whose_plan_changes_within_the_month_is_named(world, agent):
    pay_world.work_a_week(agent)
    other = pay_world.make_plan()
    PlanAssignment.objects.filter(agent=agent).update(effective_to=datetime(2016, 3, 15, tzinfo=UTC).date())
    PlanAssignment.objects.create(agent=agent, plan=other.plan, effective_from=datetime(2016, 3, 15, tzinfo=UTC).date())
    assert "on March 15, 2016, within March 2016" in run(world).failures[0].message


def test_what_comes_in_after_somebody_left_is_paid_by_the_version_nearest_to_their_work(world, agent):
    pay_world.work_a_week(agent)
    leaver = pay_world.add_agent(world, name="Noor Haddad")
    pay_world.resolve(world, leaver)
    other = pay_world.make_plan()
    PlanAssignment.objects.filter(agent=leaver).update(effective_to=date(2016, 3, 15))
    PlanAssignment.objects.create(agent=leaver, plan=other.plan, effective_from=date(2016, 3, 15))
    Agent.objects.filter(pk=leaver.pk).update(employed_to=factories.MARCH)
    assert run(world).failures == ()
    assert Settlement.objects.get(agent=leaver).plan_version == world.plan
    assert Settlement.objects.filter(agent=agent).exists()


def test_surveys_without_a_reference_rate_are_a_failure_and_not_a_zero(world, agent):
    resolved = pay_world.resolve(world, agent, 2)
    pay_world.answer_surveys(resolved, favorable=1)
    factories.work.ReferenceRate.objects.all().delete()
    assert "There is no reference rate of csat for March 2016" in run(world).failures[0].message
    assert not Settlement.objects.exists()


def test_an_unpriced_resolution_is_held_and_comes_late_once_it_has_a_price(world, agent):
    pay_world.work_a_week(agent)
    held, paid = pay_world.resolve(world, agent, 2)
    hold = Hold.objects.create(
        resolution=held, reason="unmapped_identity", message="Who is it?", expires_at=factories.NOON, opened_at=factories.NOON
    )
    close(run(world))
    assert set(Earning.objects.values_list("resolution", flat=True)) == {paid.pk}
    Hold.objects.filter(pk=hold.pk).update(released_at=factories.NOON)
    pay_world.resolve(world, agent, 1, first=pay_world.MARCH_ENDS + timedelta(days=4))
    run(world, month=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    april = Settlement.objects.get(period_start=factories.APRIL)
    assert april.lines.filter(kind="unit").count() == 2
    assert set(april.lines.filter(kind="unit").values_list("label", flat=True)) == {
        "Network outage, chat",
        "Network outage, chat, verified before April",
    }
    assert april.earnings.get(resolution=held).verified_at == held.verified_at
    assert Earning.objects.filter(resolution=held).count() == 1


def test_a_resolution_of_an_earlier_month_that_nobody_closed_waits_for_that_month(world, agent):
    pay_world.resolve(world, agent, 1)
    pay_world.work_a_week(agent, first=pay_world.MARCH_ENDS + timedelta(days=4, hours=10))
    run(world, month=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    assert Settlement.objects.get().resolution_count == 0


def test_a_posted_month_is_not_touched(world, agent):
    pay_world.work_a_week(agent)
    pay_world.resolve(world, agent, 2)
    close(run(world))
    before = pay_world.picture(world.site)
    with pytest.raises(calculate_pay_run.UnableToCalculate, match="is posted and is not calculated again"):
        run(world)
    assert pay_world.picture(world.site) == before
    with pytest.raises(IntegrityError, match="correct it by adding"), transaction.atomic():
        SettlementLine.objects.update(amount_micros=1)


def test_an_approved_run_goes_only_forward_raw_sql_included(world, agent):
    pay_world.work_a_week(agent)
    PayRun.objects.filter(pk=run(world).run_id).update(status=PayRun.Status.IN_REVIEW)
    close(run(world))
    kept = PayRun.objects.values().get()
    for change in ({"status": "calculated"}, {"as_of": factories.NOON}, {"approved_by": None, "status": "paid"}, {"posted_at": None}):
        with pytest.raises(IntegrityError, match="comes into the open period"), transaction.atomic():
            PayRun.objects.update(**change)
    with pytest.raises(IntegrityError, match="comes into the open period"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_payrun")
    assert PayRun.objects.values().get() == kept


def test_a_month_that_is_not_over_is_refused_but_can_be_tried_out(world, agent):
    pay_world.work_a_week(agent)
    with pytest.raises(calculate_pay_run.UnableToCalculate, match="ends on 2016-03-31"):
        run(world, as_of=pay_world.MARCH_ENDS - timedelta(seconds=1))
    report = run(world, as_of=pay_world.MARCH_ENDS - timedelta(seconds=1), dry_run=True)
    assert (report.run_id, report.status, report.agent_count, report.totals[0].total_micros) == (None, "dry_run", 1, 500_000_000)
    assert not PayRun.objects.exists()
    assert not Settlement.objects.exists()
    with pytest.raises(calculate_pay_run.UnableToCalculate, match="calculate 2016-03 instead"):
        run(world, month=factories.MARCH + timedelta(days=1))


def test_a_workweek_that_the_month_cuts_is_paid_overtime_as_a_whole(world, agent):
    # Monday March 28 to Thursday March 31: 36 hours; Friday April 1: 9 hours more, 5 of them overtime.
    pay_world.work_a_week(agent, first=datetime(2016, 3, 28, 14, tzinfo=UTC), days=5, hours=9)
    close(run(world))
    assert ("overtime", "31.25") not in pay_world.lines_of(agent)
    run(world, month=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    assert pay_world.lines_of(agent, factories.APRIL) == [("base", "112.50"), ("floor", "0.00"), ("overtime", "31.25")]


def test_decisions_of_people_count_in_their_period_and_are_cited(world, agent):
    pay_world.work_a_week(agent)
    lead, approver = factories.make_user(), factories.make_user()
    counted = {"agent": agent, "period_start": factories.MARCH, "currency": "USD", "entered_by": lead}
    approved = Adjustment.objects.create(
        amount_micros=1_400_000, reason="Credit was whole", approved_by=approver, approved_at=pay_world.MARCH_7, **counted
    )
    Adjustment.objects.create(amount_micros=9_000_000, reason="Nobody approved this", **counted)
    run(world)
    line = SettlementLine.objects.get(kind="adjustment")
    assert (line.amount_micros, line.label, line.source) == (1_400_000, "Credit was whole", f"adjustment {approved.pk}")


def test_a_reversal_under_a_plan_that_takes_nothing_back_is_named(world, agent):
    pay_world.work_a_week(agent)
    resolved = pay_world.resolve(world, agent)[0]
    close(run(world))
    pay_world.work_a_week(agent, first=pay_world.MARCH_ENDS + timedelta(days=4, hours=10))
    Reversal.objects.create(
        agent=agent,
        resolution=resolved,
        cited_line=SettlementLine.objects.first(),
        paid_micros=480_000,
        currency="USD",
        proposed_at=pay_world.MARCH_7,
        status="approved",
        decided_by=factories.make_user(),
        decided_at=pay_world.MARCH_7,
        decision_reason="It was an advance.",
        period_start=factories.APRIL,
    )
    report = run(world, month=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    assert "The plan takes nothing back" in report.failures[0].message


def test_paid_recovery_and_suspended_premium_reach_the_lines(world, agent):
    pay_world.work_a_week(agent, days=2)
    resolved = pay_world.resolve(world, agent, 5)
    base = {"agent": agent, "limit": "occupancy", "value": 1, "threshold": 1, "level": "act", "decided_at": pay_world.MARCH_7}
    rest = pay_world.MARCH_7 + timedelta(hours=3)
    GuardrailDecision.objects.create(effect="paid_recovery", starts_at=rest, ends_at=rest + timedelta(minutes=30), **base)
    GuardrailDecision.objects.create(effect="premium_suspended", starts_at=resolved[4].verified_at, **base)
    run(world)
    kinds = dict(pay_world.lines_of(agent))
    assert kinds["base"] == "193.75"
    assert kinds["guardrail"] == "-0.12"
    recovery = SettlementLine.objects.get(kind="recovery")
    assert recovery.quantity == "0.5"


def test_equal_credit_is_split_between_everyone_who_worked_on_the_case(world):
    plan = pay_world.make_plan(crediting="equal")
    agents = [pay_world.add_agent(world, plan=plan) for _ in range(3)]
    resolved = pay_world.resolve(world, agents[1])[0]
    for place, agent in enumerate(agents):
        identity = factories.work.SourceIdentity.objects.create(source=resolved.case.source, space="actor", value=str(place), agent=agent)
        factories.work.CaseEvent.objects.create(
            source=resolved.case.source,
            key=f"event-{place}",
            body_hash="",
            case=resolved.case,
            contract=resolved.case.contract,
            type="worked",
            occurred_at=resolved.resolved_at - timedelta(hours=1),
            agent_identity=identity,
            received_at=resolved.resolved_at,
        )
    run(world)
    credits = Earning.objects.order_by("agent__code").values_list("credit_micros", flat=True)
    assert list(credits) == [333_334, 333_333, 333_333]


def test_the_number_of_queries_does_not_grow_with_the_agents(world, django_assert_max_num_queries):
    pay_world.work_a_week(world.agents[0])
    pay_world.resolve(world, world.agents[0], 3)
    with django_assert_max_num_queries(120) as few:
        run(world)
    for _ in range(12):
        agent = pay_world.add_agent(world)
        pay_world.work_a_week(agent)
        pay_world.resolve(world, agent, 3)
    with django_assert_max_num_queries(len(few.captured_queries) + 3):
        run(world)


def test_a_payee_who_lost_everything_loses_the_settlement(world, agent):
    resolved = pay_world.resolve(world, agent)[0]
    run(world)
    assert Settlement.objects.count() == 1
    Resolution.objects.filter(pk=resolved.pk).update(is_payable=False, state="reopened")
    run(world)
    assert not Settlement.objects.exists()
    assert PayPlanVersion.objects.exists()


def test_nobody_is_paid_a_second_time_when_the_credit_moves_to_somebody_else(world, agent):
    pay_world.work_a_week(agent)
    resolved = pay_world.resolve(world, agent)[0]
    close(run(world))
    other = pay_world.add_agent(world, name="Noor Haddad")
    Resolution.objects.filter(pk=resolved.pk).update(agent=other)
    pay_world.work_a_week(other, first=pay_world.MARCH_ENDS + timedelta(days=4, hours=10))
    run(world, month=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    assert list(Earning.objects.values_list("agent", flat=True)) == [agent.pk]
    hold = Hold.objects.get(reason="paid_to_another")
    assert (hold.amount_micros, hold.released_at) == (2_400_000, None)
    assert f"was paid to {agent.name} and is credited to Noor Haddad now" in hold.message
    Resolution.objects.filter(pk=resolved.pk).update(agent=agent)
    book_resolutions.book_resolutions(as_of=datetime(2016, 5, 3, 12, tzinfo=UTC))
    assert Hold.objects.get(reason="paid_to_another").released_at is not None


@pytest.mark.parametrize(
    "evidence",
    [[], {"weeks": [{"week": "2016-03-28"}]}, {"balances": {"draw": "1/0"}}, {"balances": {"dra": "1"}}, {"balances": {"draw": None}}],
)
def test_a_damaged_settlement_stops_only_the_agent_whose_it_is(world, agent, evidence):
    other = pay_world.add_agent(world, name="Bo")
    for one in (agent, other):
        pay_world.work_a_week(one)
    run(world)
    Settlement.objects.filter(agent=agent).update(evidence=evidence)
    pay_world.work_a_week(other, first=pay_world.MARCH_7 + timedelta(days=35))
    report = run(world, month=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    assert [failure.name for failure in report.failures] == [agent.name]
    assert "What the settlement of the period from 2016-03-01 hands on cannot be read" in report.failures[0].message
    assert list(Settlement.objects.filter(period_start=factories.APRIL).values_list("agent", flat=True)) == [other.pk]
