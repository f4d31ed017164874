"""What clients paid in advance and the bank did not take back: a payment that was taken back never was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice


@dataclass(frozen=True, kw_only=True)
class Grants:
    """Payments that stand, by day and in micros, and what was taken back of none that is known."""

    standing: tuple[tuple[date, int], ...]
    unmatched_micros: int


def list_standing(*, payments: Iterable[tuple[date, int]]) -> Grants:
    """Return the payments in advance that stand, less what the bank took back of them.

    What was taken back is the last payment of the same amount up to that day. Where there is none, it is taken from the last
    payments up to that day, then from the others.

    Args:
        payments: day and micros of each, in order of days; below zero is taken back.

    >>> march, april = date(2016, 3, 1), date(2016, 4, 1)
    >>> list_standing(payments=[(march, 100), (march, 60), (april, -100), (april, -10)]).standing
    ((datetime.date(2016, 3, 1), 50),)
    """
    told = list(payments)
    left = [max(micros, 0) for _on, micros in told]
    unmatched = 0
    for taken_on, micros in told:
        rest = max(-micros, 0)
        newest = sorted(range(len(told)), key=lambda place: (told[place][0] <= taken_on, told[place][0], place), reverse=True)
        whole = (place for place in newest if told[place][0] <= taken_on and left[place] == rest)
        for place in (*islice(whole, 1), *newest):
            taken = min(rest, left[place])
            left[place] -= taken
            rest -= taken
        unmatched += rest
    standing = tuple((on, micros) for (on, _told), micros in zip(told, left, strict=True) if micros)
    return Grants(standing=standing, unmatched_micros=unmatched)
