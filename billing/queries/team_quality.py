"""The quality scores that the open pay period rests on, as its last accrual worked them out: no second formula for pages."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from agents.rules import metrics, scores
from billing.models import Settlement
from billing.models.settlements import SettlementStatus


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
        multiplier=_stored(stored["multiplier"]),
        provisional=stored["provisional"],
        n=_stored(stored["n"]),
        metrics=tuple(_metric(metric) for metric in stored["metrics"]),
    )


def _metric(stored: Mapping[str, Any]) -> scores.MetricScore:
    interval = stored["interval"]
    return scores.MetricScore(
        code=stored["code"],
        score=_exact(stored["score"]),
        interval=metrics.Interval(low=_stored(interval["low"]), high=_stored(interval["high"])) if interval else None,
        n=_stored(stored["n"]),
        successes=_stored(stored["successes"]),
        expected=_stored(stored["expected"]),
        pool=_stored(stored["pool"]),
        weight_share=_exact(stored["weight_share"]),
    )


def _exact(text: str | None) -> Fraction | None:
    return None if text is None else _stored(text)


def _stored(text: str) -> Fraction:
    """Read an exact number that the portal wrote itself; it may be longer than what a person may type."""
    return Fraction(text)
