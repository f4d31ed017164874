"""`credit_note`: what is credited of an invoice's fees, and the tax that goes with it."""

from fractions import Fraction
from typing import Any

from billing.calculator import fields
from billing.rules import credit_note

ZERO = Fraction(0)


class ItemField(fields.TermsField):
    """A fee credited in whole or in part."""

    fee_amount: fields.NonNegative
    credited_amount: fields.NonNegative
    coupon_on_fee: fields.NonNegative | None = None
    tax_percent: fields.NonNegative | None = None

    def to_terms(self) -> credit_note.Item:
        """Return the frozen item."""
        return credit_note.Item(
            fee_amount=self.fee_amount,
            credited_amount=self.credited_amount,
            coupon_on_fee=self.coupon_on_fee or ZERO,
            tax_percent=self.tax_percent or ZERO,
        )


class Document(fields.MoneyDocument):
    """The items of a credit note, and what rounding did to the tax of earlier ones."""

    items: list[ItemField]
    sum_of_prior_tax_rounding_adjustments: fields.Exact | None = None


def answer(document: Document) -> dict[str, Any]:
    """Add up one credit note."""
    rounding = document.rounding
    note = credit_note.compute_credit_note(
        items=[item.to_terms() for item in document.items],
        rounding=rounding,
        prior_tax_adjustments=document.sum_of_prior_tax_rounding_adjustments or ZERO,
    )
    shown = {
        **fields.amounts_of(amount=note.amount, exact_amount=note.exact, rounding=rounding),
        "subtotal": fields.amounts_of(amount=note.subtotal, exact_amount=note.subtotal_exact, rounding=rounding),
        "tax": fields.amounts_of(amount=note.tax, exact_amount=note.tax_exact, rounding=rounding),
        "items": [
            {"net": fields.amount_of(value=net, rounding=rounding), "tax": fields.amount_of(value=tax, rounding=rounding)}
            for net, tax in zip(note.nets, note.taxes, strict=True)
        ],
    }
    total = fields.tell_total(
        inputs={"subtotal": note.subtotal, "tax": note.tax}, amount=note.amount, rounding=rounding, words="The subtotal and the tax make"
    )
    return fields.explained(answer=shown, document=document, steps=(*note.steps, total))
