"""Units across the cases of one customer: the cap of one a day, and its frame."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import units
from agents.rules.frames import units as unit_frames
from agents.rules.units import CustomerUnit

MIDNIGHT = datetime(2026, 10, 6, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _unit(case: str, resolved: timedelta, verified: timedelta, customer: str = "k") -> CustomerUnit:
    return CustomerUnit(case=case, number=1, customer=customer, resolved_at=MIDNIGHT + resolved, verified_at=MIDNIGHT + verified)


def test_the_first_one_verified_takes_the_local_day_of_its_resolution() -> None:
    found = [_unit("1", HOUR, 9 * HOUR), _unit("2", 2 * HOUR, 3 * HOUR), _unit("3", -HOUR, 9 * HOUR), _unit("4", HOUR, HOUR, customer="j")]
    assert units.cap_customer_days(units=found, timezone="America/New_York") == {("1", 1)}


@given(drawn=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(0, 60), st.sampled_from("kj")), max_size=12))
@settings(max_examples=100, deadline=None)
def test_the_frame_equals_the_scalar_rule(drawn: list[tuple[int, int, int, str]]) -> None:
    found = [
        CustomerUnit(
            case=str(case), number=number, customer=customer, resolved_at=MIDNIGHT + resolved * HOUR, verified_at=MIDNIGHT + verified * HOUR
        )
        for number, (case, resolved, verified, customer) in enumerate(drawn)
    ]
    schema = {
        "case_id": pl.Int64,
        "number": pl.Int64,
        "customer_hash": pl.String,
        "resolved_at": pl.Datetime("us", "UTC"),
        "verified_at": pl.Datetime("us", "UTC"),
        "timezone": pl.String,
    }
    rows = [(int(unit.case), unit.number, unit.customer, unit.resolved_at, unit.verified_at, "Asia/Tokyo") for unit in found]
    frame = unit_frames.find_customer_day_rows(units=pl.DataFrame(rows, schema=schema, orient="row"))
    assert {(str(case), number) for case, number in frame.rows()} == units.cap_customer_days(units=found, timezone="Asia/Tokyo")
