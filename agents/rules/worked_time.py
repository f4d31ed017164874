"""Shifts, breaks and contacts of one agent, as spans that can be measured."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise

from contracts.rules import errors

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


class InvalidShifts(errors.InvalidInput):
    """Shifts or breaks that overlap or end before they start."""


@dataclass(frozen=True, kw_only=True)
class Break:
    """A time without work inside a shift, end exclusive; an open end is a break that goes on."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Logged-in time from start to end, with its breaks; an open end is a shift that goes on."""

    start: datetime
    end: datetime | None = None
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A handled contact: when it began, its talk + hold + ACW seconds, and whether the customer was hostile."""

    at: datetime
    handle_seconds: Fraction = Fraction(0)
    is_hostile: bool = False

    @cached_property
    def end(self) -> datetime:
        """When handling ended."""
        return pin(self.at) + timedelta(microseconds=int(self.handle_seconds * 1_000_000))


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of time, end exclusive."""

    start: datetime
    end: datetime

    def overlap(self, *, start: datetime, end: datetime) -> timedelta:
        """Return how much of the span lies between two instants."""
        return max(timedelta(0), min(self.end, end) - max(self.start, start))


@dataclass(frozen=True)
class Timeline:
    """What is known at an instant of one agent's work, in order."""

    shifts: tuple[Shift, ...]
    worked: tuple[Span, ...]
    as_of: datetime

    @property
    def latest(self) -> Shift | None:
        """The shift that goes on, or else the last one."""
        return self.shifts[-1] if self.shifts else None

    @property
    def is_on_shift(self) -> bool:
        """Whether the latest shift goes on; at its very end it still does."""
        return self.latest is not None and (self.latest.end is None or self.as_of <= self.latest.end)

    @property
    def worked_until(self) -> datetime:
        """The last instant of work: now, or the end of the last shift."""
        if self.latest is None or self.latest.end is None:
            return self.as_of
        return min(self.latest.end, self.as_of)

    def worked_between(self, start: datetime, end: datetime) -> timedelta:
        """Return the time worked between two instants."""
        return self._worked_before(end) - self._worked_before(start)

    @cached_property
    def rests(self) -> tuple[Span, ...]:
        """The stretches before and between shifts; before the first known one the agent rested, as missing data is held against nobody."""
        past = [Span(start=datetime.min.replace(tzinfo=UTC), end=self.shifts[0].start)] if self.shifts else []
        between = [Span(start=before.end, end=after.start) for before, after in pairwise(self.shifts) if before.end is not None]
        return (*past, *between)

    @cached_property
    def _starts(self) -> list[datetime]:
        return [span.start for span in self.worked]

    @cached_property
    def _totals(self) -> list[timedelta]:
        return list(accumulate((span.end - span.start for span in self.worked), initial=timedelta(0)))

    def _worked_before(self, at: datetime) -> timedelta:
        count = bisect_right(self._starts, at)
        if count == 0:
            return timedelta(0)
        return self._totals[count - 1] + self.worked[count - 1].overlap(start=self.worked[count - 1].start, end=at)


def build_timeline(*, shifts: Iterable[Shift], as_of: datetime) -> Timeline:
    """Return what is known of an agent's work at an instant.

    Args:
        shifts: in any order; those that start later are not known yet.
        as_of: the instant; a shift or break that ends later goes on.

    Returns: shifts in order and the spans worked so far, breaks taken out.
    Raises: InvalidShifts, with the place of the fault in `shifts`, if shifts or breaks overlap or end before they start.

    >>> nine = datetime(2026, 10, 5, 9, tzinfo=UTC)
    >>> lunch = Break(start=nine + 3 * HOUR, end=nine + 4 * HOUR)
    >>> line = build_timeline(shifts=[Shift(start=nine, end=nine + 8 * HOUR, breaks=(lunch,))], as_of=nine + 5 * HOUR)
    >>> line.worked_between(nine, nine + 5 * HOUR) == 4 * HOUR
    True
    """
    as_of = pin(as_of)
    placed = sorted(((position, _pin_shift(shift)) for position, shift in enumerate(shifts)), key=lambda item: item[1].start)
    for position, shift in placed:
        _check_shift(shift, position)
    for (_, before), (position, after) in pairwise(placed):
        if before.end is None or after.start < before.end:
            raise InvalidShifts(
                f"The shift of {after.start:%Y-%m-%d %H:%M} starts before the one before it ends; correct one of them.",
                path=(position, "start"),
            )
    known = tuple(shift for _, shift in placed if shift.start <= as_of)
    return Timeline(shifts=known, worked=tuple(span for shift in known for span in _work_spans(shift, as_of)), as_of=as_of)


def pin(at: datetime) -> datetime:
    """Return an instant with the offset it has, so that lengths are true across a change of clocks.

    Python subtracts two instants of one region by their wall clocks.

    >>> from zoneinfo import ZoneInfo
    >>> pin(datetime(2026, 10, 5, 9, tzinfo=ZoneInfo("America/New_York"))).isoformat()
    '2026-10-05T09:00:00-04:00'
    """
    return at.replace(tzinfo=timezone(at.utcoffset() or timedelta(0)))


def to_hours(length: timedelta) -> Fraction:
    """Return a length of time in exact hours.

    >>> to_hours(timedelta(minutes=90))
    Fraction(3, 2)
    """
    return Fraction(length // MICROSECOND, HOUR // MICROSECOND)


def from_hours(hours: Fraction) -> timedelta:
    """Return hours as a length of time, cut to the microsecond.

    Args:
        hours: exact, zero or more.

    >>> from_hours(Fraction(3, 2))
    datetime.timedelta(seconds=5400)
    """
    return timedelta(microseconds=int(hours * (HOUR // MICROSECOND)))


def _pin_shift(shift: Shift) -> Shift:
    breaks = tuple(replace(pause, start=pin(pause.start), end=pause.end and pin(pause.end)) for pause in shift.breaks)
    return Shift(start=pin(shift.start), end=shift.end and pin(shift.end), breaks=breaks)


def _check_shift(shift: Shift, position: int) -> None:
    if shift.end is not None and shift.end <= shift.start:
        raise InvalidShifts("A shift ends after it starts; correct one of the two.", path=(position, "end"))
    last = shift.start
    for index, pause in sorted(enumerate(shift.breaks), key=lambda item: item[1].start):
        if pause.end is not None and pause.end <= pause.start:
            raise InvalidShifts("A break ends after it starts; correct one of the two.", path=(position, "breaks", index, "end"))
        if pause.start < last:
            raise InvalidShifts("A break starts within its shift and after the break before it.", path=(position, "breaks", index, "start"))
        if shift.end is not None and (pause.end or pause.start) > shift.end:
            raise InvalidShifts("A break ends within its shift.", path=(position, "breaks", index, "end"))
        last = pause.end or datetime.max.replace(tzinfo=UTC)


def _work_spans(shift: Shift, as_of: datetime) -> list[Span]:
    end = min(shift.end or as_of, as_of)
    spans, start = [], shift.start
    for pause in sorted(shift.breaks, key=lambda pause: pause.start):
        if start < min(pause.start, end):
            spans.append(Span(start=start, end=min(pause.start, end)))
        start = max(start, pause.end or end)
    if start < end:
        spans.append(Span(start=start, end=end))
    return spans
