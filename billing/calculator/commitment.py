"""`commitment`: charges against a minimum commitment, with overage and true-up."""

from typing import Any

from billing.calculator import fields
from billing.rules import commitment, proration
from contracts.rules import errors


class Document(fields.MoneyDocument):
    """A commitment, the part of its period that counts, and the charges in order."""

    minimum: fields.NonNegative
    charges: list[fields.Exact]
    days: fields.NonNegative | None = None
    period_days: fields.Positive | None = None
    overage_factor: fields.NonNegative | None = None


def answer(document: Document) -> dict[str, Any]:
    """Bill charges against a commitment."""
    total = commitment.apply_commitment(
        minimum=document.minimum,
        charges=document.charges,
        rounding=document.rounding,
        share=_share(document),
        overage_factor=commitment.ONE if document.overage_factor is None else document.overage_factor,
    )
    rounding = document.rounding
    shown = {
        **fields.amounts_of(amount=total.amount, exact_amount=total.exact, rounding=rounding),
        "minimum": fields.amount_of(value=total.minimum, rounding=rounding),
        "true_up": fields.amounts_of(amount=total.true_up.amount, exact_amount=total.true_up.exact, rounding=rounding),
        "lines": [
            {
                "kind": line.kind,
                "charge": line.charge,
                **fields.amounts_of(amount=line.amount, exact_amount=line.exact, rounding=rounding),
            }
            for line in total.lines
        ],
    }
    steps = (*total.steps, fields.tell_rounding(value=total.exact, rounding=rounding))
    return fields.explained(answer=shown, document=document, steps=steps)


def _share(document: Document) -> Any:
    if (document.days is None) != (document.period_days is None):
        missing = "days" if document.days is None else "period_days"
        raise errors.InvalidInput("Give days and period_days together, or neither for the whole period.", path=(missing,))
    if document.days is None or document.period_days is None:
        return commitment.ONE
    return proration.share_of_days(days=document.days, period_days=document.period_days)
