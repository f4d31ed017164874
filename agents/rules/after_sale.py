"""The eight measures of post-sale service, from what a client recorded of its accounts month by month.

What was not told is unknown and counted apart, never taken for zero. Each measure says what it counted out of how many.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from operator import attrgetter
from statistics import median
from typing import Literal, NamedTuple

from agents.rules import metrics
from contracts.rules import calendar_months, errors

Code = Literal["onboarding", "adoption", "success", "availability", "engagement", "retention", "health", "net_revenue"]
CODES: tuple[Code, ...] = ("onboarding", "adoption", "success", "availability", "engagement", "retention", "health", "net_revenue")
ZERO = Fraction(0)
# A page looks thousands of rows over, so what is asked of each of them is taken from it in one step.
WHICH = attrgetter("account", "month")
# Parts and their wholes.
PAIRS = (
    ("goal_met_count", "goal_count"),
    ("available_minutes", "service_minutes"),
    ("favorable_count", "answer_count"),
    ("active_count", "seat_count"),
)
SCORE_MAX = 100


class InvalidAccounts(errors.InvalidInput):
    """Account months from which no measure can be taken."""


class AccountMonth(NamedTuple):
    """What is known of one account in one month (its first day); None was not told. Revenue is in the major unit of one currency.

    A page reads thousands: as tuples they are made in a tenth of the time.
    """

    account: str
    month: date
    started_on: date | None = None
    onboarding_due_on: date | None = None
    onboarded_on: date | None = None
    ended_on: date | None = None
    seat_count: int | None = None
    active_count: int | None = None
    goal_count: int | None = None
    goal_met_count: int | None = None
    service_minutes: int | None = None
    available_minutes: int | None = None
    answer_count: int | None = None
    favorable_count: int | None = None
    renewal_due: bool | None = None
    renewed: bool | None = None
    health_score: int | None = None
    recurring: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure: `part` of `whole`, the rate, and its Wilson interval where it counts single outcomes.

    `account_count` are the accounts that it rests on, `unknown_count` those that belong to it and did not tell enough. A
    measure without a whole has no rate.
    """

    code: Code
    part: Fraction
    whole: Fraction
    rate: Fraction | None
    interval: metrics.Interval | None
    account_count: int
    unknown_count: int


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """Where recurring revenue went between two months, over accounts known in both: base + expansion − contraction − lost = now."""

    base_month: date
    base: Fraction
    expansion: Fraction
    contraction: Fraction
    lost: Fraction
    now: Fraction
    gross_rate: Fraction | None


@dataclass(frozen=True, kw_only=True)
class AfterSale:
    """The eight measures in their order, the median days from start to running (None without any), and where revenue went."""

    measures: tuple[Measure, ...]
    days_to_value: Fraction | None
    revenue: Revenue | None


class _Count(NamedTuple):
    """What one measure counts, out of how much, over how many accounts, and how many did not tell enough."""

    code: Code
    part: int
    whole: int
    accounts: int
    unknown: int
    is_census: bool = False


def measure_after_sale(*, months: Sequence[AccountMonth], first: date, last: date, healthy_from: int) -> AfterSale:
    """Take the eight measures over some months.

    Onboarding, success, availability, engagement and retention are over all months from `first` to `last`; adoption and
    health as of `last`; net recurring revenue from the earliest month known, at most twelve before `last`, to `last`.

    Args:
        months: of one client, any order; earlier months than `first` are read for revenue. One per account and month.
        first: first day of the first month.
        last: first day of the last month, not before `first`.
        healthy_from: score from which an account is healthy, 1 to 100.

    Returns: the measures; counts and amounts are exact.
    Raises: InvalidAccounts if a month is told twice, months are out of order, or a part is above its whole.
    Source: design.md section 10, "the eight measures of post-sale service"; docs/value.md.

    >>> march = date(2016, 3, 1)
    >>> told = [AccountMonth(account="1", month=march, seat_count=20, active_count=15), AccountMonth(account="2", month=march)]
    >>> found = measure_after_sale(months=told, first=march, last=march, healthy_from=70)
    >>> [(each.code, str(each.rate), each.unknown_count) for each in found.measures if each.whole]
    [('adoption', '3/4', 1)]
    """
    _check(months, first, last, healthy_from)
    within = [row for row in months if first <= row.month <= last]
    revenue, net = _net_revenue(months, last)
    return AfterSale(
        measures=(*(_measure(count) for count in _count(within, first, last, healthy_from)), net),
        days_to_value=_days_to_value(within, first, last),
        revenue=revenue,
    )


