"""Night pay: where the law pays for the night, its hours earn a part of their pay once more, overtime at night of the overtime rate."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction

from billing.rules import periods
from billing.rules.pay import book, day_rates, earnings, facts, hours, timesheet, workweeks
from contracts.rules import exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


def find_nights(*, sheet: timesheet.Timesheet, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> tuple[facts.NightSlice, ...]:
    """Cut the nights out of an agent's exact time.

    Args:
        sheet: exact time by workday, and all hours; hours known only as a sum of the day count as worked before the exact ones.
        pack: when night is, in local time; without night pay nothing is looked for.
        period: whose workdays and time zone count.

    Returns: unbroken hours at night by workday, in order. Sums of hours do not tell when they were worked, and have none.
    Source: Labor Code of the Philippines, article 86.

    >>> from datetime import timedelta
    >>> monday = workweeks.PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12))
    >>> begun = datetime(2026, 10, 5, 20, tzinfo=UTC)
    >>> shift = facts.TimeSegment(category="productive", starts_at=begun, ends_at=begun + timedelta(hours=3))
    >>> found = find_nights(sheet=timesheet.classify_time(entries=[shift], period=monday),
    ...                     pack=rule_packs.RulePack(night_share=Fraction(1, 10)), period=monday)
    >>> [(str(night.hours), str(night.hours_before)) for night in found]
    [('1', '2')]
    """
    if pack.night_share is None:
        return ()
    pieces = [piece for piece in sheet.spans if piece.category not in pay_plans.UNPAID]
    worked = _summed_hours(sheet, pieces, period)
    found = []
    for piece in pieces:
        day = workweeks.workday_of(period=period, at=piece.starts_at)
        for starts_at, ends_at in _nights_around(day, pack, period):
            dark = timesheet.cut_span(span=piece, starts_at=starts_at, ends_at=ends_at)
            if dark:
                ahead = timesheet.hours_of(span=timesheet.Span(starts_at=piece.starts_at, ends_at=dark.starts_at))
                found.append(
                    facts.NightSlice(
                        week=workweeks.workweek_of(period=period, day=day),
                        day=day,
                        hours=timesheet.hours_of(span=dark),
                        hours_before=worked.get(day, ZERO) + ahead,
                        day_type=piece.day_type,
                    )
                )
        worked[day] = worked.get(day, ZERO) + timesheet.hours_of(span=piece)
    return tuple(found)


def pay_nights(
    *,
    paid: book.Book,
    nights: Sequence[facts.NightSlice],
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
) -> earnings.Earned:
    """Pay night hours a part of the rate of their own day; of those beyond the daily hours, a part of the overtime rate.

    Args:
        paid: what was earned up to and with the floor, and overtime.
        nights: unbroken hours at night, as `find_nights` finds them.
        time: the agent's hours.
        terms: to know what premiums of special days were.
        pack: the part, the daily hours, and the multipliers of days and overtime.
        carried: parts of workweeks that an earlier period paid with the salary of the whole week.

    Returns: one earning per workweek and multiplier; night pay stays out of the regular rate, because it is taken of it.
    Source: Omnibus Rules Implementing the Labor Code of the Philippines, Book III, Rule II, sections 2 to 5.
    """
    if pack.night_share is None:
        return earnings.Earned()
    sums: dict[tuple[date, Fraction], Fraction] = {}
    for night in nights:
        mult = day_rates.mult_of(day_type=night.day_type, pack=pack)
        beyond = _beyond(night, pack.ot_day)
        ot_mult = pack.ot_mult_on(day_type=night.day_type) if night.day_type else pack.ot_mult
        for factor, worked in ((mult, night.hours - beyond), (mult * ot_mult, beyond)):
            if worked:
                sums[night.week, factor] = sums.get((night.week, factor), ZERO) + worked
    made = []
    for (week, factor), worked in sorted(sums.items()):
        rate = day_rates.find_rate(paid=paid, time=time, week=week, terms=terms, pack=pack, carried=carried)
        made.append(_earn(rate, pack, week, factor, worked))
    weekly = tuple(earnings.WeekPay(week=earning.week, kind="shift_differential", amount=earning.exact, in_rate=False) for earning in made)
    return earnings.Earned(earnings=tuple(made), weekly=weekly)


def _summed_hours(sheet: timesheet.Timesheet, pieces: Sequence[timesheet.Span], period: workweeks.PayPeriod) -> dict[date, Fraction]:
    """Return the hours of each day that are known only as a sum."""
    summed: dict[date, Fraction] = {}
    for part in sheet.hours:
        if part.day and hours.is_worked(part=part):
            summed[part.day] = summed.get(part.day, ZERO) + part.hours
    for piece in pieces:
        day = workweeks.workday_of(period=period, at=piece.starts_at)
        summed[day] = summed[day] - timesheet.hours_of(span=piece)
    return summed


def _nights_around(day: date, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> list[tuple[datetime, datetime]]:
    """Return the nights that a workday can touch, in order; a night of a clock change is an hour longer or shorter."""
    zone = periods.load_timezone(name=period.timezone)
    found = []
    for first in (day - workweeks.DAY, day, day + workweeks.DAY):
        last = first if pack.night_start < pack.night_end else first + workweeks.DAY
        starts_at, ends_at = (
            datetime.combine(on, at, tzinfo=zone).astimezone(UTC) for on, at in ((first, pack.night_start), (last, pack.night_end))
        )
        found.append((starts_at, ends_at))
    return found


def _beyond(night: facts.NightSlice, threshold: Fraction | None) -> Fraction:
    """Return how much of an unbroken night lies beyond the daily hours."""
    if threshold is None:
        return ZERO
    return min(night.hours, max(ZERO, night.hours_before + night.hours - threshold))


def _earn(rate: day_rates.DayRate, pack: rule_packs.RulePack, week: date, factor: Fraction, worked: Fraction) -> earnings.Earning:
    share = pack.night_share or ZERO
    return earnings.earn(
        kind="shift_differential",
        label="Night differential",
        rule="night",
        source="rule_pack/night_share",
        week=week,
        quantity=worked,
        rate=rate.pay / rate.hours * factor * share,
        inputs={"pay": rate.pay, "hours": rate.hours, "multiplier": factor, "share": share, "night_hours": worked},
    )


def amount_of(*, paid: book.Book) -> Fraction:
    """Return the night pay of a settlement, rounded: the law owes it, so nothing may take it back."""
    return exact.total(values=(line.amount for line in paid.lines if line.rule == "night"))
