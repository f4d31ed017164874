"""Invoices with what is still open on them, and how long it has been due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from billing.models import CreditNote, Invoice, Payment

# Days after the due day at which a bucket ends; the last one has no end.
AGE_BOUNDS = (0, 30, 60, 90)


@dataclass(frozen=True, kw_only=True)
class Age:
    """What is open in one currency, in micros: not due yet, due for up to 30, 60, 90 days, and for longer."""

    currency: str
    buckets: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.buckets)


def with_open(*, invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Add `paid_micros`, `credited_micros` and `open_micros` to invoices; only a final one has something open."""
    paid = Payment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice").annotate(total=Sum("amount_micros"))
    credited = CreditNote.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice").annotate(total=Sum("total_micros"))
    counted = invoices.annotate(
        paid_micros=Coalesce(Subquery(paid.values("total"), output_field=BigIntegerField()), Value(0), output_field=BigIntegerField()),
        credited_micros=Coalesce(
            Subquery(credited.values("total"), output_field=BigIntegerField()), Value(0), output_field=BigIntegerField()
        ),
    )
    return counted.annotate(
        open_micros=Case(
            When(status=Invoice.Status.FINAL, then=F("due_micros") - F("paid_micros") - F("credited_micros")),
            default=Value(0),
            output_field=BigIntegerField(),
        )
    )


def still_open(*, invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Keep the invoices of `with_open` on which something is still to be paid."""
    is_open: dict[str, Any] = {"open_micros__gt": 0}
    return invoices.filter(**is_open)


def read_ageing(*, invoices: QuerySet[Invoice], on: date) -> Sequence[Age]:
    """Return what is open by currency and by how long it has been due on a day, in one query.

    Args:
        invoices: those that a person may see.
        on: the day; an invoice due on it is not late yet.
    """
    late = [
        When(due_on__gte=on - timedelta(days=bound), then=Value(place)) if bound else When(due_on__gte=on, then=Value(place))
        for place, bound in enumerate(AGE_BOUNDS)
    ]
    owed = still_open(invoices=with_open(invoices=invoices.filter(status=Invoice.Status.FINAL)))
    rows = owed.annotate(age=Case(*late, default=Value(len(AGE_BOUNDS)), output_field=IntegerField())).order_by()
    found: dict[str, list[int]] = {}
    for currency, age, micros in rows.values_list("currency", "age", "open_micros"):
        found.setdefault(currency, [0] * (len(AGE_BOUNDS) + 1))[age] += micros
    return [Age(currency=currency, buckets=tuple(buckets)) for currency, buckets in sorted(found.items())]
