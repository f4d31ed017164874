"""Write the evidence of an invoice: one zip from which anybody can compute it again without us."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from billing.evidence_file import bundle, codes, columns, documents, instructions
from billing.models import Document, Invoice
from billing.operations.store_document import store_document
from billing.queries import evidence as evidence_queries
from billing.rules import evidence, evidence_check, invoice_lines, money
from contracts.models import ContractVersion
from contracts.queries import commercial_terms, version_documents

BLOCK_ROWS = 20_000


class UnableToWriteEvidence(Exception):
    """An invoice that its own evidence does not give, because something changed since it was booked."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Evidence that is written up to the invoice's own figures, and how many cases of its period are in it."""

    bundle: bundle.Bundle
    names: documents.Names
    case_count: int


def prepare_evidence(*, invoice: Invoice) -> Prepared:
    """Write everything that is known before the invoice has its number, and hold the draft to it.

    Args:
        invoice: a draft that was refreshed in the caller's transaction; its bookings are not marked as invoiced yet.

    Returns: what `finish_evidence` completes.
    Raises: UnableToWriteEvidence if cases and terms do not give the draft's lines and sums to the cent.
    Source: design.md section 5, "evidence export".
    """
    read = evidence_queries.read_evidence(invoice=invoice)
    rated = evidence.rate_cases(cases=read.cases.with_columns(position=pl.lit(None, dtype=pl.Int64)), terms=read.basis.terms)
    placed = rated.with_columns(position=pl.col("rated_position"))
    _check(invoice, placed, read)
    versions = _versions(read)
    names = documents.Names(
        versions={version.pk: version.number for version in versions},
        rows={row_id: place for agreed in read.terms.values() for place, row_id in enumerate(agreed.row_ids, start=1)},
    )
    cases = _in_order(read.cases, placed)
    made = bundle.Bundle()
    made.add(name="README.txt", blocks=[instructions.write_readme().encode()])
    made.add(name="codes.csv", blocks=[codes.write_codes(used=_used(cases))])
    made.add(name="cases.csv", blocks=_blocks(columns.encode(frame=names.name(cases))))
    made.add_json(
        name="terms.json",
        content=documents.write_terms(
            contract=invoice.contract, versions=[version_documents.write_version(version=version) for version in versions]
        ),
    )
    made.add_json(name="facts.json", content=documents.write_facts(basis=read.basis, prepaid=read.prepaid, names=names))
    made.add(name="billed.csv", blocks=[documents.write_billed(billed=read.billed, names=names)])
    own = cases.filter(pl.col("period_start") == invoice.period_start)
    return Prepared(bundle=made, names=names, case_count=own["case_key"].n_unique())


def finish_evidence(*, prepared: Prepared, invoice: Invoice, issued_at: datetime) -> Document:
    """Add the invoice's figures, close the file and keep it; its hash and count of cases are set on the invoice, unsaved.

    Args:
        prepared: as `prepare_evidence` returned it in the same transaction.
        invoice: with its number and days.
        issued_at: business instant.

    Returns: the stored file.
    """
    prepared.bundle.add_json(
        name="invoice.json", content=documents.write_invoice(invoice=invoice, names=prepared.names, case_count=prepared.case_count)
    )
    content = prepared.bundle.close()
    invoice.case_count = prepared.case_count
    stored = store_document(
        kind=Document.Kind.EVIDENCE,
        key=f"invoice:{invoice.pk}",
        name=f"{invoice.number}-evidence.zip",
        content_type="application/zip",
        content=content,
        issued_at=issued_at,
    )
    invoice.evidence_sha256 = stored.sha256
    return stored


def _check(invoice: Invoice, rated: pl.DataFrame, read: evidence_queries.EvidenceFacts) -> None:
    """Refuse evidence that does not give the invoice: somebody would find out, and it should be us."""
    faults = list(evidence.check_cases(rated=rated, basis=read.basis))
    compared = evidence_check.compare_bills(stated=_stated(invoice), recomputed=evidence.recompute(rated=rated, basis=read.basis))
    faults += [f"{one.words} is not what its cases give." for one in compared if not one.is_equal]
    if faults:
        raise UnableToWriteEvidence(
            _("Something changed since %(invoice)s was booked; book resolutions again (the nightly job does), then finalize. ")
            % {"invoice": invoice}
            + " ".join(faults[:3])
        )


def _stated(invoice: Invoice) -> evidence.Bill:
    """Return what a draft says."""
    amounts = {}
    for line in invoice.lines.order_by("position"):
        key = invoice_lines.LineKey(
            origin=line.origin_start, version_id=line.version_id, kind=line.kind, row_id=line.row_id or 0, metric=line.metric
        )
        amounts[key] = invoice_lines.Amount(
            label=line.label,
            exact=Fraction(line.exact),
            rounded=money.from_micros(micros=line.amount_micros),
            quantity=Fraction(line.quantity) if line.quantity else None,
        )
    taxes = tuple(
        invoice_lines.TaxAmount(name=tax["name"], **{name: Fraction(tax[name]) for name in ("percent", "net", "amount")})
        for tax in invoice.taxes
    )
    sums: dict[str, Any] = {name: money.from_micros(micros=getattr(invoice, f"{field}_micros")) for name, field in documents.SUMS.items()}
    return evidence.Bill(amounts=amounts, taxes=taxes, counted_count=invoice.counted_count, **sums)


def _versions(read: evidence_queries.EvidenceFacts) -> list[ContractVersion]:
    found = ContractVersion.objects.filter(pk__in=list(read.terms))
    return list(commercial_terms.with_commercials(found).order_by("number"))


def _in_order(cases: pl.DataFrame, rated: pl.DataFrame) -> pl.DataFrame:
    """Put counted cases in the order of their places, each period by itself, and those that do not count behind them."""
    places = rated.select("period_start", "case_key", "number", "position")
    placed = cases.join(places, on=["period_start", "case_key", "number"], how="left", maintain_order="left")
    order = (pl.col("period_start"), pl.col("is_counted").not_(), pl.col("version_id"), pl.col("row_id"), pl.col("position"))
    return placed.sort(*order, "case_key", "number", nulls_last=True)


def _used(cases: pl.DataFrame) -> dict[str, list[str]]:
    return {name: cases[name].drop_nulls().unique().to_list() for name in codes.WORDS}


def _blocks(table: pl.DataFrame) -> Iterator[bytes]:
    yield (",".join(table.columns) + "\n").encode()
    for part in table.iter_slices(BLOCK_ROWS):
        yield part.write_csv(include_header=False).encode()
