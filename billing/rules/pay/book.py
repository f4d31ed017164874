"""The book of one agent's settlement while it is made: rounded lines, and what each workweek earned."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction

from billing.rules import money
from billing.rules.pay import earnings
from contracts.rules import exact

ZERO = Fraction(0)


class Book:
    """Collect what the rules return; every sum the later rules need is asked here."""

    def __init__(self, *, rounding: money.Round, terms_version: str = "", pack_version: str = "") -> None:
        self.rounding = rounding
        self.lines: list[earnings.Line] = []
        self.weekly: list[earnings.WeekPay] = []
        self._versions = (terms_version, pack_version)

    def add(self, earned: earnings.Earned) -> None:
        """Round each earning once and enter it."""
        terms_version, pack_version = self._versions
        self.lines += [
            earnings.round_earning(earning=earning, rounding=self.rounding, terms_version=terms_version, pack_version=pack_version)
            for earning in earned.earnings
        ]
        self.weekly += earned.weekly

    def has(self, kind: earnings.Kind) -> bool:
        """Say whether a kind of line was entered."""
        return any(line.kind == kind for line in self.lines)

    def exact_of(self, *kinds: earnings.Kind) -> Fraction:
        """Return the unrounded sum of some kinds of lines."""
        return exact.total(values=(line.exact for line in self.lines if line.kind in kinds))

    def amount_of(self, *kinds: earnings.Kind) -> Fraction:
        """Return the sum of some kinds of rounded lines."""
        return exact.total(values=(line.amount for line in self.lines if line.kind in kinds))

    @property
    def total(self) -> Fraction:
        """The sum of the rounded lines."""
        return exact.total(values=(line.amount for line in self.lines))

    @property
    def exact_total(self) -> Fraction:
        """The sum of the unrounded lines."""
        return exact.total(values=(line.exact for line in self.lines))

    def cut(self, amount: Fraction) -> Fraction:
        """Return an amount rounded down to whole minor units, which is what a line can hold of it."""
        return money.Round(places=self.rounding.places, mode="floor").apply(amount)

    def weekly_of(self, *kinds: earnings.Kind) -> dict[date | None, Fraction]:
        """Return what each workweek earned of some kinds."""
        sums: dict[date | None, Fraction] = {}
        for pay in self.weekly:
            if pay.kind in kinds:
                sums[pay.week] = sums.get(pay.week, ZERO) + pay.amount
        return sums

    def pay_of(self, *, week: date) -> Fraction:
        """Return everything a workweek earned so far."""
        return exact.total(values=(pay.amount for pay in self.weekly if pay.week == week))

    def regular_pay_of(self, *, week: date | None, without: Collection[earnings.Kind] = ()) -> Fraction:
        """Return what of a workweek's pay enters the regular rate, less some kinds."""
        return exact.total(values=(pay.amount for pay in self.weekly if pay.week == week and pay.in_rate and pay.kind not in without))

    def regular_total(self) -> Fraction:
        """Return what of the period's pay enters the regular rate."""
        return exact.total(values=(pay.amount for pay in self.weekly if pay.in_rate))
