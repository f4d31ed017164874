"""How each kind of stored value is written in a terms document, and read back exactly."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from contracts.rules import exact

MICROS = 1_000_000
BASIS_POINTS = 100
PERCENT_PPM = 10_000
CENTS = 2
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Codec:
    """A way to write a value that is not empty, and to read it; `read` raises ValueError with what to write instead."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _read_text(value: Any) -> str:
    # An unquoted 2016 is a whole number to YAML, but still the text of a note or code.
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(gettext("write text here"))
    return value


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(gettext("write true or false"))
    return value


def _read_count(value: Any) -> int:
    number = _read_number(value, gettext("a whole number, such as 72"))
    if number.denominator != 1:
        raise ValueError(gettext("write a whole number, such as 72"))
    return int(number)


def _read_money(value: Any) -> int:
    micros = _read_number(value, gettext('an amount as text, such as "2.40"')) * MICROS
    if micros.denominator != 1:
        raise ValueError(gettext("an amount has at most six decimals"))
    return int(micros)


def _write_money(micros: int) -> str:
    whole, _, decimals = exact.format_exact(value=Fraction(micros, MICROS)).partition(".")
    return f"{whole}.{decimals.ljust(CENTS, '0')}"


def _read_percent(value: Any) -> int:
    text = value.strip() if isinstance(value, str) else ""
    if not text.endswith("%"):
        raise ValueError(gettext('write a percentage as text, such as "18%"'))
    parts = _read_number(text[:-1], gettext('a percentage as text, such as "18%"')) * BASIS_POINTS
    if parts.denominator != 1:
        raise ValueError(gettext("a percentage has at most two decimals"))
    return int(parts)


def _read_rate(value: Any) -> int:
    text = value.strip() if isinstance(value, str) else ""
    if not text.endswith("%"):
        raise ValueError(gettext('write a percentage as text, such as "8.875%"'))
    parts = _read_number(text[:-1], gettext('a percentage as text, such as "8.875%"')) * PERCENT_PPM
    if parts.denominator != 1:
        raise ValueError(gettext("a rate has at most four decimals"))
    return int(parts)


def _write_rate(millionths: int) -> str:
    return exact.format_exact(value=Fraction(millionths, PERCENT_PPM)) + "%"


def _write_percent(basis_points: int) -> str:
    return exact.format_exact(value=Fraction(basis_points, BASIS_POINTS)) + "%"


def _read_decimal(value: Any) -> Decimal:
    number = _read_number(value, gettext('a number as text, such as "48"'))
    text = exact.format_exact(value=number)
    if "/" in text:
        raise ValueError(gettext("write a decimal, not a fraction"))
    return Decimal(text)


def _read_day(value: Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(value if isinstance(value, str) and len(value) == len("2026-10-05") else "")
    except ValueError as wrong:
        raise ValueError(gettext("write a day as YYYY-MM-DD, such as 2026-10-05")) from wrong


def _read_weekday(value: Any) -> int:
    if value not in DAYS:
        raise ValueError(gettext("choose one of %(names)s") % {"names": ", ".join(DAYS)})
    return DAYS.index(value) + 1


def _read_texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(gettext("write a list of texts"))
    return list(value)


def _read_number(value: Any, wanted: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(gettext("write %(wanted)s") % {"wanted": wanted})
    number = exact.parse_exact(text=str(value))
    if number < 0:
        raise ValueError(gettext("must be zero or more"))
    return number


TEXT = Codec(write=str, read=_read_text)
FLAG = Codec(write=bool, read=_read_flag)
COUNT = Codec(write=int, read=_read_count)
MONEY = Codec(write=_write_money, read=_read_money)
PERCENT = Codec(write=_write_percent, read=_read_percent)
RATE = Codec(write=_write_rate, read=_read_rate)
DECIMAL = Codec(write=lambda value: exact.format_exact(value=Fraction(value)), read=_read_decimal)
DAY = Codec(write=lambda value: value.isoformat(), read=_read_day)
WEEKDAY = Codec(write=lambda value: DAYS[value - 1], read=_read_weekday)
TEXTS = Codec(write=list, read=_read_texts)
