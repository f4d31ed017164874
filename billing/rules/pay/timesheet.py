"""From time entries to hours by workweek, workday and category: exact seconds, clipped to the period, never twice.

Time that a guardrail made a paid recovery is taken out of whatever category recorded it; recovery that no exact entry
covers stands beside the recorded hours.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from billing.rules import periods
from billing.rules.pay import facts, workweeks
from contracts.rules import errors, exact, pay_plans, rule_packs

ZERO = Fraction(0)
HOURS_OF_DAY_MAX, HOURS_OF_WEEK_MAX = Fraction(25), Fraction(169)


class InvalidTime(errors.InvalidInput):
    """Time that ends before it starts, overlaps, belongs nowhere, or is more than a day or a week holds."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Exact time of one category; within one workday and workweek, which it names, where a timesheet lists it."""

    starts_at: datetime
    ends_at: datetime
    category: str = ""
    day_type: str | None = None
    hourly: Fraction | None = None
    day: date | None = None
    week: date | None = None


@dataclass(frozen=True, kw_only=True)
class Timesheet:
    """Hours of the period by category, paid recovery, the exact time of them, and the hours that were given but lie outside the period.

    `carried_day` is the workday that an earlier period began, `open_day` the one that this period does not end.
    """

    hours: tuple[facts.HourSlice, ...]
    recoveries: tuple[facts.Recovery, ...]
    hours_left_out: Fraction
    spans: tuple[Span, ...] = ()
    carried_day: facts.CarriedDay | None = None
    open_day: facts.CarriedDay | None = None


def classify_time(
    *,
    entries: Sequence[facts.TimeSum | facts.TimeSegment],
    decisions: Sequence[facts.Decision] = (),
    period: workweeks.PayPeriod,
    rounding_minutes: int | None = None,
    workday: rule_packs.Workday = "site",
    carried_day: facts.CarriedDay | None = None,
    rises: Collection[date] = (),
) -> Timesheet:
    """Sort an agent's time into workweeks, workdays and categories.

    Args:
        entries: sums by week or day, and exact segments; segments may not overlap.
        decisions: guardrail decisions; those of paid recovery claim their time.
        period: the agent's part of the pay period.
        rounding_minutes: round starts and ends of segments to the nearest of these minutes, a tie up; None is exact.
        workday: whether exact time belongs to the site's workday, or to 24 hours from when the agent began to work.
        carried_day: a workday that the period before began.
        rises: days on which the minimum wage changes; hours after such a midnight are told apart.

    Returns: one slice per (week, day, category, day type), recovery by week, exact time by workday, and hours left out.
    Raises: InvalidTime with the place of the entry.
    Source: formats.md, "pay", "Hours"; 29 CFR 785.48(b) for rounding.

    >>> monday = date(2026, 10, 5)
    >>> sheet = classify_time(entries=[facts.TimeSum(category="productive", hours=Fraction(40), week=monday)],
    ...                       period=workweeks.PayPeriod(start=monday, end=date(2026, 10, 12)))
    >>> sheet.hours[0].hours
    Fraction(40, 1)
    """
    entries = [_to_utc(entry) for entry in entries]
    _refuse_overlap(entries, period)
    rests = _claim(decisions, period)
    spans, left_out = _clip(entries, period, rounding_minutes)
    worked = [piece for span in spans for piece in _without(span, rests)]
    placed = [piece for span in worked for piece in _split_days(span, period)]
    typed = [part for rest in rests for part in _type_recovery(rest, spans)]
    placed += [replace(piece, category=facts.RECOVERY) for part in typed for piece in _split_days(part, period)]
    pieces = sorted(placed, key=lambda piece: piece.starts_at)
    begun = None
    if workday == "shift":
        pieces, begun = _split_shifts(pieces, carried_day)
    sums, sums_left_out = _read_sums(entries, period)
    hours = _add_up([*sums, *(part for piece in pieces for part in _slices(period, piece, rises))], workday)
    recoveries = [
        facts.Recovery(week=week_of(span=piece, period=period), hours=hours_of(span=piece), hourly=rest.hourly)
        for rest in rests
        for piece in _split_days(rest, period)
    ]
    return Timesheet(
        hours=hours,
        recoveries=_join(recoveries),
        hours_left_out=left_out + sums_left_out,
        spans=tuple(pieces),
        carried_day=carried_day,
        open_day=_find_open_day(hours, period, workday, begun, carried_day),
    )


