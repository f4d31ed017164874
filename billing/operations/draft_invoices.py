"""Invoice drafts: they collect through the billing period and its days of grace, and are written anew whenever something changed."""

import zoneinfo
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from billing.models import BookedLine, Invoice, InvoiceLine
from billing.operations.write_rows import copy_rows
from billing.queries import contract_period, invoice_content, invoice_counts, invoice_issues
from billing.rules import money
from contracts import reading
from contracts.models import Contract, ContractVersion, VersionStatus
from contracts.rules import errors, exact

GRACE_DAYS = 4
LINE_FIELDS = (
    *("invoice", "position", "kind", "version", "row", "origin_start", "metric", "label", "quantity", "exact", "amount_micros"),
    *("tax_percent", "inputs"),
)


SUMS = (
    *("seller", "from_words", "to_words", "subtotal_micros", "tax_micros", "gross_micros", "credit_micros", "due_micros"),
    *("counted_count", "counts", "taxes", "issues"),
)


@dataclass(frozen=True, kw_only=True)
class DraftReport:
    """What a refresh of drafts did, and as sentences which it could not write."""

    written: int
    unchanged: int
    failures: tuple[str, ...] = ()


def refresh_drafts(*, as_of: datetime, contract_ids: Sequence[int] | None = None) -> DraftReport:
    """Bring the drafts of every contract up to date: of the billing period that is open, and of earlier ones not final yet.

    Args:
        as_of: business instant.
        contract_ids: only these contracts; None is all.

    Returns: how many drafts were written, and how many stood as they should. A second run writes nothing. What makes no sense in
        one contract is told, and stops no other one.
    """
    contracts = Contract.objects.filter(versions__status__in=(VersionStatus.ACTIVE, VersionStatus.ENDED)).distinct().order_by("pk")
    if contract_ids is not None:
        contracts = contracts.filter(pk__in=contract_ids)
    changes: list[bool] = []
    failures: list[str] = []
    for contract in contracts.select_related("client"):
        try:
            days, cut_days = _open_days(contract, as_of)
        except errors.InvalidInput as refused:
            failures.append(f"{contract.client.name}, {contract.name}: {refused.message}")
            continue
        failures += [_tell_cut(contract, day, start) for day, start in cut_days]
        for day in days:
            try:
                changes += _refresh(contract, day, as_of)
            except errors.InvalidInput as refused:
                failures.append(f"{contract.client.name}, {contract.name}, {day:%Y-%m}: {refused.message}")
    return DraftReport(written=sum(changes), unchanged=len(changes) - sum(changes), failures=tuple(failures))


def refresh_draft(*, invoice: Invoice, as_of: datetime) -> bool:
    """Write a locked draft's lines and sums by what is known now.

    Args:
        invoice: a draft, locked by the caller's transaction.
        as_of: business instant.

    Returns: whether anything changed.
    """
    contents = invoice_content.read_contents(contract=invoice.contract, day=invoice.period_start, but=invoice.pk)
    content = next((found for found in contents if found.currency == invoice.currency), None)
    return _write(invoice, content, as_of)


def _open_days(contract: Contract, as_of: datetime) -> tuple[list[date], list[tuple[date, date]]]:
    """Return the first day of each billing period that has begun and has no final invoice, from the first that has bookings on.

    One without any case counts once it has ended, where the contract asks for something although no case came. Apart from them stand
    days for which something is booked that no invoice bills, as they begin no period, each with the first day of the one it lies in.
    """
    today = as_of.astimezone(zoneinfo.ZoneInfo(contract.timezone)).date()
    booked = ContractVersion.objects.filter(contract=contract, booked_lines__isnull=False).values_list(
        "booked_lines__period_start", flat=True
    )
    days = {day for day in booked.distinct() if day <= today}
    if not days:
        return [], []
    books = contract_period.open_books(contract=contract)
    starts = {day: contract_period.find_start(books=books, day=day) for day in days}
    cut_days = {day for day, start in starts.items() if day != start}
    days = set(starts.values())
    if _asks_without_cases(contract):
        days |= set(contract_period.list_ended(books=books, since=min(days), today=today))
    final = Invoice.objects.filter(contract=contract, status__in=invoice_content.BILLED).values_list("period_start", flat=True)
    return sorted(days - set(final)), [(day, starts[day]) for day in _list_owed(contract, cut_days)]


def _list_owed(contract: Contract, days: Collection[date]) -> list[date]:
    """Return those first days of booked periods for which something is owed that is on no invoice."""
    if not days:
        return []
    booked = BookedLine.objects.filter(version__contract=contract, period_start__in=days).exclude(invoiced__is_void=False)
    owed = booked.order_by().values("period_start", "version__currency").annotate(owed_micros=Sum("amount_micros")).exclude(owed_micros=0)
    return sorted({row["period_start"] for row in owed})


def _tell_cut(contract: Contract, day: date, start: date) -> str:
    """Say that no invoice bills what is booked for a day, because another calendar cuts the period that begins there."""
    words = _(
        "%(client)s, %(contract)s: cases are booked for a billing period from %(day)s, but by the calendar in force on that day it "
        "lies in the period from %(start)s, so no invoice bills them. Bill them outside the portal, or activate a version that begins "
        "on a later day, on which a period of its own calendar begins: it takes over the cases from that day on."
    )
    return words % {"client": contract.client.name, "contract": contract.name, "day": day, "start": start}


