"""`invoice`: fees, credits and coupons, tax rounded once, and what is left to pay."""

from fractions import Fraction
from typing import Any

from pydantic import StrictInt

from billing.calculator import fields
from billing.rules import invoice

ZERO = Fraction(0)
SUMS = ("fees", "progressive_billing_credit", "coupons", "subtotal", "tax", "gross", "credit_notes", "prepaid_credits")


class FeeField(fields.Document):
    """A fee before tax."""

    amount: fields.Exact
    tax_percent: fields.NonNegative | None = None


class CouponField(fields.Document):
    """An amount off some fees, or off all of them."""

    amount: fields.NonNegative
    fee_indexes: list[StrictInt] | None = None


class Document(fields.MoneyDocument):
    """An invoice before it is added up."""

    fees: list[FeeField]
    progressive_billing_credit: fields.NonNegative | None = None
    coupons: list[CouponField] | None = None
    credit_notes: fields.NonNegative | None = None
    prepaid_credits: fields.NonNegative | None = None


def answer(document: Document) -> dict[str, Any]:
    """Add up one invoice."""
    rounding = document.rounding
    invoiced = invoice.compute_invoice(
        fees=[invoice.Fee(amount=fee.amount, tax_percent=fee.tax_percent or ZERO) for fee in document.fees],
        rounding=rounding,
        progressive_billing_credit=document.progressive_billing_credit or ZERO,
        coupons=[_build_coupon(coupon) for coupon in document.coupons or ()],
        credit_notes=document.credit_notes or ZERO,
        prepaid_credits=document.prepaid_credits or ZERO,
    )

    def show(found: invoice.Sum) -> dict[str, str]:
        return fields.amounts_of(amount=found.amount, exact_amount=found.exact, rounding=rounding)

    shown = {
        **show(invoiced.due),
        **{name: show(getattr(invoiced, name)) for name in SUMS},
        "lines": [{"net": show(line.net), "tax": show(line.tax)} for line in invoiced.lines],
    }
    total = fields.tell_total(
        inputs={
            "gross": invoiced.gross.amount,
            "credit_notes": invoiced.credit_notes.amount,
            "prepaid_credits": invoiced.prepaid_credits.amount,
        },
        amount=invoiced.due.amount,
        rounding=rounding,
        words="The gross amount, less credit notes, less prepaid credits, leaves",
    )
    return fields.explained(answer=shown, document=document, steps=(*invoiced.steps, total))


def _build_coupon(coupon: CouponField) -> invoice.Coupon:
    return invoice.Coupon(amount=coupon.amount, fee_indexes=None if coupon.fee_indexes is None else tuple(coupon.fee_indexes))
