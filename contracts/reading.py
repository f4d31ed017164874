"""How the person who reads wants numbers and times of day written. What nobody reads in person, such as a file, is written plainly."""

import functools
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.defaultfilters import date as date_filter
from django.utils import translation

# By number format: the sign before decimals and the one between groups.
SEPARATORS = {"point": (".", ","), "comma": (",", "."), "space": (",", "\u00a0")}
# What each language has where a person chose nothing.
NUMBER_FORMATS = {"en": "point", "es": "comma"}
CLOCKS = {"en": "12", "es": "24"}
WRITTEN_MONTHS = {"en": "F Y", "es": r"F \d\e Y"}
BRIEF_DAYS = {"en": "M j, Y", "es": "j M Y"}
WRITTEN_DAYS = {"en": "F j, Y", "es": r"j \d\e F \d\e Y"}


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What a person chose; an empty choice leaves it to the language."""

    number_format: str = ""
    clock: str = ""


PLAIN = Habits()
_habits: ContextVar[Habits] = ContextVar("habits", default=PLAIN)


def language() -> str:
    """Return the language in which texts are shown, without a country: en or es."""
    code = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return code if code in NUMBER_FORMATS else "en"


def separators() -> tuple[str, str]:
    """Return the sign before decimals and the one between groups of three digits."""
    return SEPARATORS[_habits.get().number_format or NUMBER_FORMATS[language()]]


def write_number(plain: str) -> str:
    """Write a number, grouped as in 1,234.50, with the signs that the reader knows."""
    point, comma = separators()
    return plain.translate({ord("."): point, ord(","): comma})


def write_percent(plain: str) -> str:
    """Write a number of hundredths, as in 12.5, in percent."""
    return f"{write_number(plain)}%" if language() == "en" else f"{write_number(plain)}\u00a0%"


def write_day(day: date) -> str:
    """Write a day of an agreement: November 3, 2026."""
    return date_filter(day, WRITTEN_DAYS[language()])


def write_brief_day(day: date) -> str:
    """Write a day where there is little room: Nov 3, 2026."""
    return date_filter(day, BRIEF_DAYS[language()])


def retell_month(text: str) -> str:
    """Write a month that was told in English, as in March 2016, in the reader's language; another text stays as it is."""
    month = _read_told(text, "%B %Y")
    return text if month is None else date_filter(month, WRITTEN_MONTHS[language()])


def retell_day(text: str) -> str:
    """Write a day that was told in English, as in March 5, 2016, in the reader's language; another text stays as it is."""
    day = _read_told(text, "%B %d, %Y")
    return text if day is None else write_day(day)


def _read_told(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def has_whole_clock() -> bool:
    """Whether times of day run to 24 hours."""
    return (_habits.get().clock or CLOCKS[language()]) == "24"


def habits_of(user: Any) -> Habits:
    """Return what somebody chose; nothing for somebody who is not signed in."""
    return Habits(number_format=getattr(user, "number_format", ""), clock=getattr(user, "clock", ""))


def zone_of(user: Any) -> ZoneInfo | None:
    """Return the time zone that somebody chose; None leaves it to their site."""
    name = getattr(user, "time_zone", "")
    return ZoneInfo(name) if name else None


@functools.cache
def zone_names() -> tuple[str, ...]:
    """Return the names of all time zones; finding them opens some hundreds of files, which is done once."""
    return tuple(sorted(zoneinfo.available_timezones()))


def place_of(zone: str) -> str:
    """Return the place that a time zone is called by: America/New_York is New York.

    >>> place_of("America/New_York"), place_of("UTC")
    ('New York', 'UTC')
    """
    return zone.rpartition("/")[2].replace("_", " ")


def inside_a_sentence(name: str) -> str:
    """Write a name, such as that of a channel, in the middle of a sentence: Chat becomes chat, and what has capitals of its own stays.

    >>> [inside_a_sentence(name) for name in ("Chat", "SMS", "WhatsApp", "")]
    ['chat', 'SMS', 'WhatsApp', '']
    """
    return name[:1].lower() + name[1:] if name[1:] == name[1:].lower() else name


def language_of(user: Any) -> str:
    """Return the language that somebody chose, if the portal speaks it; empty leaves it to the browser."""
    chosen = getattr(user, "language", "")
    return chosen if chosen in dict(settings.LANGUAGES) else ""


@contextmanager
def read_by(user: Any) -> Iterator[None]:
    """Write numbers and times as a person chose, until the end of the block."""
    token = _habits.set(habits_of(user))
    try:
        yield
    finally:
        _habits.reset(token)


@contextmanager
def plainly() -> Iterator[None]:
    """Write for nobody in person, until the end of the block: in the portal's own language, with its own numbers."""
    token = _habits.set(PLAIN)
    try:
        with translation.override(settings.LANGUAGE_CODE):
            yield
    finally:
        _habits.reset(token)


@contextmanager
def told_to(user: Any) -> Iterator[None]:
    """Write a mail or a paper for somebody, in the language and the numbers that they chose, until the end of the block."""
    with read_by(user), translation.override(language_of(user) or settings.LANGUAGE_CODE):
        yield
