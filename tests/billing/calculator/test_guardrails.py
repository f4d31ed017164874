"""The guardrails calculator: its shape, explanations, and faults with their place."""

import pytest

from agents.rules import load
from billing.calculator import run

DOCUMENT = {
    "kind": "guardrails",
    "as_of": "2026-10-05T16:00:00Z",
    "shifts": [{"start": "2026-10-05T08:00:00Z", "end": "2026-10-05T16:00:00Z"}],
    "contacts": [{"at": "2026-10-05T12:00:00Z", "handle_seconds": "12600"}],
}


def test_there_is_one_decision_for_each_limit_in_order() -> None:
    decisions = run.answer_one(document=DOCUMENT)["decisions"]
    assert [decision["limit"] for decision in decisions] == list(load.DEFAULT_LIMITS)
    assert {decision["limit"]: (decision["value"], decision["level"]) for decision in decisions if decision["level"] != "ok"} == {
        "break_after": ("8", "act"),
        "occupancy": ("0.875", "warn"),
    }
    assert all(list(decision) == ["limit", "value", "threshold", "level", "effect", "effects", "from", "until"] for decision in decisions)


def test_an_explanation_tells_each_limit_and_changes_nothing() -> None:
    told = run.answer_one(document={**DOCUMENT, "explain": True})
    steps = told.pop("explanation")
    assert told == run.answer_one(document=DOCUMENT)
    assert [step["rule"] for step in steps] == list(load.DEFAULT_LIMITS)
    assert [step["result"] for step in steps] == [decision["level"] for decision in told["decisions"]]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"limits": {"sleep": {"act": "8"}}}, "/limits/sleep"),
        ({"limits": {"pace": {"act": "0"}}}, "/limits/pace/act"),
        ({"limits": {"pace": {"stop": "9"}}}, "/limits/pace/stop"),
        ({"limits": {"pace": {"absolute": "9"}}}, "/limits/pace/absolute"),
        ({"limits": {"weekly_hours": {"warn": "48.01"}}}, "/limits/weekly_hours/warn"),
        ({"contacts": [{"at": "2026-10-05T12:00:00Z", "handle_seconds": "-1"}]}, "/contacts/0/handle_seconds"),
        ({"shifts": [{"start": "2026-10-05T08:00:00"}]}, "/shifts/0/start"),
        ({"shifts": [{"start": "2026-10-05T08:00:00Z"}, {"start": "2026-10-05T09:00:00Z"}]}, "/shifts/1/start"),
        (
            {"shifts": [{"start": "2026-10-05T08:00:00Z", "breaks": [{"start": "2026-10-05T09:00:00Z", "end": "2026-10-05T08:30:00Z"}]}]},
            "/shifts/0/breaks/0/end",
        ),
        (
            {
                "shifts": [
                    {
                        "start": "2026-10-05T08:00:00Z",
                        "end": "2026-10-05T09:00:00Z",
                        "breaks": [{"start": "2026-10-05T08:30:00Z", "end": "2026-10-05T09:30:00Z"}],
                    }
                ]
            },
            "/shifts/0/breaks/0/end",
        ),
    ],
)
def test_a_fault_names_its_place(change: dict[str, object], path: str) -> None:
    with pytest.raises(run.UnableToCalculate) as refused:
        run.answer_one(document={**DOCUMENT, **change})
    assert [fault["path"] for fault in refused.value.faults] == [path]


def test_pay_reads_decisions_as_they_are_answered_with_every_effect_of_a_limit() -> None:
    # Five days of eleven hours reach the 55 hours of a week on Friday at 17:00: assignment stops, and so does the premium.
    shifts = [{"start": f"2026-10-{day:02}T06:00:00Z", "end": f"2026-10-{day:02}T17:00:00Z"} for day in range(5, 10)]
    decisions = run.answer_one(document={"kind": "guardrails", "as_of": "2026-10-09T17:00:00Z", "shifts": shifts})["decisions"]
    assert [(decisions[0][name]) for name in ("level", "effect", "from")] == ["act", "stop_assignment", "2026-10-09T17:00:00+00:00"]
    credits = [{"resolution": code, "verified_at": f"2026-10-09T{time}Z", "price": "10"} for code, time in (("R", "16:00"), ("S", "18:00"))]
    tiers = [{"up_to": "1", "share": "0.1"}, {"share": "0.2"}]
    paid = run.answer_one(
        document={
            "kind": "pay",
            "currency": "USD",
            "period": {"start": "2026-10-05", "end": "2026-10-12"},
            "plan": {"unit": {"tiers": tiers}},
            "agents": [{"agent": "A", "credits": credits, "guardrails": decisions}],
        }
    )
    lines = [(line["kind"], line["amount"]) for line in paid["agents"][0]["lines"]]
    assert lines == [("unit", "2.00"), ("tier_uplift", "1.00"), ("guardrail", "-1.00")]
