"""Every kind tells its steps: rule, inputs, result and words; and what it tells adds up to what it answers."""

import json
import re
from fractions import Fraction

import pytest

from billing.calculator import run
from tests.billing.calculator import cases

CASES = [found for found in cases.load_cases("price", "rate_card", "billing", "shares") if "error" not in found[1]]


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_explanation_changes_nothing_and_names_its_inputs(name, case):
    plain = run.answer_one(document=case["document"])
    told = run.answer_one(document={**case["document"], "explain": True})
    steps = told.pop("explanation")
    assert told == plain
    for step in steps:
        assert list(step) == ["rule", "inputs", "result", "words"]
        assert step["words"].endswith(".")
        assert re.fullmatch(r"[a-z_]+", step["rule"])
    assert json.loads(json.dumps(steps)) == steps


PRICES = [found for found in CASES if found[1]["document"]["kind"] in ("price", "commitment", "service_credit")]


@pytest.mark.parametrize(("name", "case"), PRICES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_steps_add_up_to_the_exact_result(name, case):
    told = run.answer_one(document={**case["document"], "explain": True})
    *steps, rounding = told["explanation"]
    added = [
        Fraction(step["result"]) for step in steps if step["rule"] not in ("minimum", "at_risk") or case["document"]["kind"] == "price"
    ]
    assert sum(added) == Fraction(told["exact"])
    assert (rounding["rule"], rounding["inputs"]["exact"], rounding["result"]) == ("round", told["exact"], told["amount"])


RESULTS = [found for found in CASES if found[1]["document"]["kind"] != "periods"]


@pytest.mark.parametrize(("name", "case"), RESULTS, ids=lambda value: value if isinstance(value, str) else "")
def test_the_last_step_gives_the_main_result(name, case):
    told = run.answer_one(document={**case["document"], "explain": True})
    assert told["explanation"][-1]["result"] == told["amount"]


def test_the_step_of_events_names_what_of_them_is_billed_and_the_terms():
    terms = {"rate_percent": "2.9", "fixed_amount": "0.30", "free_events": "1", "per_event_max": "0.50"}
    price = {"shape": "percentage", **terms}
    document = {"kind": "price", "currency": "USD", "events": ["10", "20"], "price": price, "booked": {"amount": "0.10"}, "explain": True}
    billed, booked, _ = run.answer_one(document=document)["explanation"]
    counted = {"events": "2", "billed_events": "1", "billed": "20"}
    assert billed["inputs"] == {**counted, "rate_percent": "2.9", "fixed_amount": "0.3", "free_events": "1", "per_event_max": "0.5"}
    assert booked["words"] == "Less what was booked before."
