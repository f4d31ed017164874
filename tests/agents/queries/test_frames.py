"""Rows of a query as a frame, as text and packed: the same values, nulls and types."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from agents.queries import frames

pytestmark = pytest.mark.django_db
NUMBERS: dict[str, pl.DataType] = {"place": pl.Int64(), "small": pl.Int8(), "nothing": pl.Int64(), "edge": pl.Int64()}
SOME = """
    SELECT i, nullif(i %% %(every)s, 0)::smallint, NULL::bigint, CASE WHEN i = 1 THEN -9223372036854775807 ELSE 9223372036854775807 END
    FROM generate_series(1, %(count)s) i"""


@pytest.mark.parametrize("count", [0, 1, 7, 3_000])
def test_packed_numbers_are_those_that_text_gives(count: int) -> None:
    parameters = {"every": 5, "count": count}

    packed = frames.query_numbers(sql=SOME, parameters=parameters, schema=NUMBERS)

    assert packed.schema == pl.Schema(NUMBERS)
    assert packed.height == count
    assert packed.equals(frames.query_frame(sql=SOME, parameters=parameters, schema=NUMBERS))


def test_values_keep_their_signs_and_nulls() -> None:
    sql = "SELECT * FROM (VALUES (-1, 0::bigint), (NULL, 9223372036854775807), (256, -9223372036854775807)) v"

    found = frames.query_numbers(sql=sql, schema={"small": pl.Int16(), "large": pl.Int64()})

    assert found.rows() == [(-1, 0), (None, 2**63 - 1), (256, -(2**63) + 1)]


def test_instants_and_truth_are_read_as_declared() -> None:
    sql = f"SELECT {frames.instant('at')}, at > now(), at::date FROM (VALUES (TIMESTAMPTZ '2016-03-01 05:00:00.000001+00')) v (at)"

    found = frames.query_frame(sql=sql, schema={"at": frames.INSTANT, "is_ahead": pl.Boolean(), "day": pl.Date()})

    assert found.rows() == [(datetime(2016, 3, 1, 5, 0, 0, 1, tzinfo=UTC), False, date(2016, 3, 1))]


def test_packed_instants_are_microseconds_since_1970() -> None:
    sql = """
        SELECT i, at FROM (
            VALUES (1, TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'), (2, NULL), (3, TIMESTAMPTZ '2016-03-01 05:00:00+00')
        ) v (i, at)
        ORDER BY i"""

    found = frames.query_numbers(sql=sql, schema={"place": pl.Int64(), "at": pl.Int64()}, instants=("at",))

    assert found.rows() == [(1, -1), (2, None), (3, 1_456_808_400_000_000)]