def day_of(*, span: Span, period: workweeks.PayPeriod) -> date:
    """Return the workday of a span: the one it names, else that of the site.

    Source: docs/adr/0082-a-workday-may-begin-with-the-shift.md.
    """
    return span.day or workweeks.workday_of(period=period, at=span.starts_at)


def week_of(*, span: Span, period: workweeks.PayPeriod) -> date:
    """Return the workweek of a span: 168 hours of the site, whatever the workday.

    Source: docs/adr/0082-a-workday-may-begin-with-the-shift.md.
    """
    return span.week or workweeks.workweek_of(period=period, day=workweeks.workday_of(period=period, at=span.starts_at))


def _split_shifts(pieces: Sequence[Span], carried_day: facts.CarriedDay | None) -> tuple[list[Span], facts.CarriedDay | None]:
    """Give each piece to the 24 hours from when the agent began to work, and tell which of them came last; time off begins none."""
    last = carried_day if carried_day and carried_day.starts_at else None
    made: list[Span] = []
    for piece in pieces:
        rest: Span | None = piece
        while rest:
            if last is None or last.starts_at is None or rest.starts_at >= last.starts_at + workweeks.DAY:
                if rest.category in pay_plans.UNPAID:
                    made.append(rest)
                    break
                last = facts.CarriedDay(day=rest.day or rest.starts_at.date(), hours=ZERO, starts_at=rest.starts_at)
            until = rest.starts_at if last.starts_at is None else last.starts_at + workweeks.DAY
            head = cut_span(span=rest, starts_at=rest.starts_at, ends_at=until)
            made += [replace(head, day=last.day)] if head else []
            rest = cut_span(span=rest, starts_at=until, ends_at=rest.ends_at)
    return made, last


def _find_open_day(
    hours: Sequence[facts.HourSlice],
    period: workweeks.PayPeriod,
    workday: rule_packs.Workday,
    last: facts.CarriedDay | None,
    carried_day: facts.CarriedDay | None,
) -> facts.CarriedDay | None:
    """Return the workday that goes on after the period, with what was worked on it so far; None where none does."""
    if workday == "shift":
        found = last if last and last.starts_at and last.starts_at + workweeks.DAY > period.ends_at else None
    else:
        day = workweeks.workday_of(period=period, at=period.ends_at - timedelta.resolution)
        is_cut = workweeks.workday_starts_at(period=period, day=day + workweeks.DAY) > period.ends_at
        found = facts.CarriedDay(day=day, hours=ZERO) if is_cut else None
    if found is None:
        return None
    worked = exact.total(values=(part.hours for part in hours if part.day == found.day and part.category not in pay_plans.UNPAID))
    if carried_day and carried_day.day == found.day:
        worked += carried_day.hours
    return replace(found, hours=worked) if worked else None


def _to_utc(entry: facts.TimeSum | facts.TimeSegment) -> facts.TimeSum | facts.TimeSegment:
    """Compare instants, never wall clocks: an hour that a clock change repeats is two hours."""
    if isinstance(entry, facts.TimeSum):
        return entry
    return replace(entry, starts_at=entry.starts_at.astimezone(UTC), ends_at=entry.ends_at.astimezone(UTC))


def _refuse_overlap(entries: Sequence[facts.TimeSum | facts.TimeSegment], period: workweeks.PayPeriod) -> None:
    zone = periods.load_timezone(name=period.timezone)
    placed = [(place, entry) for place, entry in enumerate(entries) if isinstance(entry, facts.TimeSegment)]
    for place, entry in placed:
        if entry.ends_at <= entry.starts_at:
            raise InvalidTime("This time does not end after it starts; correct one of the two.", path=("time", place, "end"))
    placed.sort(key=lambda found: found[1].starts_at)
    for (_, before), (place, after) in pairwise(placed):
        if after.starts_at < before.ends_at:
            raise InvalidTime(
                f"This time starts at {after.starts_at.astimezone(zone).isoformat()}, before the {before.category} until "
                f"{before.ends_at.astimezone(zone).isoformat()} has ended; no minute can be recorded twice.",
                path=("time", place, "start"),
            )