def trace_rates(*, months: Sequence[AccountMonth], over: Sequence[date], healthy_from: int) -> dict[Code, tuple[Fraction | None, ...]]:
    """Take the rates of single months, to be drawn as trends. Net recurring revenue compares months and has none of its own.

    Args:
        months: as for `measure_after_sale`.
        over: first days of months, in any order.
        healthy_from: as for `measure_after_sale`.

    Returns: for each other measure its rate in each of these months, None in a month without a whole.
    Raises: InvalidAccounts as `measure_after_sale`.
    Source: design.md section 10, "the eight measures of post-sale service".

    >>> march = date(2016, 3, 1)
    >>> told = [AccountMonth(account="1", month=march, seat_count=20, active_count=15)]
    >>> [str(rate) for rate in trace_rates(months=told, over=[date(2016, 2, 1), march], healthy_from=70)["adoption"]]
    ['None', '3/4']
    """
    by_month: dict[date, list[AccountMonth]] = {month: [] for month in over}
    if over:
        _check(months, min(over), max(over), healthy_from)
    for row in months:
        if row.month in by_month:
            by_month[row.month].append(row)
    counts = [_count(by_month[month], month, month, healthy_from) for month in over]
    return {code: tuple(_rate(of_month[place]) for of_month in counts) for place, code in enumerate(CODES[:-1])}


def _count(within: Sequence[AccountMonth], first: date, last: date, healthy_from: int) -> tuple[_Count, ...]:
    """Count what all measures but the last take, in their order."""
    present = [row for row in within if row.month == last and not _has_ended(row, last)]
    return (
        _onboarding(within, first, last),
        _share("adoption", present, "active_count", "seat_count"),
        _share("success", within, "goal_met_count", "goal_count"),
        _share("availability", within, "available_minutes", "service_minutes", is_census=True),
        _share("engagement", within, "favorable_count", "answer_count"),
        _outcomes("retention", [row for row in within if row.renewal_due], lambda row: row.renewed),
        _outcomes("health", present, lambda row: None if row.health_score is None else row.health_score >= healthy_from),
    )


def _latest(rows: Iterable[AccountMonth]) -> list[AccountMonth]:
    """Return what was told last of each account."""
    found: dict[str, AccountMonth] = {}
    for row in rows:
        known = found.get(row.account)
        if known is None or known.month < row.month:
            found[row.account] = row
    return list(found.values())


def _onboarding(rows: Sequence[AccountMonth], first: date, last: date) -> _Count:
    end = calendar_months.add_months(day=last, months=1)
    due = [row for row in _latest(rows) if row.onboarding_due_on is not None and first <= row.onboarding_due_on < end]
    kept = [row for row in due if row.onboarded_on is not None and row.onboarding_due_on and row.onboarded_on <= row.onboarding_due_on]
    return _Count("onboarding", len(kept), len(due), accounts=len(due), unknown=0)


def _days_to_value(rows: Sequence[AccountMonth], first: date, last: date) -> Fraction | None:
    end = calendar_months.add_months(day=last, months=1)
    days = [
        (row.onboarded_on - row.started_on).days
        for row in _latest(rows)
        if row.started_on is not None and row.onboarded_on is not None and first <= row.onboarded_on < end
    ]
    return Fraction(median(days)) if days else None


def _share(code: Code, rows: Sequence[AccountMonth], part_name: str, whole_name: str, *, is_census: bool = False) -> _Count:
    """Add parts and wholes up over accounts that told both. A census counts all there is, so chance has no part in it."""
    told = [one for one in map(attrgetter("account", part_name, whole_name), rows) if one[1] is not None and one[2] is not None]
    known = {account for account, _part, _whole in told}
    unknown = set() if len(told) == len(rows) else {row.account for row in rows} - known
    part, whole = sum(part for _account, part, _whole in told), sum(whole for _account, _part, whole in told)
    return _Count(code, part, whole, accounts=len(known), unknown=len(unknown), is_census=is_census)


