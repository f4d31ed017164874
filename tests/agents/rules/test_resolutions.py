"""The fold: order, repeats and batches change nothing, and the frames say what the scalar rule says."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agents.rules import events as case_events
from agents.rules import resolutions
from agents.rules.events import Event, InvalidEvents
from agents.rules.frames import events as event_frames
from agents.rules.frames import fold
from contracts.rules.resolution_policy import ResolutionPolicy
from tests.agents.rules import histories
from tests.agents.rules.histories import HOUR, MONDAY


@given(events=histories.case_histories(), policy=histories.policies(), hours=st.integers(0, 90), data=st.data())
@settings(max_examples=150, deadline=None)
def test_order_and_repeats_change_nothing(events: tuple[Event, ...], policy: ResolutionPolicy, hours: int, data: st.DataObject) -> None:
    as_of = MONDAY + hours * HOUR
    found = resolutions.fold_case(events=events, policy=policy, as_of=as_of)
    repeated = list(events) + data.draw(st.lists(st.sampled_from(events), max_size=5) if events else st.just([]))
    assert resolutions.fold_case(events=data.draw(st.permutations(repeated)), policy=policy, as_of=as_of) == found


def channel_at(events: tuple[Event, ...], as_of: datetime) -> str | None:
    """Return the channel of a case as it is known at an instant."""
    return resolutions.case_channel(events=case_events.order_events(events=events, as_of=as_of))


@given(events=histories.case_histories(), policy=histories.policies(), hours=st.integers(0, 90), later=st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_what_happened_is_never_rewritten(events: tuple[Event, ...], policy: ResolutionPolicy, hours: int, later: int) -> None:
    # Repeats on the own channel wait for the channel to be known; a case that names it only later is judged by what it then says.
    first, last = MONDAY + hours * HOUR, MONDAY + (hours + later) * HOUR
    assume(channel_at(events, first) == channel_at(events, last))
    early = resolutions.fold_case(events=events, policy=policy, as_of=first)
    late = resolutions.fold_case(events=events, policy=policy, as_of=last)
    assert late.history[: len(early.history)] == early.history
    verified = {episode.number: episode.verified_at for episode in early.episodes if episode.verified_at}
    assert verified.items() <= {episode.number: episode.verified_at for episode in late.episodes}.items()
    for episode in late.episodes:
        assert not episode.payable or episode.verified_at is not None
        assert episode.verified_at is None or episode.resolved_at <= episode.verified_at
    assert all(before.at <= after.at for before, after in zip(late.history, late.history[1:], strict=False))


@given(
    chosen=st.lists(histories.policies(), min_size=1, max_size=3),
    hours=st.integers(0, 90),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_the_frames_equal_the_scalar_rule(chosen: list[ResolutionPolicy], hours: int, data: st.DataObject) -> None:
    as_of = MONDAY + hours * HOUR
    policies = dict(enumerate(chosen))
    cases = {case: data.draw(st.sampled_from(sorted(policies))) for case in range(data.draw(st.integers(1, 4)))}
    events = {case: data.draw(histories.case_histories(case=str(case))) for case in cases}
    rows = [event for found in events.values() for event in found]
    repeated = rows + data.draw(st.lists(st.sampled_from(rows), max_size=5) if rows else st.just([]))
    frame = histories.to_frame(data.draw(st.permutations(repeated)))
    case_frame = pl.DataFrame(
        {"case_id": list(cases), "policy_id": list(cases.values())}, schema={"case_id": pl.Int64, "policy_id": pl.Int64}
    )
    folded = fold.fold_cases_frame(events=frame, cases=case_frame, policies=policies, as_of=as_of)
    for case, policy_id in cases.items():
        expected = resolutions.fold_case(events=events[case], policy=policies[policy_id], as_of=as_of)
        assert _case_row(folded.cases, case) == (
            expected.state,
            expected.verified_at,
            expected.payable,
            expected.fcr,
            expected.fcr_reason,
        )
        assert _rows(folded.transitions, case, TRANSITION_COLUMNS) == [
            (step.episode, step.state, step.at, step.rule, step.event, step.detail) for step in expected.history
        ]
        assert _rows(folded.episodes, case, EPISODE_COLUMNS) == [_episode_row(episode) for episode in expected.episodes]


TRANSITION_COLUMNS = ["number", "state", "at", "rule", "event_id", "detail"]
EPISODE_COLUMNS = [name for name in fold.EPISODE_COLUMNS if name != "case_id"]


def _case_row(cases: pl.DataFrame, case: int) -> tuple[object, ...]:
    return cases.filter(pl.col("case_id") == case).select("state", "verified_at", "payable", "fcr", "fcr_reason").row(0)


def _rows(frame: pl.DataFrame, case: int, columns: list[str]) -> list[tuple[object, ...]]:
    return frame.filter(pl.col("case_id") == case).select(columns).rows()


def _episode_row(episode: resolutions.Episode) -> tuple[object, ...]:
    named = {"agent_id": None if episode.agent is None else int(episode.agent), "event_id": episode.event}
    return tuple(named[name] if name in named else getattr(episode, name) for name in EPISODE_COLUMNS)


def test_batches_fold_like_one_drop() -> None:
    """Events of a case may arrive in any number of drops; folding what is there so far never decides what comes later."""
    offer = Event(type="solution_offered", at=MONDAY, id="1", agent="1")
    returned = Event(type="customer_returned", at=MONDAY + HOUR, id="2")
    second = Event(type="solution_offered", at=MONDAY + 2 * HOUR, id="3", agent="2")
    as_of = MONDAY + timedelta(days=9)
    whole = resolutions.fold_case(events=[offer, returned, second], policy=ResolutionPolicy(), as_of=as_of)
    assert resolutions.fold_case(events=[second, offer, offer, returned], policy=ResolutionPolicy(), as_of=as_of) == whole
    assert [episode.state for episode in whole.episodes] == ["reopened", "assumed"]


def test_refuses_one_id_with_two_bodies() -> None:
    offer, other = Event(type="closed", at=MONDAY, id="1", case="7"), Event(type="opened", at=MONDAY, id="1", case="7")
    with pytest.raises(InvalidEvents):
        resolutions.fold_case(events=[offer, other], policy=ResolutionPolicy(), as_of=MONDAY)
    with pytest.raises(event_frames.InvalidEventFrame):
        _fold_frame(histories.to_frame([offer, other]))


def test_refuses_frames_it_cannot_judge() -> None:
    frame = histories.to_frame([Event(type="closed", at=MONDAY, id="1", case="7")])
    with pytest.raises(event_frames.InvalidEventFrame, match="lack the columns type"):
        _fold_frame(frame.drop("type"))
    with pytest.raises(event_frames.InvalidEventFrame, match="no event types solved"):
        _fold_frame(frame.with_columns(type=pl.lit("solved")))
    with pytest.raises(event_frames.InvalidEventFrame, match="no policy"):
        _fold_frame(frame, case=8)
    with pytest.raises(event_frames.InvalidEventFrame, match="policy 5"):
        _fold_frame(frame, policy=5)


def test_a_frame_without_optional_columns_and_one_without_rows() -> None:
    frame = histories.to_frame([Event(type="closed", at=MONDAY, id="1", case="7")])
    assert _fold_frame(frame.select(event_frames.REQUIRED)).cases["state"].to_list() == ["pending"]
    assert _fold_frame(frame.clear()).cases["state"].to_list() == ["open"]


def _fold_frame(frame: pl.DataFrame, *, case: int = 7, policy: int = 1) -> fold.FoldedCases:
    cases = pl.DataFrame({"case_id": [case], "policy_id": [policy]})
    return fold.fold_cases_frame(events=frame, cases=cases, policies={1: ResolutionPolicy()}, as_of=MONDAY)
