"""What happened in a pay period, as the pay rules read it: credits, time, amounts, decisions, balances.

Amounts are exact `Fraction`s of the major unit, hours exact hours. Raw facts (credits, time entries) become totals in
`gather.py`; the pipeline reads only totals, so a nightly batch may bring totals made column by column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Literal

from agents.rules import scores
from contracts.rules import pay_plans

Effect = Literal["prompt", "stop_assignment", "premium_suspended", "paid_recovery"]
AmountKind = Literal[
    "piece",
    "commission",
    "bonus",
    "shift_differential",
    "flat_sum_bonus",
    "discretionary_bonus",
    "overtime_premium",
    "adjustment",
    "percent_bonus",
]
Spread = Literal["equal_weeks", "equal_hours"]

# Time that a guardrail made a paid rest: hours worked, paid at the average hour.
RECOVERY = "recovery"
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Credit:
    """One agent's part in one resolution; `verified_at` is None while it is only accrued."""

    resolution: str
    verified_at: datetime | None
    credit: Fraction = ONE
    price: Fraction | None = None
    list_price: Fraction | None = None
    class_code: str | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True)
class TimeSum:
    """Hours of one category in one workweek, or on one day."""

    category: pay_plans.Category
    hours: Fraction
    week: date | None = None
    day: date | None = None
    day_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class TimeSegment:
    """Exact time of one category, the end exclusive."""

    category: pay_plans.Category
    starts_at: datetime
    ends_at: datetime
    day_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A guardrail's decision: its effect, from when until when, and the hourly pay it promised for recovery, if any."""

    effect: Effect
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    hourly: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class ClosedWeek:
    """A workweek that was settled before: its hours, and how many of them were overtime and double time."""

    week: date
    hours: Fraction
    overtime_hours: Fraction = ZERO
    double_time_hours: Fraction = ZERO


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An amount that a person or another system entered; `percent` instead of `amount` for a percent_bonus.

    It belongs to `week` (or the workweek of `day`), or is spread over `weeks`: dates of this period or closed weeks.
    `exchange_rate` turns it into the pay currency; `place` is where it stands in the caller's list.
    """

    kind: AmountKind
    amount: Fraction | None = None
    percent: Fraction | None = None
    week: date | None = None
    day: date | None = None
    weeks: tuple[date | ClosedWeek, ...] = ()
    spread: Spread = "equal_weeks"
    label: str | None = None
    currency: str | None = None
    exchange_rate: Fraction | None = None
    place: int = 0


@dataclass(frozen=True, kw_only=True)
class Release:
    """A part of the holdback that is paid out now."""

    resolution: str
    amount: Fraction


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """A resolution that fell: what was paid and is still held for it, and which part of it fell."""

    resolution: str
    paid: Fraction = ZERO
    held: Fraction = ZERO
    fraction: Fraction = ONE


@dataclass(frozen=True, kw_only=True)
class Balances:
    """What stands over from period to period; `tier_position` is the year's count or amount so far."""

    draw: Fraction = ZERO
    holdback: Fraction = ZERO
    cap: Fraction = ZERO
    reversal: Fraction = ZERO
    tier_position: Fraction = ZERO

    @property
    def owes(self) -> bool:
        """Whether money waits or is owed; how far the tiers of the year were climbed is neither."""
        return bool(self.draw or self.holdback or self.cap or self.reversal)


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """From a day on, one unit of `currency` is `rate` units of the pay currency."""

    currency: str
    starts_on: date
    rate: Fraction


@dataclass(frozen=True, kw_only=True)
class HourSlice:
    """Hours of one category on one workday of one workweek; `day` is None where only the week is known.

    `worked_on` is the calendar day of exact time beyond a midnight at which the minimum wage rose within the workday.
    """

    week: date
    day: date | None
    category: str
    hours: Fraction
    day_type: str | None = None
    worked_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class DayPart:
    """Hours worked without a break on one workday, and the hours worked on that workday before them."""

    week: date
    day: date
    hours: Fraction
    hours_before: Fraction
    day_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Hours of paid recovery in one workweek, at the hourly pay promised, or else at the week's average."""

    week: date
    hours: Fraction
    hourly: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class CarriedPay:
    """What the earlier part of a workweek earned of one kind; `in_rate` says whether it entered the regular rate.

    Kinds are those of lines; `day_premium` is the premium of special days, `guarantee` what a plan's guarantee added.
    """

    kind: str
    amount: Fraction
    in_rate: bool = True


