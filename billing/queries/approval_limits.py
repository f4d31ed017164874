"""What one approver may approve alone, and which runs owe more."""

from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.models import ApprovalLimit, PayRun, Settlement
from billing.rules import money
from contracts.rules import exact


@dataclass(frozen=True, kw_only=True)
class Exceeded:
    """A currency in which a run owes more than one person may approve, in micros."""

    currency: str
    total_micros: int
    limit_micros: int

    @property
    def words(self) -> str:
        """What is owed, and from where on two people are needed."""
        total, limit = (_write(micros, self.currency) for micros in (self.total_micros, self.limit_micros))
        return _("%(total)s %(currency)s, more than the %(limit)s %(currency)s that one person may approve") % {
            "total": total,
            "currency": self.currency,
            "limit": limit,
        }


def list_exceeded(*, run: PayRun) -> list[Exceeded]:
    """Return the currencies in which a run owes more than its limit; one without a limit is never among them."""
    limits = dict(ApprovalLimit.objects.values_list("currency", "amount_micros"))
    totals = Settlement.objects.filter(run=run, currency__in=limits).values_list("currency").order_by("currency")
    return [
        Exceeded(currency=currency, total_micros=int(total), limit_micros=limits[currency])
        for currency, total in totals.annotate(Sum("total_micros"))
        if total > limits[currency]
    ]


def _write(micros: int, currency: str) -> str:
    return exact.format_places(value=money.from_micros(micros=micros), places=money.currency_places(currency=currency))
