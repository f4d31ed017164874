"""FCR of a group of cases: the rate with what it rests on, and what was counted apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from agents.rules import metrics

EXCEPTIONS = ("escalated_appropriately",)
LEFT_OUT = ("excluded", "not_assisted", "no_resolution")


@dataclass(frozen=True, kw_only=True)
class FcrCount:
    """How many cases have one answer for one reason, under one stated optimum (None: none is stated)."""

    answer: str
    reason: str
    count: int
    optimum: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class FcrSummary:
    """FCR of a group.

    `yes_count` of `n` were resolved at first contact; `rate` and `interval` (Wilson) are None without any. Counted apart:
    `pending_count`, not verified; `exception_count`, escalations marked appropriate; `left_out_count`, excluded or not
    assisted. `strict_rate` is the rate if exceptions were a no. `status_only_count` are those yes that rest on statuses
    alone. `optimum` is the mean of what the contracts state, None unless all counted cases have one; `gap` is how far the
    rate is below it.
    """

    yes_count: int
    n: int
    rate: Fraction | None
    interval: metrics.Interval | None
    strict_rate: Fraction | None
    status_only_count: int
    pending_count: int
    exception_count: int
    left_out_count: int
    optimum: Fraction | None
    gap: Fraction | None


def summarize_fcr(*, counts: Iterable[FcrCount]) -> FcrSummary:
    """Sum up the answers of a group of cases, each asked once.

    Args:
        counts: how many cases have each answer and reason; those asked again ("later_episode") are left out by the caller.

    Returns: the rate over verified, assisted cases, and everything else counted apart.
    Source: design.md section 4, "FCR"; docs/resolution.md.

    >>> found = summarize_fcr(counts=[FcrCount(answer="yes", reason="first_message", count=3),
    ...                               FcrCount(answer="no", reason="transferred", count=1)])
    >>> str(found.rate), found.n
    ('3/4', 4)
    """
    rows = list(counts)
    yes = _total(row for row in rows if row.answer == "yes")
    n = yes + _total(row for row in rows if row.answer == "no")
    exceptions = _total(row for row in rows if row.reason in EXCEPTIONS)
    asked = [row for row in rows if row.answer in ("yes", "no")]
    optimum = None
    if n and all(row.optimum is not None for row in asked):
        optimum = sum((row.optimum * row.count for row in asked if row.optimum is not None), Fraction(0)) / n
    rate = Fraction(yes, n) if n else None
    return FcrSummary(
        yes_count=yes,
        n=n,
        rate=rate,
        interval=metrics.wilson_interval(successes=Fraction(yes), n=Fraction(n)) if n else None,
        strict_rate=Fraction(yes, n + exceptions) if n + exceptions else None,
        status_only_count=_total(row for row in rows if row.reason == "status_only"),
        pending_count=_total(row for row in rows if row.answer == "pending"),
        exception_count=exceptions,
        left_out_count=_total(row for row in rows if row.reason in LEFT_OUT),
        optimum=optimum,
        gap=None if optimum is None or rate is None else optimum - rate,
    )


def _total(rows: Iterable[FcrCount]) -> int:
    return sum(row.count for row in rows)
