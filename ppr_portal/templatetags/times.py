"""How days, months, instants and times of day are written for people. Templates load them with `formats`.

Days and times are those of the reader's time zone, which the page has activated. The order of a date and the clock follow the
reader's language, or what they chose instead (contracts.reading).
"""

from datetime import date, datetime, time, timedelta

from django import template
from django.template.defaultfilters import date as date_filter
from django.utils import timezone

from contracts import reading
from ppr_portal.date_patterns import PATTERNS

register = template.Library()

EN_DASH = "–"
NO_BREAK = "\u00a0"


@register.filter
def clock(value: datetime) -> str:
    """Write a time of day: 1:00 PM."""
    return _time_of_day(value, "H:i", "g:i A")


@register.filter
def hour_of_day(hour: int) -> str:
    """Write a whole hour of the day: 2:00 PM."""
    return clock(datetime.combine(date.min, time(hour)))


@register.filter
def day_before(end: date) -> date:
    """Return the last day of days whose end is left out."""
    return end - timedelta(days=1)


@register.filter
def day(value: date | datetime) -> str:
    """Write a day that someone waits for: Friday, December 4."""
    return _date(value, "day")


@register.filter
def full_day(value: date | datetime) -> str:
    """Write a day with its year: Thursday, November 19, 2026."""
    return _date(value, "full_day")


@register.filter
def short_day(value: date | datetime) -> str:
    """Write a day briefly, with its weekday: Fri, Dec 4."""
    return _date(value, "short_day")


@register.filter
def weekday(value: date | datetime) -> str:
    """Write the weekday of a day of the last week: Tuesday."""
    return _date(value, "weekday")


@register.filter
def calendar_day(value: date | datetime) -> str:
    """Write a day that has passed: Nov 3."""
    return _date(value, "calendar_day")


@register.filter
def dated(value: date | datetime) -> str:
    """Write a day that has passed with its year: Nov 3, 2026."""
    return _date(value, "dated")


@register.filter
def written_day(value: date | datetime) -> str:
    """Write a day of an agreement: November 3, 2026."""
    return _date(value, "written_day")


@register.filter
def weekday_number(value: date | datetime) -> str:
    """Write a day within a known month: Mon 16."""
    return _date(value, "weekday_number")


@register.filter
def month(value: date | datetime) -> str:
    """Write a month: November."""
    return _date(value, "month")


@register.filter
def month_year(value: date | datetime) -> str:
    """Write a month with its year: November 2026."""
    return _date(value, "month_year")


@register.filter
def moment(value: datetime) -> str:
    """Write an instant: Tue, Nov 17, 2:10 PM."""
    return f"{short_day(value)}, {clock(value)}"


@register.filter
def dated_moment(value: datetime) -> str:
    """Write an instant with its year: Nov 17, 2026, 2:10 PM."""
    return f"{dated(value)}, {clock(value)}"


@register.filter
def exact_moment(value: datetime) -> str:
    """Write an instant to the second, to see how a date was read: Tuesday, November 17, 2026, 2:10:07 PM."""
    return f"{full_day(value)}, {_time_of_day(value, 'H:i:s', 'g:i:s A')}"


@register.filter
def iso(value: date | datetime) -> str:
    """Write a day or an instant for the datetime attribute."""
    return timezone.localtime(value).isoformat() if isinstance(value, datetime) else value.isoformat()


@register.simple_tag
def day_range(first: date, end: date, *, brief: bool = False) -> str:
    """Write the days from the first up to, and without, the end: November 1–19, or Nov 30 – Dec 6."""
    last = end - timedelta(days=1)
    name = "calendar_day" if brief else "month_day"
    if first == last:
        return _date(first, name)
    if (first.year, first.month) != (last.year, last.month):
        return f"{_date(first, name)} {EN_DASH} {_date(last, name)}"
    if reading.language() == "en":
        return f"{_date(first, name)}{EN_DASH}{last.day}"
    return f"{first.day}{EN_DASH}{_date(last, name)}"


def _date(value: date | datetime, name: str) -> str:
    language = reading.language()
    written = date_filter(_as_read(value), PATTERNS[language][name])
    # Django writes Spanish weekdays as at the start of a sentence; within one they are small.
    return written if language == "en" else written.lower()


def _time_of_day(value: datetime, whole: str, halves: str) -> str:
    return date_filter(_as_read(value), whole if reading.has_whole_clock() else halves).replace(" ", NO_BREAK)


def _as_read(value: date | datetime) -> date | datetime:
    """Return an instant in the reader's time zone; a time of day without a zone, as a file states it, stays what it says."""
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
