"""Why an amount is what it is: the line's own rule run again on its stored inputs, rung by rung, in words."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain
from billing.rules.pay import earnings, explain_words, formulas, ladders
from contracts.rules import errors, exact, sentences

ONE = Fraction(1)
NUMBERS_KEPT = 4096


class UnableToExplain(errors.InvalidInput):
    """A stored amount that its own inputs do not give."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row of a reason.

    `sign` is empty for a first value and "=" for a result; `style` says how the value is shown; `result` is where the sum
    stands after the row.
    """

    sign: str
    value: Fraction
    result: Fraction
    style: explain_words.Style
    name: str
    note: str = ""

    @property
    def is_result(self) -> bool:
        """Whether the rows above come to this one."""
        return self.sign == "="


def explain_line(
    *, rule: str, inputs: Mapping[str, str], exact_amount: Fraction | None = None, amount: Fraction | None = None
) -> tuple[Step, ...]:
    """Explain a line from what is stored with it.

    Args:
        rule: the rule's name, as the line stores it.
        inputs: everything the rule read, as text.
        exact_amount: the stored unrounded amount; it is compared with what the inputs give.
        amount: the stored rounded amount, shown as the last row; the unrounded one if None.

    Returns: rows from first value to result.
    Raises: UnableToExplain if the inputs do not give the stored amount; UnableToRecompute if an input is missing.
    Source: design.md section 6, "Explanation".

    >>> steps = explain_line(rule="unit.each_share", inputs={"basis": "2.4", "credit": "1", "share": "0.2", "count": "124"})
    >>> [f"{step.sign}{exact.format_exact(value=step.value)}" for step in steps]
    ['2.4', '×1', '×0.2', '=0.48', '×124', '=59.52']
    """
    ladder = formulas.climb(rule=rule, inputs=read_inputs(inputs=inputs))
    if exact_amount is not None and ladder.value != exact_amount:
        raise UnableToExplain(
            sentences.sentence(
                "The inputs of this line give {format_exact}, but {format_exact_2} is stored; do not pay it before somebody has looked.",
                format_exact=exact.format_exact(value=ladder.value),
                format_exact_2=exact.format_exact(value=exact_amount),
            )
        )
    steps: list[Step] = []
    for rung in ladder.rungs:
        steps.append(_tell(rule, rung, inputs))
        name = explain_words.RESULTS.get((rule, rung.key))
        if name:
            steps.append(Step(sign="=", value=rung.result, result=rung.result, style="money", name=name))
    shown = ladder.value if amount is None else amount
    note = _tell_rounding(ladder.value, shown, is_minimum=_is_minimum(rule, inputs))
    return (*steps, Step(sign="=", value=shown, result=shown, style="money", name=sentences.sentence("This line"), note=note))


def recompute(*, rule: str, inputs: Mapping[str, str]) -> Fraction:
    """Return the exact amount that stored inputs give.

    Args:
        rule: name of the formula.
        inputs: as the line stores them, numbers as exact text.

    Returns: the major unit, exact.
    Source: design.md section 6, "Explanation".

    >>> recompute(rule="hours.rate", inputs={"hours": "168.5", "rate": "12.5"})
    Fraction(8425, 4)
    """
    return formulas.climb(rule=rule, inputs=read_inputs(inputs=inputs)).value


def read_inputs(*, inputs: Mapping[str, str]) -> dict[str, Fraction]:
    """Read the numbers among stored inputs; texts such as the class are for people.

    Stored numbers were written by the rules themselves, however long they are.
    """
    numbers = {name: _read_number(text) for name, text in inputs.items()}
    return {name: number for name, number in numbers.items() if number is not None}


@functools.lru_cache(maxsize=NUMBERS_KEPT)
def _read_number(text: str) -> Fraction | None:
    """Read a number; the lines of a statement share most of theirs."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def list_steps(*, line: earnings.Line, agent: str, position: int, places: int) -> list[explain.Step]:
    """Tell a line as steps of a calculator's explanation: one per rung, then the rounding.

    Args:
        line: as it is stored.
        agent: code of whose it is.
        position: of the line among the agent's, from 0.
        places: decimals of its amount.

    Source: formats.md, "Calculator", `explain`.
    """
    steps = explain_line(rule=line.rule, inputs=line.inputs, exact_amount=line.exact, amount=line.amount)
    told = [
        explain.Step(
            rule=line.rule.replace(".", "_"),
            inputs={"agent": agent, "line": position, "step": step.name, "value": step.value},
            result=step.result,
            words=_sentence(step),
        )
        for step in steps
        if not step.is_result
    ]
    unrounded, amount = exact.format_exact(value=line.exact), exact.format_places(value=line.amount, places=places)
    if line.amount > line.exact and _is_minimum(line.rule, line.inputs):
        words = sentences.sentence(
            "{label}: {unrounded}, rounded up to {amount} because it is a minimum.", label=line.label, unrounded=unrounded, amount=amount
        )
    else:
        words = sentences.sentence("{label}: {unrounded}, rounded once to {amount}.", label=line.label, unrounded=unrounded, amount=amount)
    inputs: dict[str, explain.Shown] = {"agent": agent, "line": position, "exact": line.exact}
    return [*told, explain.Step(rule="round", inputs=inputs, result=amount, words=words)]


