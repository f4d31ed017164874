"""Without news nobody reaches a limit before the look that is due, whatever the history."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import load
from agents.rules.frames import load as load_frames
from agents.rules.frames import load_due
from tests.agents.rules.test_load_frames import Ask, asks, in_columns, to_us

DAY = timedelta(days=1)


@given(found=asks(), part=st.sampled_from([0.1, 0.5, 0.9, 0.999]))
@settings(max_examples=60, deadline=None)
def test_no_limit_is_reached_before_the_look_that_is_due(found: Ask, part: float) -> None:
    at = found.instants[0]
    # What starts later is news when it starts.
    known = replace(
        found,
        instants=(at,),
        shifts=tuple(shift for shift in found.shifts if shift.start <= at),
        contacts=tuple(contact for contact in found.contacts if contact.at <= at),
        units=tuple(unit for unit in found.units if unit <= at),
    )
    frames = in_columns([known])
    measured = load_frames.measure_loads(**frames)
    levels = load_frames.decide_levels(measured=measured)
    reached = levels.filter(pl.col("level") != "ok").select("ask").unique()
    due = load_due.find_due(measured=measured.join(frames["asks"].select("ask", "at"), on="ask"), reached=reached)["due"][0]
    if not reached.is_empty():
        assert due == to_us(at)
        return
    assert due >= to_us(at)
    before = at + min(DAY, timedelta(microseconds=int((due - to_us(at)) * part)))
    later = load.check_load(shifts=known.shifts, contacts=known.contacts, as_of=before, limits=known.limits, units=known.units)
    assert [decision.limit for decision in later if decision.level != "ok"] == []
