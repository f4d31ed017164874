"""Every billing case file, run through the calculator."""

import pytest

from billing.calculator import run
from tests.billing.calculator import cases

FILES = ("price", "rate_card", "billing", "shares")


@pytest.mark.parametrize(("name", "case"), cases.load_cases(*FILES), ids=lambda value: value if isinstance(value, str) else "")
def test_the_case_gives_the_answer_it_states(name, case):
    if "error" in case:
        with pytest.raises(run.UnableToCalculate) as refused:
            run.answer_one(document=case["document"])
        assert cases.find_differences(expected=case["error"], found=refused.value.faults) == []
    else:
        answer = run.answer_one(document=case["document"])
        assert cases.find_differences(expected=case["answer"], found=answer) == []
