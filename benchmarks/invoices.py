"""An invoice of 100,000 cases made final with its evidence, recounted without a database; and a month of pay posted to the ledger.

`python -m benchmarks invoices` takes 100,000 cases; `python -m benchmarks invoices:1000` as many as it says, with a hundredth of
the pay lines too. Each has its limit beside it: the same rows copied out raw, and the same entries written by one statement.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from benchmarks import pay_world, scratch
from benchmarks.measurement import Measurement, timed

CASES = 100_000
SETTLEMENTS = 2_000
LINES_EACH = 500
APRIL_6 = datetime(2016, 4, 6, 12, tzinfo=UTC)
# Every case with what the evidence says of it, as it is stored: what no writer of the evidence can beat.
RAW = """
    COPY (SELECT c.key, c.opened_at, r.number, r.state, r.rule, r.resolved_at, r.verified_at, r.window_ends_at, r.reopened_at, r.is_payable,
                 r.reason, r.price_bp, q.code, h.code, b.version_id, b.row_id, b.position, b.amount_micros
          FROM agents_case c
          JOIN agents_resolution r ON r.case_id = c.id
          JOIN contracts_querytype q ON q.id = r.query_type_id
          JOIN contracts_channel h ON h.id = r.channel_id
          JOIN billing_bookedline b ON b.resolution_id = r.id) TO STDOUT (FORMAT csv)"""
SETTLED = """
    INSERT INTO billing_settlement (agent_id, run_id, period_start, period_end, status, plan_version_id, rule_version, rule_pack_version,
        currency, total_micros, resolution_count, paid_seconds, evidence, inputs_hash, as_of)
    SELECT a.id, %(run)s, '2016-03-01', '2016-04-01', 'calculated', %(plan)s, 'bench', 'bench', 'USD', %(lines)s * 1000000, %(lines)s, 0,
           '{"balances": {"holdback": "10", "draw": "0", "cap": "0", "reversal": "0"}}', '', now()
    FROM agents_agent a"""
LINES = """
    INSERT INTO billing_settlementline (settlement_id, position, kind, rule, label, quantity, rate, exact, amount_micros, source, inputs)
    SELECT s.id, n, 'unit', 'unit', 'Bench', '1', '1', '1', 1000000, '', '{}' FROM billing_settlement s, generate_series(1, %(lines)s) n"""
STATEMENT = """
    INSERT INTO bench_entry (transaction_id, account, agent_id, currency, amount_micros, "on")
    SELECT s.id, v.account, s.agent_id, s.currency, v.part * l.total, '2016-03-31'
    FROM billing_settlement s
    JOIN (SELECT settlement_id, sum(amount_micros) AS total FROM billing_settlementline GROUP BY settlement_id) l ON l.settlement_id = s.id,
    (VALUES ('pay_expense', 1), ('agent_pay', -1), ('holdback', 0)) v (account, part)"""


def measure(size: int = CASES) -> Iterator[Measurement]:
    """Make a month, invoice it, recount it, then post its pay."""
    settlements = max(2, SETTLEMENTS * size // CASES)
    with scratch.own_database():
        world = pay_world.make_world(resolution_count=size, agent_count=settlements)
        invoice, person = _draft()
        yield _line("raw COPY of the same rows", size, _copy_raw())
        with timed() as watch:
            final = _finalize(invoice, person)
        yield _line("draft made final, evidence with it", size, watch.seconds)
        with timed() as watch:
            content = _write(final)
        yield _line(f"evidence alone, {len(content) / 1_000_000:.1f} MB", size, watch.seconds)
        yield _line("recount by the command, start of the program included", size, _recount(final))
        yield from _post(world, settlements)


def _line(case: str, count: int, seconds: float, *, benchmark: str = "invoices", unit: str = "cases") -> Measurement:
    return Measurement(benchmark=benchmark, case=case, unit=unit, count=count, seconds=seconds)


def _draft() -> tuple[Any, Any]:
    """Book the month, give the client an address, and draft its invoice."""
    from agents.models import User
    from billing import models as pay
    from billing.operations import book_resolutions, draft_invoices
    from contracts.models import Client

    book_resolutions.book_resolutions(as_of=APRIL_6)
    series = [pay.NumberSeries.objects.create(code=f"bench-{kind}", prefix=f"{kind}-") for kind in ("LF", "CN")]
    address = {"legal_name": "Bench", "city": "Bench", "country": "US"}
    seller = pay.Seller.objects.create(code="bench", invoice_series=series[0], credit_note_series=series[1], **address)
    pay.Buyer.objects.create(client=Client.objects.get(), seller=seller, **address)
    draft_invoices.refresh_drafts(as_of=APRIL_6)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return pay.Invoice.objects.get(period_start=pay_world.MARCH), User.objects.create_user(email="bench@bench.test")


def _copy_raw() -> float:
    with timed() as watch, connection.cursor() as cursor, cursor.copy(RAW) as copy:
        size = sum(len(block) for block in copy)
    if not size:
        raise AssertionError("Nothing was copied.")
    return watch.seconds


def _finalize(invoice: Any, person: Any) -> Any:
    from billing.operations import finalize_invoice

    return finalize_invoice.finalize_invoice(invoice_id=invoice.pk, person=person, as_of=APRIL_6)


def _write(invoice: Any) -> bytes:
    """Write the evidence once more; the file that was kept is the same but for its figures, which come last."""
    from billing.evidence_file import documents
    from billing.operations import write_evidence

    prepared = write_evidence.prepare_evidence(invoice=invoice)
    figures = documents.write_invoice(invoice=invoice, names=prepared.names, case_count=prepared.case_count)
    prepared.bundle.add_json(name="invoice.json", content=figures)
    content = prepared.bundle.close()
    if hashlib.sha256(content).hexdigest() != invoice.evidence_sha256:
        raise AssertionError("The same evidence was written with other bytes.")
    return content


def _recount(invoice: Any) -> float:
    """Recount in a process that can reach no database."""
    from billing.models import Document

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "evidence.zip"
        path.write_bytes(bytes(Document.objects.get(kind="evidence", key=f"invoice:{invoice.pk}").content))
        environment = {**scratch.environment(), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"}
        with timed() as watch:
            done = subprocess.run(
                [sys.executable, "manage.py", "recount", str(path)], env=environment, capture_output=True, text=True, check=False
            )
    if done.returncode:
        raise AssertionError(f"The recount differs: {done.stdout[-600:]} {done.stderr[-600:]}")
    return watch.seconds


def _post(world: pay_world.World, settlements: int) -> Iterator[Measurement]:
    """Post a month's settlements, each of 500 lines, beside one statement that adds up the lines and writes as many entries."""
    from billing.models import LedgerEntry, PayRun
    from billing.operations import post_settlements

    run = PayRun.objects.create(site_id=world.site_id, period_start=pay_world.MARCH, period_end=date(2016, 4, 1), as_of=APRIL_6)
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, {"run": run.pk, "plan": world.plan_version_id, "lines": LINES_EACH})
        cursor.execute(LINES, {"lines": LINES_EACH})
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CREATE TABLE bench_entry (LIKE billing_ledgerentry)")
        cursor.execute("ALTER TABLE bench_entry ALTER id DROP NOT NULL")
        with timed() as watch:
            cursor.execute(STATEMENT)
    lines = settlements * LINES_EACH
    yield _line("one statement: lines added up, entries without index or key", lines, watch.seconds, benchmark="posting", unit="lines")
    with timed() as watch:
        posted = post_settlements.post_settlements(run=run, posted_at=APRIL_6, person_id=None)
    if posted != settlements or LedgerEntry.objects.filter(transaction__kind="settlement").count() != 3 * settlements:
        raise AssertionError(f"{posted} of {settlements} settlements were posted.")
    yield _line(f"{settlements:,} settlements posted to the ledger", lines, watch.seconds, benchmark="posting", unit="lines")
    with timed() as watch:
        again = post_settlements.post_settlements(run=run, posted_at=APRIL_6, person_id=None)
    if again:
        raise AssertionError("Posting once more posted something.")
    yield _line("posted once more, nothing to write", lines, watch.seconds, benchmark="posting", unit="lines")
