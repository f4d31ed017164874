"""`service_credit`: what missed service levels take off an invoice."""

from typing import Any

from billing.calculator import fields
from billing.rules import service_credit
from billing.rules.prices import lines


class DefaultField(fields.Document):
    """A missed service level."""

    pool_percent: fields.NonNegative
    allocation_percent: fields.NonNegative


class Document(fields.MoneyDocument):
    """An invoice, the share of it at risk, and the missed service levels."""

    invoice_amount: fields.NonNegative
    at_risk_percent: fields.NonNegative
    defaults: list[DefaultField]


def answer(document: Document) -> dict[str, Any]:
    """Add up the service credits."""
    credit = service_credit.credit_defaults(
        invoice_amount=document.invoice_amount,
        at_risk_percent=document.at_risk_percent,
        defaults=[
            service_credit.Default(pool_percent=default.pool_percent, allocation_percent=default.allocation_percent)
            for default in document.defaults
        ],
    )
    found = [("default", given) for given in credit.by_default]
    if credit.over_cap:
        found.append(("cap", -credit.over_cap))
    rounded = lines.round_running(amounts=[given for _, given in found], rounding=document.rounding)
    shown = {
        **fields.amount_of(value=credit.exact, rounding=document.rounding),
        "at_risk": fields.amount_of(value=credit.at_risk, rounding=document.rounding),
        "lines": [
            {"kind": kind, **fields.amounts_of(amount=amount, exact_amount=given, rounding=document.rounding)}
            for (kind, given), amount in zip(found, rounded, strict=True)
        ],
    }
    steps = (*credit.steps, fields.tell_rounding(value=credit.exact, rounding=document.rounding))
    return fields.explained(answer=shown, document=document, steps=steps)
