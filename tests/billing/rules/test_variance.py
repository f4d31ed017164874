"""What of a run's change is flagged: both sides of each limit, and what happens without a period before."""

import pytest

from billing.rules import variance
from billing.rules.variance import AgentPair, Threshold

MILLION = 1_000_000
SWING = Threshold(flag="agent_swing", percent_bp=2_500, amount_micros=100 * MILLION)
ALL = variance.index_thresholds(
    thresholds=[
        SWING,
        Threshold(flag="zero_pay"),
        Threshold(flag="new_agent"),
        Threshold(flag="missing_agent"),
        Threshold(flag="guardrail_hits", count_min=2),
        Threshold(flag="total_swing", percent_bp=1_000),
    ]
)


def flags(now: int | None, before: int | None, *, guardrail_count: int = 0) -> tuple[str, ...]:
    def micros(amount: int | None) -> int | None:
        return None if amount is None else amount * MILLION

    pair = AgentPair(agent_id=1, now_micros=micros(now), before_micros=micros(before), guardrail_count=guardrail_count)
    return variance.flag_agent(pair=pair, thresholds=ALL)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (500, 400, ("agent_swing",)),
        (499, 400, ()),
        (300, 400, ("agent_swing",)),
        (301, 400, ()),
        (140, 80, ()),
        (180, 80, ("agent_swing",)),
        (1_200, 1_000, ()),
        (100, 0, ("agent_swing",)),
        (0, 0, ("zero_pay",)),
        (-5, 50, ("zero_pay",)),
        (None, 400, ("missing_agent",)),
        (400, None, ("new_agent",)),
        (0, None, ("new_agent", "zero_pay")),
    ],
)
def test_pay_is_flagged_where_every_limit_is_reached(now: int | None, before: int | None, expected: tuple[str, ...]) -> None:
    assert flags(now, before) == expected


def test_guardrail_lines_are_flagged_from_the_count_on() -> None:
    assert flags(100, 100, guardrail_count=1) == ()
    assert flags(100, 100, guardrail_count=2) == ("guardrail_hits",)


def test_nothing_is_flagged_without_a_threshold() -> None:
    assert variance.flag_agent(pair=AgentPair(agent_id=1, now_micros=0, before_micros=None), thresholds={}) == ()


@pytest.mark.parametrize(
    ("now", "before", "expected"), [(110, 100, ("total_swing",)), (109, 100, ()), (90, 100, ("total_swing",)), (110, None, ())]
)
def test_a_total_is_flagged_by_its_percentage(now: int, before: int | None, expected: tuple[str, ...]) -> None:
    assert variance.flag_total(now_micros=now, before_micros=before, thresholds=ALL) == expected
