"""`fair_piece_rate`: what one piece must pay."""

from typing import Any

from billing.calculator import fields
from billing.rules import explain, fair_piece_rate, money
from contracts.rules import errors


class Document(fields.MoneyDocument):
    """A minimum wage, and the average output or the test it comes from."""

    minimum_wage: fields.NonNegative
    average_output: fields.Positive | None = None
    outputs: list[fields.NonNegative] | None = None
    uplift: fields.Positive | None = None


def answer(document: Document) -> dict[str, Any]:
    """Find the fair rate; a legal minimum is rounded up."""
    if (document.average_output is None) == (document.outputs is None):
        raise errors.InvalidInput("Give either average_output, or the outputs of a test.", path=("average_output",))
    output = document.average_output or fair_piece_rate.average_output(outputs=document.outputs or ())
    rate = fair_piece_rate.find_fair_rate(
        minimum_wage=document.minimum_wage, output=output, uplift=document.uplift or fair_piece_rate.UPLIFT
    )
    rounding = money.Round(places=document.rounding.places, mode="ceiling")
    shown = {
        **fields.amount_of(value=rate.exact, rounding=rounding),
        "average_output": explain.show(rate.average_output),
        "adjusted_output": explain.show(rate.adjusted_output),
    }
    steps = (*rate.steps, fields.tell_rounding(value=rate.exact, rounding=rounding))
    return fields.explained(answer=shown, document=document, steps=steps)
