"""What a client gets for an invoice besides the count: first contact and satisfaction of its period, each with its interval."""

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Sum

from agents.rules import metrics
from billing.models import Invoice, ValueCount


@dataclass(frozen=True, kw_only=True)
class Share:
    """A rate with its Wilson interval and how many it rests on."""

    rate: Fraction
    low: Fraction
    high: Fraction
    n: int


@dataclass(frozen=True, kw_only=True)
class InvoiceValue:
    """First contact and favorable answers of a billing period; None where nobody was asked."""

    fcr: Share | None
    csat: Share | None


def read_value(*, invoice: Invoice) -> InvoiceValue | None:
    """Return what was counted for the period of an invoice, in one query; None where nothing was counted yet.

    Args:
        invoice: any.
    """
    rows = ValueCount.objects.filter(contract=invoice.contract_id, period_start=invoice.period_start, currency=invoice.currency)
    found = rows.aggregate(yes=Sum("fcr_yes_count"), asked=Sum("fcr_count"), good=Sum("favorable_count"), answers=Sum("answer_count"))
    fcr, csat = _share(found["yes"], found["asked"]), _share(found["good"], found["answers"])
    return InvoiceValue(fcr=fcr, csat=csat) if fcr or csat else None


def _share(count: int | None, n: int | None) -> Share | None:
    if not n:
        return None
    interval = metrics.wilson_interval(successes=Fraction(count or 0), n=Fraction(n))
    return Share(rate=Fraction(count or 0, n), low=interval.low, high=interval.high, n=n)
