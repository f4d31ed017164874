"""Documents answered by hand, from the format and the law alone, before the engine was asked."""

from fractions import Fraction

import pytest

from tests.billing.calculator import cases

FILES = sorted(f"by_hand/{path.stem}" for path in (cases.CASES / "by_hand").glob("*.yaml"))
BY_HAND = cases.load_cases(*FILES)


def test_no_two_cases_have_one_name():
    names = [name for name, _ in BY_HAND]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("name", "case"), BY_HAND, ids=lambda value: value if isinstance(value, str) else "")
def test_the_calculator_agrees_with_what_was_worked_by_hand(name, case):
    answer = cases.answer_case(case)
    if answer is None:
        return
    for expected, agent in zip(case.get("agents", []), answer.get("agents", []), strict=True):
        assert sum(Fraction(line["amount"]) for line in agent["lines"]) == Fraction(agent["total"]["amount"])
        if "lines" in expected:
            assert add_up(agent["lines"]) == {kind: Fraction(amount) for kind, amount in expected["lines"].items()}
        assert agent["total"]["amount"] == expected.get("total", agent["total"]["amount"])
        compare(agent, expected.get("reads", {}))
    compare(answer, case.get("reads", {}))


def add_up(lines):
    """Return what each kind of line comes to before it is rounded; every kind that pays must be expected."""
    sums = {}
    for line in lines:
        sums[line["kind"]] = sums.get(line["kind"], Fraction(0)) + Fraction(line["exact"])
    return {kind: amount for kind, amount in sums.items() if amount}


def compare(answer, reads):
    """Hold figures by their path: numbers by their worth, however they are written."""
    for path, expected in reads.items():
        found = answer
        for part in path.split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]
        found = found["exact"] if isinstance(found, dict) else found
        assert worth(found) == worth(expected), path


def worth(value):
    try:
        return Fraction(str(value))
    except ValueError:
        return value
