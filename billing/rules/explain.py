"""Steps of a calculation, told to a person: which rule, from which inputs, gave which result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from contracts.rules import exact

Shown = str | int | bool | Fraction | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a calculation, as data; words are for the person who reads it.

    Args:
        rule: the rule's name, as the documents call it, such as "tier" or "percent_discount".
        inputs: what the rule read, by name; numbers stay exact.
        result: what it gave, exact.
        words: one sentence that a payroll officer understands.
    """

    rule: str
    inputs: Mapping[str, Shown]
    result: Shown
    words: str


def show(value: Shown) -> str | int | bool | None:
    """Write a value as documents show it: numbers as exact text.

    >>> show(Fraction(5, 4))
    '1.25'
    """
    return exact.format_exact(value=value) if isinstance(value, Fraction) else value


def show_steps(steps: Iterable[Step]) -> list[dict[str, object]]:
    """Write steps as an answer's `explanation`.

    Source: formats.md, "Calculator", `explain`.

    >>> show_steps([Step(rule="tier", inputs={"quantity": Fraction(3)}, result=Fraction(6), words="3 at 2.")])
    [{'rule': 'tier', 'inputs': {'quantity': '3'}, 'result': '6', 'words': '3 at 2.'}]
    """
    return [
        {
            "rule": step.rule,
            "inputs": {name: show(value) for name, value in step.inputs.items()},
            "result": show(step.result),
            "words": step.words,
        }
        for step in steps
    ]
