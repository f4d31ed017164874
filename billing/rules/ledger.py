"""Which accounts an event about money moves, and by how much. Debits are above zero, credits below; each event sums to zero."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.rules import errors

Account = Literal[
    "receivable",
    "unbilled_revenue",
    "revenue",
    "sales_tax",
    "prepaid_credit",
    "cash",
    "pay_expense",
    "agent_pay",
    "holdback",
    "deferred_pay",
    "advances",
    "recovery",
    "rounding",
]


class InvalidPostings(errors.InvalidInput):
    """Postings that do not add up to zero, or none."""


@dataclass(frozen=True, kw_only=True)
class Posting:
    """An amount for one account, in micros; the party is an agent, a client, or nobody."""

    account: Account
    amount_micros: int
    agent_id: int | None = None
    client_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AgentBalances:
    """What stands between an agent and us beside the pay owed, in micros: all zero or more.

    draw is what the agent owes of advances, holdback and cap what is kept for later, reversal what is still to be taken back.
    """

    draw: int = 0
    holdback: int = 0
    cap: int = 0
    reversal: int = 0


def check_postings(*, postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """Return the postings that move something, if all of them add up to zero.

    Raises: InvalidPostings if they do not add up to zero, or nothing moves.
    Source: design.md section 9: double entry.

    >>> check_postings(postings=[Posting(account="cash", amount_micros=5), Posting(account="receivable", amount_micros=-5)])[0].account
    'cash'
    """
    total = sum(posting.amount_micros for posting in postings)
    if total:
        raise InvalidPostings(f"debits and credits differ by {total} micros; each event must add up to zero.")
    kept = tuple(posting for posting in postings if posting.amount_micros)
    if not kept:
        raise InvalidPostings("no amount is moved; post nothing instead.")
    return kept


def reverse_postings(*, postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """Return the postings that undo others, account by account.

    >>> reverse_postings(postings=[Posting(account="cash", amount_micros=5)])[0].amount_micros
    -5
    """
    return tuple(
        Posting(account=found.account, amount_micros=-found.amount_micros, agent_id=found.agent_id, client_id=found.client_id)
        for found in postings
    )


def post_settlement(*, agent_id: int, total: int, before: AgentBalances, after: AgentBalances) -> tuple[Posting, ...]:
    """Post what a settlement owes: pay now, and what moved to or from later.

    The cost is the pay owed now, plus what is kept for later, less what is lent or still to be taken back.

    Args:
        agent_id: whose settlement it is.
        total: sum of its rounded lines in micros.
        before: balances that the settlement started with.
        after: balances that it left.

    Returns: postings that add up to zero; none where nothing moved.
    Source: design.md section 9; the accounts are those of issue "Money that stands up".

    >>> moved = post_settlement(agent_id=1, total=90, before=AgentBalances(), after=AgentBalances(holdback=10))
    >>> [(posting.account, posting.amount_micros) for posting in moved]
    [('pay_expense', 100), ('agent_pay', -90), ('holdback', -10)]
    """
    kept = (after.holdback - before.holdback) + (after.cap - before.cap)
    lent = (after.draw - before.draw) + (after.reversal - before.reversal)
    found = [
        Posting(account="pay_expense", amount_micros=total + kept - lent),
        Posting(account="agent_pay", amount_micros=-total, agent_id=agent_id),
        Posting(account="holdback", amount_micros=before.holdback - after.holdback, agent_id=agent_id),
        Posting(account="deferred_pay", amount_micros=before.cap - after.cap, agent_id=agent_id),
        Posting(account="advances", amount_micros=after.draw - before.draw, agent_id=agent_id),
        Posting(account="recovery", amount_micros=after.reversal - before.reversal, agent_id=agent_id),
    ]
    return tuple(posting for posting in found if posting.amount_micros)


def post_payout(*, agent_id: int, amount: int) -> tuple[Posting, ...]:
    """Post that an agent's pay left the bank; reversed where the bank returns it.

    Args:
        agent_id: whose pay it is.
        amount: micros that left the bank.

    Source: design.md section 9.

    >>> [posting.amount_micros for posting in post_payout(agent_id=1, amount=5)]
    [5, -5]
    """
    return (
        Posting(account="agent_pay", amount_micros=amount, agent_id=agent_id),
        Posting(account="cash", amount_micros=-amount),
    )


def post_booking(*, client_id: int, amount: int) -> tuple[Posting, ...]:
    """Post revenue that was earned and not invoiced yet; below zero takes it back.

    Args:
        client_id: who will owe it.
        amount: micros, exact, as the booked line has them.

    Source: design.md sections 5 and 9.

    >>> [posting.account for posting in post_booking(client_id=1, amount=5)]
    ['unbilled_revenue', 'revenue']
    """
    return (
        Posting(account="unbilled_revenue", amount_micros=amount, client_id=client_id),
        Posting(account="revenue", amount_micros=-amount, client_id=client_id),
    )


def post_invoice(*, client_id: int, booked: int, subtotal: int, tax: int, prepaid: int, other: int) -> tuple[Posting, ...]:
    """Post a final invoice: what was unbilled becomes receivable, and the rest is revenue now.

    Args:
        client_id: who owes it.
        booked: sum of the booked lines on it, exact micros, as they stand in unbilled revenue.
        subtotal: before tax, rounded, in micros.
        tax: in micros.
        prepaid: prepaid credits that it uses, in micros, zero or more.
        other: lines that were never booked (commitment, bands, service credits), rounded, in micros.

    Returns: postings that add up to zero; the cents that rounding of booked lines makes stand on their own account.
    Source: design.md sections 5 and 9.

    >>> moved = post_invoice(client_id=1, booked=1_004_000, subtotal=3_000_000, tax=300_000, prepaid=0, other=2_000_000)
    >>> {posting.account: posting.amount_micros for posting in moved}["rounding"]
    4000
    """
    found = [
        Posting(account="receivable", amount_micros=subtotal + tax - prepaid, client_id=client_id),
        Posting(account="prepaid_credit", amount_micros=prepaid, client_id=client_id),
        Posting(account="unbilled_revenue", amount_micros=-booked, client_id=client_id),
        Posting(account="revenue", amount_micros=-other, client_id=client_id),
        Posting(account="sales_tax", amount_micros=-tax),
        Posting(account="rounding", amount_micros=booked + other - subtotal),
    ]
    return tuple(posting for posting in found if posting.amount_micros)


def post_credit_note(*, client_id: int, subtotal: int, tax: int) -> tuple[Posting, ...]:
    """Post what a credit note gives back.

    Args:
        client_id: who owes that much less.
        subtotal, tax: micros, zero or more; the one before, the other of tax.

    Source: design.md sections 5 and 9, "Credit notes per line".

    >>> [posting.amount_micros for posting in post_credit_note(client_id=1, subtotal=10, tax=1)]
    [10, 1, -11]
    """
    found = [
        Posting(account="revenue", amount_micros=subtotal, client_id=client_id),
        Posting(account="sales_tax", amount_micros=tax),
        Posting(account="receivable", amount_micros=-(subtotal + tax), client_id=client_id),
    ]
    return tuple(posting for posting in found if posting.amount_micros)


def post_payment(*, client_id: int, amount: int, in_advance: bool) -> tuple[Posting, ...]:
    """Post money that came from a client, for invoices or in advance; below zero is a payment taken back.

    Args:
        client_id: who paid.
        amount: micros.
        in_advance: whether it becomes prepaid credit, and settles no invoice yet.

    Source: design.md sections 5 and 9.

    >>> [posting.account for posting in post_payment(client_id=1, amount=5, in_advance=True)]
    ['cash', 'prepaid_credit']
    """
    account: Account = "prepaid_credit" if in_advance else "receivable"
    return (
        Posting(account="cash", amount_micros=amount),
        Posting(account=account, amount_micros=-amount, client_id=client_id),
    )
