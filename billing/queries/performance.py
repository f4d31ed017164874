"""An agent's quality over pay periods, as the settlements keep it: what was scored then, not what would be scored now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from agents.models import Agent
from agents.queries import quality
from agents.rules import scores
from billing.models import Settlement, SettlementLine
from billing.queries import pay_periods, team_quality
from contracts.rules import classes

PERIODS_SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class ScoredPeriod:
    """One pay period of an agent with its score; None where nothing was scored."""

    settlement_id: int
    start: date
    end: date
    plan_version_id: int
    currency: str
    is_open: bool
    as_of: datetime
    score: scores.QualityScore | None


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """What one class brought to a metric, and the frozen rate that was expected of it."""

    code: str
    n: int
    successes: int
    reference: Fraction | None

    @property
    def expected(self) -> Fraction | None:
        """Successes that anybody would have on as many."""
        return None if self.reference is None else self.n * self.reference


def list_periods(*, agent_id: int) -> list[ScoredPeriod]:
    """Return all pay periods of an agent, the newest first, in one query."""
    rows = Settlement.objects.filter(agent=agent_id).order_by("-period_start")
    return [
        ScoredPeriod(
            settlement_id=pk,
            start=start,
            end=end,
            plan_version_id=version,
            currency=currency,
            is_open=status == "accruing",
            as_of=as_of,
            score=team_quality.score_of(stored),
        )
        for pk, start, end, version, currency, status, as_of, stored in rows.values_list(
            "pk", "period_start", "period_end", "plan_version", "currency", "status", "as_of", "evidence__score"
        )
    ]


def quality_line(*, settlement_id: int) -> SettlementLine | None:
    """Return the line that quality made, in one query."""
    return SettlementLine.objects.filter(settlement=settlement_id, kind="quality").first()


def read_classes(*, agent: Agent, period: ScoredPeriod) -> dict[str, Sequence[ClassRow]]:
    """Return what each class brought to each metric in a period, in one query.

    Args:
        agent: with its site read.
        period: what was known when it was scored counts.
    """
    bounds = pay_periods.period_of(site=agent.site, day=period.start)
    frame = quality.load_metrics(
        agent_ids=[agent.pk],
        start=bounds.starts_at,
        end=min(bounds.ends_at, period.as_of.astimezone(ZoneInfo("UTC"))) if period.is_open else bounds.ends_at,
        period_start=period.start,
    )
    found: dict[str, list[ClassRow]] = {}
    for row in frame.iter_rows(named=True):
        reference = Fraction(row["reference_successes"], row["reference_n"]) if row["reference_n"] else None
        code = classes.join_class(query_type=row["query_type"], channel=row["channel"])
        found.setdefault(row["metric"], []).append(ClassRow(code=code, n=row["n"], successes=row["successes"], reference=reference))
    return {metric: sorted(rows, key=lambda one: (-one.n, one.code)) for metric, rows in found.items()}
