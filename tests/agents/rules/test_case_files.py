"""Every case file of this folder, run through the calculator."""

import pathlib
from typing import Any

import pytest
import yaml

from billing.calculator import run
from tests.billing.calculator import cases

FOLDER = pathlib.Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.yaml"))
CASES = [(f"{path.stem}: {case['name']}", case) for path in FILES for case in yaml.safe_load(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_the_case_gives_the_answer_it_states(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(run.UnableToCalculate) as refused:
            run.answer_one(document=case["document"])
        assert cases.find_differences(expected=case["error"], found=refused.value.faults) == []
    else:
        answer = run.answer_one(document=case["document"])
        assert cases.find_differences(expected=case["answer"], found=answer) == []
