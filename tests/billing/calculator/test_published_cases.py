"""Amounts that billing products, authorities and libraries publish, run through the calculator."""

from fractions import Fraction

import pytest

from tests.billing.calculator import cases

FILES = sorted(f"published/{path.stem}" for path in (cases.CASES / "published").glob("*.yaml"))
PUBLISHED = cases.load_cases(*FILES)


def test_no_two_cases_of_a_file_have_one_name():
    names = [name for name, _ in PUBLISHED]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("name", "case"), PUBLISHED, ids=lambda value: value if isinstance(value, str) else "")
def test_the_calculator_agrees_with_what_is_published(name, case):
    assert "error" in case or "answer" in case
    answer = cases.answer_case(case)
    if answer is not None:
        assert_that_lines_add_up(answer)


def assert_that_lines_add_up(answer):
    """Check that what an answer shows line by line is what it shows on top."""
    parts = [line.get("net", line) for line in answer.get("lines") or answer.get("parts") or ()]
    top = answer.get("subtotal", answer)
    assert not parts or sum(Fraction(part["amount"]) for part in parts) == Fraction(top["amount"])
