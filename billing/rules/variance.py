"""What changed in a pay run against the period before, and what of it a person should look at before it is approved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

BASIS_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """From where on something is flagged. Every limit that is set has to be reached; without one it is flagged whenever it happens."""

    flag: str
    percent_bp: int | None = None
    amount_micros: int | None = None
    count_min: int | None = None


@dataclass(frozen=True, kw_only=True)
class AgentPair:
    """One agent's pay in one currency now and in the period before; None where there is no settlement."""

    agent_id: int
    now_micros: int | None
    before_micros: int | None
    guardrail_count: int = 0


def flag_agent(*, pair: AgentPair, thresholds: Mapping[str, Threshold]) -> tuple[str, ...]:
    """Name what of an agent's pay a person should look at.

    Args:
        pair: pay now and before, in micros of one currency; guardrail_count is how many lines a guardrail made.
        thresholds: by flag; a flag without one is never raised.

    Returns: flags in the order missing_agent, new_agent, zero_pay, agent_swing, guardrail_hits.
    Source: design.md section 9: a run is compared with the last period before it is approved.

    >>> swing = Threshold(flag="agent_swing", percent_bp=2_500, amount_micros=100_000_000)
    >>> flag_agent(pair=AgentPair(agent_id=1, now_micros=600_000_000, before_micros=400_000_000), thresholds={"agent_swing": swing})
    ('agent_swing',)
    """
    raised = {
        "missing_agent": pair.now_micros is None,
        "new_agent": pair.before_micros is None,
        "zero_pay": pair.now_micros is not None and pair.now_micros <= 0,
        "agent_swing": pair.now_micros is not None
        and pair.before_micros is not None
        and _swings(pair.now_micros, pair.before_micros, thresholds.get("agent_swing")),
        "guardrail_hits": "guardrail_hits" in thresholds and pair.guardrail_count >= max(1, thresholds["guardrail_hits"].count_min or 1),
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised and flag in thresholds)


def flag_total(*, now_micros: int, before_micros: int | None, thresholds: Mapping[str, Threshold]) -> tuple[str, ...]:
    """Name what of a run's total in one currency a person should look at; nothing where there is no period before.

    Args:
        now_micros: the total of this run.
        before_micros: that of the period before, None where there is none.
        thresholds: by flag; without one, nothing is flagged.

    Source: design.md section 9: a run is compared with the last period before it is approved.

    >>> flag_total(now_micros=111, before_micros=100, thresholds={"total_swing": Threshold(flag="total_swing", percent_bp=1_000)})
    ('total_swing',)
    """
    if before_micros is None or not _swings(now_micros, before_micros, thresholds.get("total_swing")):
        return ()
    return ("total_swing",)


def change_percent(*, now_micros: int, before_micros: int) -> Fraction | None:
    """Return the change as an exact part of what was before; None where that was nothing.

    Args:
        now_micros, before_micros: totals, or one agent's pay, in one currency.

    >>> change_percent(now_micros=150, before_micros=100)
    Fraction(1, 2)
    """
    return Fraction(now_micros - before_micros, abs(before_micros)) if before_micros else None


def index_thresholds(*, thresholds: Iterable[Threshold]) -> dict[str, Threshold]:
    """Return thresholds by flag.

    >>> list(index_thresholds(thresholds=[Threshold(flag="zero_pay")]))
    ['zero_pay']
    """
    return {threshold.flag: threshold for threshold in thresholds}


def _swings(now_micros: int, before_micros: int, threshold: Threshold | None) -> bool:
    """Compare without dividing, so that a change from nothing is the greatest of all."""
    if threshold is None or now_micros == before_micros:
        return False
    change = abs(now_micros - before_micros)
    is_large = threshold.amount_micros is None or change >= threshold.amount_micros
    return is_large and (threshold.percent_bp is None or change * BASIS_POINTS >= threshold.percent_bp * abs(before_micros))
