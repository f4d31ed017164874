"""`manage.py recount EVIDENCE.zip`: compute an invoice again from its evidence, without a database."""

import hashlib
import pathlib
import sys
from argparse import ArgumentParser
from collections import Counter
from fractions import Fraction
from typing import Any, NoReturn

import polars as pl
from django.core.management.base import BaseCommand

from billing.evidence_file import bundle, reading
from billing.rules import evidence, evidence_check, invoice_split, money
from contracts.rules import exact

EQUAL, DIFFERENT, DAMAGED = 0, 1, 2


class Command(BaseCommand):
    """Print every line beside what its cases give. Exit 0 if equal to the cent, 1 if not, 2 if the file is damaged."""

    help = "Recompute an invoice from its evidence zip (see docs/evidence.md). Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="EVIDENCE.zip", help="the evidence of an invoice")
        parser.add_argument("--sha256", metavar="FINGERPRINT", help="the fingerprint on the invoice; another one is refused")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = pathlib.Path(options["file"]).read_bytes()
            found = hashlib.sha256(content).hexdigest()
            if options["sha256"] and options["sha256"].strip().lower() != found:
                raise bundle.DamagedEvidence(f"Its fingerprint is {found}, not the one on the invoice: it is another file.")
            read = reading.read_evidence(content=content)
        except OSError as unreadable:
            self._refuse(f"Cannot read {options['file']}: {unreadable.strerror}.")
        except bundle.DamagedEvidence as damaged:
            self._refuse(str(damaged))
        self.stdout.write(f"Fingerprint (SHA-256) {found}; compare it with the one on the invoice.")
        sys.exit(EQUAL if self._recount(read) else DIFFERENT)

    def _recount(self, read: reading.Evidence) -> bool:
        self._tell_cases(read)
        rated = evidence.rate_cases(cases=read.cases, terms=read.basis.terms)
        faults = list(evidence.check_cases(rated=rated, basis=read.basis))
        recomputed = evidence.recompute(rated=rated, basis=read.basis)
        self._tell_prices(rated, read)
        compared = evidence_check.compare_bills(stated=read.stated, recomputed=recomputed)
        self.stdout.write(f"\n{'Invoice says':>16} {'Recount gives':>16}")
        for one in compared:
            mark = "   " if one.is_equal else " ! "
            figures = [self._show(value, read, is_money=one.is_money) for value in (one.stated, one.recomputed)]
            self.stdout.write(f"{figures[0]:>16} {figures[1]:>16}{mark}{one.words}")
        faults += [
            f"{one.words}: the invoice says {said}, its cases and terms give {given}."
            for one in compared
            if not one.is_equal
            for said, given in [[self._show(value, read, is_money=one.is_money) for value in (one.stated, one.recomputed)]]
        ]
        due = self._show(read.stated.due, read)
        if faults:
            self.stdout.write("\n" + "\n".join(f"Different: {fault}" for fault in faults))
        else:
            self.stdout.write(f"\nEqual to the cent: {due} {read.currency} due on invoice {read.number}.")
        return not faults

    def _tell_cases(self, read: reading.Evidence) -> None:
        own = read.cases.filter(read.cases["period_start"] == read.period_start)
        self.stdout.write(f"Invoice {read.number}, {read.period_start} up to {read.period_end}, in {read.currency}.")
        self.stdout.write(f"{own['case_key'].n_unique():,} cases; resolutions and cases without one:")
        for words in evidence_check.count_by_reason(reasons=Counter(own.select("is_counted", "reason").iter_rows())):
            self.stdout.write(f"  {words}")

    def _tell_prices(self, rated: pl.DataFrame, read: reading.Evidence) -> None:
        """Tell each row's count and how its tiers price it."""
        rows = {row_id: row for terms in read.basis.terms.values() for row_id, row in zip(terms.row_ids, terms.card.rows, strict=True)}
        sums = rated.group_by("period_start", "version_id", "row_id").agg(pl.len(), pl.col("rated_micros").sum())
        for start, version, row_id, count, micros in sums.sort("period_start", "version_id", "row_id").iter_rows():
            row = rows.get(row_id)
            if row is None:
                continue
            name = ", ".join((row.query_type or "any query type", row.channel or "any channel"))
            split = invoice_split.describe_price(row=row, quantity=Fraction(count))
            amount = exact.format_exact(value=money.from_micros(micros=micros))
            told = f"{count:,} counted{', ' if split else ''}{split}"
            self.stdout.write(f"{start}, version {version}, {name}: {told}, give {amount}")

    def _show(self, value: Fraction | None, read: reading.Evidence, *, is_money: bool = True) -> str:
        if value is None:
            return "none"
        places = money.currency_places(currency=read.currency)
        if is_money and (value * 10**places).denominator == 1:
            return exact.format_places(value=value, places=places)
        return exact.format_exact(value=value)

    def _refuse(self, words: str) -> NoReturn:
        self.stderr.write(words)
        sys.exit(DAMAGED)