def _sentence(step: Step) -> str:
    value = f"{step.sign} {exact.format_exact(value=step.value)}".strip()
    return f"{value}: {step.name}." + (f" {step.note}" if step.note else "")


def _tell(rule: str, rung: ladders.Rung, inputs: Mapping[str, str]) -> Step:
    words = explain_words.RULE_NAMES.get((rule, rung.key)) or explain_words.NAMES.get(rung.key) or _tier_words(rung.key)
    sign = "−" if rung.sign == "±" else rung.sign
    name = explain_words.PRICE_NAMES.get(inputs.get("price_basis", ""), words.name) if rung.key == "basis" else words.name
    return Step(sign=sign, value=rung.value, result=rung.result, style=words.style, name=name, note=_note(rule, rung, inputs) or words.note)


def _tier_words(key: str) -> explain_words.Name:
    return explain_words.Name(name=sentences.sentence("What tier {value} adds", value=key.removeprefix("tier_").removesuffix("_base")))


def _note(rule: str, rung: ladders.Rung, inputs: Mapping[str, str]) -> str:
    """Return the sentence that only this line's own facts can give."""
    if rung.key == "credit" and rule.startswith("unit.each"):
        return (
            sentences.sentence("You resolved these on your own.")
            if rung.value == ONE
            else sentences.sentence("You shared these; this is your part.")
        )
    if rung.key in ("basis", "basis_sum") and "exchange" in inputs:
        return sentences.sentence("Converted at {exchange}.", exchange=inputs["exchange"])
    if rung.key in ("share", "unit_amount") and "tier_1_up_to" in inputs:
        return sentences.sentence(
            "The rate of the first tier, up to {tier_1_up_to}; what higher tiers add stands in a line of its own.",
            tier_1_up_to=inputs["tier_1_up_to"],
        )
    if rung.key.startswith("tier_") and rung.key.endswith("_base"):
        extra = inputs[rung.key.removesuffix("_base") + "_extra"]
        return sentences.sentence("{inputs} × {extra} more than the first tier.", inputs=inputs[rung.key], extra=extra)
    if rule == "quality" and rung.key == "multiplier":
        return _tell_score(inputs)
    if rule == "floor" and rung.key == "required" and "hours" in inputs:
        return sentences.sentence("Hours tested: {hours}.", hours=_shorten(inputs["hours"]))
    return ""


def _shorten(number: str) -> str:
    """Write a number for reading: one that decimals do not end to two places."""
    if "/" not in number:
        return number
    return exact.format_places(value=exact.round_exact(value=Fraction(number), places=2), places=2)


def _tell_score(inputs: Mapping[str, str]) -> str:
    if inputs.get("provisional") == "yes":
        return sentences.sentence("Only {value} results so far: with so few, quality cannot lower your pay.", value=inputs.get("n", "0"))
    return sentences.sentence(
        "Multiplier {multiplier} less one; your score is {value}.",
        multiplier=inputs["multiplier"],
        value=inputs.get("composite", "missing"),
    )


def _is_minimum(rule: str, inputs: Mapping[str, str]) -> bool:
    """Say whether the law's minimum alone made the amount, which then rounds up."""
    if rule == "rest" and "min_wage" in inputs:
        numbers = read_inputs(inputs=inputs)
        return numbers["pay"] <= numbers["min_wage"] * numbers["hours"]
    return rule in ("floor", "nonproductive", "rest.min_wage")


def _tell_rounding(value: Fraction, shown: Fraction, *, is_minimum: bool) -> str:
    if value == shown:
        return sentences.sentence("Nothing was rounded, lost or added.")
    if is_minimum:
        return sentences.sentence("Rounded up, so that no required cent is missing.")
    return sentences.sentence("Rounded once, here at the end. Nothing was lost or added.")
