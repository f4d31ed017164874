"""Numbers and lengths of time are read as the mapping says they are written, or not at all."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.intake.numbers import SECONDS_MAX, read_decimals, read_seconds, read_whole_numbers


def whole(text: str, decimal_mark: str = ".", grouping_mark: str = "") -> int | None:
    found = read_whole_numbers(values=pl.Series([text]), decimal_mark=decimal_mark, grouping_mark=grouping_mark)[0]
    return None if found is None else int(found)


def seconds(text: str, unit: str, decimal_mark: str = ".", grouping_mark: str = "") -> int | None:
    found = read_seconds(values=pl.Series([text]), unit=unit, decimal_mark=decimal_mark, grouping_mark=grouping_mark)[0]
    return None if found is None else int(found)


@pytest.mark.parametrize(
    ("text", "decimal_mark", "grouping_mark", "number"),
    [
        ("15", ".", "", 15),
        ("15.0", ".", "", 15),
        ("15,00", ",", "", 15),
        ("15.5", ".", "", None),
        ("15,0", ".", "", None),
        ("15.000", ",", ".", 15_000),
        ("15.000", ".", "", 15),
        ("1,500", ".", ",", 1500),
        ("1,500", ".", "", None),
        ("1,50", ".", ",", None),
        ("12,34,567", ".", ",", None),
        ("1 500", ",", " ", 1500),
        ("1'234'567", ".", "'", 1_234_567),
        ("-3", ".", "", -3),
        ("1e3", ".", "", None),
        ("0x10", ".", "", None),
        (" 15", ".", "", None),
        ("٣", ".", "", None),
        ("15.", ".", "", None),
        (".5", ".", "", None),
        ("#DIV/0!", ".", "", None),
        ("9" * 30, ".", "", None),
    ],
)
def test_a_whole_number_is_read_by_its_marks(text: str, decimal_mark: str, grouping_mark: str, number: int | None) -> None:
    assert whole(text, decimal_mark, grouping_mark) == number


@pytest.mark.parametrize(
    ("text", "unit", "found"),
    [
        ("900", "seconds", 900),
        ("900.4", "seconds", 900),
        ("900.5", "seconds", 901),
        ("15", "minutes", 900),
        ("0.50", "hours", 1800),
        ("0.333333333333", "hours", 1200),
        ("00:15", "hours", None),
        ("00:15", "clock", 900),
        ("0.50", "clock", None),
        ("0:15:30", "clock", 930),
        ("26:00", "clock", 93_600),
        ("00:60", "clock", None),
        ("12:04 AM", "clock", None),
        ("1899-12-31 00:15:00", "clock", 900),
        ("1900-01-01 12:00:00", "clock", 129_600),
        ("1904-01-01 00:15:00", "clock", 900),
        ("1904-01-02 12:00:00", "clock", 129_600),
        ("2016-02-29 00:15:00", "clock", None),
        ("4:35", "minute_clock", 275),
        ("90:00", "minute_clock", 5_400),
        ("4:35:00", "minute_clock", None),
        ("-5", "minutes", None),
        ("-0.5", "minutes", None),
        (str(SECONDS_MAX), "seconds", SECONDS_MAX),
        (str(SECONDS_MAX + 1), "seconds", None),
        ("168", "hours", SECONDS_MAX),
        ("168.01", "hours", None),
        ("9999999", "hours", None),
    ],
)
def test_a_length_of_time_is_read_by_its_unit(text: str, unit: str, found: int | None) -> None:
    assert seconds(text, unit) == found


def test_a_decimal_comma_counts_where_the_mapping_says_so() -> None:
    assert (seconds("0,50", "hours", ","), seconds("0.50", "hours", ","), seconds("1.000,5", "seconds", ",", ".")) == (1800, None, 1001)


@given(st.integers(min_value=0, max_value=SECONDS_MAX))
def test_seconds_come_back_however_they_are_written(count: int) -> None:
    clock = f"{count // 3600}:{count % 3600 // 60:02d}:{count % 60:02d}"
    assert seconds(str(count), "seconds") == seconds(clock, "clock") == count


@given(st.text(max_size=12), st.sampled_from(["seconds", "minutes", "hours", "clock", "minute_clock"]))
def test_nothing_that_stands_in_a_cell_is_more_than_a_week(text: str, unit: str) -> None:
    found = seconds(text, unit)
    assert found is None or 0 <= found <= SECONDS_MAX


@pytest.mark.parametrize(
    ("text", "decimal_mark", "grouping_mark", "number"),
    [
        ("12.50", ".", ",", "12.50"),
        ("-1,234.5", ".", ",", "-1234.5"),
        ("1.234,50", ",", ".", "1234.50"),
        ("1 234,5", ",", " ", "1234.5"),
        ("12", ".", "", "12"),
        ("0.1234567", ".", "", "0.1234567"),
        ("12.5", ",", "", None),
        ("1,23.5", ".", ",", None),
        ("1.", ".", "", None),
        (".5", ".", "", None),
        ("1e3", ".", "", None),
        ("", ".", "", None),
        (None, ".", "", None),
    ],
)
def test_a_decimal_is_read_exactly_or_not_at_all(text: str | None, decimal_mark: str, grouping_mark: str, number: str | None) -> None:
    values = pl.Series([text], dtype=pl.String())
    assert read_decimals(values=values, decimal_mark=decimal_mark, grouping_mark=grouping_mark)[0] == number
