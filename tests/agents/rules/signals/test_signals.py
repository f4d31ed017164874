"""Gaming signals: what a mark is, both sides of each boundary, and when many of them are more than chance."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules.frames import signals as frames
from agents.rules.signals import assess, marks, words

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def make_unit(**values: Any) -> marks.SignalUnit:
    usual: dict[str, Any] = {
        "resolution_id": 1,
        "case_id": 1,
        "agent_id": 1,
        "team": "desk",
        "site": "albany",
        "query_type": "refund",
        "class_code": "refund/chat",
        "customer": "",
        "opened_at": NOON - HOUR,
        "resolved_at": NOON,
        "reopened_at": None,
        "period_ends_at": NOON + timedelta(days=20),
        "is_pending": False,
        "is_void": False,
        "is_first_contact": True,
        "has_survey": False,
        "is_opened_by_resolver": False,
        "is_merged_by_resolver": False,
        "handle_seconds": None,
    }
    return marks.SignalUnit(**{**usual, **values})


def mark_one(kind: marks.Kind, **values: Any) -> bool | None:
    (unit,) = marks.prepare(units=[make_unit(**values)])
    return marks.mark(kind=kind, unit=unit)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("premature_close", {"reopened_at": NOON + 24 * HOUR}, True),
        ("premature_close", {"reopened_at": NOON + 24 * HOUR + SECOND}, False),
        ("premature_close", {}, False),
        ("premature_close", {"is_pending": True}, None),
        ("premature_close", {"is_void": True}, None),
        ("splitting", {}, None),
        ("splitting", {"customer": "k"}, False),
        ("cherry_picking", {}, None),
        ("survey_steering", {}, None),
        ("survey_steering", {"is_first_contact": False}, True),
        ("survey_steering", {"is_first_contact": False, "has_survey": True}, False),
        ("survey_steering", {"is_first_contact": None}, None),
        ("period_end_spike", {"period_ends_at": NOON + 48 * HOUR}, True),
        ("period_end_spike", {"period_ends_at": NOON + 48 * HOUR + SECOND}, False),
        ("self_created", {"is_opened_by_resolver": True}, True),
        ("self_created", {"is_opened_by_resolver": True, "is_void": True}, None),
        ("merge_farming", {"is_merged_by_resolver": True, "is_void": True}, True),
        ("merge_farming", {}, False),
    ],
)
def test_a_mark_has_two_sides(kind: marks.Kind, values: dict[str, Any], expected: bool | None) -> None:
    assert mark_one(kind, **values) is expected


@pytest.mark.parametrize(("gap", "expected"), [(24 * HOUR, True), (24 * HOUR + SECOND, False)])
def test_only_the_later_of_two_cases_of_one_customer_is_marked(gap: timedelta, expected: bool) -> None:
    first = make_unit(resolution_id=1, case_id=1, customer="k", opened_at=NOON - 60 * HOUR)
    second = make_unit(resolution_id=2, case_id=2, customer="k", opened_at=first.opened_at + gap)
    again = make_unit(resolution_id=3, case_id=2, customer="k", opened_at=second.opened_at)
    prepared = marks.prepare(units=[second, first, again])

    assert [marks.mark(kind="splitting", unit=unit) for unit in prepared] == [expected, False, expected]


def test_a_class_is_short_at_half_the_usual_handle_time() -> None:
    usual = [make_unit(resolution_id=n, class_code="claim/chat", handle_seconds=400) for n in range(4)]
    short = make_unit(resolution_id=9, class_code="status/chat", handle_seconds=178)
    longer = make_unit(resolution_id=9, class_code="status/chat", handle_seconds=179)

    # (4 × 400 + 178) ÷ 5 is 355.6, half of it 177.8: one second less than 178 × 1.
    assert [marks.mark(kind="cherry_picking", unit=marks.prepare(units=[*usual, one])[-1]) for one in (short, longer)] == [False, False]
    shortest = make_unit(resolution_id=9, class_code="status/chat", handle_seconds=177)
    assert marks.mark(kind="cherry_picking", unit=marks.prepare(units=[*usual, shortest])[-1]) is True


def count(agent_id: int, observed: int, marked: int, stratum: str = "a/chat") -> assess.Count:
    return assess.Count(kind="splitting", agent_id=agent_id, stratum=stratum, observed_count=observed, marked_count=marked)


def test_an_agent_like_everybody_is_no_signal_and_one_far_beyond_is() -> None:
    others = [count(agent, 200, 4) for agent in range(1, 6)]
    found = {one.agent_id: one for one in assess.assess_counts(counts=[*others, count(6, 100, 4), count(7, 100, 20)])}

    assert [agent for agent, one in found.items() if one.is_signal] == [7]
    assert found[7].expected_rate == Fraction(24, 1100)
    assert found[7].base_observed_count == 1100


def test_a_hard_queue_is_compared_with_itself() -> None:
    hard = [count(agent, 100, 30, "claim/chat") for agent in range(1, 5)]
    easy = [count(agent, 1000, 10) for agent in range(5, 9)]
    found = assess.assess_counts(counts=[*hard, *easy])

    assert not any(one.is_signal for one in found)
    assert found[0].expected == 30


@pytest.mark.parametrize(("observed", "marked", "expected"), [(20, 5, True), (19, 5, False), (20, 4, False)])
def test_few_observations_or_marks_are_never_a_signal(observed: int, marked: int, expected: bool) -> None:
    others = [count(agent, 1000, 1) for agent in range(1, 4)]

    assert assess.assess_counts(counts=[*others, count(9, observed, marked)])[-1].is_signal is expected


def test_nobody_to_compare_with_is_no_assessment() -> None:
    assert assess.assess_counts(counts=[count(1, 100, 50)]) == ()


def test_every_kind_has_words_for_its_innocent_explanation() -> None:
    assert set(words.SIGNAL_WORDS) == set(marks.KINDS)
    assert all(len(found.innocent) > 40 for found in words.SIGNAL_WORDS.values())


instants = st.integers(0, 72).map(lambda hours: NOON + hours * HOUR)


@st.composite
def units(draw: st.DrawFn) -> list[marks.SignalUnit]:
    found = []
    for number in range(draw(st.integers(1, 12))):
        case = draw(st.integers(1, 6))
        query_type = ("refund", "status")[case % 2]
        found.append(
            make_unit(
                resolution_id=number,
                case_id=case,
                agent_id=draw(st.integers(1, 3)),
                query_type=query_type,
                class_code=f"{query_type}/chat",
                customer=("", "k", "m")[case % 3],
                opened_at=NOON + (case % 4) * 12 * HOUR,
                resolved_at=draw(instants),
                reopened_at=draw(st.none() | instants),
                period_ends_at=draw(instants),
                is_pending=draw(st.booleans()),
                is_void=draw(st.booleans()),
                is_first_contact=draw(st.none() | st.booleans()),
                has_survey=draw(st.booleans()),
                is_opened_by_resolver=draw(st.booleans()),
                is_merged_by_resolver=draw(st.booleans()),
                handle_seconds=draw(st.none() | st.integers(0, 1000)),
            )
        )
    return found


def to_us(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // timedelta(microseconds=1)


def to_frame(given_units: list[marks.SignalUnit]) -> pl.DataFrame:
    rows = [
        {
            name: to_us(getattr(unit, name.removesuffix("_us") + "_at")) if name.endswith("_us") else getattr(unit, name)
            for name in frames.UNITS
        }
        for unit in given_units
    ]
    return pl.DataFrame(rows, schema=dict(frames.UNITS))


@settings(max_examples=60, deadline=None)
@given(units(), st.none() | instants)
def test_the_frame_marks_and_counts_like_the_rule(given_units: list[marks.SignalUnit], start: datetime | None) -> None:
    starts = {(1, "splitting"): start} if start else {}
    rows = pl.DataFrame([(agent, kind, to_us(at)) for (agent, kind), at in starts.items()], schema=frames.STARTS, orient="row")
    marked = frames.mark_frame(units=to_frame(given_units), starts=rows)

    assert frames.count_frame(marked=marked) == assess.count_marks(units=marks.prepare(units=given_units), starts=starts)
