"""Which sites' pay runs are due tonight, each by its own clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.models import Agent, JobRun, Site
from billing.models import PayRun
from billing.queries import pay_periods
from billing.rules import periods
from billing.rules.pay import workweeks

OPEN = (PayRun.Status.CALCULATING, PayRun.Status.CALCULATED)
COUNTED = (JobRun.Outcome.DONE, JobRun.Outcome.RUNNING)


@dataclass(frozen=True, kw_only=True)
class DueRun:
    """A site and the pay period that ended there last, which nobody has taken into review yet."""

    site: Site
    period: workweeks.PayPeriod


def job_name(*, site: Site) -> str:
    """Return what the records of a site's pay runs are called."""
    return f"pay_run {site.code}"


def list_due_runs(*, as_of: datetime, local_hour: int) -> Iterator[DueRun]:
    """Give the pay runs to calculate now.

    Args:
        as_of: business instant.
        local_hour: from this hour on, 0 to 23 by the site's clock, a run is due once a day.

    Returns: one per site whose last pay period is over and not in review, approved, posted or paid, that has agents in it,
        and that was not calculated since its day began.
    """
    for site in Site.objects.order_by("code"):
        local = as_of.astimezone(periods.load_timezone(name=site.timezone))
        present = pay_periods.period_at(site=site, at=as_of)
        last = pay_periods.period_of(site=site, day=present.start - timedelta(days=1))
        if local.hour >= local_hour and _is_open(site, last) and not _is_done(site, local):
            yield DueRun(site=site, period=last)


def _is_open(site: Site, period: workweeks.PayPeriod) -> bool:
    runs = PayRun.objects.filter(site=site, agent=None, period_start=period.start)
    if runs.exclude(status__in=OPEN).exists():
        return False
    return Agent.objects.filter(site=site, employed_from__lt=period.end).exclude(employed_to__lte=period.start).exists()


def _is_done(site: Site, local: datetime) -> bool:
    day_start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return JobRun.objects.filter(job=job_name(site=site), outcome__in=COUNTED, as_of__gte=day_start).exists()
