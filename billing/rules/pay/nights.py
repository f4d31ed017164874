"""Night pay: where the law pays for the night, its hours earn a part of their pay once more, overtime at night of the overtime rate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from billing.rules import periods
from billing.rules.pay import book, day_overtime, day_rates, earnings, facts, hours, timesheet, workweeks
from billing.rules.pay import carried as carried_weeks
from contracts.rules import exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)
RULES = ("night", "night.carried")


def find_nights(*, sheet: timesheet.Timesheet, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> tuple[facts.DayPart, ...]:
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
    found = []
    for part, piece in _place(sheet, period):
        for starts_at, ends_at in _nights_around(part.day, pack, period):
            dark = timesheet.cut_span(span=piece, starts_at=starts_at, ends_at=ends_at)
            if dark:
                ahead = timesheet.hours_of(span=timesheet.Span(starts_at=piece.starts_at, ends_at=dark.starts_at))
                found.append(replace(part, hours=timesheet.hours_of(span=dark), hours_before=part.hours_before + ahead))
    return tuple(found)


def find_parts(*, sheet: timesheet.Timesheet, period: workweeks.PayPeriod) -> tuple[facts.DayPart, ...]:
    """List an agent's exact time in order, each piece with the hours worked before it on its workday.

    Args:
        sheet: exact time by workday, and all hours; hours known only as a sum of the day count as worked before the exact ones.
        period: whose workdays count.

    Returns: unbroken hours worked.
    Source: docs/adr/0082-a-workday-may-begin-with-the-shift.md.

    >>> monday = workweeks.PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12))
    >>> find_parts(sheet=timesheet.classify_time(entries=[], period=monday), period=monday)
    ()
    """
    return tuple(part for part, _ in _place(sheet, period))


def _place(sheet: timesheet.Timesheet, period: workweeks.PayPeriod) -> list[tuple[facts.DayPart, timesheet.Span]]:
    pieces = [piece for piece in sheet.spans if piece.category not in pay_plans.UNPAID]
    worked, placed = _summed_hours(sheet, pieces, period), []
    for piece in pieces:
        day, long = timesheet.day_of(span=piece, period=period), timesheet.hours_of(span=piece)
        part = facts.DayPart(
            week=timesheet.week_of(span=piece, period=period),
            day=day,
            hours=long,
            hours_before=worked.get(day, ZERO),
            day_type=piece.day_type,
        )
        placed.append((part, piece))
        worked[day] = worked.get(day, ZERO) + long
    return placed


def pay_nights(
    *,
    paid: book.Book,
    nights: Sequence[facts.DayPart],
    time: Sequence[facts.HourSlice],
    days: Mapping[date, Sequence[day_overtime.DayOvertime]],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
) -> earnings.Earned:
    """Pay night hours a part of the rate of their own day; overtime and double time at night a part of the rate of those.

    Args:
        paid: what was earned up to and with the floor, and overtime.
        nights: unbroken hours at night, as `find_nights` finds them.
        time: the agent's hours.
        days: by workweek, which hours of each day are straight, overtime and double time, as `overtime.pay_overtime` counted them.
        terms: to know what premiums of special days were.
        pack: the part, and the multipliers of days, overtime and double time.
        carried: parts of workweeks that an earlier period paid; the rate is that of the whole week.

    Returns: one earning per workweek and multiplier; night pay stays out of the regular rate, because it is taken of it.
    Source: Omnibus Rules Implementing the Labor Code of the Philippines, Book III, Rule II, sections 2 to 5.
    """
    if pack.night_share is None:
        return earnings.Earned()
    sums: dict[tuple[date, Fraction], Fraction] = {}
    for night in nights:
        mult = day_rates.mult_of(day_type=night.day_type, pack=pack)
        ot_mult = pack.ot_mult_on(day_type=night.day_type) if night.day_type else pack.ot_mult
        for factor, worked in zip((ONE, ot_mult, pack.dt_mult), _divide(night, days.get(night.week, ())), strict=True):
            if worked:
                sums[night.week, mult * factor] = sums.get((night.week, mult * factor), ZERO) + worked
    made, lacking = [], []
    for (week, factor), worked in sorted(sums.items()):
        rate = day_rates.find_rate(paid=paid, time=time, week=week, terms=terms, pack=pack, carried=carried)
        made.append(_earn(rate, pack, week, factor, worked))
    for before in carried:
        rate = day_rates.find_rate(paid=paid, time=time, week=before.week, terms=terms, pack=pack, carried=carried)
        had = carried_weeks.earned_of(before=before, kind="night")
        lacking.append(day_rates.pay_lacking(rate=rate, before=before, kind="night", had=had))
    made += [earning for earning in lacking if earning]
    weekly = tuple(earnings.WeekPay(week=earning.week, kind="shift_differential", amount=earning.exact, in_rate=False) for earning in made)
    return earnings.Earned(earnings=tuple(made), weekly=weekly)


def _divide(night: facts.DayPart, days: Sequence[day_overtime.DayOvertime]) -> tuple[Fraction, Fraction, Fraction]:
    day = next((found for found in days if found.day == night.day), None)
    return (night.hours, ZERO, ZERO) if day is None else day_overtime.divide_part(part=night, day=day)


def _summed_hours(sheet: timesheet.Timesheet, pieces: Sequence[timesheet.Span], period: workweeks.PayPeriod) -> dict[date, Fraction]:
    """Return the hours of each day that are known only as a sum: recorded so, or worked on it in an earlier period."""
    summed: dict[date, Fraction] = {} if sheet.carried_day is None else {sheet.carried_day.day: sheet.carried_day.hours}
    for part in sheet.hours:
        if part.day and hours.is_worked(part=part):
            summed[part.day] = summed.get(part.day, ZERO) + part.hours
    for piece in pieces:
        day = timesheet.day_of(span=piece, period=period)
        summed[day] = summed[day] - timesheet.hours_of(span=piece)
    return summed


def _nights_around(day: date, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> list[tuple[datetime, datetime]]:
    """Return the nights that a workday can touch, in order; a night of a clock change is an hour longer or shorter."""
    zone = periods.load_timezone(name=period.timezone)
    found = []
    # The 24 hours of a shift that begins at the end of its workday touch the day after the next.
    for first in (day + count * workweeks.DAY for count in (-1, 0, 1, 2)):
        last = first if pack.night_start < pack.night_end else first + workweeks.DAY
        starts_at, ends_at = (
            datetime.combine(on, at, tzinfo=zone).astimezone(UTC) for on, at in ((first, pack.night_start), (last, pack.night_end))
        )
        found.append((starts_at, ends_at))
    return found


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
    """Return the night pay of a settlement, rounded: the law owes it, so nothing may take it back.

    Returns: the pay currency.
    Source: Labor Code of the Philippines, article 86.
    """
    return exact.total(values=(line.amount for line in paid.lines if line.rule in RULES))
