"""`prorate`: a part of a period's amounts, by its days."""

from typing import Any

from billing.calculator import fields
from billing.rules import proration


class Document(fields.MoneyDocument):
    """Amounts of a whole period, and the days that count."""

    amounts: list[fields.Exact]
    days: fields.NonNegative
    period_days: fields.Positive


def answer(document: Document) -> dict[str, Any]:
    """Prorate the amounts, each rounded by itself."""
    prorated = proration.prorate_amounts(
        amounts=document.amounts, days=document.days, period_days=document.period_days, rounding=document.rounding
    )
    shown = {
        **fields.amounts_of(amount=prorated.amount, exact_amount=prorated.exact, rounding=document.rounding),
        "lines": [fields.amounts_of(amount=line.amount, exact_amount=line.exact, rounding=document.rounding) for line in prorated.lines],
    }
    total = fields.tell_total(
        inputs={"lines": len(prorated.lines), "exact": prorated.exact},
        amount=prorated.amount,
        rounding=document.rounding,
        words="The lines, each rounded by itself, add up to",
    )
    return fields.explained(answer=shown, document=document, steps=(*prorated.steps, total))
