"""Whom the run of a month pays: everybody is in one run, also who changes sites while months are calculated and approved."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, Func, JSONField, OuterRef, Q, QuerySet

from agents.models import Agent, Resolution, Site, TimeEntry
from billing.models import PayRun, PayRunShard, Settlement
from billing.rules.pay import workweeks

FIXED = (PayRun.Status.APPROVED, PayRun.Status.POSTED, PayRun.Status.PAID)


def list_payees(*, site: Site, period: workweeks.PayPeriod) -> QuerySet[Agent]:
    """Return the agents that the run of a site may concern.

    They are those of the site, those whom its run holds already, and those who went from it to a site whose run was approved and never
    looked at them. Who has a run of their own is left out, and whom another site's run holds: an agent has one settlement a period.

    Args:
        site: whose run.
        period: its month.
    """
    own = PayRun.objects.filter(period_start=period.start, agent__isnull=False).values("agent")
    held = Settlement.objects.filter(period_start=period.start, run__isnull=False).order_by()
    went = Agent.objects.filter(left_behind(site=site, period_start=period.start)).order_by()
    concerned = Q(site=site) | Q(pk__in=held.filter(run__site=site).values("agent")) | Q(pk__in=went.values("pk"))
    return Agent.objects.filter(concerned).exclude(pk__in=own).exclude(pk__in=held.exclude(run__site=site).values("agent"))


def left_behind(*, site: Any, period_start: Any) -> Q:
    """Return the condition that an agent left a site, and came to one after its run of the period, which is approved, was calculated.

    It may hold more than once. Whom a run looked at is that run's to pay or to name, so who left long ago is no business of the old site.

    Args:
        site: the one that was left; a site, or a reference to that of an outer query.
        period_start: first day of the period.
    """
    return ~_is_looked_at(period_start) & Q(
        site_events__site=site,
        site__pay_runs__agent=None,
        site__pay_runs__period_start=period_start,
        site__pay_runs__status__in=FIXED,
    )


def _is_looked_at(period_start: date) -> Exists:
    """Say whether an agent is in a part of the approved run of the month of their site."""
    agent = Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
    month = {"run__site": OuterRef("site"), "run__agent": None, "run__period_start": period_start, "run__status__in": FIXED}
    return Exists(PayRunShard.objects.filter(**month, agent_ids__contains=agent))


def concerned_by(*, period: workweeks.PayPeriod) -> Q:
    """Return the condition that a run of a month pays or names an agent: employed in it, or with work of it before the first day.

    Args:
        period: the month.
    """
    clocked = TimeEntry.objects.filter(agent=OuterRef("pk"), started_at__lt=period.ends_at, ended_at__gt=period.starts_at)
    solved = Resolution.objects.filter(agent=OuterRef("pk"), verified_at__gte=period.starts_at, verified_at__lt=period.ends_at)
    is_employed = Q(employed_from__lt=period.end) & (Q(employed_to=None) | Q(employed_to__gt=period.start))
    return is_employed | Q(employed_from__gte=period.end) & (Exists(clocked) | Exists(solved))


def list_worked_after(*, site: Site, period: workweeks.PayPeriod, as_of: datetime) -> list[Agent]:
    """Return the agents whose final pay of a month is approved and who worked on in it: no run pays these hours.

    Args:
        site: whose run of the month leaves them out.
        period: the month.
        as_of: what was clocked later is not known.
    """
    later = TimeEntry.objects.filter(agent=OuterRef("agent"), ended_at__gt=OuterRef("as_of"), started_at__lt=min(period.ends_at, as_of))
    final = PayRun.objects.filter(Exists(later), site=site, agent__isnull=False, period_start=period.start, status__in=FIXED)
    return [run.agent for run in final.select_related("agent").order_by("agent__code") if run.agent is not None]


def list_settled_later(*, agent_ids: Collection[int], period: workweeks.PayPeriod) -> dict[int, date]:
    """Return agents whose pay of a later period is approved, with the first day of the first such period.

    What a period hands on (advances, pay kept for later, parts of workweeks) went past this one into that one; paid after it, it would be
    taken back, or paid, a second time.
    """
    later = Settlement.objects.filter(agent__in=agent_ids, period_start__gt=period.start, status__in=FIXED).order_by("-period_start")
    return dict(later.values_list("agent", "period_start"))


def find_month_run(*, agent: Agent, period: workweeks.PayPeriod) -> PayRun | None:
    """Return the run of a month that will pay an agent whom no run holds yet.

    Args:
        agent: who may have changed sites.
        period: a month.

    Returns: the run of their site, unless it was approved without them; then an open one of a site that they left, where that of their
        site did not look at them. None if there is none.
    """
    runs = PayRun.objects.filter(agent=None, period_start=period.start)
    here = runs.filter(site=agent.site_id).first()
    if here is None or here.status not in FIXED:
        return here
    left = Agent.objects.filter(~_is_looked_at(period.start), pk=agent.pk).values("site_events__site")
    return runs.filter(site__in=left).exclude(status__in=FIXED).order_by("pk").first()


def find_month_without(*, run: PayRun) -> PayRun | None:
    """Return the approved run of the month that left out the agent of a final run; None while a run of the month can still pay them."""
    closed = PayRun.objects.filter(period_start=run.period_start, agent=None, status__in=FIXED)
    without = closed.filter(site=run.site_id).first()
    if without is None or run.agent is None:
        return without
    left = Agent.objects.filter(~_is_looked_at(run.period_start), pk=run.agent.pk).values("site_events__site")
    return None if Site.objects.filter(pk__in=left).exclude(pk__in=closed.values("site")).exists() else without
