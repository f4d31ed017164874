"""Earn-back: a service credit comes back once its level was met long enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from contracts.rules import errors


class InvalidEarnBack(errors.InvalidInput):
    """A number of periods below one, or a credit below zero."""


@dataclass(frozen=True, kw_only=True)
class LevelCredit:
    """What the client was credited for one missed level of an earlier billing period, major unit, zero or more."""

    level: str
    amount: Fraction


def earn_back(*, credits_given: Sequence[LevelCredit], met_since: Mapping[str, Sequence[bool]], periods: int) -> tuple[LevelCredit, ...]:
    """Return the credits that come back because their level was met in every period since.

    Args:
        credits_given: the credits of the period that lies exactly `periods` before this one.
        met_since: by level, whether it was met in each period after that one, this one last.
        periods: how many periods in a row a level must be met, one or more.

    Returns: the credits earned back; a level that was missed, or not measured, in one of the periods comes back never.
    Raises: InvalidEarnBack if `periods` is below one or a credit below zero.
    Source: design.md section 5, "service credits"; issue 4, "earn-back".

    >>> given = [LevelCredit(level="fcr", amount=Fraction(50)), LevelCredit(level="csat", amount=Fraction(20))]
    >>> since = {"fcr": [True, True], "csat": [True, False]}
    >>> [(one.level, int(one.amount)) for one in earn_back(credits_given=given, met_since=since, periods=2)]
    [('fcr', 50)]
    """
    if periods < 1:
        raise InvalidEarnBack("A credit is earned back after at least one period.", path=("periods",))
    for place, one in enumerate(credits_given):
        if one.amount < 0:
            raise InvalidEarnBack("A credit is zero or more.", path=("credits_given", place, "amount"))
    return tuple(
        one for one in credits_given if one.amount and len(since := met_since.get(one.level, ())) >= periods and all(since[-periods:])
    )