def _asks_without_cases(contract: Contract) -> bool:
    """Say whether a version promises an amount, a minimum of a row, or a part of a forecast that is paid for even if no case comes."""
    promises = Q(commitment__amount_micros__gt=0) | Q(forecast_floor__unit_amount_micros__gt=0) | Q(rate_card_rows__minimum_micros__gt=0)
    return ContractVersion.objects.filter(promises, contract=contract).exclude(status=VersionStatus.DRAFT).exists()


def _refresh(contract: Contract, day: date, as_of: datetime) -> list[bool]:
    found = []
    with transaction.atomic():
        # Two refreshes of one contract wait for each other, so that neither writes a second draft.
        Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
        for content in invoice_content.read_contents(contract=contract, day=day):
            invoice = _draft_of(contract, content, as_of)
            if invoice.status == Invoice.Status.DRAFT:
                found.append(_write(invoice, content, as_of))
    return found


def _draft_of(contract: Contract, content: invoice_content.InvoiceContent, as_of: datetime) -> Invoice:
    buyer = getattr(contract.client, "buyer", None)
    seller = buyer.seller if buyer else None
    voided = Invoice.objects.filter(
        contract=contract, period_start=content.period_start, currency=content.currency, status=Invoice.Status.VOID, replaced_by=None
    ).last()
    invoice, _is_new = Invoice.objects.exclude(status=Invoice.Status.VOID).get_or_create(
        contract=contract,
        period_start=content.period_start,
        currency=content.currency,
        defaults={
            "period_end": content.period_end,
            "grace_until": content.period_end + timedelta(days=seller.grace_days if seller else GRACE_DAYS),
            "refreshed_at": as_of,
            "replaces": voided,
        },
    )
    return invoice


def _write(invoice: Invoice, content: invoice_content.InvoiceContent | None, as_of: datetime) -> bool:
    before = {name: getattr(invoice, name) for name in SUMS}
    sums = _sums(invoice, content, as_of)
    rows = list(_lines(invoice, content)) if content else []
    stored = list(InvoiceLine.objects.filter(invoice=invoice).order_by("position").values_list(*_columns()))
    if [row[1:] for row in rows] == stored and sums == before:
        return False
    invoice.lines.all().delete()
    copy_rows(model=InvoiceLine, fields=LINE_FIELDS, rows=rows)
    invoice.refreshed_at = as_of
    invoice.save(update_fields=[*sums, "refreshed_at"])
    return True


def _columns() -> list[str]:
    return ["version_id" if name == "version" else "row_id" if name == "row" else name for name in LINE_FIELDS[1:]]


def _lines(invoice: Invoice, content: invoice_content.InvoiceContent) -> list[tuple[object, ...]]:
    return [
        (
            *(invoice.pk, position, key.kind, key.version_id, key.row_id or None, key.origin, key.metric, amount.label),
            "" if amount.quantity is None else exact.format_exact(value=amount.quantity),
            exact.format_exact(value=amount.exact),
            money.to_micros(amount=amount.rounded, currency=content.currency),
            exact.format_exact(value=amount.tax_percent),
            {"words": amount.words} if amount.words else {},
        )
        for position, (key, amount) in enumerate(content.amounts.items(), start=1)
    ]


def _sums(invoice: Invoice, content: invoice_content.InvoiceContent | None, as_of: datetime) -> dict[str, object]:
    buyer = getattr(invoice.contract.client, "buyer", None)
    seller = buyer.seller if buyer else None
    found: dict[str, object] = {
        "seller": seller,
        "from_words": seller.words if seller else "",
        "to_words": "\n".join(part for part in (buyer.attention, buyer.words) if part) if buyer else invoice.contract.client.name,
        **dict.fromkeys(("subtotal_micros", "tax_micros", "gross_micros", "credit_micros", "due_micros", "counted_count"), 0),
        "taxes": [],
        "counts": invoice_counts.count_resolutions(
            contract=invoice.contract, currency=invoice.currency, start=invoice.period_start, end=invoice.period_end
        ),
    }
    if content:
        amounts = {
            "subtotal": content.subtotal,
            "tax": content.tax,
            "gross": content.subtotal + content.tax,
            "credit": content.used_credits,
        }
        amounts["due"] = amounts["gross"] - amounts["credit"]
        found |= {f"{name}_micros": money.to_micros(amount=amount, currency=content.currency) for name, amount in amounts.items()}
        found["counted_count"] = max(content.counted, 0)
        found["taxes"] = [
            {"name": tax.name, **{name: exact.format_exact(value=getattr(tax, name)) for name in ("percent", "net", "amount")}}
            for tax in content.taxes
        ]
    for name, value in found.items():
        setattr(invoice, name, value)
    # The issues are about the sums, so they come last.
    with reading.plainly():
        invoice.issues = [issue.as_json() for issue in invoice_issues.find_issues(invoice=invoice, as_of=as_of)]
    return found | {"issues": invoice.issues}