def _outcomes(code: Code, rows: Sequence[AccountMonth], outcome_of: Callable[[AccountMonth], bool | None]) -> _Count:
    """Count accounts by an outcome that is yes, no or not told."""
    told = [outcome for row in rows if (outcome := outcome_of(row)) is not None]
    return _Count(code, sum(told), len(told), accounts=len(told), unknown=len(rows) - len(told))


def _rate(count: _Count) -> Fraction | None:
    return metrics.rate(successes=Fraction(count.part), n=Fraction(count.whole)) if count.whole else None


def _measure(count: _Count) -> Measure:
    successes, n = Fraction(count.part), Fraction(count.whole)
    return Measure(
        code=count.code,
        part=successes,
        whole=n,
        rate=_rate(count),
        interval=metrics.wilson_interval(successes=successes, n=n) if n and not count.is_census else None,
        account_count=count.accounts,
        unknown_count=count.unknown,
    )


def _net_revenue(months: Sequence[AccountMonth], last: date) -> tuple[Revenue | None, Measure]:
    near = {month for month in {row.month for row in months} if calendar_months.count_months(first=month, last=last) in range(1, 13)}
    known = [row for row in months if row.recurring is not None and row.month in near]
    missing = Measure(
        code="net_revenue", part=ZERO, whole=ZERO, rate=None, interval=None, account_count=0, unknown_count=0
    )  # fmt: skip
    if not known:
        return None, missing
    base_month = min(row.month for row in known)
    before = {row.account: row.recurring for row in known if row.month == base_month and row.recurring}
    now = _revenue_now(months, before, last)
    compared = {account: (base, now[account]) for account, base in before.items() if base is not None and account in now}
    base = _sum(earlier for earlier, _later in compared.values())
    total = _sum(later for _earlier, later in compared.values())
    kept = _sum(min(earlier, later) for earlier, later in compared.values())
    lost = _sum(earlier for earlier, later in compared.values() if later == 0)
    revenue = Revenue(
        base_month=base_month,
        base=base,
        expansion=total - kept,
        contraction=base - kept - lost,
        lost=lost,
        now=total,
        gross_rate=kept / base if base else None,
    )
    measure = Measure(
        code="net_revenue",
        part=total,
        whole=base,
        rate=total / base if base else None,
        interval=None,
        account_count=len(compared),
        unknown_count=len(before) - len(compared),
    )
    return revenue, measure


def _revenue_now(months: Sequence[AccountMonth], before: Iterable[str], last: date) -> dict[str, Fraction]:
    """Return what accounts bring in the last month: nothing once they ended, and unknown where it was not told."""
    asked = set(before)
    found: dict[str, Fraction] = {}
    for row in _latest(row for row in months if row.account in asked and row.month <= last):
        if _has_ended(row, last):
            found[row.account] = ZERO
        elif row.month == last and row.recurring is not None:
            found[row.account] = row.recurring
    return found


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    """Add amounts up, those of one denominator as whole numbers: most have no decimals, and reducing each sum takes longest."""
    by_denominator: dict[int, int] = {}
    for amount in amounts:
        by_denominator[amount.denominator] = by_denominator.get(amount.denominator, 0) + amount.numerator
    return sum((Fraction(total, denominator) for denominator, total in by_denominator.items()), ZERO)


def _has_ended(row: AccountMonth, last: date) -> bool:
    return row.ended_on is not None and row.ended_on <= last


def _check(months: Sequence[AccountMonth], first: date, last: date, healthy_from: int) -> None:
    if first > last or first.day != 1 or last.day != 1:
        raise InvalidAccounts(f"The months run from {first} to {last}; give two first days of months, the earlier one first.")
    if not 1 <= healthy_from <= SCORE_MAX:
        raise InvalidAccounts(f"An account is healthy from a score of 1 to {SCORE_MAX}, not {healthy_from}.")
    seen: set[tuple[str, date]] = set()
    for account, month in map(WHICH, months):
        if (account, month) in seen:
            raise InvalidAccounts(f"Account {account} is told twice for {month:%Y-%m}; keep the newer one.")
        seen.add((account, month))
    for pair in PAIRS:
        for place, (part, whole) in enumerate(map(attrgetter(*pair), months)):
            if part is not None and whole is not None and part > whole:
                row = months[place]
                raise InvalidAccounts(f"Account {row.account} tells more than the whole in {row.month:%Y-%m}; correct its counts.")
