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
class FcrTally:
    """Cases of a group, added up: `yes_count`, `no_count` and `pending_count` by answer; by reason `status_only_count` (rests on
    statuses alone), `exception_count` (EXCEPTIONS) and `left_out_count` (LEFT_OUT); of yes and no, `stated_count` have an optimum,
    and `optimum_sum` is the sum of those. Tallies of parts add up to the tally of the whole.
    """

    yes_count: int = 0
    no_count: int = 0
    status_only_count: int = 0
    pending_count: int = 0
    exception_count: int = 0
    left_out_count: int = 0
    stated_count: int = 0
    optimum_sum: Fraction = Fraction(0)


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
    return summarize_tally(tally=tally(counts=counts))


def tally(*, counts: Iterable[FcrCount]) -> FcrTally:
    """Add up the answers of a group of cases.

    Args:
        counts: how many cases have each answer and reason.

    Returns: the sums that a summary needs.
    Source: docs/resolution.md, "FCR reasons".

    >>> tally(counts=[FcrCount(answer="yes", reason="status_only", count=3, optimum=Fraction(3, 4))]).optimum_sum
    Fraction(9, 4)
    """
    rows = list(counts)
    asked = [row for row in rows if row.answer in ("yes", "no")]
    stated = [(row.optimum, row.count) for row in asked if row.optimum is not None]
    return FcrTally(
        yes_count=_total(row for row in rows if row.answer == "yes"),
        no_count=_total(row for row in rows if row.answer == "no"),
        status_only_count=_total(row for row in rows if row.reason == "status_only"),
        pending_count=_total(row for row in rows if row.answer == "pending"),
        exception_count=_total(row for row in rows if row.reason in EXCEPTIONS),
        left_out_count=_total(row for row in rows if row.reason in LEFT_OUT),
        stated_count=sum(count for _, count in stated),
        optimum_sum=sum((optimum * count for optimum, count in stated), Fraction(0)),
    )


def add_tallies(*, tallies: Iterable[FcrTally]) -> FcrTally:
    """Return the tally of a whole from those of its parts.

    Args:
        tallies: of parts that share no case.

    Returns: each count added up.
    Source: docs/resolution.md, "First contact resolution".

    >>> add_tallies(tallies=[FcrTally(yes_count=2), FcrTally(yes_count=1, no_count=4)]).yes_count
    3
    """
    found = list(tallies)
    return FcrTally(
        yes_count=sum(one.yes_count for one in found),
        no_count=sum(one.no_count for one in found),
        status_only_count=sum(one.status_only_count for one in found),
        pending_count=sum(one.pending_count for one in found),
        exception_count=sum(one.exception_count for one in found),
        left_out_count=sum(one.left_out_count for one in found),
        stated_count=sum(one.stated_count for one in found),
        optimum_sum=sum((one.optimum_sum for one in found), Fraction(0)),
    )


def summarize_tally(*, tally: FcrTally) -> FcrSummary:
    """Work out the rate of a group and what stands beside it.

    Args:
        tally: its sums.

    Returns: the rate over verified, assisted cases, and everything else counted apart.
    Source: design.md section 4, "FCR"; docs/resolution.md.

    >>> str(summarize_tally(tally=FcrTally(yes_count=3, no_count=1, exception_count=1)).strict_rate)
    '3/5'
    """
    yes, n = tally.yes_count, tally.yes_count + tally.no_count
    with_exceptions = n + tally.exception_count
    rate = Fraction(yes, n) if n else None
    optimum = tally.optimum_sum / n if n and tally.stated_count == n else None
    return FcrSummary(
        yes_count=yes,
        n=n,
        rate=rate,
        interval=metrics.wilson_interval(successes=Fraction(yes), n=Fraction(n)) if n else None,
        strict_rate=Fraction(yes, with_exceptions) if with_exceptions else None,
        status_only_count=tally.status_only_count,
        pending_count=tally.pending_count,
        exception_count=tally.exception_count,
        left_out_count=tally.left_out_count,
        optimum=optimum,
        gap=None if optimum is None or rate is None else optimum - rate,
    )


def _total(rows: Iterable[FcrCount]) -> int:
    return sum(row.count for row in rows)
