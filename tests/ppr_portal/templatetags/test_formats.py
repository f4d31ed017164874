"""Figures as people read them: both sides of zero, of a rounding tie, and of a month's end."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from ppr_portal.templatetags import formats, times

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("micros", "currency", "expected"),
    [
        (1_644_560_000, "USD", "$1,644.56"),
        (0, "USD", "$0.00"),
        (-2_200_000, "USD", "−$2.20"),
        (5_000, "USD", "$0.01"),
        (4_999, "USD", "$0.00"),
        (-5_000, "USD", "−$0.01"),
        (1_234_000_000, "JPY", "¥1,234"),
        (1_500_000, "KWD", "1.500\u00a0KWD"),
    ],
)
def test_a_single_amount_has_its_sign_and_the_currencys_decimals(micros: int, currency: str, expected: str) -> None:
    assert formats.money(micros, currency) == expected


def test_a_change_has_a_plus_and_nothing_has_none() -> None:
    assert formats.signed_amount(47_000_000) == "+47.00"
    assert formats.signed_amount(-2_200_000) == "−2.20"
    assert formats.signed_amount(0) == "0.00"
    assert formats.signed_money(11_510_000) == "+$11.51"


def test_a_rate_is_rounded_half_away_from_zero_and_a_missing_one_is_a_dash() -> None:
    assert formats.percent(Fraction(8125, 10_000)) == "81.3%"
    assert formats.percent("1/3", 0) == "33%"
    assert formats.percent(None) == "–"
    assert [formats.fine_percent(value) for value in ("0.05", "0.125", "5519/170650")] == ["5%", "12.5%", "3.2341%"]
    assert formats.signed_percent(Fraction(-9, 1000)) == "−0.9%"
    assert formats.bare_percent(Fraction(1)) == "100.0"


@pytest.mark.parametrize(
    ("value", "expected"), [("124", "124"), ("0.48", "0.48"), ("1/3", "0.3333"), ("12.50", "12.5"), ("", ""), ("-1.4", "−1.4")]
)
def test_an_exact_number_is_written_as_briefly_as_it_reads(value: str, expected: str) -> None:
    assert formats.short_number(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(60, "1 minute"), (1200, "20 minutes"), (3600, "1 hour"), (5400, "1 h 30 min"), (172_800, "2 days"), (259_200 + 3600, "3 days 1 h")],
)
def test_a_duration_is_written_in_words(seconds: int, expected: str) -> None:
    assert formats.duration(seconds) == expected


def test_hours_keep_two_decimals() -> None:
    assert formats.hours(368_100) == "102.25"
    assert formats.hours(0) == "0.00"


def test_times_are_those_of_the_readers_time_zone() -> None:
    late = datetime(2016, 4, 21, 0, 44, tzinfo=UTC)

    with timezone.override(NEW_YORK):
        assert times.full_day(late) == "Wednesday, April 20, 2016"
        assert times.moment(late) == "Wed, Apr 20, 8:44\u00a0PM"
        assert times.iso(late) == "2016-04-20T20:44:00-04:00"
    with timezone.override(UTC):
        assert times.short_day(late) == "Thu, Apr 21"


@pytest.mark.parametrize(
    ("first", "end", "brief", "expected"),
    [
        (date(2016, 4, 1), date(2016, 4, 21), False, "April 1–20"),
        (date(2016, 4, 18), date(2016, 4, 25), True, "Apr 18–24"),
        (date(2016, 2, 29), date(2016, 3, 7), True, "Feb 29 – Mar 6"),
        (date(2016, 4, 1), date(2016, 4, 2), False, "April 1"),
    ],
)
def test_a_range_of_days_ends_on_its_last_day(first: date, end: date, brief: bool, expected: str) -> None:
    assert times.day_range(first, end, brief=brief) == expected
