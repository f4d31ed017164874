"""Repeat contacts: both sides of the window, the scopes, and the frames against the scalar rule."""

from datetime import timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import repeats, resolutions
from agents.rules.events import Event
from agents.rules.frames import repeats as repeat_frames
from agents.rules.repeats import Claim, Opening
from contracts.rules.resolution_policy import RepeatScope, ResolutionPolicy
from tests.agents.rules.histories import HOUR, MONDAY

WEEK = timedelta(days=7)


def _claim(case: str, hours: int = 0, *, channel: str = "chat", scope: RepeatScope = "any_channel") -> Claim:
    return Claim(case=case, customer="k", query_type="refund", channel=channel, at=MONDAY + hours * HOUR, window=WEEK, scope=scope)


def _opening(case: str, at: timedelta, *, customer: str = "k", query_type: str = "refund", channel: str | None = "chat") -> Opening:
    return Opening(case=case, customer=customer, query_type=query_type, channel=channel, at=MONDAY + at)


def _touched(openings: list[Opening], claims: list[Claim]) -> list[tuple[str, str | None]]:
    return [(event.case, event.code) for event in repeats.find_repeat_contacts(openings=openings, claims=claims)]


def test_a_repeat_comes_after_the_claim_and_inside_its_window() -> None:
    second = timedelta(seconds=1)
    instants = {"at": timedelta(0), "after": second, "inside": WEEK - second, "end": WEEK}
    found = {name: _touched([_opening("2", at)], [_claim("1")]) for name, at in instants.items()}
    assert found == {"at": [], "after": [("1", "2")], "inside": [("1", "2")], "end": []}


def test_another_customer_or_another_query_type_is_no_repeat() -> None:
    assert _touched([_opening("2", HOUR, customer="j"), _opening("3", HOUR, query_type="billing")], [_claim("1")]) == []


def test_own_channel_needs_the_same_channel_and_a_known_one() -> None:
    claims = [_claim("1", scope="own_channel")]
    assert _touched([_opening("2", HOUR)], claims) == [("1", "2")]
    assert _touched([_opening("2", HOUR, channel="email"), _opening("3", HOUR, channel=None)], claims) == []
    assert _touched([_opening("2", HOUR)], [_claim("1", scope="off")]) == []


def test_one_come_back_touches_the_latest_claim_only() -> None:
    assert _touched([_opening("3", 9 * HOUR)], [_claim("1"), _claim("2", 5)]) == [("2", "3")]


def test_a_derived_repeat_reopens_the_earlier_case_once() -> None:
    offer = Event(type="solution_offered", at=MONDAY, id="1", case="1", agent="1")
    derived = repeats.find_repeat_contacts(openings=[_opening("2", 24 * HOUR, channel="email")], claims=[_claim("1")])
    found = resolutions.fold_case(events=[offer, *derived, *derived], policy=ResolutionPolicy(), as_of=MONDAY + 2 * WEEK)
    assert (found.state, found.fcr_reason, [step.rule for step in found.history]) == (
        "reopened",
        "repeat_contact",
        ["solution_offered", "repeat_contact"],
    )


small = st.integers(0, 12)
names = st.sampled_from(["k", "j"])
channels = st.sampled_from(["chat", "email"])


@given(
    openings=st.lists(st.tuples(small, names, channels | st.none()), max_size=8),
    claims=st.lists(
        st.tuples(small, st.integers(0, 9), names, channels, st.integers(0, 8), st.sampled_from(["any_channel", "own_channel", "off"])),
        max_size=8,
    ),
)
@settings(max_examples=150, deadline=None)
def test_the_frame_equals_the_scalar_rule(
    openings: list[tuple[int, str, str | None]], claims: list[tuple[int, int, str, str, int, RepeatScope]]
) -> None:
    opened = [
        Opening(case=str(case), customer=customer, query_type="refund", channel=channel, at=MONDAY + hours * HOUR)
        for case, (hours, customer, channel) in enumerate(openings)
    ]
    claimed = [
        Claim(
            case=str(case),
            customer=customer,
            query_type="refund",
            channel=channel,
            at=MONDAY + hours * HOUR,
            window=window * HOUR,
            scope=scope,
        )
        for hours, case, customer, channel, window, scope in claims
    ]
    frame = repeat_frames.find_repeat_contacts_frame(openings=_frame_openings(opened), claims=_frame_claims(claimed))
    found = repeats.find_repeat_contacts(openings=opened, claims=claimed)
    rows = frame.select("case_id", "occurred_at", "channel", "repeat_case_id").rows()
    assert len(rows) == len(found)
    assert set(rows) == {(int(event.case), event.at, event.channel, int(event.code or "")) for event in found}


def _frame_openings(openings: list[Opening]) -> pl.DataFrame:
    rows = [(int(opening.case), opening.customer, opening.query_type, opening.channel, opening.at) for opening in openings]
    schema = {
        "case_id": pl.Int64,
        "customer_hash": pl.String,
        "query_type": pl.String,
        "channel": pl.String,
        "opened_at": pl.Datetime("us", "UTC"),
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _frame_claims(claims: list[Claim]) -> pl.DataFrame:
    rows = [
        (int(claim.case), claim.customer, claim.query_type, claim.channel, claim.at, claim.window // timedelta(microseconds=1), claim.scope)
        for claim in claims
    ]
    schema = {
        "case_id": pl.Int64,
        "customer_hash": pl.String,
        "query_type": pl.String,
        "channel": pl.String,
        "resolved_at": pl.Datetime("us", "UTC"),
        "repeat_us": pl.Int64,
        "repeat_scope": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
