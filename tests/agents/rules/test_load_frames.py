"""The load limits in columns are equal to the scalar rule: any history, any instant, clock changes, both sides of each limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import load, worked_time
from agents.rules.frames import load as load_frames
from agents.rules.frames import load_spans
from contracts.rules.pay_plans import Limit

HOUR, MINUTE, MICROSECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Clocks go back on 2026-10-25 in Berlin and on 2026-11-01 in New York, and forward on 2026-03-08 there.
STARTS = (datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 3, 2, 5, tzinfo=UTC))
ZONES = (ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"))


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One agent's history, and the instants asked about."""

    shifts: tuple[worked_time.Shift, ...]
    contacts: tuple[worked_time.Contact, ...]
    units: tuple[datetime, ...]
    limits: load.Limits
    instants: tuple[datetime, ...]


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """Draw shifts with breaks, some open, contacts near them, and instants among them, often at or beside an edge."""
    zone, at = draw(st.sampled_from(ZONES)), draw(st.sampled_from(STARTS))
    shifts: list[worked_time.Shift] = []
    for _ in range(draw(st.integers(0, 14))):
        start = at + draw(st.sampled_from([1, 30, 9 * 60, 11 * 60, 13 * 60, 16 * 60, 35 * 60, 60 * 60])) * MINUTE
        at = start + draw(st.sampled_from([1, 45, 300, 360, 480, 600, 720, 780])) * MINUTE
        shifts.append(worked_time.Shift(start=start.astimezone(zone), end=at.astimezone(zone), breaks=_breaks(draw, start, at, zone)))
    if shifts and draw(st.booleans()):
        last = shifts[-1]
        pauses = last.breaks
        if pauses and draw(st.booleans()):
            pauses = (*pauses[:-1], worked_time.Break(start=pauses[-1].start))
        shifts[-1] = worked_time.Shift(start=last.start, breaks=pauses)
    edges = [STARTS[0], at, *(shift.start for shift in shifts), *(shift.end for shift in shifts if shift.end)]
    edges += [edge for shift in shifts for pause in shift.breaks for edge in (pause.start, pause.end) if edge]
    near = st.builds(
        lambda edge, step, hours: (edge + step * MICROSECOND + hours * HOUR).astimezone(zone),
        st.sampled_from(edges),
        st.sampled_from([-1, 0, 1, 1_800_000_000]),
        st.sampled_from([0, 0, 0, 1, 3, 4, 6, 11, 12, 24, 168]),
    )
    contact = st.builds(
        worked_time.Contact,
        at=near,
        handle_seconds=st.sampled_from([Fraction(0), Fraction(600), Fraction(12240), Fraction(1, 3)]),
        is_hostile=st.booleans(),
    )
    return Ask(
        shifts=tuple(shifts),
        contacts=tuple(draw(st.lists(contact, max_size=8))),
        units=tuple(draw(st.lists(near, max_size=8))),
        limits=draw(plan_limits()),
        instants=tuple(draw(st.lists(near, min_size=1, max_size=4))),
    )


def _breaks(draw: st.DrawFn, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[worked_time.Break, ...]:
    found, at = [], start
    for _ in range(draw(st.integers(0, 2))):
        begins = at + draw(st.sampled_from([0, 20, 120, 350])) * MINUTE
        ends = begins + draw(st.sampled_from([1, 15, 60])) * MINUTE
        if ends > end:
            break
        found.append(worked_time.Break(start=begins.astimezone(zone), end=ends.astimezone(zone)))
        at = ends
    return tuple(found)


@st.composite
def plan_limits(draw: st.DrawFn) -> load.Limits:
    """Draw the usual limits, or some of a plan's own."""
    own = {
        "weekly_hours": [Limit(act=Fraction(10)), Limit(warn=Fraction(20, 3), act=Fraction(41, 2)), Limit()],
        "daily_rest": [Limit(act=Fraction(9)), Limit(warn=Fraction(13), act=Fraction(11)), Limit()],
        "weekly_rest": [Limit(act=Fraction(24))],
        "consecutive_days": [Limit(act=Fraction(2)), Limit(warn=Fraction(3, 2))],
        "shift_length": [Limit(act=Fraction(8)), Limit(warn=Fraction(10, 3))],
        "break_after": [Limit(act=Fraction(35, 6))],
        "occupancy": [Limit(warn=Fraction(1, 3), act=Fraction(85, 100)), Limit(act=Fraction(1))],
        "hostile_contacts": [Limit(act=Fraction(1)), Limit(warn=Fraction(2), act=Fraction(5, 2))],
        "pace": [Limit(act=Fraction(2)), Limit(warn=Fraction(7, 12), act=Fraction(3))],
    }
    chosen = {code: draw(st.sampled_from(values)) for code, values in own.items() if draw(st.booleans())}
    return load.Limits(by_code=chosen, weekly_hours_absolute=draw(st.sampled_from([Fraction(55), Fraction(25), None])))


def to_us(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def in_columns(found: Sequence[Ask]) -> dict[str, pl.DataFrame]:
    """Write all agents' histories and instants as the frames that one call takes."""
    places = [(number, at) for number, ask in enumerate(found) for at in ask.instants]
    asked = [(place, number, to_us(at), at.date().toordinal(), number) for place, (number, at) in enumerate(places)]
    shifts = [
        (n, to_us(s.start), to_us(s.end) if s.end else None, s.start.date().toordinal()) for n, ask in enumerate(found) for s in ask.shifts
    ]
    pauses = [
        (n, to_us(s.start), to_us(p.start), to_us(p.end) if p.end else None)
        for n, ask in enumerate(found)
        for s in ask.shifts
        for p in s.breaks
    ]
    contacts = [(n, to_us(c.at), to_us(c.end), c.is_hostile) for n, ask in enumerate(found) for c in ask.contacts]
    units = [(n, to_us(at)) for n, ask in enumerate(found) for at in ask.units]
    return {
        "asks": pl.DataFrame(asked, schema=dict(load_frames.ASKS), orient="row"),
        "shifts": pl.DataFrame(shifts, schema=dict(load_spans.SHIFTS), orient="row"),
        "pauses": pl.DataFrame(pauses, schema=dict(load_spans.PAUSES), orient="row"),
        "contacts": pl.DataFrame(contacts, schema=dict(load_frames.CONTACTS), orient="row"),
        "units": pl.DataFrame(units, schema=dict(load_frames.UNITS), orient="row"),
        "limits": load_frames.limits_frame(limits={number: ask.limits for number, ask in enumerate(found)}),
    }


def decide(found: list[Ask]) -> pl.DataFrame:
    return load_frames.decide_levels(measured=load_frames.measure_loads(**in_columns(found)))


@given(found=st.lists(asks(), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_columns_decide_as_the_scalar_rule(found: list[Ask]) -> None:
    expected = [
        (place, decision.limit, decision.value, decision.threshold, decision.level)
        for place, (ask, at) in enumerate((ask, at) for ask in found for at in ask.instants)
        for decision in load.check_load(shifts=ask.shifts, contacts=ask.contacts, as_of=at, limits=ask.limits, units=ask.units)
    ]
    decided = [
        (ask, limit, Fraction(value, over), None if bound is None else Fraction(bound, bound_over), level)
        for ask, limit, value, over, bound, bound_over, level in decide(found).iter_rows()
    ]
    assert decided == expected


def test_nobody_asked_about_is_nobody_decided() -> None:
    assert decide([]).is_empty()
