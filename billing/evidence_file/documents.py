"""The files around the cases, as they are written: terms, facts, earlier bills and the invoice."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from billing.models import Invoice
from billing.queries import invoice_content
from billing.rules import evidence, invoice_lines, prepaid
from contracts.models import Contract
from contracts.rules import exact
from contracts.terms_reading import FORMAT

# The sums of an invoice by their name in files, and the stored field.
SUMS = {"subtotal": "subtotal", "tax": "tax", "gross": "gross", "credits": "credit", "due": "due"}
LINE = ("period_start", "version", "kind", "row", "metric", "label", "quantity", "exact", "amount", "tax_percent")


@dataclass(frozen=True, kw_only=True)
class Names:
    """What versions and rows are called in files: the version's number, and the row's place in its rate card."""

    versions: Mapping[int, int]
    rows: Mapping[int, int]

    def name(self, cases: pl.DataFrame) -> pl.DataFrame:
        """Return cases with these names instead of stored ids; a row of a version that is not in the file stays unnamed."""
        named = {"version_id": self.versions, "row_id": self.rows}
        return cases.with_columns(
            pl.col(name).replace_strict(dict(names), default=None, return_dtype=pl.Int64) if names else pl.lit(None, pl.Int64).alias(name)
            for name, names in named.items()
        )


def write_terms(*, contract: Contract, versions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the terms: each version in the shape of `export_terms`."""
    return {
        "format": FORMAT,
        "client": contract.client.code,
        "contract": contract.code,
        "timezone": contract.timezone,
        "versions": versions,
    }


def write_facts(*, basis: evidence.Basis, prepaid: invoice_content.PrepaidFacts, names: Names) -> dict[str, Any]:
    """Return what was measured, credited before and paid in advance."""
    return {
        "periods": [
            {
                "start": period.start.isoformat(),
                "end": period.end.isoformat(),
                "versions": [
                    {
                        "version": names.versions[one.version_id],
                        "days": one.days,
                        "period_days": (period.end - period.start).days,
                        "attained": {
                            metric: {"successes": found.successes, "count": found.count} for metric, found in one.facts.attained.items()
                        },
                        "credits_before": [{"metric": credit.level, "amount": show(credit.amount)} for credit in one.facts.credits_before],
                        "met_since": {metric: list(met) for metric, met in one.facts.met_since.items()},
                    }
                    for one in period.versions
                ],
            }
            for period in basis.periods
        ],
        "prepaid": {
            "on": prepaid.on.isoformat(),
            "expiry_months": prepaid.expiry_months,
            "grants": _moved(prepaid.grants),
            "uses": _moved(prepaid.uses),
            "left": show(prepaid.left),
        },
    }


def write_billed(*, billed: Iterable[invoice_content.BilledLine], names: Names) -> bytes:
    """Return billed.csv: what earlier invoices billed of the same periods."""
    told = io.StringIO()
    writer = csv.DictWriter(told, fieldnames=["invoice", *LINE], lineterminator="\n")
    writer.writeheader()
    writer.writerows({"invoice": line.number, **_line(line.key, line.amount, names)} for line in billed)
    return told.getvalue().encode()


def write_invoice(*, invoice: Invoice, names: Names, case_count: int) -> dict[str, Any]:
    """Return the invoice: its lines, taxes and sums."""
    lines = []
    for line in invoice.lines.order_by("position"):
        key = invoice_lines.LineKey(
            origin=line.origin_start, version_id=line.version_id, kind=line.kind, row_id=line.row_id or 0, metric=line.metric
        )
        amount = invoice_lines.Amount(
            label=line.label,
            exact=Fraction(line.exact),
            rounded=Fraction(line.amount_micros, 1_000_000),
            quantity=Fraction(line.quantity) if line.quantity else None,
            tax_percent=Fraction(line.tax_percent),
        )
        lines.append(_line(key, amount, names) | {"words": line.inputs.get("words", "")})
    return {
        "number": invoice.number,
        "contract": invoice.contract.code,
        "currency": invoice.currency,
        "timezone": invoice.contract.timezone,
        "period_start": invoice.period_start.isoformat(),
        "period_end": invoice.period_end.isoformat(),
        "issued_on": invoice.issued_on.isoformat() if invoice.issued_on else None,
        "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
        "counted": invoice.counted_count,
        "cases": case_count,
        "lines": lines,
        "taxes": invoice.taxes,
        **{name: show(Fraction(getattr(invoice, f"{field}_micros"), 1_000_000)) for name, field in SUMS.items()},
    }


def show(value: Fraction) -> str:
    """Write an exact number as files hold it."""
    return exact.format_exact(value=value)


def _line(key: invoice_lines.LineKey, amount: invoice_lines.Amount, names: Names) -> dict[str, Any]:
    return {
        "period_start": key.origin.isoformat(),
        "version": names.versions[key.version_id],
        "kind": key.kind,
        "row": names.rows[key.row_id] if key.row_id else "",
        "metric": key.metric,
        "label": amount.label,
        "quantity": "" if amount.quantity is None else show(amount.quantity),
        "exact": show(amount.exact),
        "amount": show(amount.rounded),
        "tax_percent": show(amount.tax_percent),
    }


def _moved(moves: Iterable[prepaid.Moved]) -> list[dict[str, str]]:
    return [{"on": one.on.isoformat(), "amount": show(one.amount)} for one in moves]
