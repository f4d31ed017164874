"""List the public holidays of a year in a business calendar, ahead of time."""

from dataclasses import dataclass
from datetime import date, timedelta

import holidays
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import BusinessCalendar, Holiday


class UnableToListHolidays(ValueError):
    """A calendar whose country is missing or not known to the published lists."""


@dataclass(frozen=True, kw_only=True)
class ListedHolidays:
    """What was written down: the days from the first to the last, and how many of them are holidays."""

    first_day: date
    last_day: date
    count: int


@transaction.atomic
def list_holidays(*, calendar: BusinessCalendar) -> ListedHolidays:
    """Write down the public holidays from the day after the last listed one to the end of that year.

    Args:
        calendar: with a country; its rows up to the last listed day stay as they are.

    Returns: the span that is now complete. A day that was listed ahead already keeps its name.
    Raises: UnableToListHolidays if the country is empty or unknown.
    Source: docs/adr/0014-business-calendars.md; the lists are those of the `holidays` package.
    """
    locked = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    first_day = locked.holidays_until + timedelta(days=1)
    last_day = date(first_day.year, 12, 31)
    published = _published(calendar=locked, year=first_day.year)
    known = set(locked.holidays.values_list("day", flat=True))
    rows = [
        Holiday(calendar=locked, day=day, name=name)
        for day, name in sorted(published.items())
        if first_day <= day <= last_day and day not in known
    ]
    Holiday.objects.bulk_create(rows)
    locked.holidays_until = last_day
    locked.save(update_fields=["holidays_until"])
    return ListedHolidays(first_day=first_day, last_day=last_day, count=len(rows))


def _published(*, calendar: BusinessCalendar, year: int) -> dict[date, str]:
    country, _other, region = calendar.holiday_country.partition("-")
    if not country:
        raise UnableToListHolidays(
            _("%(calendar)s names no country; fill it in, save, and try again, or write the holidays yourself.") % {"calendar": calendar}
        )
    try:
        language = "en_US" if "en_US" in holidays.country_holidays(country).supported_languages else None
        return dict(holidays.country_holidays(country, subdiv=region or None, years=year, language=language))
    except NotImplementedError as unknown:
        raise UnableToListHolidays(
            _(
                'No public holidays are published for "%(holiday_country)s"; write a country such as US, '
                "or one with a region such as US-CA, or write the holidays yourself."
            )
            % {"holiday_country": calendar.holiday_country}
        ) from unknown
