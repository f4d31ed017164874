"""Every pay case file, run through the calculator; and what holds for every answer."""

from fractions import Fraction

import pytest

from billing.calculator import run
from tests.billing.calculator import cases

FILES = sorted(f"pay/{path.stem}" for path in (cases.CASES / "pay").glob("*.yaml"))
CASES = cases.load_cases(*FILES)
ANSWERED = [case["document"] for _, case in CASES if "answer" in case]


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_case_gives_the_answer_it_states(name, case):
    assert "error" in case or "answer" in case
    cases.answer_case(case)


@pytest.mark.parametrize("document", ANSWERED)
def test_rounded_lines_add_up_to_totals(document):
    answer = run.answer_one(document=document)
    for agent in answer["agents"]:
        assert sum(Fraction(line["amount"]) for line in agent["lines"]) == Fraction(agent["total"]["amount"])
        assert sum(Fraction(line["exact"]) for line in agent["lines"]) == Fraction(agent["total"]["exact"])
    assert sum(Fraction(agent["total"]["amount"]) for agent in answer["agents"]) == Fraction(answer["amount"])
