"""The quality scores that the open pay period rests on, as its last accrual worked them out: no second formula for pages."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from agents.rules import metrics, scores
from billing.models import Settlement
from billing.models.settlements import SettlementStatus
from contracts.rules import exact


def read_scores(*, agent_ids: Collection[int]) -> dict[int, scores.QualityScore]:
    """Return the score of each agent's open pay period, in one query; agents whose period was not worked out yet are left out."""
    rows = (
        Settlement.objects.filter(agent__in=agent_ids, status=SettlementStatus.ACCRUING)
        .order_by("period_start")
        .values_list("agent_id", "evidence__score")
    )
    return {agent_id: score for agent_id, stored in rows if (score := score_of(stored)) is not None}


def score_of(stored: Mapping[str, Any] | None) -> scores.QualityScore | None:
    """Return a score as a settlement's evidence keeps it; None where quality moves no pay."""
    if not stored:
        return None
    return scores.QualityScore(
        composite=_exact(stored["composite"]),
        multiplier=exact.parse_exact(text=stored["multiplier"]),
        provisional=stored["provisional"],
        n=exact.parse_exact(text=stored["n"]),
        metrics=tuple(_metric(metric) for metric in stored["metrics"]),
    )


def _metric(stored: Mapping[str, Any]) -> scores.MetricScore:
    interval = stored["interval"]
    return scores.MetricScore(
        code=stored["code"],
        score=_exact(stored["score"]),
        interval=metrics.Interval(low=exact.parse_exact(text=interval["low"]), high=exact.parse_exact(text=interval["high"]))
        if interval
        else None,
        n=exact.parse_exact(text=stored["n"]),
        successes=exact.parse_exact(text=stored["successes"]),
        expected=exact.parse_exact(text=stored["expected"]),
        pool=exact.parse_exact(text=stored["pool"]),
        weight_share=_exact(stored["weight_share"]),
    )


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else exact.parse_exact(text=text)
