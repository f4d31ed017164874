"""Scorecards and rate changes from case files that a reviewer can read, and what holds for every draw and every pair of reviewers."""

import pathlib
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import agreement, rate_changes, sampling, scorecards
from contracts.rules import errors

FOLDER = pathlib.Path(__file__).parent / "own_cases"


def cases_of(name: str) -> list[Any]:
    """Return the cases of a file with their names."""
    return [pytest.param(case, id=case["name"]) for case in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", cases_of("scorecards"))
def test_a_scorecard_gives_the_score_of_its_case(case: dict[str, Any]) -> None:
    items = tuple(
        scorecards.Item(code=item["code"], weight=Fraction(item["weight"]), is_critical=item.get("critical", False))
        for item in case["items"]
    )
    if "error" in case:
        with pytest.raises(errors.InvalidInput, match=case["error"]):
            scorecards.score_answers(items=items, answers=case["answers"], pass_score=case["pass_score"])
        return
    found = scorecards.score_answers(items=items, answers=case["answers"], pass_score=case["pass_score"])
    assert (found.score, found.is_passed, list(found.failed_critical)) == (
        case["expect"]["score"],
        case["expect"]["passed"],
        case["expect"].get("failed", []),
    )
    assert sum(point.possible for point in found.points) == 100


@pytest.mark.parametrize("case", cases_of("rate_changes"))
def test_a_change_reads_as_its_case_says(case: dict[str, Any]) -> None:
    sides = [
        rate_changes.Stretch(
            successes=case[side][0], n=case[side][1], expected=Fraction(case[f"{side}_expected"]) if f"{side}_expected" in case else None
        )
        for side in ("before", "after")
    ]
    if "error" in case:
        with pytest.raises(errors.InvalidInput, match=case["error"]):
            rate_changes.compare_rates(before=sides[0], after=sides[1])
        return
    found = rate_changes.compare_rates(before=sides[0], after=sides[1])
    assert found.verdict == case["expect"]["verdict"]
    for end in ("low", "high"):
        if end in case["expect"]:
            assert abs(getattr(found, end) - Fraction(case["expect"][end])) <= Fraction(6, 100_000)


frames = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(("outage/chat", "outage/phone", "bill/chat"))), min_size=1, max_size=60
).map(
    lambda rows: [sampling.Drawable(key=f"desk/INC{number}/1", agent=agent, class_code=code) for number, (agent, code) in enumerate(rows)]
)


@given(frame=frames, size=st.integers(4, 40), agent_min=st.integers(0, 1), seed=st.text(max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_draw_has_its_size_its_minimum_and_no_order(frame: list[sampling.Drawable], size: int, agent_min: int, seed: str) -> None:
    found = sampling.draw_sample(frame=frame, size=size, agent_min=agent_min, second_count=2, seed=seed)
    again = sampling.draw_sample(frame=list(reversed(frame)), size=size, agent_min=agent_min, second_count=2, seed=seed)

    there = Counter(row.agent for row in frame)
    drawn = Counter(pick.agent for pick in found)
    assert found == again
    assert len(found) == len({pick.key for pick in found}) == min(size, len(frame))
    assert all(drawn[agent] >= min(agent_min, count) for agent, count in there.items())
    assert all(drawn[agent] <= count for agent, count in there.items())
    assert sum(pick.is_second for pick in found) == min(2, len(found))
    assert all(1 <= pick.picked_count <= pick.stratum_count for pick in found)


def test_classes_of_an_agent_come_in_proportion_and_every_case_has_its_chance() -> None:
    frame = [
        sampling.Drawable(key=f"INC{number:03}", agent="a-1", class_code="common/chat" if number < 80 else "rare/chat")
        for number in range(100)
    ]
    hits: Counter[str] = Counter()
    for seed in range(400):
        found = sampling.draw_sample(frame=frame, size=10, agent_min=0, second_count=0, seed=str(seed))
        assert Counter(pick.class_code for pick in found) == {"common/chat": 8, "rare/chat": 2}
        hits.update(pick.key for pick in found)
    # Each is drawn with chance 1/10; 400 draws give 40 ± 6 (one standard deviation), and no case is left out.
    assert len(hits) == 100
    assert min(hits.values()) > 15
    assert max(hits.values()) < 65


def test_a_minimum_above_the_size_is_refused() -> None:
    frame = [sampling.Drawable(key=f"INC{number}", agent=f"a-{number % 3}", class_code="x") for number in range(12)]
    assert len(sampling.draw_sample(frame=frame, size=6, agent_min=2, second_count=0, seed="s")) == 6
    with pytest.raises(sampling.InvalidSample, match="2 of each of 3 agents are 6 reviews, and 5 were asked for"):
        sampling.draw_sample(frame=frame, size=5, agent_min=2, second_count=0, seed="s")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"frame": []}, "no resolution to draw from"), ({"size": 0}, "Ask for 1 review"), ({"second_count": -1}, "Ask for 1 review")],
)
def test_a_draw_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    asked: dict[str, Any] = {"frame": [sampling.Drawable(key="a", agent="b", class_code="c")], "size": 1, "agent_min": 0, "second_count": 0}
    with pytest.raises(sampling.InvalidSample, match=words):
        sampling.draw_sample(**{**asked, **change}, seed="s")


def test_a_name_twice_is_refused_and_a_frame_reads_back() -> None:
    row = sampling.Drawable(key="a", agent="b", class_code="c")
    with pytest.raises(sampling.InvalidSample, match='"a" stands twice'):
        sampling.draw_sample(frame=[row, row], size=1, agent_min=0, second_count=0, seed="s")
    assert sampling.read_frame(text=sampling.write_frame(frame=[row])) == (row,)


@given(
    pairs=st.lists(
        st.builds(agreement.Pair, item=st.sampled_from("12"), first=st.sampled_from("ynp"), second=st.sampled_from("ynp")), max_size=40
    )
)
@settings(max_examples=60)
def test_kappa_is_one_for_equals_and_never_more(pairs: list[agreement.Pair]) -> None:
    found = agreement.measure_agreement(pairs=pairs)
    turned = agreement.measure_agreement(pairs=[agreement.Pair(item=pair.item, first=pair.second, second=pair.first) for pair in pairs])

    assert found == turned
    assert (found is None) == (not pairs)
    if found is not None:
        assert found.interval.low <= found.rate <= found.interval.high
        if found.kappa is not None:
            assert -1 <= found.kappa <= 1
            assert (found.kappa == 1) == (found.same_count == found.count)
        assert sum(one.count for one in agreement.measure_items(pairs=pairs).values()) == len(pairs)
