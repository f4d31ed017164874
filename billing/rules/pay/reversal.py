"""Reversals: what was paid for a resolution that fell is taken back, as far as the plan says and the floor allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, holdback
from contracts.rules import errors

ZERO = Fraction(0)


class UnableToReverse(errors.InvalidInput):
    """A reversal under a plan that takes nothing back."""


@dataclass(frozen=True, kw_only=True)
class Reversed:
    """The lines of the reversals, what still has to be taken back, and what is still held."""

    earned: earnings.Earned
    balance: Fraction
    held: Fraction


def take_back(
    *,
    paid: book.Book,
    reversals: Sequence[facts.Reversal],
    clawback_share: Fraction | None,
    room: Fraction,
    balances: facts.Balances,
    held: Fraction,
) -> Reversed:
    """Take back paid × fraction × share of each reversal, and cancel what is held of it.

    Args:
        paid: for its rounding.
        reversals: resolutions that fell, each approved by a person.
        clawback_share: part that the plan takes back; None if it takes nothing back.
        room: what may be taken without going below floors and overtime.
        balances: what earlier reversals could not take is taken first.
        held: holdback balance so far.

    Returns: earnings of zero or less, the reversal balance and the holdback balance after them.
    Raises: UnableToReverse without a clawback in the plan; UnableToRelease if more is cancelled than is held.
    Source: formats.md, "pay", "After"; pay_rules.md section 9.
    """
    if reversals and clawback_share is None:
        raise UnableToReverse(
            "The plan takes nothing back: pay was earned when it was verified. Leave the reversal out, or use a plan with a clawback.",
            path=("reversals", 0),
        )
    made: list[earnings.Earning] = []
    owed = balances.reversal
    if paid.cut(owed):
        made.append(_take_balance(paid.cut(owed), room))
        taken = -paid.rounding.apply(made[0].exact)
        owed, room = owed - taken, room - taken
    for place, reversal in enumerate(reversals):
        earning = _take(reversal, place, clawback_share or ZERO, room)
        made.append(earning)
        taken = -paid.rounding.apply(earning.exact)
        # Rounded as its line is: a mode that is not the same on both sides of zero must leave no cent over.
        owed -= paid.rounding.apply(-reversal.paid * reversal.fraction * (clawback_share or ZERO)) + taken
        room -= taken
        cancelled = paid.rounding.apply(reversal.held * reversal.fraction)
        held = holdback.take_from_balance(balance=held, amount=cancelled, path=("reversals", place, "held"))
    return Reversed(earned=earnings.Earned(earnings=tuple(made)), balance=owed, held=held)


def _take_balance(balance: Fraction, room: Fraction) -> earnings.Earning:
    return earnings.earn(
        kind="reversal",
        label="Taken back from earlier periods",
        rule="reversal.balance",
        source="balances/reversal",
        inputs={"balance": balance, "room": room},
    )


def _take(reversal: facts.Reversal, place: int, share: Fraction, room: Fraction) -> earnings.Earning:
    return earnings.earn(
        kind="reversal",
        label=f"Taken back for {reversal.resolution}",
        rule="reversal",
        source=f"reversals/{place}",
        quantity=reversal.fraction,
        inputs={
            "paid": reversal.paid,
            "fraction": reversal.fraction,
            "clawback_share": share,
            "room": room,
            "held_cancelled": reversal.held * reversal.fraction,
        },
        details={"resolution": reversal.resolution},
    )
