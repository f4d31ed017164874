"""What the database holds is what a frame holds: nothing is lost, rounded or mistaken for missing."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from billing.queries import frames


@pytest.mark.django_db
def test_every_value_survives_the_way_into_a_frame():
    at = datetime(2016, 3, 13, 6, 59, 59, 999_999, tzinfo=UTC)
    sql = f"SELECT %(text)s::text, NULL::text, ''::text, 9007199254740993, {frames.microseconds('%(at)s::timestamptz')}, DATE '2016-02-29'"
    schema = {"text": pl.String, "missing": pl.String, "empty": pl.String, "big": pl.Int64, "at": pl.Int64, "day": pl.Date}
    row = frames.read_frame(sql=sql, params={"text": 'a "b", c\n100%', "at": at}, schema=schema).row(0)
    assert row == ('a "b", c\n100%', None, "", 9_007_199_254_740_993, frames.to_microseconds(at), date(2016, 2, 29))
    assert frames.to_instant(row[4]) == at


@pytest.mark.django_db
def test_no_rows_give_an_empty_frame_with_its_columns():
    frame = frames.read_frame(sql="SELECT 1 WHERE false", params=[], schema={"number": pl.Int64})
    assert frame.schema == {"number": pl.Int64}
    assert frame.is_empty()


@pytest.mark.django_db
def test_a_frame_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        frames.read_frame(sql="SELECT generate_series(1, 3)", params=[], schema={"number": pl.Int64})