@dataclass(frozen=True, kw_only=True)
class CarriedShare:
    """Hours that the earlier part paid at a part of the rate of their day: overtime by the day, or the night."""

    kind: Literal["overtime", "night"]
    multiplier: Fraction
    hours: Fraction


@dataclass(frozen=True, kw_only=True)
class CarriedWeek:
    """The part of a workweek that an earlier period already paid: a workweek is tested and paid overtime as a whole.

    `pay` is what entered the regular rate there, `overtime` the premium paid on it, `day_count` the days worked there. What sums cannot
    tell follows where there is any of it: hours by day and category, pay by kind, recoveries, hours paid at a part of the rate of
    their day, and flat sums. Without these the hours count as productive hours of ordinary days, paid by the hour. `salaried` says whether
    the plan of that part paid a salary; where nobody knows, None, base pay and pay known as a sum alone count as one.
    """

    week: date
    hours: Fraction
    overtime_hours: Fraction = ZERO
    double_time_hours: Fraction = ZERO
    pay: Fraction = ZERO
    overtime: Fraction = ZERO
    day_count: int = 0
    time: tuple[HourSlice, ...] = ()
    earned: tuple[CarriedPay, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    shares: tuple[CarriedShare, ...] = ()
    flat_sum: Fraction = ZERO
    salaried: bool | None = None

    @property
    def tells_all(self) -> bool:
        """Whether more than sums is known."""
        return bool(self.time or self.earned)


@dataclass(frozen=True, kw_only=True)
class CarriedDay:
    """A workday that the period before began and did not end: the hours worked on it there, and when it began where a shift says so."""

    day: date
    hours: Fraction
    starts_at: datetime | None = None


def carried_of(*, carried: Sequence[CarriedWeek], week: date) -> CarriedWeek:
    """Return the part of a workweek that an earlier period paid; one without hours where it paid none.

    Args:
        carried: parts of workweeks; of several of one week the last counts.
        week: first day of the workweek.

    >>> carried_of(carried=(), week=date(2026, 10, 26)).hours
    Fraction(0, 1)
    """
    return next((part for part in reversed(carried) if part.week == week), CarriedWeek(week=week, hours=ZERO))


@dataclass(frozen=True, kw_only=True)
class UnitGroup:
    """Units that share class, basis and credit, over the whole period: one row of a statement.

    `base` is what the first rate multiplies: the sum of basis × credit for a share, of credits for a unit amount, of
    filled parts for interpolated tiers.
    """

    class_code: str | None
    basis: Fraction | None
    credit: Fraction | None
    unit_count: int
    credit_sum: Fraction
    base: Fraction
    week_first: date
    week_last: date
    exchange: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnitSlice:
    """What one tier took of the units of one workweek; `suspended` units earn no premium.

    `quantity` is in the plan's measure, `base` is what the tier's rate multiplies.
    """

    week: date
    tier: int
    suspended: bool
    quantity: Fraction
    base: Fraction


@dataclass(frozen=True, kw_only=True)
class UnitTotals:
    """All units of one agent and period; both views add up to the same base. `position` is where the tiers now stand."""

    groups: tuple[UnitGroup, ...] = ()
    slices: tuple[UnitSlice, ...] = ()
    unit_count: int = 0
    position: Fraction = ZERO


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Facts that were given but belong to no instant of the period: counted, so that nothing disappears."""

    accrued_count: int = 0
    credit_count: int = 0
    hours: Fraction = ZERO


@dataclass(frozen=True, kw_only=True)
class AgentFacts:
    """Everything the pipeline reads about one agent; `open_day` is the workday that the period's end cuts.

    `parts` are all hours in order where a workday may hold two types of day, `nights` those at night.
    """

    agent: str
    units: UnitTotals = UnitTotals()
    hours: tuple[HourSlice, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    nights: tuple[DayPart, ...] = ()
    parts: tuple[DayPart, ...] = ()
    metrics: tuple[scores.Metric, ...] = ()
    amounts: tuple[Amount, ...] = ()
    releases: tuple[Release, ...] = ()
    reversals: tuple[Reversal, ...] = ()
    balances: Balances = Balances()
    carried: tuple[CarriedWeek, ...] = ()
    carried_day: CarriedDay | None = None
    open_day: CarriedDay | None = None
    left_out: LeftOut = LeftOut()
