"""Simulated shifts around real activity: an agent was at work when the log shows them resolving, so those hours are clocked.

The incident log has no working hours. A shift begins shortly before the first resolution of a stretch of work and ends shortly
after the last; rest and meals fall where such shifts usually have them. Values in, values out: no database, no clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ppr_portal.demo import chance

# A pause longer than this between two resolutions is a night, not a lull.
PAUSE_MAX = timedelta(hours=5, minutes=30)
STRETCH_MAX = timedelta(hours=12, minutes=30)
BETWEEN_SHIFTS_MIN = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
MEAL_AFTER = timedelta(hours=6)
MEAL = timedelta(minutes=30)
REST = timedelta(minutes=15)
REST_AFTER = timedelta(hours=4)
SECOND_REST_AFTER = timedelta(hours=7)
BOOT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """From clocking in to clocking out."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of a shift in one time category."""

    category: str
    start: datetime
    end: datetime


def shifts_around(*, agent: str, instants: Sequence[datetime], shift_min: timedelta, until: datetime) -> tuple[Shift, ...]:
    """Lay shifts around an agent's resolutions.

    Args:
        agent: code of the agent; chance is drawn from it.
        instants: when they resolved, aware, ascending, at least one.
        shift_min: no shift is planned shorter, unless the next one begins.
        until: the present; a shift that is still running is clocked up to it.

    Returns: shifts in order, at least an hour apart, that contain every instant.
    """
    stretches = [part for stretch in _split_at_nights(instants) for part in _split_long(stretch)]
    shifts: list[Shift] = []
    for position, stretch in enumerate(stretches):
        start = _down(stretch[0] - timedelta(minutes=15 + chance.draw("start", agent, stretch[0], below=36)))
        end = _up(stretch[-1] + timedelta(minutes=5 + chance.draw("end", agent, stretch[0], below=26)))
        missing = max(shift_min - (end - start), timedelta())
        start, end = _down(start - missing / 2), _up(end + missing / 2)
        if shifts:
            start = min(max(start, shifts[-1].end + BETWEEN_SHIFTS_MIN), stretch[0])
        if position + 1 < len(stretches):
            end = max(min(end, stretches[position + 1][0] - BETWEEN_SHIFTS_MIN - QUARTER), stretch[-1] + timedelta(minutes=1))
        shifts.append(Shift(start=start, end=max(min(end, until), stretch[-1] + timedelta(minutes=1))))
    return tuple(shifts)


def segments_of(*, agent: str, shift: Shift) -> tuple[Segment, ...]:
    """Cut a shift into booting, work, paid rest and an unpaid meal, in order and without gaps."""
    pauses: list[tuple[datetime, timedelta, str]] = []
    if shift.length >= MEAL_AFTER:
        pauses.append((_near(agent, shift, 50), MEAL, "meal_unpaid"))
    if shift.length >= SECOND_REST_AFTER:
        pauses += [(_near(agent, shift, 25), REST, "rest_break"), (_near(agent, shift, 75), REST, "rest_break")]
    elif shift.length >= REST_AFTER:
        pauses.append((_near(agent, shift, 30 if shift.length >= MEAL_AFTER else 50), REST, "rest_break"))
    return tuple(_cut(shift, sorted(pauses)))


def _cut(shift: Shift, pauses: list[tuple[datetime, timedelta, str]]) -> Iterator[Segment]:
    at = min(shift.start + BOOT, shift.end)
    yield Segment(category="system_boot", start=shift.start, end=at)
    for begin, length, category in pauses:
        yield Segment(category="productive", start=at, end=begin)
        yield Segment(category=category, start=begin, end=begin + length)
        at = begin + length
    if at < shift.end:
        yield Segment(category="productive", start=at, end=shift.end)


def _near(agent: str, shift: Shift, percent: int) -> datetime:
    """Return a moment about so far into the shift, on five minutes."""
    minutes = int(shift.length.total_seconds() // 60) * percent // 100 + chance.draw("pause", agent, shift.start, percent, below=21) - 10
    return shift.start + timedelta(minutes=minutes // 5 * 5)


def _split_at_nights(instants: Sequence[datetime]) -> Iterator[list[datetime]]:
    stretch = [instants[0]]
    for instant in instants[1:]:
        if instant - stretch[-1] > PAUSE_MAX:
            yield stretch
            stretch = []
        stretch.append(instant)
    yield stretch


def _split_long(stretch: list[datetime]) -> Iterator[list[datetime]]:
    """Split a stretch that no shift could last through at its longest pause."""
    if stretch[-1] - stretch[0] <= STRETCH_MAX:
        yield stretch
        return
    cut = max(range(1, len(stretch)), key=lambda position: stretch[position] - stretch[position - 1])
    yield from _split_long(stretch[:cut])
    yield from _split_long(stretch[cut:])


def _down(instant: datetime) -> datetime:
    return instant - timedelta(minutes=instant.minute % 15, seconds=instant.second, microseconds=instant.microsecond)


def _up(instant: datetime) -> datetime:
    floor = _down(instant)
    return floor if floor == instant else floor + QUARTER
