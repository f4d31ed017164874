"""Large runs are approved by two, runs are posted in order, and the ledger holds what the statements say."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from billing.models import ApprovalLimit, LedgerTransaction, PayRun, Settlement, StatementNotice
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run, post_settlements
from billing.queries import ledger as balances
from billing.rules import money
from contracts.models import PayPlan, PayPlanTier, PayPlanVersion
from contracts.rules import exact
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
AFTER = pay_world.AFTER_MARCH
MONTHS = (date(2016, 3, 1), date(2016, 4, 1), date(2016, 5, 1), date(2016, 6, 1))


@pytest.fixture
def world():
    world = pay_world.make_world(agent_count=2)
    for agent in world.agents:
        pay_world.work_a_week(agent)
    book_resolutions.book_resolutions(as_of=AFTER)
    return world


@pytest.fixture
def people():
    return [factories.make_user(name=name, roles=["approver"]) for name in ("Ruth Adeyemi", "Ines Calloway", "Paul Prepared")]


def calculate(world, month=factories.MARCH, as_of=AFTER, prepared_by=None):
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=month, as_of=as_of, prepared_by=prepared_by)
    return PayRun.objects.get(pk=report.run_id)


def approve(run, person, reason="Totals agree."):
    return approve_pay_run.approve_pay_run(run_id=run.pk, person=person, as_of=AFTER, reason=reason)


def limit(run, *, less=0):
    total = sum(Settlement.objects.filter(run=run).values_list("total_micros", flat=True))
    ApprovalLimit.objects.create(currency="USD", amount_micros=total - less)


def test_a_run_of_exactly_the_limit_needs_one_approver(world, people):
    run = calculate(world)
    limit(run)

    assert approve(run, people[0]).status == "approved"


def test_a_run_a_cent_over_the_limit_needs_two_who_differ(world, people):
    first, second, preparer = people
    run = calculate(world, prepared_by=preparer)
    limit(run, less=10_000)

    kept = approve(run, first, "First look.")
    assert (kept.status, kept.first_approved_by, kept.approved_by) == ("in_review", first, None)
    with pytest.raises(approve_pay_run.UnableToApprove, match=r"Ruth Adeyemi approved .* Ask a second approver"):
        approve(run, first)
    with pytest.raises(approve_pay_run.UnableToApprove, match="prepared"):
        approve(run, preparer)
    assert set(Settlement.objects.values_list("status", flat=True)) == {"calculated"}

    done = approve(run, second, "Second look.")
    assert (done.status, done.first_approved_by, done.approved_by) == ("approved", first, second)
    assert done.approval_reason == "First look.\nSecond look."


def test_a_limit_in_another_currency_says_nothing_here(world, people):
    run = calculate(world)
    ApprovalLimit.objects.create(currency="EUR", amount_micros=0)

    assert approve(run, people[0]).status == "approved"


def test_calculating_again_forgets_the_first_approval(world, people):
    run = calculate(world)
    limit(run, less=1)
    approve(run, people[0])

    calculate(world, as_of=AFTER.replace(hour=13))

    run.refresh_from_db()
    assert (run.status, run.first_approved_by, run.approval_reason) == ("calculated", None, "")


@pytest.mark.parametrize("change", ["alone", "twice_the_same", "first_by_preparer"])
def test_the_database_refuses_what_the_operation_does(world, people, change):
    run = calculate(world, prepared_by=people[2])
    limit(run, less=1)
    PayRun.objects.update(status="in_review")
    changes = {
        "alone": {"status": "approved", "approved_by": people[0]},
        "twice_the_same": {"status": "approved", "approved_by": people[0], "first_approved_by": people[0]},
        "first_by_preparer": {"first_approved_by": people[2]},
    }

    with pytest.raises(IntegrityError, match=r"over the limit|pay_run_first_approved_by_another"), transaction.atomic():
        PayRun.objects.update(**changes[change])


def test_posting_puts_what_is_owed_into_the_ledger(world, people):
    run = approve(calculate(world), people[0])
    approve_pay_run.post_pay_run(run_id=run.pk, person=people[0], as_of=AFTER)

    owed = balances.party_balances(party="agent", on=date(2016, 3, 31))
    assert {pk: -found["agent_pay", "USD"] for pk, found in owed.items()} == dict(Settlement.objects.values_list("agent", "total_micros"))
    assert StatementNotice.objects.count() == 0


def test_a_run_waits_for_the_one_before_it(world, people):
    march = approve(calculate(world), people[0])
    as_of = datetime(2016, 5, 2, 12, tzinfo=UTC)
    april = approve(calculate(world, month=factories.APRIL, as_of=as_of), people[0])

    with pytest.raises(approve_pay_run.UnableToPost, match=r"2016-03 is approved and comes before .*2016-04; post it first"):
        approve_pay_run.post_pay_run(run_id=april.pk, person=people[0], as_of=as_of)
    assert not LedgerTransaction.objects.exists()

    approve_pay_run.post_pay_run(run_id=march.pk, person=people[0], as_of=as_of)
    assert approve_pay_run.post_pay_run(run_id=april.pk, person=people[0], as_of=as_of).status == "posted"


def keeping_plan():
    """A low hourly pay, 60% of each price of which a part is kept for 40 days, a draw that is repaid, and a cap."""
    plan = PayPlan.objects.create(code="keeping", name="Keeping plan")
    version = PayPlanVersion.objects.create(
        plan=plan,
        number=1,
        effective_from=date(2015, 1, 1),
        currency="USD",
        rule_pack="us-federal",
        base_hourly_micros=7_250_000,
        holdback_bp=1_500,
        holdback_days=40,
        cap_micros=20_000_000,
        draw_micros=300_000_000,
        is_draw_recoverable=True,
    )
    PayPlanTier.objects.create(version=version, share_bp=6_000)
    PayPlanVersion.objects.filter(pk=version.pk).update(status="active")
    return version


def test_balances_in_the_ledger_equal_those_of_the_statements_month_after_month(world, people):
    """With a holdback, a recoverable draw and a cap, after each of four months."""
    plan = keeping_plan()
    agents = [pay_world.add_agent(world, name=name, plan=plan) for name in ("Holds Back", "Draws")]
    kept = set()
    for number, month in enumerate(MONTHS):
        start = datetime(month.year, month.month, 7, 14, tzinfo=UTC)
        for place, agent in enumerate(agents):
            pay_world.work_a_week(agent, first=start, days=2 + 3 * (number % 3))
            pay_world.resolve(world, agent, 2 + 4 * number + place, first=start)
        as_of = datetime(month.year, month.month + 1, 2, 12, tzinfo=UTC)
        book_resolutions.book_resolutions(as_of=as_of)
        run = approve(calculate(world, month=month, as_of=as_of), people[0])
        approve_pay_run.post_pay_run(run_id=run.pk, person=people[0], as_of=as_of)

        ledger = balances.party_balances(party="agent", on=date.fromordinal(run.period_end.toordinal() - 1))
        for settlement in Settlement.objects.filter(run=run):
            left = settlement.evidence["balances"]
            for name, (account, sign) in post_settlements.KEPT.items():
                stated = money.to_micros(amount=exact.parse_exact(text=left[name]), currency="USD")
                assert sign * ledger.get(settlement.agent_id, {}).get((account, "USD"), 0) == stated
                kept |= {name} if stated else set()
        totals = dict(Settlement.objects.values_list("agent").order_by("agent").annotate(total=Sum("total_micros")))
        assert {pk: -found[("agent_pay", "USD")] for pk, found in ledger.items()} == totals
    assert {"holdback", "draw", "cap"} <= kept
