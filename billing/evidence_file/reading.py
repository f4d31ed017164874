"""Evidence read from its zip as what the rules recompute: no database is asked."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from billing.evidence_file import bundle, columns
from billing.rules import contract_period, earn_back, evidence, invoice_lines, prepaid
from contracts.queries import version_documents
from contracts.rules import errors, exact

SUMS = ("subtotal", "tax", "gross", "credits", "due")
RowIds = Mapping[tuple[int, int], int]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a zip holds: the cases, what surrounds them, and what the invoice says."""

    number: str
    currency: str
    period_start: date
    period_end: date
    cases: pl.DataFrame
    basis: evidence.Basis
    stated: evidence.Bill
    case_count: int


def read_evidence(*, content: bytes) -> Evidence:
    """Read a zip.

    Raises: DamagedEvidence if it is damaged, does not fit its manifest, or holds what the format does not know.
    """
    files = bundle.open_bundle(content=content)
    try:
        return _read(files)
    except errors.InvalidInput as wrong:
        raise bundle.DamagedEvidence(f"The terms at {'/'.join(map(str, wrong.path))} cannot be read: {wrong.message}") from wrong
    except (ValueError, KeyError, TypeError, ArithmeticError, IndexError, AttributeError, pl.exceptions.PolarsError) as wrong:
        raise bundle.DamagedEvidence(f"A file in it is not written as README.txt says: {type(wrong).__name__}, {wrong}.") from wrong


def _read(files: Mapping[str, bytes]) -> Evidence:
    invoice, facts = json.loads(files["invoice.json"]), json.loads(files["facts.json"])
    terms = _terms(json.loads(files["terms.json"]))
    row_ids: RowIds = {(version, place): row_id for version, found in terms.items() for place, row_id in enumerate(found.row_ids, start=1)}
    cases = columns.decode(table=_table(files["cases.csv"]))
    billed = [_line(row, row_ids) for row in csv.DictReader(io.StringIO(files["billed.csv"].decode()))]
    basis = evidence.Basis(
        currency=invoice["currency"],
        timezone=invoice["timezone"],
        terms=terms,
        periods=tuple(_period(one) for one in facts["periods"]),
        billed=invoice_lines.add_up(billed=billed),
        prepaid_left=_prepaid(facts["prepaid"]),
    )
    return Evidence(
        number=invoice["number"],
        currency=invoice["currency"],
        period_start=date.fromisoformat(invoice["period_start"]),
        period_end=date.fromisoformat(invoice["period_end"]),
        cases=cases.with_columns(row_id=_row_id(row_ids)),
        basis=basis,
        stated=_stated(invoice, row_ids),
        case_count=int(invoice["cases"]),
    )


def _table(content: bytes) -> pl.DataFrame:
    header = content.split(b"\n", 1)[0].decode().split(",")
    return pl.read_csv(content, schema=dict.fromkeys(header, pl.String()), truncate_ragged_lines=False)


def _terms(content: Mapping[str, Any]) -> dict[int, evidence.VersionTerms]:
    found: dict[int, evidence.VersionTerms] = {}
    first = 1
    for written in content["versions"]:
        version = version_documents.freeze_version(content={**written, "status": "active"})
        row_ids = tuple(range(first, first + len(version.card.rows)))
        first += len(row_ids)
        found[version.number] = evidence.VersionTerms(
            version_id=version.number,
            currency=version.currency,
            is_voice_priced=version.is_voice_priced,
            card=version.card,
            row_ids=row_ids,
            around=version.around,
        )
    return found


def _row_id(row_ids: RowIds) -> pl.Expr:
    """Number the rows of all versions through, so that no two are alike."""
    found: pl.Expr = pl.lit(None, dtype=pl.Int64)
    for (version, place), row_id in row_ids.items():
        found = pl.when((pl.col("version_id") == version) & (pl.col("row_id") == place)).then(pl.lit(row_id)).otherwise(found)
    return found


def _line(row: Mapping[str, Any], row_ids: RowIds) -> tuple[invoice_lines.LineKey, invoice_lines.Amount]:
    version = int(row["version"])
    key = invoice_lines.LineKey(
        origin=date.fromisoformat(row["period_start"]),
        version_id=version,
        kind=row["kind"],
        row_id=row_ids[version, int(row["row"])] if row["row"] != "" else 0,
        metric=row["metric"],
    )
    return key, invoice_lines.Amount(
        label=row["label"],
        exact=_exact(row["exact"]),
        rounded=_exact(row["amount"]),
        quantity=_exact(row["quantity"]) if row["quantity"] != "" else None,
        tax_percent=_exact(row["tax_percent"]),
    )


def _period(content: Mapping[str, Any]) -> evidence.StatedPeriod:
    versions = tuple(
        evidence.StatedVersion(version_id=int(one["version"]), days=int(one["days"]), facts=_facts(one)) for one in content["versions"]
    )
    return evidence.StatedPeriod(start=date.fromisoformat(content["start"]), end=date.fromisoformat(content["end"]), versions=versions)


def _facts(content: Mapping[str, Any]) -> contract_period.PeriodFacts:
    return contract_period.PeriodFacts(
        attained={
            metric: contract_period.Attained(successes=int(found["successes"]), count=int(found["count"]))
            for metric, found in content["attained"].items()
        },
        credits_before=tuple(
            earn_back.LevelCredit(level=found["metric"], amount=_exact(found["amount"])) for found in content["credits_before"]
        ),
        met_since={metric: tuple(met) for metric, met in content["met_since"].items()},
    )


def _prepaid(content: Mapping[str, Any]) -> Fraction:
    moves = [
        [prepaid.Moved(on=date.fromisoformat(one["on"]), amount=_exact(one["amount"])) for one in content[name]]
        for name in ("grants", "uses")
    ]
    months = content["expiry_months"]
    return prepaid.left_on(
        grants=moves[0], uses=moves[1], day=date.fromisoformat(content["on"]), expiry_months=None if months is None else int(months)
    )


def _stated(content: Mapping[str, Any], row_ids: RowIds) -> evidence.Bill:
    taxes = tuple(
        invoice_lines.TaxAmount(name=tax["name"], **{name: _exact(tax[name]) for name in ("percent", "net", "amount")})
        for tax in content["taxes"]
    )
    amounts = dict(_line(row, row_ids) for row in content["lines"])
    if len(amounts) != len(content["lines"]):
        raise bundle.DamagedEvidence("invoice.json tells a line twice; which of the two was billed, nobody can say.")
    return evidence.Bill(
        amounts=amounts,
        taxes=taxes,
        counted_count=int(content["counted"]),
        **{name: _exact(content[name]) for name in SUMS},
    )


def _exact(text: str) -> Fraction:
    return exact.parse_exact(text=text)
