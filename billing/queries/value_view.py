"""A client's value report as it stands: the stored counts, the baselines in force, and what the rule makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import CreditNoteLine, Invoice, InvoiceLine, ValueCount
from billing.rules import client_value, money
from contracts.models import Contract, ValueBaseline

BASIS_POINTS = 10_000
NO_CHANNEL = ""
# What was credited of an invoice, before tax.
CREDITED = (
    CreditNoteLine.objects.filter(note__invoice=OuterRef("pk"))
    .order_by()
    .values("note__invoice")
    .annotate(total=Sum("amount_micros"))
    .values("total")
)


@dataclass(frozen=True, kw_only=True)
class CountedPeriod:
    """A billing period of a contract that was counted."""

    contract_id: int
    start: date
    end: date
    currency: str


@dataclass(frozen=True, kw_only=True)
class OtherCharge:
    """What the invoice of the period charges beside its resolutions; below zero where it gives back."""

    kind: str
    label: str
    micros: int


@dataclass(frozen=True, kw_only=True)
class ValueView:
    """Everything that a value report shows. `recorded_count` are the contacts that sources recorded; `invoice` may be a draft."""

    contract: Contract
    period: CountedPeriod
    counted_at: datetime
    value: client_value.ContractValue
    channel_names: Mapping[str, str]
    baselines: Mapping[str, ValueBaseline]
    charges: tuple[OtherCharge, ...]
    recorded_count: int
    pending_count: int
    invoice: Invoice | None


def list_periods(*, counts: QuerySet[ValueCount], contract_id: int, limit: int = 12) -> tuple[CountedPeriod, ...]:
    """Return the counted billing periods of a contract, newest first, in one query."""
    rows = counts.filter(contract=contract_id).order_by("-period_start", "currency")
    found = rows.values_list("period_start", "period_end", "currency").distinct()[:limit]
    return tuple(CountedPeriod(contract_id=contract_id, start=start, end=end, currency=currency) for start, end, currency in found)


def read_value(*, contract: Contract, period: CountedPeriod) -> ValueView | None:
    """Work out the value report of a counted period, in four queries; None if nothing is counted of it.

    A channel is held against the baseline of its own that began last on or before the first day, else against that of
    every channel; only in the currency of its prices.
    """
    rows = list(
        ValueCount.objects.filter(contract=contract, period_start=period.start, currency=period.currency)
        .select_related("channel")
        .order_by("channel__name")
    )
    if not rows:
        return None
    baselines = _baselines(contract, period, rows)
    invoice = Invoice.objects.filter(contract=contract, period_start=period.start, currency=period.currency)
    standing = invoice.exclude(status=Invoice.Status.VOID).annotate(credited=Coalesce(Subquery(CREDITED), 0)).first()
    charges = _other_charges(standing)
    value = client_value.value_contract(
        channels=[_facts(row, baselines.get(_code(row))) for row in rows],
        other_charges=sum((money.from_micros(micros=charge.micros) for charge in charges), Fraction(0)),
    )
    return ValueView(
        contract=contract,
        period=period,
        counted_at=max(row.counted_at for row in rows),
        value=value,
        channel_names={_code(row): row.channel.name if row.channel else "" for row in rows},
        baselines=baselines,
        charges=charges,
        recorded_count=sum(row.recorded_count for row in rows),
        pending_count=sum(row.pending_count for row in rows),
        invoice=standing,
    )


def _code(row: ValueCount) -> str:
    return row.channel.code if row.channel else NO_CHANNEL


def _baselines(contract: Contract, period: CountedPeriod, rows: Sequence[ValueCount]) -> dict[str, ValueBaseline]:
    stated = ValueBaseline.objects.filter(contract=contract, currency=period.currency, starts_on__lte=period.start)
    latest = {found.channel_id: found for found in stated.order_by("starts_on").select_related("channel")}
    chosen = {_code(row): latest.get(row.channel_id) or latest.get(None) for row in rows}
    return {code: found for code, found in chosen.items() if found is not None}


def _facts(row: ValueCount, baseline: ValueBaseline | None) -> client_value.ChannelFacts:
    return client_value.ChannelFacts(
        channel=_code(row),
        resolution_count=row.resolution_count,
        paid=money.from_micros(micros=row.paid_micros),
        contact_count=row.contact_count,
        fcr_yes_count=row.fcr_yes_count,
        fcr_count=row.fcr_count,
        favorable_count=row.favorable_count,
        answer_count=row.answer_count,
        baseline=None if baseline is None else _terms(baseline),
    )


def _terms(stated: ValueBaseline) -> client_value.Baseline:
    return client_value.Baseline(
        contact_cost=money.from_micros(micros=stated.contact_micros),
        contacts_per_resolution=Fraction(stated.contacts_per_resolution),
        fcr=None if stated.fcr_bp is None else Fraction(stated.fcr_bp, BASIS_POINTS),
        csat=None if stated.csat_bp is None else Fraction(stated.csat_bp, BASIS_POINTS),
        repeat_cost=None if stated.repeat_micros is None else money.from_micros(micros=stated.repeat_micros),
    )


def _other_charges(invoice: Invoice | None) -> tuple[OtherCharge, ...]:
    """Return what the period's own terms add or take beside its resolutions, and what was credited since."""
    if invoice is None:
        return ()
    lines = InvoiceLine.objects.filter(invoice=invoice, origin_start=invoice.period_start).exclude(kind=InvoiceLine.Kind.RATED)
    found = [OtherCharge(kind=line.kind, label=line.label, micros=line.amount_micros) for line in lines.order_by("position")]
    found.append(OtherCharge(kind="credit_note", label="", micros=-getattr(invoice, "credited", 0)))
    return tuple(charge for charge in found if charge.micros)
