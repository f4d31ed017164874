"""How numbers, days and sentences are written for whoever reads: by language, and by what they chose instead."""

import pickle
from datetime import UTC, date, datetime
from fractions import Fraction
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from billing.queries import line_labels
from contracts import reading
from contracts.rules import sentences
from contracts.translation import told
from ppr_portal.templatetags import formats, times

LATE = datetime(2016, 4, 21, 0, 44, tzinfo=UTC)


def test_spanish_has_its_separators_signs_and_order_of_dates() -> None:
    with translation.override("es"), timezone.override(UTC):
        assert formats.money(1_644_560_000) == "1.644,56\u00a0$"
        assert formats.signed_money(-2_200_000) == "−2,20\u00a0$"
        assert formats.percent("0.8125") == "81,3\u00a0%"
        assert formats.count(14_950) == "14.950"
        assert formats.fine_amount(Fraction("411.208")) == "411,208"
        assert times.full_day(LATE) == "jueves, 21 de abril de 2016"
        assert times.moment(LATE) == "jue, 21 abr, 00:44"
        assert times.month_year(LATE) == "abril de 2016"
        assert times.day_range(date(2016, 4, 1), date(2016, 4, 21)) == "1–20 de abril"
        assert times.day_range(date(2016, 2, 29), date(2016, 3, 7), brief=True) == "29 feb – 6 mar"
        assert formats.duration(5400) == "1 h 30 min"
        assert formats.duration(172_800) == "2 días"


@pytest.mark.parametrize(
    ("language", "number_format", "expected"),
    [
        ("en-us", "", "1,234.50"),
        ("en-us", "comma", "1.234,50"),
        ("es", "", "1.234,50"),
        ("es", "point", "1,234.50"),
        ("es", "space", "1\u00a0234,50"),
    ],
)
def test_a_chosen_number_format_goes_before_the_language(language: str, number_format: str, expected: str) -> None:
    person = SimpleNamespace(number_format=number_format, clock="")

    with translation.override(language), reading.read_by(person):
        assert formats.decimal("1234.5") == expected


@pytest.mark.parametrize(
    ("language", "clock", "expected"),
    [("en-us", "", "12:44\u00a0AM"), ("en-us", "24", "00:44"), ("es", "", "00:44")],
)
def test_a_chosen_clock_goes_before_the_language(language: str, clock: str, expected: str) -> None:
    with translation.override(language), timezone.override(UTC), reading.read_by(SimpleNamespace(number_format="", clock=clock)):
        assert times.clock(LATE) == expected


def test_what_nobody_reads_is_written_plainly_and_the_reader_comes_back() -> None:
    person = SimpleNamespace(number_format="space", clock="24", language="es")

    with reading.told_to(person):
        with reading.plainly():
            assert (formats.decimal("1234.5"), translation.get_language()) == ("1,234.50", "en-us")
        assert (formats.decimal("1234.5"), translation.get_language()) == ("1\u00a0234,50", "es")


def test_a_language_that_the_portal_does_not_speak_is_left_to_the_browser() -> None:
    assert reading.language_of(SimpleNamespace(language="xx")) == ""
    assert reading.language_of(SimpleNamespace(language="es")) == "es"
    assert reading.zone_of(SimpleNamespace(time_zone="")) is None


def test_a_sentence_is_its_english_text_and_is_told_with_its_values() -> None:
    one = sentences.sentence("Converted at {exchange}.", exchange="0.92")

    assert one == "Converted at 0.92."
    assert told(one) == "Converted at 0.92."
    with translation.override("es"):
        assert told(one) == "Convertido a 0,92."
        assert [told(text) for text in ("by hand", sentences.sentence("This line"))] == ["by hand", "Esta línea"]


def test_a_sentence_crosses_to_another_process() -> None:
    one = sentences.sentence("Converted at {exchange}.", exchange="0.92")

    again = pickle.loads(pickle.dumps(one))

    assert (again, again.template, again.values) == (one, one.template, {"exchange": "0.92"})


def test_a_long_exact_number_in_a_sentence_is_left_for_whoever_shortens_it() -> None:
    with translation.override("es"):
        assert told(sentences.sentence("Converted at {exchange}.", exchange="0.923456789")) == "Convertido a 0.923456789."


def test_a_stored_label_is_told_and_one_of_a_person_stays() -> None:
    with translation.override("es"):
        assert line_labels.tell_label("Base pay") == "Pago base"
        assert line_labels.tell_label("Share above 120") == "Parte por encima de 120"
        assert line_labels.tell_label("Christmas bonus") == "Christmas bonus"
    assert line_labels.tell_label("Share above 120") == "Share above 120"
