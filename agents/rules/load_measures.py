"""What each guardrail measures, since when its threshold is reached, and until when it stays so without more work.

Every `measure_...` takes the facts of one agent at an instant, and the threshold in the unit that it measures: hours, days, a count, units
an hour, or a share. It returns the value, and the stretch in which the threshold is reached; the stretch means something only where it is.
`load.py` calls them by table and says which level a value reaches. Source: design.md section 8; formats.md, "guardrails".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction

from agents.rules import worked_time
from agents.rules.worked_time import HOUR, MICROSECOND, WEEK, Contact, Shift, Timeline, from_hours, to_hours

AVERAGE_WEEKS = 17
OCCUPANCY_WINDOW = timedelta(hours=4)
RECOVERY = timedelta(minutes=15)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one agent at an instant; contacts and units in order; `zone` tells when its days start."""

    timeline: Timeline
    contacts: tuple[Contact, ...]
    units: tuple[datetime, ...]
    as_of: datetime
    daily_rest_hours: Fraction
    zone: tzinfo | None = UTC


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A value, and the stretch in which it stands beyond the threshold it was measured for."""

    value: Fraction
    from_at: datetime | None = None
    until_at: datetime | None = None


def measure_weekly_hours(facts: Facts, threshold: Fraction) -> Measure:
    """Average hours worked a week over the last 17 weeks, or over the weeks begun since the first shift known."""
    line = facts.timeline
    if not line.shifts:
        return Measure(value=Fraction(0))
    first = line.shifts[0].start
    weeks = _weeks_begun(first, facts.as_of)
    total = to_hours(line.worked_between(facts.as_of - AVERAGE_WEEKS * WEEK, facts.as_of))
    boundaries = [first + count * WEEK for count in range(AVERAGE_WEEKS + 1)]
    found = _stretch(facts, AVERAGE_WEEKS * WEEK, lambda at: from_hours(threshold * _weeks_begun(first, at)), boundaries)
    return Measure(value=total / weeks, from_at=found[0], until_at=found[1])


def measure_last_week(facts: Facts, threshold: Fraction) -> Measure:
    """Hours worked in the last seven days."""
    total = to_hours(facts.timeline.worked_between(facts.as_of - WEEK, facts.as_of))
    found = _stretch(facts, WEEK, lambda _: from_hours(threshold), [])
    return Measure(value=total, from_at=found[0], until_at=found[1])


def measure_daily_rest(facts: Facts, threshold: Fraction) -> Measure:
    """The longest unbroken rest in the 24 hours before the last work."""
    return _measure_rest(facts, threshold, DAY)


def measure_weekly_rest(facts: Facts, threshold: Fraction) -> Measure:
    """The longest unbroken rest in the seven days before the last work."""
    return _measure_rest(facts, threshold, WEEK)


def measure_consecutive_days(facts: Facts, threshold: Fraction) -> Measure:
    """Days in a row with a shift, up to today or yesterday; a shift belongs to the day it starts on."""
    first_shifts: dict[date, Shift] = {}
    for shift in facts.timeline.shifts:
        first_shifts.setdefault(shift.start.date(), shift)
    last = facts.as_of.date()
    if last not in first_shifts:
        last -= DAY
    streak: list[date] = []
    while last - len(streak) * DAY in first_shifts:
        streak.append(last - len(streak) * DAY)
    count = len(streak)
    if count < threshold or not streak:
        return Measure(value=Fraction(count))
    reached = sorted(streak)[-(-threshold.numerator // threshold.denominator) - 1]
    ends = worked_time.pin(datetime.combine(last + 2 * DAY, time(), tzinfo=facts.zone))
    return Measure(value=Fraction(count), from_at=first_shifts[reached].start, until_at=ends)


def measure_shift_length(facts: Facts, threshold: Fraction) -> Measure:
    """Hours since the shift began, breaks included, while the agent has not rested from it."""
    shift = _unrested_shift(facts)
    if shift is None:
        return Measure(value=Fraction(0))
    rested_at = facts.timeline.worked_until + from_hours(facts.daily_rest_hours)
    length = to_hours(facts.timeline.worked_until - shift.start)
    return Measure(value=length, from_at=shift.start + from_hours(threshold), until_at=rested_at)


def measure_time_since_break(facts: Facts, threshold: Fraction) -> Measure:
    """Hours on shift since the last break; none during a break or after the shift."""
    shift = facts.timeline.latest
    if shift is None or not facts.timeline.is_on_shift:
        return Measure(value=Fraction(0))
    since = shift.start
    for pause in shift.breaks:
        if pause.start <= facts.as_of:
            since = max(since, min(pause.end or facts.as_of, facts.as_of))
    ahead = [pause.start for pause in shift.breaks if pause.start > facts.as_of]
    until = min(ahead) if ahead else shift.end if shift.end is not None and shift.end > facts.as_of else None
    return Measure(value=to_hours(facts.as_of - since), from_at=since + from_hours(threshold), until_at=until)


def measure_occupancy(facts: Facts, threshold: Fraction) -> Measure:
    """Handling as a share of logged-in time less breaks, in the four hours before the instant; at most 1."""
    start = facts.as_of - OCCUPANCY_WINDOW
    logged = facts.timeline.worked_between(start, facts.as_of)
    handled = sum((_overlap(contact, start, facts.as_of) for contact in facts.contacts), timedelta(0))
    value = min(Fraction(1), Fraction(handled // MICROSECOND, logged // MICROSECOND)) if logged else Fraction(0)
    return Measure(value=value, from_at=facts.as_of, until_at=facts.as_of + RECOVERY)


def measure_hostile_contacts(facts: Facts, threshold: Fraction) -> Measure:
    """Hostile contacts in the shift; recovery follows the end of the one that reached the threshold, or a multiple of it."""
    since = _shift_start(facts)
    hostile = [contact for contact in facts.contacts if contact.is_hostile and since is not None and contact.at >= since]
    step = -(-threshold.numerator // threshold.denominator)
    if step < 1 or len(hostile) < step:
        return Measure(value=Fraction(len(hostile)))
    reached = hostile[len(hostile) // step * step - 1]
    return Measure(value=Fraction(len(hostile)), from_at=reached.end, until_at=reached.end + RECOVERY)


def measure_pace(facts: Facts, threshold: Fraction) -> Measure:
    """Units an hour worked in the shift so far, where less than an hour counts as one."""
    since = _shift_start(facts)
    if since is None:
        return Measure(value=Fraction(0))
    units = [at for at in facts.units if at >= since]
    hours = max(Fraction(1), to_hours(facts.timeline.worked_between(since, facts.as_of)))
    if threshold <= 0 or not units:
        return Measure(value=len(units) / hours)
    needed = len(units) / threshold - to_hours(facts.timeline.worked_between(since, facts.as_of))
    reached = units[-1]
    for count, at in reversed(list(enumerate(units, start=1))):
        if count < threshold * max(Fraction(1), to_hours(facts.timeline.worked_between(since, at))):
            break
        reached = at
    return Measure(value=len(units) / hours, from_at=reached, until_at=facts.as_of + from_hours(max(Fraction(0), needed)))


def _measure_rest(facts: Facts, threshold: Fraction, window: timedelta) -> Measure:
    line, length = facts.timeline, from_hours(threshold)
    worked_until = line.worked_until
    resting = facts.as_of - worked_until if line.shifts else window
    begins = max(worked_until, datetime.min.replace(tzinfo=UTC) + window) - window
    longest = max((rest.overlap(start=begins, end=worked_until) for rest in line.rests), default=window)
    value = to_hours(max(longest, resting))
    if value >= threshold:
        return Measure(value=value)
    rested = max((rest.end for rest in line.rests if rest.end - rest.start >= length), default=line.shifts[0].start)
    missed_at = rested - length + window
    broken = next((shift for shift in line.shifts if shift.end is None or shift.end > missed_at), line.shifts[-1])
    return Measure(value=value, from_at=max(missed_at, broken.start), until_at=worked_until + length)


def _stretch(
    facts: Facts, window: timedelta, limit_at: Callable[[datetime], timedelta], boundaries: list[datetime]
) -> tuple[datetime | None, datetime | None]:
    """Find since when, and until when without more work, the time worked in a sliding window stays at a limit or above it.

    The time worked is linear between the instants at which work enters or leaves the window, and the limit steps only at
    `boundaries`; so the edges are found exactly, to the microsecond.
    """
    line = facts.timeline
    edges = {edge for span in line.worked for at in (span.start, span.end) for edge in (at, at + window)}
    past = sorted((edge for edge in edges.union(boundaries) if edge < facts.as_of), reverse=True)
    ahead = sorted(edge for edge in edges.union(boundaries) if edge > facts.as_of)

    def excess(at: datetime, limit: timedelta) -> timedelta:
        return line.worked_between(at - window, at) - limit

    if excess(facts.as_of, limit_at(facts.as_of)) < timedelta(0):
        return None, None
    from_at = None
    right = facts.as_of
    for left in past:
        limit = limit_at(right)
        if excess(left, limit) < timedelta(0):
            from_at = _cross(left, right, excess(left, limit), excess(right, limit))
            break
        from_at = right = left
        if excess(left, limit_at(left)) < timedelta(0):
            break
    left = facts.as_of
    for right in ahead:
        limit = limit_at(right)
        if excess(left, limit) < timedelta(0):
            return from_at, left
        if excess(right, limit) < timedelta(0):
            return from_at, _cross(left, right, excess(left, limit), excess(right, limit))
        left = right
    return from_at, None


def _cross(left: datetime, right: datetime, at_left: timedelta, at_right: timedelta) -> datetime:
    """Return where a line between two values passes zero, rounded up to the microsecond when rising."""
    part = Fraction(abs(at_left) // MICROSECOND, abs(at_right - at_left) // MICROSECOND)
    return left + timedelta(
        microseconds=-int(-part * ((right - left) // MICROSECOND)) if at_left < at_right else int(part * ((right - left) // MICROSECOND))
    )


def _weeks_begun(first: datetime, at: datetime) -> int:
    return min(AVERAGE_WEEKS, max(1, -((first - at) // WEEK)))


def _unrested_shift(facts: Facts) -> Shift | None:
    """Return the shift that goes on, or the last one while the agent has not had the daily rest since."""
    line = facts.timeline
    is_rested = not line.is_on_shift and facts.as_of - line.worked_until >= from_hours(facts.daily_rest_hours)
    return None if is_rested else line.latest


def _shift_start(facts: Facts) -> datetime | None:
    """Return since when contacts belong to the present shift; without any shift, the last twelve hours."""
    if not facts.timeline.shifts:
        return facts.as_of - 12 * HOUR
    shift = _unrested_shift(facts)
    return shift.start if shift else None


def _overlap(contact: Contact, start: datetime, end: datetime) -> timedelta:
    return max(timedelta(0), min(contact.end, end) - max(contact.at, start))