def _clip(
    entries: Sequence[facts.TimeSum | facts.TimeSegment], period: workweeks.PayPeriod, minutes: int | None
) -> tuple[list[Span], Fraction]:
    spans, left_out = [], ZERO
    for entry in entries:
        if not isinstance(entry, facts.TimeSegment):
            continue
        starts_at, ends_at = (_round(at, minutes, period) if minutes else at for at in (entry.starts_at, entry.ends_at))
        span = Span(starts_at=starts_at, ends_at=ends_at, category=entry.category, day_type=entry.day_type)
        kept = cut_span(span=span, starts_at=period.hours_start_at, ends_at=period.ends_at)
        left_out += hours_of(span=span) - (hours_of(span=kept) if kept else ZERO)
        if kept:
            spans.append(kept)
    return spans, left_out


def _round(at: datetime, minutes: int, period: workweeks.PayPeriod) -> datetime:
    """Round to the nearest of the minutes of the local hour, a tie up."""
    local = at.astimezone(periods.load_timezone(name=period.timezone))
    step = timedelta(minutes=minutes)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond) % step
    return at - into + (step if 2 * into >= step else timedelta())


def _claim(decisions: Sequence[facts.Decision], period: workweeks.PayPeriod) -> list[Span]:
    """Return the recoveries inside the period; where two overlap, the later one gives way."""
    claimed: list[Span] = []
    for place, decision in enumerate(decisions):
        if decision.effect != "paid_recovery":
            continue
        if decision.starts_at is None or decision.ends_at is None or decision.ends_at <= decision.starts_at:
            raise InvalidTime("Paid recovery has a from, and an until after it.", path=("guardrails", place, "until"))
        span = Span(starts_at=decision.starts_at.astimezone(UTC), ends_at=decision.ends_at.astimezone(UTC), hourly=decision.hourly)
        kept = cut_span(span=span, starts_at=period.hours_start_at, ends_at=period.ends_at)
        claimed += _without(kept, claimed) if kept else []
    return claimed


def _type_recovery(rest: Span, spans: Sequence[Span]) -> list[Span]:
    """Give recovery inside exact time the type of day of that time: overtime and nights of a special day earn its rate."""
    special = [span for span in spans if span.day_type]
    inside = ((span, cut_span(span=rest, starts_at=span.starts_at, ends_at=span.ends_at)) for span in special)
    return [replace(piece, day_type=span.day_type) for span, piece in inside if piece] + _without(rest, special)


def _without(span: Span, taken: Sequence[Span]) -> list[Span]:
    pieces = [span]
    for other in taken:
        pieces = [
            piece
            for whole in pieces
            for piece in (
                cut_span(span=whole, starts_at=whole.starts_at, ends_at=other.starts_at),
                cut_span(span=whole, starts_at=other.ends_at, ends_at=whole.ends_at),
            )
            if piece
        ]
    return pieces


def _split_days(span: Span, period: workweeks.PayPeriod) -> list[Span]:
    pieces = []
    day = workweeks.workday_of(period=period, at=span.starts_at)
    while (starts_at := workweeks.workday_starts_at(period=period, day=day)) < span.ends_at:
        day += workweeks.DAY
        piece = cut_span(span=span, starts_at=starts_at, ends_at=workweeks.workday_starts_at(period=period, day=day))
        if piece:
            own = day - workweeks.DAY
            pieces.append(replace(piece, day=own, week=workweeks.workweek_of(period=period, day=own)))
    return pieces


def cut_span(*, span: Span, starts_at: datetime, ends_at: datetime) -> Span | None:
    """Return what of a span lies between two instants; None if nothing does."""
    start, end = max(span.starts_at, starts_at), min(span.ends_at, ends_at)
    return replace(span, starts_at=start, ends_at=end) if start < end else None


