"""What a plan would have cost, and whom it would have helped or hurt: two payments of the same facts, agent by agent."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

ZERO = Fraction(0)
# Where the spread of differences is read off, in percent of the agents.
QUANTILES = (0, 10, 25, 50, 75, 90, 100)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a back-test reads of one payment: its total, withheld premium (zero or less), top-ups, and the quality multiplier."""

    total: Fraction
    suspended: Fraction
    floor: Fraction
    multiplier: Fraction | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One agent's pay as it was and as the plan tried would pay it."""

    agent_id: int
    code: str
    name: str
    now: Fraction
    then: Fraction
    unit_count: int
    now_suspended: Fraction
    then_suspended: Fraction
    now_floor: Fraction
    then_floor: Fraction
    then_multiplier: Fraction | None

    @property
    def difference(self) -> Fraction:
        """What the agent would have more, or less if it is below zero."""
        return self.then - self.now


@dataclass(frozen=True, kw_only=True)
class Quantile:
    """A difference, and how many percent of the agents have at most that."""

    percent: int
    difference: Fraction


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A back-test in figures. Winners have more, losers less; a guardrail hit is premium withheld."""

    agent_count: int
    unit_count: int
    cost_now: Fraction
    cost_then: Fraction
    winner_count: int
    loser_count: int
    won: Fraction
    lost: Fraction
    spread: tuple[Quantile, ...]
    now_hit_count: int
    then_hit_count: int
    then_withheld: Fraction
    now_floor_count: int
    then_floor_count: int
    below_one_count: int

    @property
    def cost_difference(self) -> Fraction:
        """What the plan would have cost more."""
        return self.cost_then - self.cost_now


def outcome_of(*, agent_id: int, code: str, name: str, now: Figures, then: Figures, unit_count: int) -> Outcome:
    """Put two payments of one agent side by side.

    Args:
        agent_id, code, name: who.
        now: as the version in force pays.
        then: as the version tried would pay.
        unit_count: resolutions that both pay.

    Source: design.md section 10, "What-if and back-test".
    """
    return Outcome(
        agent_id=agent_id,
        code=code,
        name=name,
        now=now.total,
        then=then.total,
        unit_count=unit_count,
        now_suspended=now.suspended,
        then_suspended=then.suspended,
        now_floor=now.floor,
        then_floor=then.floor,
        then_multiplier=then.multiplier,
    )


def summarize(*, outcomes: Sequence[Outcome]) -> Summary:
    """Add a back-test up.

    Args:
        outcomes: one per agent.

    Returns: cost, winners and losers, the spread of differences, guardrail hits and top-ups; all exact.
    Source: design.md section 10, "What-if and back-test".
    """
    differences = sorted(outcome.difference for outcome in outcomes)
    return Summary(
        agent_count=len(outcomes),
        unit_count=sum(outcome.unit_count for outcome in outcomes),
        cost_now=sum((outcome.now for outcome in outcomes), ZERO),
        cost_then=sum((outcome.then for outcome in outcomes), ZERO),
        winner_count=sum(difference > 0 for difference in differences),
        loser_count=sum(difference < 0 for difference in differences),
        won=sum((difference for difference in differences if difference > 0), ZERO),
        lost=sum((difference for difference in differences if difference < 0), ZERO),
        spread=tuple(Quantile(percent=percent, difference=_quantile(differences, percent)) for percent in QUANTILES) if differences else (),
        now_hit_count=sum(outcome.now_suspended < 0 for outcome in outcomes),
        then_hit_count=sum(outcome.then_suspended < 0 for outcome in outcomes),
        then_withheld=sum((outcome.then_suspended for outcome in outcomes), ZERO),
        now_floor_count=sum(outcome.now_floor > 0 for outcome in outcomes),
        then_floor_count=sum(outcome.then_floor > 0 for outcome in outcomes),
        below_one_count=sum(outcome.then_multiplier is not None and outcome.then_multiplier < 1 for outcome in outcomes),
    )


def _quantile(ordered: Sequence[Fraction], percent: int) -> Fraction:
    """Return the smallest difference that this many percent of the agents do not exceed: a value somebody has."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
