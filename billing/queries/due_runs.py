"""Which sites' pay runs are due tonight, each by its own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.models import JobRun, Site
from billing.models import PayRun
from billing.queries import pay_periods, payees
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


def find_due_run(*, site: Site, as_of: datetime, local_hour: int) -> DueRun | None:
    """Return the pay run of a site to calculate now.

    Args:
        site: whose clock counts.
        as_of: business instant.
        local_hour: from this hour on, 0 to 23 by the site's clock, a run is due once a day.

    Returns: the last pay period, if it is not in review, approved, posted or paid, has agents in it,
        and was not calculated since its day began.
    Raises: InvalidPeriod where the site's time zone cannot be read.
    """
    local = as_of.astimezone(periods.load_timezone(name=site.timezone))
    present = pay_periods.period_at(site=site, at=as_of)
    last = pay_periods.period_of(site=site, day=present.start - timedelta(days=1))
    is_due = local.hour >= local_hour and is_open(site=site, period=last) and not _is_done(site, local)
    return DueRun(site=site, period=last) if is_due else None


def is_open(*, site: Site, period: workweeks.PayPeriod) -> bool:
    """Say whether the run of a period is the nightly job's to calculate: nobody took it into review, and there is somebody to pay.

    Args:
        site: whose run.
        period: its month.
    """
    runs = PayRun.objects.filter(site=site, agent=None, period_start=period.start)
    if runs.exclude(status__in=OPEN).exists():
        return False
    return payees.list_payees(site=site, period=period).filter(payees.concerned_by(period=period)).exists()


def _is_done(site: Site, local: datetime) -> bool:
    day_start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return JobRun.objects.filter(job=job_name(site=site), outcome__in=COUNTED, as_of__gte=day_start).exists()