def _slices(period: workweeks.PayPeriod, span: Span, rises: Collection[date]) -> list[facts.HourSlice]:
    """Return the hours of a span, in two where the minimum wage rises at a midnight within it that does not begin its workday."""
    day, week = day_of(span=span, period=period), week_of(span=span, period=period)
    plain = facts.HourSlice(week=week, day=day, category=span.category, hours=hours_of(span=span), day_type=span.day_type)
    next_day = day + workweeks.DAY
    if next_day not in rises:
        return [plain]
    midnight = periods.first_instant(day=next_day, timezone=periods.load_timezone(name=period.timezone))
    parts = ((None, span.starts_at, midnight), (next_day, midnight, span.ends_at))
    cut = ((on, cut_span(span=span, starts_at=starts_at, ends_at=ends_at)) for on, starts_at, ends_at in parts)
    return [replace(plain, hours=hours_of(span=piece), worked_on=on) for on, piece in cut if piece]


def hours_of(*, span: Span) -> Fraction:
    """Return how long a span is, in exact hours."""
    return Fraction((span.ends_at - span.starts_at) // timedelta.resolution, 3_600_000_000)


def _read_sums(entries: Sequence[facts.TimeSum | facts.TimeSegment], period: workweeks.PayPeriod) -> tuple[list[facts.HourSlice], Fraction]:
    slices, left_out = [], ZERO
    for place, entry in enumerate(entries):
        if not isinstance(entry, facts.TimeSum):
            continue
        named = entry.day or entry.week
        if named is None or (entry.day and entry.week):
            raise InvalidTime("Hours belong to a week or to a day; name one of the two.", path=("time", place))
        week = workweeks.workweek_of(period=period, day=named)
        if period.holds_day(day=entry.day) if entry.day else period.holds_week(week=week):
            slices.append(facts.HourSlice(week=week, day=entry.day, category=entry.category, hours=entry.hours, day_type=entry.day_type))
        else:
            left_out += entry.hours
    return slices, left_out


def _add_up(slices: Sequence[facts.HourSlice], workday: rule_packs.Workday) -> tuple[facts.HourSlice, ...]:
    sums: dict[tuple[date, date | None, str, str | None, date | None], Fraction] = {}
    by_day: dict[date, Fraction] = {}
    by_week: dict[date, Fraction] = {}
    for part in slices:
        key = (part.week, part.day, part.category, part.day_type, part.worked_on)
        sums[key] = sums.get(key, ZERO) + part.hours
        by_week[part.week] = by_week.get(part.week, ZERO) + part.hours
        # A meal before a shift lies outside the 24 hours that begin with it.
        if part.day and (workday == "site" or part.category not in pay_plans.UNPAID):
            by_day[part.day] = by_day.get(part.day, ZERO) + part.hours
    _refuse_too_much(by_day, HOURS_OF_DAY_MAX, "day")
    _refuse_too_much(by_week, HOURS_OF_WEEK_MAX, "week")
    ordered = sorted(
        sums.items(), key=lambda item: (item[0][0], item[0][1] or date.min, item[0][2], item[0][3] or "", item[0][4] or date.min)
    )
    return tuple(
        facts.HourSlice(week=week, day=day, category=category, hours=hours, day_type=day_type, worked_on=worked_on)
        for (week, day, category, day_type, worked_on), hours in ordered
    )


def _refuse_too_much(sums: dict[date, Fraction], most: Fraction, name: str) -> None:
    for start, hours in sums.items():
        if hours > most:
            raise InvalidTime(
                f"The {name} of {start} has {exact.format_exact(value=hours)} hours, more than a {name} holds; "
                "something is recorded twice.",
                path=("time",),
            )


def _join(recoveries: Sequence[facts.Recovery]) -> tuple[facts.Recovery, ...]:
    sums: dict[tuple[date, Fraction | None], Fraction] = {}
    for recovery in recoveries:
        key = (recovery.week, recovery.hourly)
        sums[key] = sums.get(key, ZERO) + recovery.hours
    ordered = sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or ZERO))
    return tuple(facts.Recovery(week=week, hours=hours, hourly=hourly) for (week, hourly), hours in ordered)
