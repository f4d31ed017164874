"""Postings add up to zero, whatever happens to money."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import ledger

AMOUNTS = st.integers(-10_000_000, 10_000_000)
NOT_NEGATIVE = st.integers(0, 10_000_000)
BALANCES = st.builds(ledger.AgentBalances, draw=NOT_NEGATIVE, holdback=NOT_NEGATIVE, cap=NOT_NEGATIVE, reversal=NOT_NEGATIVE)


def total(postings):
    return sum(posting.amount_micros for posting in postings)


def moved(postings):
    return {posting.account: posting.amount_micros for posting in postings}


@given(total_owed=AMOUNTS, before=BALANCES, after=BALANCES)
def test_a_settlement_balances_and_moves_each_balance_to_where_it_stands_after(total_owed, before, after):
    found = ledger.post_settlement(agent_id=1, total=total_owed, before=before, after=after)

    assert total(found) == 0
    amounts = moved(found)
    assert amounts.get("agent_pay", 0) == -total_owed
    assert amounts.get("holdback", 0) == before.holdback - after.holdback
    assert amounts.get("deferred_pay", 0) == before.cap - after.cap
    assert amounts.get("advances", 0) == after.draw - before.draw
    assert amounts.get("recovery", 0) == after.reversal - before.reversal


@given(booked=AMOUNTS, subtotal=AMOUNTS, tax=NOT_NEGATIVE, prepaid=NOT_NEGATIVE, other=AMOUNTS)
def test_an_invoice_balances_and_empties_what_was_unbilled(booked, subtotal, tax, prepaid, other):
    found = ledger.post_invoice(client_id=1, booked=booked, subtotal=subtotal, tax=tax, prepaid=prepaid, other=other)

    assert total(found) == 0
    assert moved(found).get("unbilled_revenue", 0) == -booked
    assert moved(found).get("receivable", 0) == subtotal + tax - prepaid


@given(amount=AMOUNTS, tax=NOT_NEGATIVE, in_advance=st.booleans())
def test_every_other_event_balances(amount, tax, in_advance):
    assert total(ledger.post_payout(agent_id=1, amount=amount)) == 0
    assert total(ledger.post_booking(client_id=1, amount=amount)) == 0
    assert total(ledger.post_credit_note(client_id=1, subtotal=amount, tax=tax)) == 0
    assert total(ledger.post_payment(client_id=1, amount=amount, in_advance=in_advance)) == 0


@given(amount=st.integers(1, 10_000_000), tax=NOT_NEGATIVE)
def test_an_event_and_its_reversal_leave_nothing(amount, tax):
    found = ledger.post_credit_note(client_id=1, subtotal=amount, tax=tax)
    back = moved(ledger.reverse_postings(postings=found))

    assert {account: back[account] + amount for account, amount in moved(found).items()} == dict.fromkeys(moved(found), 0)


def test_what_a_draw_lends_is_no_cost_and_what_a_holdback_keeps_is_one():
    lent = ledger.post_settlement(agent_id=1, total=350, before=ledger.AgentBalances(), after=ledger.AgentBalances(draw=100))
    kept = ledger.post_settlement(agent_id=1, total=85, before=ledger.AgentBalances(), after=ledger.AgentBalances(holdback=15))

    assert moved(lent) == {"pay_expense": 250, "agent_pay": -350, "advances": 100}
    assert moved(kept) == {"pay_expense": 100, "agent_pay": -85, "holdback": -15}


def test_postings_that_differ_by_one_micro_are_refused():
    with pytest.raises(ledger.InvalidPostings, match="differ by 1 micros"):
        ledger.check_postings(
            postings=[ledger.Posting(account="cash", amount_micros=6), ledger.Posting(account="receivable", amount_micros=-5)]
        )


def test_nothing_is_not_posted():
    with pytest.raises(ledger.InvalidPostings, match="no amount is moved"):
        ledger.check_postings(postings=[ledger.Posting(account="cash", amount_micros=0)])
