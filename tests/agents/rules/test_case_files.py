"""Every case file of this folder, run through the calculator."""

import pathlib
from typing import Any

import pytest

from tests.billing.calculator import cases

FOLDER = pathlib.Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.yaml"))
CASES = [(f"{path.stem}: {case['name']}", case) for path in FILES for case in cases.read_yaml(path)]


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_the_case_gives_the_answer_it_states(case: dict[str, Any]) -> None:
    assert "error" in case or "answer" in case
    cases.answer_case(case)
