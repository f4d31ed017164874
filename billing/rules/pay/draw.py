"""Draws: a total below the promised minimum is lifted to it, and a recoverable lift is repaid from later excess."""

from dataclasses import dataclass
from fractions import Fraction

from billing.rules.pay import book, earnings
from contracts.rules import pay_plans

ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The line of a draw and what is still to be repaid."""

    earned: earnings.Earned
    balance: Fraction


def apply_draw(*, paid: book.Book, draw: pay_plans.Draw | None, room: Fraction, balance: Fraction) -> Drawn:
    """Lift the total to the draw's minimum, or repay an earlier lift from what is above it.

    Args:
        paid: all lines so far; their rounded total is compared.
        draw: the promise, None for no draw.
        room: what may be repaid without going below floors and overtime.
        balance: recoverable draws not yet repaid.

    Returns: one earning or none, and the balance after it.
    Source: formats.md, "pay", "After"; pay_rules.md section 9.
    """
    if draw is None:
        return Drawn(earned=earnings.Earned(), balance=balance)
    if paid.total < draw.minimum:
        lift = _lift(paid.total, draw.minimum)
        lent = paid.rounding.apply(lift.exact) if draw.recoverable else ZERO
        return Drawn(earned=earnings.Earned(earnings=(lift,)), balance=balance + lent)
    owed = paid.cut(balance)
    if not (draw.recoverable and owed and paid.total > draw.minimum):
        return Drawn(earned=earnings.Earned(), balance=balance)
    repaid = _repay(paid.total, draw, room, owed)
    return Drawn(earned=earnings.Earned(earnings=(repaid,)), balance=balance + paid.rounding.apply(repaid.exact))


def _lift(total: Fraction, minimum: Fraction) -> earnings.Earning:
    return earnings.earn(kind="draw", label="Draw", rule="draw", source="plan/draw", inputs={"minimum": minimum, "total": total})


def _repay(total: Fraction, draw: pay_plans.Draw, room: Fraction, balance: Fraction) -> earnings.Earning:
    return earnings.earn(
        kind="draw_recovery",
        label="Draw repaid",
        rule="draw_recovery",
        source="plan/draw",
        quantity=total - draw.minimum,
        rate=draw.recovery_share,
        inputs={
            "total": total,
            "minimum": draw.minimum,
            "recovery_share": draw.recovery_share,
            "balance": balance,
            "room": room,
        },
    )
