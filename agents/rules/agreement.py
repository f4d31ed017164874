"""How alike two reviewers score the same contacts: the part of equal answers with its interval, and Cohen's kappa."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from agents.rules import metrics


@dataclass(frozen=True, kw_only=True)
class Pair:
    """What two people answered to one item of a contact, without knowing of each other; on how many contacts, 1 unless told."""

    item: str
    first: str
    second: str
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Equal answers of all, the interval of that part, and kappa: agreement beyond chance, None where chance alone gives all of it."""

    same_count: int
    count: int
    rate: Fraction
    interval: metrics.Interval
    kappa: Fraction | None


def measure_agreement(*, pairs: Iterable[Pair]) -> Agreement | None:
    """Measure how often two reviewers answered alike, and how much of that chance does not explain.

    Args:
        pairs: answers of both, given blind.

    Returns: exact rate and kappa (1 is full agreement, 0 what chance gives, below 0 less), or None without pairs.
    Source: J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46; Wilson interval as in agents.rules.metrics.

    >>> told = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    >>> measure_agreement(pairs=[Pair(item="1", first=first, second=second) for first, second in told]).kappa
    Fraction(2, 5)
    """
    told = list(pairs)
    count = sum(pair.count for pair in told)
    if count == 0:
        return None
    same = sum(pair.count for pair in told if pair.first == pair.second)
    answers = {pair.first for pair in told} | {pair.second for pair in told}
    by_chance = sum((Fraction(_count(told, "first", answer) * _count(told, "second", answer), count**2) for answer in answers), Fraction(0))
    rate = Fraction(same, count)
    return Agreement(
        same_count=same,
        count=count,
        rate=rate,
        interval=metrics.wilson_interval(successes=Fraction(same), n=Fraction(count)),
        kappa=None if by_chance == 1 else (rate - by_chance) / (1 - by_chance),
    )


def measure_items(*, pairs: Iterable[Pair]) -> dict[str, Agreement]:
    """Measure agreement for each item by itself, so that an unclear item shows.

    Args:
        pairs: two reviewers' answers to one item of one contact, of as many contacts as both scored.

    Returns: by item, in the order of their codes.

    >>> found = measure_items(pairs=[Pair(item="1", first="yes", second="no"), Pair(item="2", first="yes", second="yes")])
    >>> found["1"].same_count, found["2"].kappa
    (0, None)
    """
    by_item: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_item.setdefault(pair.item, []).append(pair)
    measured = {item: measure_agreement(pairs=found) for item, found in sorted(by_item.items())}
    return {item: found for item, found in measured.items() if found is not None}


def _count(told: list[Pair], side: str, answer: str) -> int:
    return sum(pair.count for pair in told if getattr(pair, side) == answer)
