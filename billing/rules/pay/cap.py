"""Caps: variable pay above the cap waits for a period with room under it; nothing is lost."""

from dataclasses import dataclass
from fractions import Fraction

from billing.rules.pay import book, earnings

CAPPED: tuple[earnings.Kind, ...] = ("unit", "tier_uplift", "quality", "guardrail", "bonus", "commission")


@dataclass(frozen=True, kw_only=True)
class Capped:
    """The line of a cap and what waits."""

    earned: earnings.Earned
    balance: Fraction


def apply_cap(*, paid: book.Book, cap: Fraction | None, room: Fraction, balance: Fraction) -> Capped:
    """Defer variable pay above the cap, or release deferred pay into the space under it.

    Args:
        paid: all lines so far; unit, tier uplift, quality (less suspended premium), bonus and commission are capped.
        cap: most variable pay of a period, None for no cap.
        room: what may be deferred without going below floors and overtime.
        balance: deferred before.

    Returns: one earning or none, and the balance after it.
    Source: formats.md, "pay", "After".
    """
    variable, waiting = paid.amount_of(*CAPPED), paid.cut(balance)
    if cap is None or variable == cap or (variable < cap and not waiting):
        return Capped(earned=earnings.Earned(), balance=balance)
    if variable > cap:
        earning = earnings.earn(
            kind="cap",
            label="Above the cap, deferred",
            rule="cap",
            source="plan/cap",
            inputs={"variable_pay": variable, "cap": cap, "room": room},
        )
    else:
        earning = earnings.earn(
            kind="cap_release",
            label="Deferred pay released",
            rule="cap_release",
            source="plan/cap",
            inputs={"variable_pay": variable, "cap": cap, "balance": waiting},
        )
    return Capped(earned=earnings.Earned(earnings=(earning,)), balance=balance - paid.rounding.apply(earning.exact))
