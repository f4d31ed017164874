"""Write computed settlements: lines and earnings beside them, each agent's by one writer at a time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
import psycopg
from django.db import connection

from billing.models import Earning, PayRun, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.operations import settlement_evidence, write_rows
from billing.operations.settle_agents import Computed
from billing.queries.pay_inputs.scope import Scope

LOCK = "SELECT count(*) FROM (SELECT FROM agents_agent WHERE id = ANY(%(agents)s) ORDER BY id FOR NO KEY UPDATE) locked"
EXISTING = """
    SELECT agent_id, id, status, inputs_hash, as_of FROM billing_settlement WHERE agent_id = ANY(%(agents)s) AND period_start = %(start)s"""
LINE_FIELDS = ("settlement", "position", "kind", "rule", "label", "week", "quantity", "rate", "exact", "amount_micros", "inputs", "source")
EARNING_FIELDS = ("settlement", "agent", "resolution", "verified_at", "price_micros", "credit_micros", "line_position")
EARNED = """
    DELETE FROM billing_earning e USING (
        SELECT agent_id, resolution_id FROM billing_earning
        WHERE agent_id = ANY(%(agents)s) AND settlement_id = ANY(%(settlements)s)) gone
    WHERE e.agent_id = gone.agent_id AND e.resolution_id = gone.resolution_id"""
# What is computed for each agent, with its type in the database; the rest is the same for all of a scope.
COMPUTED = {
    "agent_id": "bigint",
    "plan_version_id": "bigint",
    "rule_version": "text",
    "rule_pack_version": "text",
    "currency": "text",
    "total_micros": "bigint",
    "resolution_count": "integer",
    "paid_seconds": "integer",
    "inputs_hash": "text",
    "evidence": "jsonb",
}
SHARED = ("run_id", "period_start", "period_end", "status", "as_of")
COLUMNS = (*COMPUTED, *SHARED)
# All settlements of a scope in one statement, in the order of agents; one that is there keeps its number.
UPSERT = f"""
    INSERT INTO billing_settlement ({", ".join(COLUMNS)})
    SELECT {", ".join(f"found.{name}" for name in COMPUTED)}, {", ".join(f"%({name})s" for name in SHARED)}
    FROM jsonb_to_recordset(%(computed)s::jsonb) AS found ({", ".join(f"{name} {kind}" for name, kind in COMPUTED.items())})
    ORDER BY found.agent_id
    ON CONFLICT (agent_id, period_start) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in ("agent_id", "period_start"))}
    RETURNING agent_id, id"""  # noqa: S608 (our own text)


@dataclass(frozen=True)
class Existing:
    """A settlement that stands where one is written."""

    pk: int
    status: str
    inputs_hash: str
    as_of: datetime


def lock_settlements(*, scope: Scope) -> dict[int, Existing]:
    """Let one writer at a time at each agent's pay until the transaction ends.

    Who locks before reading what pay rests on, and leaves alone what was computed of a later instant, never writes older facts over
    newer ones.

    Args:
        scope: agents and period.

    Returns: their settlements of the period, by agent.
    """
    named: dict[str, Any] = {"agents": list(scope.agent_ids), "start": scope.period.start}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, named)
        cursor.execute(EXISTING, named)
        return {agent_id: Existing(*found) for agent_id, *found in cursor.fetchall()}


def write_settlements(
    *, scope: Scope, computed: Computed, status: SettlementStatus, run: PayRun | None, existing: Mapping[int, Existing] | None = None
) -> None:
    """Replace the open settlements of a scope's agents by computed ones, inside the caller's transaction.

    Args:
        scope: as it was computed.
        computed: settlements to write. Agents of the scope that have none and are not unchanged lose theirs.
        status: accruing or calculated.
        run: the run that calculated them; None while they accrue. An accrual leaves alone what a run has calculated, and what another
            accrual computed of a later instant.
        existing: as `lock_settlements` returned it in this transaction; None: they are locked here.

    Source: design.md section 9: settled rows never change; the database refuses it too.
    """
    present = lock_settlements(scope=scope) if existing is None else existing
    taken = {agent_id for agent_id, found in present.items() if status == SettlementStatus.ACCRUING and _is_ahead(found, scope)}
    untouched = taken.union(computed.unchanged_agent_ids, _kept_failures(computed, status))
    replaced = {agent_id: found.pk for agent_id, found in present.items() if agent_id not in untouched}
    _delete_rows(replaced)
    kept = _leave_out(computed.settlements, taken)
    gone = set(replaced).difference(kept["agent_id"])
    Settlement.objects.filter(pk__in=[replaced[agent_id] for agent_id in gone]).delete()
    ids = _upsert(kept, scope, status, run)
    settlement = pl.col("agent_id").replace_strict(list(ids), list(ids.values()), return_dtype=pl.Int64)
    lines = _leave_out(computed.lines, taken).with_columns(settlement=settlement)
    write_rows.copy_frame(model=SettlementLine, fields=LINE_FIELDS, frame=lines.select(LINE_FIELDS))
    earned = _leave_out(computed.earnings, taken).with_columns(settlement=settlement)
    named = earned.rename({"agent_id": "agent", "resolution_id": "resolution", "verified_us": "verified_at"})
    write_rows.copy_numbers(model=Earning, fields=EARNING_FIELDS, frame=named.select(EARNING_FIELDS))


def _leave_out(frame: pl.DataFrame, agent_ids: Collection[int]) -> pl.DataFrame:
    return frame.filter(~pl.col("agent_id").is_in(list(agent_ids))) if agent_ids else frame


def _is_ahead(found: Existing, scope: Scope) -> bool:
    return found.status != SettlementStatus.ACCRUING or found.as_of > scope.as_of


def _kept_failures(computed: Computed, status: SettlementStatus) -> list[int]:
    """An accrual that cannot be computed now keeps its last state, with its date; a run pays no such agent."""
    return [failure.agent_id for failure in computed.failures] if status == SettlementStatus.ACCRUING else []


def _delete_rows(replaced: Mapping[int, int]) -> None:
    """Delete lines and earnings of settlements by agent; which earnings these are is read from the index of their key alone."""
    if not replaced:
        return
    named = {"agents": list(replaced), "settlements": list(replaced.values())}
    with connection.cursor() as cursor:
        cursor.execute(EARNED, named)
        cursor.execute("DELETE FROM billing_settlementline WHERE settlement_id = ANY(%(settlements)s)", named)


def _upsert(settlements: pl.DataFrame, scope: Scope, status: SettlementStatus, run: PayRun | None) -> dict[int, int]:
    """Write the settlements and return their numbers by agent."""
    if settlements.is_empty():
        return {}
    # The evidence is written already, and put in as it stands.
    plain = (settlement_evidence.write_json(row) for row in settlements.drop("evidence").iter_rows(named=True))
    whole = (f'{row[:-1]},"evidence":{evidence}}}' for row, evidence in zip(plain, settlements["evidence"], strict=True))
    values: dict[str, Any] = {
        "computed": f"[{','.join(whole)}]",
        "run_id": None if run is None else run.pk,
        "period_start": scope.period.start,
        "period_end": scope.period.end,
        "status": str(status.value),
        "as_of": scope.as_of,
    }
    # The connection's own cursors write values into the statement, which the database would read twice.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return dict(cursor.execute(UPSERT, values).fetchall())
