"""The month behind the statement that agents know: every line of it, computed from its resolutions and hours."""

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from billing.calculator import run
from contracts.rules import exact
from tests.billing.calculator import cases

MONTH = cases.read_yaml(cases.CASES / "october_2026.yaml")


def build_credits():
    """Write one credit for each resolution of the table, a minute apart, in the order of the table."""
    credits = []
    for week in MONTH["weeks"]:
        at = datetime.fromisoformat(week["day"]).replace(hour=9, tzinfo=ZoneInfo("America/Chicago"))
        for code, (name, price, credit) in MONTH["classes"].items():
            for _ in range(week[code]):
                credits.append({"resolution": f"R-{len(credits):04}", "class": name, "list_price": price, "credit": credit})
                credits[-1]["verified_at"] = at.isoformat()
                at += timedelta(minutes=1)
    return credits


def build_document():
    time = [{"week": week["day"], "category": "productive", "hours": week["hours"]} for week in MONTH["weeks"]]
    agent = {"agent": "Maya Torres", "time": time, "credits": build_credits()}
    agent |= {name: MONTH[name] for name in ("scores", "guardrails", "amounts")}
    return {"kind": "pay", "agents": [agent], **{name: MONTH[name] for name in ("currency", "rule_pack", "period", "plan")}}


@pytest.fixture(scope="module")
def paid():
    return run.answer_one(document=build_document())["agents"][0]


def test_the_statement_has_its_fifteen_lines(paid):
    assert len(paid["lines"]) == 15
    assert cases.find_differences(expected=MONTH["lines"], found=paid["lines"]) == []


def test_the_total_is_what_was_paid(paid):
    assert paid["total"]["amount"] == MONTH["total"]


def test_the_score_is_the_printed_one(paid):
    evidence = paid["evidence"]
    assert exact.round_exact(value=Fraction(evidence["composite"]), places=6) == Fraction("0.880051")
    assert exact.round_exact(value=Fraction(evidence["multiplier"]), places=6) == Fraction("1.040103")


def test_every_workweek_was_tested_at_its_printed_hour(paid):
    tests = paid["evidence"]["floor_tests"]
    hourly = {
        test["week"]: exact.round_exact(value=Fraction(test["credited"]["exact"]) / Fraction(test["hours"]), places=2) for test in tests
    }
    assert hourly == {week: Fraction(amount) for week, amount in MONTH["hourly"].items()}


def test_the_week_of_overtime(paid):
    [week] = [week for week in paid["evidence"]["weeks"] if Fraction(week["overtime_hours"])]
    assert (week["week"], week["hours"], week["overtime_hours"]) == ("2026-10-05", "41.5", "1.5")
    assert exact.round_exact(value=Fraction(week["regular_rate"]), places=4) == Fraction("15.9456")


def test_the_last_62_resolutions_are_above_the_bound():
    credits = build_credits()
    assert len(credits) == 462
    assert sum(Fraction(credit["credit"]) for credit in credits[:400]) == Fraction("397.5")
