"""The ledger takes each event once, stays balanced whatever happens, and never changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import LedgerEntry, LedgerTransaction, PayRun, Settlement
from billing.operations import post_ledger, post_settlements
from billing.queries import ledger as balances
from billing.rules import ledger
from tests import factories

DAY = date(2016, 4, 20)
NOW = datetime(2016, 4, 20, 16, tzinfo=UTC)
Kind = LedgerTransaction.Kind

pytestmark = pytest.mark.django_db


def event(*, key="one", amount=5_000_000, on=DAY, currency="USD", client_id=None):
    return post_ledger.Event(
        key=key,
        kind=Kind.BOOKING,
        on=on,
        words="Resolutions of April",
        currency=currency,
        postings=ledger.post_booking(client_id=client_id, amount=amount),
    )


def post(*events):
    return post_ledger.post_events(events=events, posted_at=NOW, person_id=None)


def trial(first=DAY, last=DAY):
    return {(row.account, row.currency): row.after for row in balances.trial_balance(first=first, last=last)}


def run_deferred_checks():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_an_event_is_posted_once():
    assert post(event()) == 1
    assert post(event()) == 0

    assert trial() == {("unbilled_revenue", "USD"): 5_000_000, ("revenue", "USD"): -5_000_000}


def test_the_same_key_with_another_amount_is_refused_and_nothing_of_the_call_is_kept():
    post(event())

    with pytest.raises(post_ledger.UnableToPostLedger, match="posted before with other amounts"):
        post(event(key="two"), event(amount=6_000_000))

    assert LedgerTransaction.objects.count() == 1


def test_a_reversal_closes_its_event_and_is_made_once():
    post(event())
    made = post_ledger.reverse_event(key="one", on=DAY, words="Wrong client", posted_at=NOW, person_id=None)
    again = post_ledger.reverse_event(key="one", on=DAY, words="Wrong client", posted_at=NOW, person_id=None)

    assert made == again
    assert set(trial().values()) == {0}


@pytest.mark.parametrize(
    ("key", "on", "words"),
    [
        ("none", DAY, "nothing was posted under"),
        ("one", DAY - timedelta(days=1), "cannot be reversed on 2016-04-19"),
        ("reversal", DAY, "is a reversal itself"),
    ],
)
def test_a_reversal_that_makes_no_sense_is_refused(key, on, words):
    post(event())
    if key == "reversal":
        key = post_ledger.reverse_event(key="one", on=DAY, words="Wrong", posted_at=NOW, person_id=None).key

    with pytest.raises(post_ledger.UnableToPostLedger, match=words):
        post_ledger.reverse_event(key=key, on=on, words="Wrong", posted_at=NOW, person_id=None)


def write_by_hand(*amounts):
    """Write entries past every check of ours and let the database look at them, all or nothing."""
    with transaction.atomic():
        found = LedgerTransaction.objects.create(key="raw", kind=Kind.BOOKING, on=DAY, words="By hand", posted_at=NOW)
        for account, currency, amount in amounts:
            LedgerEntry.objects.create(transaction=found, account=account, currency=currency, amount_micros=amount, on=DAY)
        run_deferred_checks()


@pytest.mark.parametrize(
    "amounts",
    [
        [("cash", "USD", 1)],
        [("cash", "USD", 2), ("revenue", "USD", -1)],
        [("cash", "USD", 1), ("revenue", "EUR", -1)],
    ],
)
def test_the_database_refuses_what_does_not_balance_in_each_currency(amounts):
    with pytest.raises(IntegrityError, match="does not balance"):
        write_by_hand(*amounts)

    assert LedgerTransaction.objects.count() == 0


def test_the_database_takes_what_balances():
    write_by_hand(("cash", "USD", 1), ("revenue", "USD", -1))

    assert trial() == {("cash", "USD"): 1, ("revenue", "USD"): -1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_ledgerentry SET amount_micros = 1",
        "DELETE FROM billing_ledgerentry",
        "TRUNCATE billing_ledgerentry CASCADE",
        "UPDATE billing_ledgertransaction SET words = 'x'",
        "DELETE FROM billing_ledgertransaction",
    ],
)
def test_raw_sql_changes_nothing_that_was_posted(statement):
    post(event())
    run_deferred_checks()

    with pytest.raises(Exception, match=r"(?i)cannot|records"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert trial() == {("unbilled_revenue", "USD"): 5_000_000, ("revenue", "USD"): -5_000_000}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_happens_each_currency_adds_up_to_zero(data):
    with transaction.atomic():
        steps = data.draw(
            st.lists(st.tuples(st.integers(0, 9), st.integers(1, 10**9), st.sampled_from(["USD", "EUR"]), st.booleans()), max_size=15)
        )
        for number, amount, currency, undo in steps:
            key = f"event:{number}"
            if LedgerTransaction.objects.filter(key=key).exists():
                if undo:
                    post_ledger.reverse_event(key=key, on=DAY, words="Undone", posted_at=NOW, person_id=None)
            else:
                post(event(key=key, amount=amount, currency=currency))
        run_deferred_checks()
        for currency in ("USD", "EUR"):
            assert sum(amount for (_, found), amount in trial().items() if found == currency) == 0
        transaction.set_rollback(True)


def test_a_client_reads_only_what_concerns_it():
    first, second = factories.make_contract_version().contract.client, factories.make_contract_version().contract.client
    post(event(key="one", client_id=first.pk), event(key="two", client_id=second.pk, amount=1))

    found = balances.party_balances(party="client", on=DAY, ids=[first.pk])

    assert found == {first.pk: {("unbilled_revenue", "USD"): 5_000_000, ("revenue", "USD"): -5_000_000}}
    rows = balances.trial_balance(first=DAY, last=DAY, client_ids=[second.pk])
    assert [(row.account, row.debits, row.credits) for row in rows] == [("unbilled_revenue", 1, 0), ("revenue", 0, -1)]


def test_a_trial_balance_tells_what_stood_before_the_period():
    post(event(on=DAY - timedelta(days=1)), event(key="two", amount=2))

    row = balances.trial_balance(first=DAY, last=DAY)[0]

    assert (row.before, row.debits, row.credits, row.after) == (5_000_000, 2, 0, 5_000_002)


def settlement_of(*, run, total, month, **left):
    version = factories.make_plan_version() if not Settlement.objects.exists() else Settlement.objects.first().plan_version
    agent = Settlement.objects.first().agent if Settlement.objects.exists() else factories.make_agent(site=run.site)
    return Settlement.objects.create(
        agent=agent,
        run=run,
        period_start=month,
        period_end=date(month.year, month.month + 1, 1),
        status="approved",
        plan_version=version,
        rule_version="1",
        rule_pack_version="none",
        currency="USD",
        total_micros=total,
        evidence={"balances": left},
        as_of=NOW,
    )


def make_run(site, month):
    return PayRun.objects.create(site=site, period_start=month, period_end=date(month.year, month.month + 1, 1), as_of=NOW)


def test_balances_in_the_ledger_are_those_that_each_settlement_left():
    site = factories.make_site()
    march, april = make_run(site, factories.MARCH), make_run(site, factories.APRIL)
    first = settlement_of(run=march, total=900_000_000, month=factories.MARCH, holdback="100", draw="50.25")
    settlement_of(run=april, total=700_000_000, month=factories.APRIL, holdback="40", draw="0", reversal="12.5")

    assert post_settlements.post_settlements(run=march, posted_at=NOW, person_id=None) == 1
    assert post_settlements.post_settlements(run=april, posted_at=NOW, person_id=None) == 1
    assert post_settlements.post_settlements(run=april, posted_at=NOW, person_id=None) == 0
    assert post_settlements.post_pay_sent(run=march, paid_on=date(2016, 4, 7), posted_at=NOW, person_id=None) == 1
    run_deferred_checks()

    after_march = balances.party_balances(party="agent", on=date(2016, 3, 31))[first.agent_id]
    after_april = balances.party_balances(party="agent", on=date(2016, 4, 30))[first.agent_id]
    assert after_march == {
        ("agent_pay", "USD"): -900_000_000,
        ("holdback", "USD"): -100_000_000,
        ("advances", "USD"): 50_250_000,
    }
    assert after_april == {("agent_pay", "USD"): -700_000_000, ("holdback", "USD"): -40_000_000, ("recovery", "USD"): 12_500_000}
