"""Holdback: a part of resolution pay is kept until its window ends, then released."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules.pay import book, earnings, facts
from contracts.rules import errors, exact

ZERO = Fraction(0)


class UnableToRelease(errors.InvalidInput):
    """More is released or cancelled than is held."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """The lines of a holdback and its balance after them."""

    earned: earnings.Earned
    balance: Fraction


def hold_back(*, paid: book.Book, share: Fraction | None, room: Fraction, balance: Fraction) -> Held:
    """Keep a share of unit pay, tier uplift and quality.

    Args:
        paid: what was earned; suspended premium is not held, since it is not paid.
        share: part to keep, 0 to 1; None for no holdback.
        room: what may be kept without going below floors and overtime.
        balance: held before.

    Returns: one earning below zero, and the balance with its rounded amount.
    Source: formats.md, "pay", "After".
    """
    pay = paid.exact_of("unit", "tier_uplift", "quality", "guardrail")
    if not share or pay <= 0:
        return Held(earned=earnings.Earned(), balance=balance)
    earning = earnings.earn(
        kind="holdback",
        label="Held back",
        rule="holdback",
        source="plan/holdback",
        quantity=pay,
        rate=share,
        inputs={"pay": pay, "share": share, "room": room},
    )
    return Held(earned=earnings.Earned(earnings=(earning,)), balance=balance - paid.rounding.apply(earning.exact))


def release_holdback(*, releases: Sequence[facts.Release], balance: Fraction, paid: book.Book) -> Held:
    """Pay out what was held, one line per release.

    Args:
        releases: amounts whose window has ended.
        balance: held so far.
        paid: for its rounding.

    Returns: earnings above zero and the balance after them.
    Raises: UnableToRelease if more is released than is held.
    Source: formats.md, "pay", "After".
    """
    made = []
    for place, release in enumerate(releases):
        earning = earnings.earn(
            kind="release",
            label=f"Released for {release.resolution}",
            rule="amount",
            source=f"releases/{place}",
            inputs={"amount": release.amount},
            details={"resolution": release.resolution},
        )
        balance = take_from_balance(balance=balance, amount=paid.rounding.apply(earning.exact), path=("releases", place, "amount"))
        made.append(earning)
    return Held(earned=earnings.Earned(earnings=tuple(made)), balance=balance)


def take_from_balance(*, balance: Fraction, amount: Fraction, path: tuple[str | int, ...]) -> Fraction:
    """Return the holdback balance less an amount.

    Args:
        balance: what is held, the pay currency, zero or more.
        amount: what is taken, zero or more.
        path: where the amount stands in the document, for the message.

    Raises: UnableToRelease if that is more than is held.
    Source: formats.md, "pay", "After".
    """
    if amount > balance:
        raise UnableToRelease(
            f"{exact.format_exact(value=amount)} is more than the {exact.format_exact(value=balance)} that is held; "
            "give the holdback in balances, or correct the amount.",
            path=path,
        )
    return balance - amount
