"""What was counted of one agent's metric in a stretch of days, and what was expected of the same cases."""

from collections.abc import Collection
from datetime import date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from agents.models import Agent
from agents.queries import quality
from agents.rules.rate_changes import Stretch


def count_stretches(*, agent: Agent, metric: str, spans: Collection[tuple[date, date]]) -> list[Stretch]:
    """Count a metric of an agent in spans of days, each in one query, beside the frozen rates of the month that the span begins in.

    Args:
        agent: whose results, with their site.
        metric: csat, fcr or qa.
        spans: first day, and first day no longer, at the agent's site.

    Returns: the counts of each span. Expected is None where a class has no frozen rate.
    """
    return [_count(agent, metric, start, end) for start, end in spans]


def _count(agent: Agent, metric: str, start: date, end: date) -> Stretch:
    zone = ZoneInfo(agent.site.timezone)
    first, last = (datetime.combine(day, time(), tzinfo=zone) for day in (start, end))
    frame = quality.load_metrics(agent_ids=[agent.pk], start=first, end=last, period_start=start.replace(day=1))
    rows = [row for row in frame.iter_rows(named=True) if row["metric"] == metric]
    known = [row for row in rows if row["reference_n"]]
    expected = sum((Fraction(row["n"] * row["reference_successes"], row["reference_n"]) for row in known), Fraction(0))
    return Stretch(
        n=sum(row["n"] for row in rows),
        successes=sum(row["successes"] for row in rows),
        expected=expected if rows and len(known) == len(rows) else None,
    )
