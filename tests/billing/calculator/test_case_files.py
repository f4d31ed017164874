"""Every billing case file, run through the calculator."""

import pytest

from tests.billing.calculator import cases

FILES = ("price", "rate_card", "billing", "shares")


@pytest.mark.parametrize(("name", "case"), cases.load_cases(*FILES), ids=lambda value: value if isinstance(value, str) else "")
def test_the_case_gives_the_answer_it_states(name, case):
    assert "error" in case or "answer" in case
    cases.answer_case(case)
