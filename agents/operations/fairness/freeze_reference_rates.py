"""Freeze the rates that agents are compared with in a pay period, from the time before it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from agents.models import ReferenceRate, Site

METRICS = ("csat", "fcr", "qa")
BASELINE = timedelta(weeks=26)
# A class with fewer results is compared with all classes together.
CLASS_RESULTS_MIN = 30

LOCK = "SELECT pg_advisory_xact_lock(hashtext('freeze_reference_rates'), hashtext(%(start)s::text))"

OBSERVED = """
    SELECT 'csat' AS metric, r.query_type_id, r.channel_id, o.is_favorable AS is_success, o.answered_at AS at
    FROM agents_survey o JOIN agents_resolution r ON r.id = o.resolution_id
    UNION ALL
    SELECT 'qa', r.query_type_id, r.channel_id, o.is_passed, o.reviewed_at
    FROM agents_qareview o JOIN agents_resolution r ON r.id = o.resolution_id AND o.set_aside_at IS NULL
    UNION ALL
    SELECT 'fcr', r.query_type_id, r.channel_id, r.fcr = 'yes', r.verified_at
    FROM agents_resolution r WHERE r.fcr IN ('yes', 'no') AND r.agent_id IS NOT NULL"""

# One row per class with enough results, and one over all classes (grouping 3).
FREEZE = f"""
    INSERT INTO agents_referencerate (metric, period_start, query_type_id, channel_id, success_count, observation_count, basis)
    SELECT metric, %(start)s::date, query_type_id, channel_id, count(*) FILTER (WHERE is_success), count(*), %(basis)s
    FROM ({OBSERVED}) observed
    WHERE at >= %(since)s AND at < %(until)s AND at <= %(as_of)s AND metric = ANY(%(metrics)s)
    GROUP BY GROUPING SETS ((metric, query_type_id, channel_id), (metric))
    HAVING grouping(query_type_id, channel_id) = 3
        OR (count(*) >= %(least)s AND (query_type_id IS NOT NULL OR channel_id IS NOT NULL))
    ON CONFLICT (metric, period_start, query_type_id, channel_id) DO NOTHING"""  # noqa: S608 (our own text)


@dataclass(frozen=True, kw_only=True)
class FreezeReport:
    """How many rates were written, and the metrics of which there is nothing to count yet; a person enters those."""

    new_count: int
    missing_metrics: tuple[str, ...]


def freeze_reference_rates(*, period_start: date, as_of: datetime) -> FreezeReport:
    """Count each metric's rate in the 26 weeks before a pay period, per class and over all; once, then never again.

    Args:
        period_start: first day of the pay period. Counted is what came before this day began anywhere the company works.
        as_of: business instant; what came later is not known yet.

    Returns: counts. A metric that has a rate for the period already is left as it is.
    Source: design.md section 7.
    """
    until = _starts_first(period_start)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, {"start": period_start})
        frozen = set(ReferenceRate.objects.filter(period_start=period_start).values_list("metric", flat=True))
        wanted = [metric for metric in METRICS if metric not in frozen]
        parameters: dict[str, Any] = {
            "start": period_start,
            "since": until - BASELINE,
            "until": until,
            "as_of": as_of,
            "least": CLASS_RESULTS_MIN,
            "metrics": wanted,
            "basis": f"Counted from {(until - BASELINE).date()} to {period_start - timedelta(days=1)}, all agents",
        }
        cursor.execute(FREEZE, parameters)
        new_count = cursor.rowcount
        counted = set(ReferenceRate.objects.filter(period_start=period_start).values_list("metric", flat=True))
    return FreezeReport(new_count=new_count, missing_metrics=tuple(metric for metric in METRICS if metric not in counted))


def _starts_first(day: date) -> datetime:
    """Return the first instant at which a day begins at any site, so that nothing of the period is ever counted for it."""
    zones = set(Site.objects.values_list("timezone", flat=True)) or {"UTC"}
    return min(datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC) for zone in zones)
