"""What one pay document hands on to the next: the workweek and the workday that the end of its period cuts."""

from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt

from billing.calculator import fields
from billing.rules.pay import facts, settlements, workweeks
from contracts.rules import errors, exact, pay_plans

ZERO = Fraction(0)


class InvalidCarried(errors.InvalidInput):
    """An earlier part of a workweek whose sums are not those of its own hours or pay, or that names parts of hours it has not."""


class CarriedTimeField(fields.Document):
    """Hours of one category in the earlier part of a workweek."""

    category: str
    hours: fields.NonNegative
    day: fields.Day | None = None
    day_type: str | None = None
    worked_on: fields.Day | None = None


class CarriedPayField(fields.Document):
    """What the earlier part earned of one kind, and whether it entered the regular rate."""

    kind: str
    amount: fields.Exact
    in_rate: StrictBool = True


class CarriedRecoveryField(fields.Document):
    """Paid recovery of the earlier part, with the hourly pay that was promised, if any."""

    hours: fields.NonNegative
    hourly: fields.NonNegative | None = None


class CarriedShareField(fields.Document):
    """Hours that the earlier part paid at a part of the rate of their day."""

    kind: Literal["overtime", "night"]
    multiplier: fields.NonNegative
    hours: fields.NonNegative


class CarriedWeekField(fields.Document):
    """The part of a workweek that an earlier period paid: hours, what entered its regular rate, and overtime.

    What these sums do not tell stands beside them; without it, the hours are productive hours of ordinary days.
    """

    week: fields.Day
    hours: fields.NonNegative
    overtime_hours: fields.NonNegative = ZERO
    double_time_hours: fields.NonNegative = ZERO
    # An entered amount may be below zero, and then so may what it is a part of.
    pay: fields.Exact = ZERO
    overtime: fields.Exact = ZERO
    day_count: Annotated[StrictInt, Field(ge=0, le=7)] = 0
    time: tuple[CarriedTimeField, ...] = ()
    earned: tuple[CarriedPayField, ...] = ()
    recoveries: tuple[CarriedRecoveryField, ...] = ()
    shares: tuple[CarriedShareField, ...] = ()
    flat_sum: fields.Exact = ZERO
    # Whether the plan of that part paid a salary; where it is not said, base pay counts as one.
    salaried: StrictBool | None = None

    def to_week(self) -> facts.CarriedWeek:
        """Return the part; sums that its own hours and pay contradict are refused."""
        self._refuse_other_sums()
        self._refuse_parts_without_hours()
        return facts.CarriedWeek(
            week=self.week,
            hours=self.hours,
            overtime_hours=self.overtime_hours,
            double_time_hours=self.double_time_hours,
            pay=self.pay,
            overtime=self.overtime,
            day_count=self.day_count,
            time=tuple(facts.HourSlice(week=self.week, **dict(part)) for part in self.time),
            earned=tuple(facts.CarriedPay(**dict(one)) for one in self.earned),
            recoveries=tuple(facts.Recovery(week=self.week, **dict(one)) for one in self.recoveries),
            shares=tuple(facts.CarriedShare(**dict(one)) for one in self.shares),
            flat_sum=self.flat_sum,
            salaried=self.salaried,
        )

    def _refuse_other_sums(self) -> None:
        worked = exact.total(values=(part.hours for part in self.time if part.category not in pay_plans.UNPAID))
        if self.time and worked != self.hours:
            raise InvalidCarried(
                f"These hours add up to {exact.format_exact(value=worked)}, not to the hours of the week.", path=("hours",)
            )
        earned = exact.total(values=(one.amount for one in self.earned if one.in_rate))
        if self.earned and earned != self.pay:
            raise InvalidCarried(
                f"What is earned adds up to {exact.format_exact(value=earned)}, not to the pay of the week.", path=("pay",)
            )

    def _refuse_parts_without_hours(self) -> None:
        """Refuse overtime and shares that are no part of the hours: the rate they earn would be divided by none."""
        over = self.overtime_hours + self.double_time_hours
        if over > self.hours:
            raise InvalidCarried(
                f"Overtime and double time come to {exact.format_exact(value=over)} hours, more than the "
                f"{exact.format_exact(value=self.hours)} hours of the week; write all hours worked as hours, these included.",
                path=("overtime_hours",) if self.overtime_hours else ("double_time_hours",),
            )
        if self.shares and not (self.time and self.hours):
            raise InvalidCarried(
                "Shares are parts of hours worked, and the week tells of none; write these hours as time, or leave the shares out.",
                path=("shares",),
            )


class CarriedDayField(fields.Document):
    """A workday that the period before began: its hours there, and when it began where a workday is that of the shift."""

    day: fields.Day
    hours: fields.NonNegative
    starts_at: fields.Instant | None = Field(default=None, alias="start")

    def to_day(self) -> facts.CarriedDay:
        """Return the workday."""
        return facts.CarriedDay(day=self.day, hours=self.hours, starts_at=self.starts_at)


def write_carried(*, evidence: settlements.Evidence, period: workweeks.PayPeriod, salaried: bool) -> dict[str, Any]:
    """Write what the next period's document reads as `carried_weeks` and `carried_day` of the agent, whose own period this is.

    Args:
        evidence: what the pay of this period rests on.
        period: the agent's part of it.
        salaried: whether the plan pays a salary.
    """
    cut, cut_on = evidence.cut_week, workweeks.cut_week_of(period=period)
    sums = next((week for week in evidence.weeks if week.week == cut_on), None)
    if sums is None:
        return {"carried_weeks": [], "carried_day": _write_day(evidence.open_day)}
    told = {
        "week": sums.week.isoformat(),
        "hours": _write(sums.hours),
        "overtime_hours": _write(sums.overtime_hours),
        "double_time_hours": _write(sums.double_time_hours),
        "pay": _write(sums.pay),
        "overtime": _write(sums.premium),
        "day_count": sums.day_count,
        "salaried": salaried,
    }
    return {"carried_weeks": [told | (_write_details(cut) if cut else {})], "carried_day": _write_day(evidence.open_day)}


def _write_details(cut: facts.CarriedWeek) -> dict[str, Any]:
    return {
        "time": [
            {"category": part.category, "hours": _write(part.hours), "day": part.day and part.day.isoformat(), "day_type": part.day_type}
            | ({"worked_on": part.worked_on.isoformat()} if part.worked_on else {})
            for part in cut.time
        ],
        "earned": [{"kind": one.kind, "amount": _write(one.amount), "in_rate": one.in_rate} for one in cut.earned],
        "recoveries": [
            {"hours": _write(one.hours), "hourly": None if one.hourly is None else _write(one.hourly)} for one in cut.recoveries
        ],
        "shares": [{"kind": one.kind, "multiplier": _write(one.multiplier), "hours": _write(one.hours)} for one in cut.shares],
        "flat_sum": _write(cut.flat_sum),
    }


def _write_day(day: facts.CarriedDay | None) -> dict[str, Any] | None:
    if day is None:
        return None
    starts_at = {} if day.starts_at is None else {"start": day.starts_at.isoformat()}
    return {"day": day.day.isoformat(), "hours": _write(day.hours), **starts_at}


def _write(value: Fraction) -> str:
    return exact.format_exact(value=value)
