"""Dates are read as the mapping says, to the microsecond, or refused with a reason."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.intake.dates import compile_format, read_instants
from agents.intake.errors import UnableToImport

# What a clock shows has no time zone of its own.
CLOCKS = st.datetimes(min_value=datetime(1980, 1, 2), max_value=datetime(2099, 12, 30))  # noqa: DTZ001


def read(
    text: str | None, written_as: str, *, timezone: str = "America/New_York", repeated_hour: str = "hold"
) -> tuple[datetime | None, str | None]:
    found = read_instants(
        values=pl.Series([text], dtype=pl.String),
        date_format=compile_format(text=written_as),
        timezone=timezone,
        repeated_hour=repeated_hour,
    )
    return found["instant"][0], found["fault"][0]


@pytest.mark.parametrize(
    ("text", "written_as", "instant"),
    [
        ("29/2/2016 01:16", "%d/%m/%Y %H:%M", "2016-02-29T06:16:00+00:00"),
        ("2/3/2016 9:05", "%d/%m/%Y %H:%M", "2016-03-02T14:05:00+00:00"),
        ("2/3/2016 9:05", "%m/%d/%Y %H:%M", "2016-02-03T14:05:00+00:00"),
        ("9/24/19", "%m/%d/%y", "2019-09-24T04:00:00+00:00"),
        ("24.9.19 7:05", "%d.%m.%y %H:%M", "2019-09-24T11:05:00+00:00"),
        ("20190924", "%Y%m%d", "2019-09-24T04:00:00+00:00"),
        ("1/1/99", "%m/%d/%y", "1999-01-01T05:00:00+00:00"),
        ("20160302T090500", "%Y%m%dT%H%M%S", "2016-03-02T14:05:00+00:00"),
        ("2016-03-02 12:00 am", "%Y-%m-%d %I:%M %p", "2016-03-02T05:00:00+00:00"),
        ("2016-03-02 12:30 PM", "%Y-%m-%d %I:%M %p", "2016-03-02T17:30:00+00:00"),
        ("2-Mar-2016", "%d-%b-%Y", "2016-03-02T05:00:00+00:00"),
        ("2 September 2016", "%d %B %Y", "2016-09-02T04:00:00+00:00"),
        ("2016-03-02T09:05:00.123456789Z", "%Y-%m-%dT%H:%M:%S.%f%z", "2016-03-02T09:05:00.123456+00:00"),
        ("2016-03-02T09:05:00.5+05:30", "%Y-%m-%dT%H:%M:%S.%f%z", "2016-03-02T03:35:00.500000+00:00"),
        ("2016-03-02T09:05:00-0330", "%Y-%m-%dT%H:%M:%S%z", "2016-03-02T12:35:00+00:00"),
    ],
)
def test_each_way_of_writing_gives_its_instant(text: str, written_as: str, instant: str) -> None:
    assert read(text, written_as) == (datetime.fromisoformat(instant), None)


@pytest.mark.parametrize(
    ("text", "written_as", "instant", "fault"),
    [
        ("2016-03-02", "iso", "2016-03-02T05:00:00+00:00", None),
        ("2016-03-02 09:05", "iso", "2016-03-02T14:05:00+00:00", None),
        ("2016-03-02T09:05:00Z", "iso", "2016-03-02T09:05:00+00:00", None),
        ("2016-03-02 09:05:00 UTC", "iso", "2016-03-02T09:05:00+00:00", None),
        ("2016-03-02T09:05:00+02", "iso", "2016-03-02T07:05:00+00:00", None),
        ("2025-01-08T12:15:45.789012345Z", "iso", "2025-01-08T12:15:45.789012+00:00", None),
        ("2016-03-13T02:30:00", "iso", None, "skipped_time"),
        ("2016-03-13T02:30:00Z", "iso", "2016-03-13T02:30:00+00:00", None),
        ("2016-11-06T01:30:00", "iso", None, "repeated_time"),
        ("2016-11-06T01:30:00-05:00", "iso", "2016-11-06T06:30:00+00:00", None),
        ("2016-3-2", "iso", None, "unreadable_date"),
        ("02/03/2016", "iso", None, "unreadable_date"),
        ("1518307966", "epoch seconds", "2018-02-11T00:12:46+00:00", None),
        ("1518307966.678", "epoch seconds", "2018-02-11T00:12:46.678000+00:00", None),
        ("1518307966.", "epoch seconds", None, "unreadable_date"),
        ("1.51831E+09", "epoch seconds", None, "unreadable_date"),
        ("-1518307966", "epoch seconds", None, "unreadable_date"),
        ("151830796", "epoch seconds", None, "date_out_of_range"),
        ("1518307966678", "epoch seconds", None, "unreadable_date"),
        ("1518307966678", "epoch milliseconds", "2018-02-11T00:12:46.678000+00:00", None),
        ("1518307966678.25", "epoch milliseconds", "2018-02-11T00:12:46.678250+00:00", None),
        ("1518307966", "epoch milliseconds", None, "date_out_of_range"),
        ("2016-02-29 01:16:00", "excel", "2016-02-29T06:16:00+00:00", None),
        ("42429.0527777778", "excel", "2016-02-29T06:16:00+00:00", None),
        ("42429", "excel", "2016-02-29T05:00:00+00:00", None),
        ("40967.0527777778", "excel 1904", "2016-02-29T06:16:00+00:00", None),
        ("1899-12-31 00:15:00", "excel", None, "date_out_of_range"),
        ("0.0104166666666667", "excel", None, "date_out_of_range"),
        ("29/2/2016", "excel", None, "unreadable_date"),
        ("#VALUE!", "excel", None, "unreadable_date"),
    ],
)
def test_a_format_that_is_chosen_by_name_reads_nothing_else(text: str, written_as: str, instant: str | None, fault: str | None) -> None:
    assert read(text, written_as) == (datetime.fromisoformat(instant) if instant else None, fault)


def test_each_cell_of_a_column_says_its_own_offset_or_none() -> None:
    cells = ["2016-03-02T09:05:00Z", "2016-03-02T09:05:00+05:30", "2016-03-02T09:05:00", None]
    found = read_instants(
        values=pl.Series(cells), date_format=compile_format(text="iso"), timezone="America/New_York", repeated_hour="hold"
    )
    assert [None if at is None else at.strftime("%H:%M") for at in found["instant"]] == ["09:05", "03:35", "14:05", None]


@given(CLOCKS)
def test_an_instant_comes_back_however_it_is_counted(local: datetime) -> None:
    at = local.replace(tzinfo=UTC, microsecond=local.microsecond // 1000 * 1000)
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert read(str(milliseconds), "epoch milliseconds") == (at, None)
    assert read(f"{milliseconds // 1000}.{milliseconds % 1000:03d}", "epoch seconds") == (at, None)
    assert read(at.isoformat(), "iso") == (at, None)
    days = (at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1)
    assert read(f"{days:.12f}", "excel", timezone="UTC") == (at, None)


@pytest.mark.parametrize(
    "text",
    [
        "30/2/2016 01:16",
        "29/2/16 01:16",
        " 29/2/2016 01:16",
        "29/2/2016 01:16 ",
        "29/2/2016 24:00",
        "29/2/2016 1:6",
        "2016-02-29 01:16",
        "٢٩/2/2016 01:16",
        "+9/2/2016 01:16",
        "29/2/2016 01:16\n",
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert read(text, "%d/%m/%Y %H:%M") == (None, "unreadable_date")


def test_a_leap_second_is_unreadable() -> None:
    assert read("2016-12-31T23:59:60Z", "%Y-%m-%dT%H:%M:%S%z") == (None, "unreadable_date")


def test_thirteen_o_clock_pm_is_unreadable() -> None:
    assert read("2016-03-02 13:00 pm", "%Y-%m-%d %I:%M %p") == (None, "unreadable_date")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("31/12/1979 23:59", "date_out_of_range"),
        ("1/1/1980 00:00", None),
        ("31/12/2099 23:59", None),
        ("1/1/2100 00:00", "date_out_of_range"),
    ],
)
def test_years_have_bounds(text: str, fault: str | None) -> None:
    assert read(text, "%d/%m/%Y %H:%M")[1] == fault


def test_a_missing_date_is_no_fault() -> None:
    assert read(None, "%d/%m/%Y %H:%M") == (None, None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [("13/3/2016 01:59", None), ("13/3/2016 02:00", "skipped_time"), ("13/3/2016 02:59", "skipped_time"), ("13/3/2016 03:00", None)],
)
def test_an_hour_that_clocks_skipped_is_refused(text: str, fault: str | None) -> None:
    assert read(text, "%d/%m/%Y %H:%M")[1] == fault


@pytest.mark.parametrize(
    ("repeated_hour", "instant", "fault"),
    [("hold", None, "repeated_time"), ("first", "2016-11-06T05:30:00+00:00", None), ("second", "2016-11-06T06:30:00+00:00", None)],
)
def test_an_hour_that_clocks_showed_twice_follows_the_mapping(repeated_hour: str, instant: str | None, fault: str | None) -> None:
    expected = datetime.fromisoformat(instant) if instant else None
    assert read("6/11/2016 01:30", "%d/%m/%Y %H:%M", repeated_hour=repeated_hour) == (expected, fault)


@pytest.mark.parametrize("text", ["%d/%m", "%H:%M", "%d/%m/%Y %I:%M", "%d/%d/%m/%Y", "%d/%m/%Y %Q", "%m %Y"])
def test_a_format_without_a_whole_date_is_refused(text: str) -> None:
    with pytest.raises(UnableToImport, match="date format"):
        compile_format(text=text)


@given(CLOCKS, st.booleans())
def test_every_minute_is_read_padded_or_not(local: datetime, padded: bool) -> None:
    minute = local.replace(second=0, microsecond=0)
    day, month = (f"{minute.day:02d}", f"{minute.month:02d}") if padded else (str(minute.day), str(minute.month))
    found = read(
        f"{day}/{month}/{minute.year} {minute.hour}:{minute:%M}", "%d/%m/%Y %H:%M", timezone="Europe/Berlin", repeated_hour="first"
    )
    zone = ZoneInfo("Europe/Berlin")
    expected = minute.replace(tzinfo=zone).astimezone(UTC)
    is_skipped = expected.astimezone(zone).replace(tzinfo=None) != minute
    assert found == ((None, "skipped_time") if is_skipped else (expected, None))


@given(CLOCKS, st.integers(min_value=-14 * 60, max_value=14 * 60))
def test_a_date_with_its_own_offset_needs_no_time_zone(local: datetime, offset_minutes: int) -> None:
    sign, size = ("-" if offset_minutes < 0 else "+"), abs(offset_minutes)
    text = f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond:06d}{sign}{size // 60:02d}:{size % 60:02d}"
    assert read(text, "%Y-%m-%dT%H:%M:%S.%f%z") == ((local - timedelta(minutes=offset_minutes)).replace(tzinfo=UTC), None)
