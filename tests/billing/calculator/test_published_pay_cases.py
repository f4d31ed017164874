"""Pay, scores, limits and life cycles that laws, authorities, vendors and papers publish, run through the calculator."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from billing.calculator import run
from contracts.rules.exact import format_places, round_exact
from tests.billing.calculator import cases

FILES = sorted(f"published_pay/{path.stem}" for path in (cases.CASES / "published_pay").glob("*.yaml"))
PUBLISHED = cases.load_cases(*FILES)
OF_A_WEEK = ("hours", "overtime_hours", "double_time_hours", "regular_rate")


def test_no_two_cases_of_a_file_have_one_name():
    names = [name for name, _ in PUBLISHED]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("name", "case"), PUBLISHED, ids=lambda value: value if isinstance(value, str) else "")
def test_the_calculator_agrees_with_what_is_published(name, case):
    answer = cases.answer_case(case)
    if answer is None:
        return
    if "pays" in case:
        assert cases.find_differences(expected=case["pays"], found=read_pay(answer, case["pays"])) == []
    for code, reads in case.get("reads", {}).items():
        assert read_metric(answer, code, reads) == reads
    decisions = {decision["limit"]: decision for decision in answer.get("decisions", ())}
    assert cases.find_differences(expected=case.get("decides", {}), found=decisions) == []


def read_pay(answer, expected):
    """Return what a case asks about the first agent: the total, the sum of a kind of line, a figure of the first week or a balance."""
    agent = answer["agents"][0]
    assert sum(Fraction(line["amount"]) for line in agent["lines"]) == Fraction(agent["total"]["amount"]), (
        "lines do not add up to the total"
    )
    assert sum(Fraction(one["total"]["amount"]) for one in answer["agents"]) == Fraction(answer["amount"]), "agents do not add up"
    return {key: read_one(agent, key) for key in expected}


def read_one(agent, key):
    evidence = agent["evidence"]
    if key == "total":
        return agent["total"]["amount"]
    if key in OF_A_WEEK:
        return evidence["weeks"][0][key]
    if key == "tiers":
        return [tier["exact"] for tier in evidence["tiers"]]
    if key == "holiday_hours":
        return evidence["holiday_hours"]
    if key == "tier_position":
        return evidence["balances"]["tier_position"]
    if key.startswith("balance_"):
        return evidence["balances"][key.removeprefix("balance_")]["amount"]
    return format_places(value=sum((Fraction(line["amount"]) for line in agent["lines"] if line["kind"] == key), Fraction(0)), places=2)


def read_metric(answer, code, reads):
    """Return a metric's figures, rounded to as many places as the source prints."""
    metric = next(metric for metric in answer["metrics"] if metric["code"] == code)
    figures = {"score": metric["score"], **metric["interval"]}
    return {key: print_to(figures[key], places=len(printed.partition(".")[2])) for key, printed in reads.items()}


def print_to(figure, *, places):
    return format_places(value=round_exact(value=Fraction(figure), places=places), places=places)


def test_seventeen_weeks_of_forty_hours_and_ten_of_twelve_more_average_47_hours():
    # United Kingdom guidance on the 48 hours: (17 x 40 + 10 x 12) / 17 = 47.1.
    monday = datetime.fromisoformat("2026-06-08T08:00:00+00:00")
    hours = [("10.4" if week < 10 else "8", monday + timedelta(weeks=week, days=day)) for week in range(17) for day in range(5)]
    shifts = [{"start": start.isoformat(), "end": (start + timedelta(hours=float(length))).isoformat()} for length, start in hours]
    document = {"kind": "guardrails", "as_of": (monday + timedelta(weeks=17)).isoformat(), "shifts": shifts}
    decision = run.answer_one(document=document)["decisions"][0]
    assert (decision["limit"], decision["value"], decision["level"]) == ("weekly_hours", "800/17", "warn")


@pytest.mark.parametrize(
    ("locks", "stocks", "barrels", "commission"),
    [
        (10, 10, 9, "97.50"),
        (10, 10, 10, "100.00"),
        (10, 10, 11, "103.75"),
        (18, 18, 18, "220.00"),
        (18, 18, 19, "225.00"),
        (48, 48, 48, "820.00"),
    ],
)
def test_locks_stocks_and_barrels_earn_the_commission_that_testers_know(locks, stocks, barrels, commission):
    # P. C. Jorgensen, Software Testing, the commission problem: 45, 30 and 25 dollars; 10 percent to 1,000, 15 to 1,800, 20 above.
    sold = ["lock"] * locks + ["stock"] * stocks + ["barrel"] * barrels
    unit = {
        "basis": "fixed",
        "amounts": {"lock": "45", "stock": "30", "barrel": "25"},
        "measure": "amount",
        "tiers": [{"up_to": "1000", "share": "0.10"}, {"up_to": "1800", "share": "0.15"}, {"share": "0.20"}],
    }
    credits = [{"resolution": f"S{place}", "verified_at": "2026-10-06T12:00:00Z", "class": part} for place, part in enumerate(sold)]
    document = {"kind": "pay", "currency": "USD", "period": {"start": "2026-10-01", "end": "2026-11-01"}, "plan": {"unit": unit}}
    answer = run.answer_one(document={**document, "agents": [{"agent": "A", "credits": credits}]})
    assert answer["amount"] == commission
