"""Pay periods of a site: calendar months, counted by the days of its time zone."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from agents.models import Site
from billing.models import Settlement
from billing.rules import periods
from billing.rules.pay import workweeks

FIRST_YEAR, LAST_YEAR = 1900, 2200


def period_of(*, site: Site, day: date, weekday: int = 1) -> workweeks.PayPeriod:
    """Return the pay period that holds a local day; its workweeks start on this weekday, 1 is Monday."""
    found = periods.period_of_day(day=day, calendar="month")
    return workweeks.PayPeriod(start=found.start_date, end=found.end_date, timezone=site.timezone, weekday=weekday)


def period_at(*, site: Site, at: datetime) -> workweeks.PayPeriod:
    """Return the pay period that holds an instant: at the business clock's present, the open one."""
    return period_of(site=site, day=at.astimezone(periods.load_timezone(name=site.timezone)).date())


def site_of(*, settlement: Settlement) -> Site:
    """Return the site whose clock counts for a settlement: that of its run, also where the agent changed sites since."""
    return settlement.agent.site if settlement.run is None else settlement.run.site


def parse_period(*, text: str) -> date:
    """Read a period such as 2026-10 as its first day.

    Raises: InvalidPeriod if the text names no month, or one of no year in which anybody is paid.

    >>> parse_period(text="2026-10").isoformat()
    '2026-10-01'
    """
    try:
        if len(text) != len("2026-10"):
            raise ValueError
        found = date.fromisoformat(f"{text}-01")
        # A month whose neighbors no calendar has is nobody's pay period.
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError
        return found
    except ValueError as fault:
        raise periods.InvalidPeriod(_('"%(text)s" is not a period; write year and month, for example 2026-10.') % {"text": text}) from fault
