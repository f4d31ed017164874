"""An amount is read as its groups and decimals say, in both languages; what can be read in two ways is refused, as are days far off."""

import pytest
from django import forms
from django.test import SimpleTestCase
from django.utils import translation
from django.utils.safestring import mark_safe

from agents.models import User
from contracts import reading
from contracts.translation import gettext_lazy
from ppr_portal.pages import fields
from ppr_portal.pages.intake import upload_dates

REFUSED = None
SENTENCES = {"en": "Enter an amount like 1.40.", "es": "Introduce un importe como 1,40."}


def read(typed: str) -> int | str:
    """Read an amount as a form does: its micros, or the sentence with which it is refused."""
    try:
        micros = fields.AmountField().clean(typed)
    except forms.ValidationError as refused:
        return str(refused.messages[0])
    assert isinstance(micros, int)
    return micros


@pytest.mark.parametrize(
    ("typed", "english", "spanish"),
    [
        ("1.40", 1_400_000, 1_400_000),
        ("1,40", 1_400_000, 1_400_000),
        ("$1.5", 1_500_000, 1_500_000),
        ("0.990", 990_000, 990_000),
        ("0,990", 990_000, 990_000),
        ("1.2345", 1_234_500, 1_234_500),
        ("1,2345", 1_234_500, 1_234_500),
        ("1234,567", 1_234_567_000, 1_234_567_000),
        ("1,234", 1_234_000_000, 1_234_000),
        ("1.234", 1_234_000, 1_234_000_000),
        ("12,345.678", 12_345_678_000, 12_345_678_000),
        ("12.345,678", 12_345_678_000, 12_345_678_000),
        ("1,234,567", 1_234_567_000_000, 1_234_567_000_000),
        ("1.234.567,8", 1_234_567_800_000, 1_234_567_800_000),
        ("1 234,50", 1_234_500_000, 1_234_500_000),
        ("1\u00a0234", 1_234_000_000, 1_234_000_000),
        ("007", 7_000_000, 7_000_000),
        ("1.234567", 1_234_567, 1_234_567),
        ("1.2345678", REFUSED, REFUSED),
        ("1,40.", REFUSED, REFUSED),
        (".50", 500_000, 500_000),
        ("1.", REFUSED, REFUSED),
        (".", REFUSED, REFUSED),
        ("12,34,5", REFUSED, REFUSED),
        ("12,345.678,9", REFUSED, REFUSED),
        ("1,234.567,890", REFUSED, REFUSED),
        ("1.234.56", REFUSED, REFUSED),
        ("0,990,000", REFUSED, REFUSED),
        ("0,990.50", REFUSED, REFUSED),
        ("1234,567.8", REFUSED, REFUSED),
        ("1 2", REFUSED, REFUSED),
        ("9223372036854.775807", 2**63 - 1, 2**63 - 1),
        ("9223372036854.775808", REFUSED, REFUSED),
        ("-1", REFUSED, REFUSED),
        ("1/2", REFUSED, REFUSED),
        ("1e3", REFUSED, REFUSED),
        ("\u0661", REFUSED, REFUSED),
    ],
)
def test_an_amount_is_read_by_its_signs(typed: str, english: int | None, spanish: int | None) -> None:
    for language, micros in (("en", english), ("es", spanish)):
        with translation.override(language):
            assert read(typed) == (SENTENCES[language] if micros is REFUSED else micros)


def test_a_person_s_own_numbers_go_before_their_language() -> None:
    with translation.override("en"), reading.read_by(User(number_format="comma")):
        assert (read("1.234"), read("1,234")) == (1_234_000_000, 1_234_000)


@pytest.mark.parametrize(
    ("micros", "currency", "english", "spanish"),
    [
        (1_234_500_000, "USD", "1234.50", "1234.50"),
        (1_234_000_000, "KWD", "1234.000", "1234,000"),
        (1_234_000, "KWD", "1.234", "1,234"),
        (1_234_000_000, "JPY", "1234", "1234"),
    ],
)
def test_what_a_field_is_filled_in_with_is_read_back_as_it_is(micros: int, currency: str, english: str, spanish: str) -> None:
    for language, written in (("en", english), ("es", spanish)):
        with translation.override(language):
            assert fields.write_amount(micros=micros, currency=currency) == written
            assert read(written) == micros


def test_no_amount_stays_none() -> None:
    assert fields.AmountField(required=False).clean(" ") is None


def test_a_choice_of_hundreds_is_written_as_any_other() -> None:
    choices = [
        ("", "---"),
        ("a&b", "A & <b>B</b>"),
        ("it's", '"quoted"'),
        (7, gettext_lazy("Agent")),
        ("Zones", [("UTC", "UTC"), ("x", mark_safe("<i>safe</i>"))]),
        ("R&D", []),
    ]
    for value in ("", "a&b", 7, "x", "none of them"):
        long, plain = (kind(choices=choices, attrs={"id": "id_zone"}).render("zone", value) for kind in (fields.LongSelect, forms.Select))
        SimpleTestCase().assertHTMLEqual(long, plain)
    assert "<b>" not in long


def test_date_formats_are_offered_before_a_column_is_said_to_hold_dates() -> None:
    offered = upload_dates.format_choices(samples=[], chosen="%d.%m.%y", timezone="UTC", repeated_hour="hold")
    assert [one.text for one in offered] == ["%d.%m.%y", *(text for text, _example in upload_dates.FORMATS)]
    assert {(one.read_count, one.sample_count, one.first_raw, one.first_at, one.reads_all) for one in offered} == {(0, 0, "", None, False)}


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31", "2016-02-30"])
def test_a_day_that_is_none_or_far_off_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError, match="Write a day like 2016-03-31"):
        fields.DayField().clean(text)


@pytest.mark.parametrize("text", ["1900-01-01", "2016-02-29", "2200-12-31"])
def test_other_days_are_read(text: str) -> None:
    assert str(fields.DayField().clean(text)) == text


def test_no_day_is_none_where_none_is_asked_for() -> None:
    assert fields.DayField(required=False).clean("") is None
