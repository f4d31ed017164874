"""`thirteenth_month`: a twelfth of the basic pay of a year."""

from fractions import Fraction
from typing import Any

from billing.calculator import fields
from billing.rules import explain, thirteenth_month


class Document(fields.MoneyDocument):
    """The basic pay earned in a year."""

    basic: list[fields.Exact]


def answer(document: Document) -> dict[str, Any]:
    """Take a twelfth of the year's basic pay."""
    amount = thirteenth_month.find_thirteenth_month(basic=document.basic)
    earned = sum(document.basic, Fraction(0))
    words = f"{explain.show(earned)} of basic pay in the year, divided by {thirteenth_month.MONTHS}."
    steps = (
        explain.Step(rule="thirteenth_month", inputs={"basic": earned}, result=amount, words=words),
        fields.tell_rounding(value=amount, rounding=document.rounding),
    )
    return fields.explained(answer=fields.amount_of(value=amount, rounding=document.rounding), document=document, steps=steps)
