"""Write computed settlements: lines and earnings beside them, each agent's by one writer at a time."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import connection

from agents.models import Agent
from billing.models import Earning, PayRun, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.operations import settlement_evidence, write_rows
from billing.operations.settle_agents import Computed, Settled
from billing.queries import class_names, instants
from billing.queries.pay_inputs import raw
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import earnings, formulas
from contracts.rules import exact

LABEL_MAX = 160
LINE_FIELDS = ("settlement", "position", "kind", "rule", "label", "week", "quantity", "rate", "exact", "amount_micros", "inputs", "source")
EARNING_FIELDS = ("settlement", "agent", "resolution", "verified_at", "price_micros", "credit_micros", "line_position")
UPDATED = (
    "run",
    "period_end",
    "status",
    "plan_version",
    "rule_version",
    "rule_pack_version",
    "currency",
    "total_micros",
    "resolution_count",
    "paid_seconds",
    "evidence",
    "inputs_hash",
    "as_of",
)


def write_settlements(*, scope: Scope, computed: Computed, status: SettlementStatus, run: PayRun | None) -> None:
    """Replace the open settlements of a scope's agents by computed ones, inside the caller's transaction.

    Args:
        scope: as it was computed.
        computed: settlements to write. Agents of the scope that have none and are not unchanged lose theirs.
        status: accruing or calculated.
        run: the run that calculated them; None while they accrue. An accrual leaves alone what a run has calculated.

    Source: design.md section 9: settled rows never change; the database refuses it too.
    """
    existing = _lock_settlements(scope)
    taken = {agent_id for agent_id, (_, found) in existing.items() if status == SettlementStatus.ACCRUING and found != status}
    settled = [one for one in computed.settled if one.inputs.payee.agent_id not in taken]
    untouched = taken.union(computed.unchanged_agent_ids, _kept_failures(computed, status))
    replaced = {agent_id: pk for agent_id, (pk, _) in existing.items() if agent_id not in untouched}
    _delete_rows(list(replaced.values()))
    kept = {one.inputs.payee.agent_id for one in settled}
    Settlement.objects.filter(pk__in=[pk for agent_id, pk in replaced.items() if agent_id not in kept]).delete()
    rows = [_settlement(one, scope, status, run) for one in settled]
    written = Settlement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["agent", "period_start"],
        update_fields=UPDATED,
    )
    ids = {row.agent_id: row.pk for row in written}
    write_rows.copy_rows(model=SettlementLine, fields=LINE_FIELDS, rows=_line_rows(settled, ids, class_names.load_class_names(), scope))
    write_rows.copy_rows(model=Earning, fields=EARNING_FIELDS, rows=_earning_rows(settled, ids))


def _kept_failures(computed: Computed, status: SettlementStatus) -> list[int]:
    """An accrual that cannot be computed now keeps its last state, with its date; a run pays no such agent."""
    return [failure.agent_id for failure in computed.failures] if status == SettlementStatus.ACCRUING else []


def _lock_settlements(scope: Scope) -> dict[int, tuple[int, str]]:
    """Let one writer at a time at each agent's pay, then return their settlements of the period by agent."""
    list(Agent.objects.filter(pk__in=scope.agent_ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    found = Settlement.objects.filter(period_start=scope.period.start, agent__in=scope.agent_ids)
    return {agent_id: (pk, status) for agent_id, pk, status in found.values_list("agent", "pk", "status")}


def _delete_rows(settlement_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_earning WHERE settlement_id = ANY(%s)", [settlement_ids])
        cursor.execute("DELETE FROM billing_settlementline WHERE settlement_id = ANY(%s)", [settlement_ids])


def _settlement(settled: Settled, scope: Scope, status: SettlementStatus, run: PayRun | None) -> Settlement:
    return Settlement(
        agent_id=settled.inputs.payee.agent_id,
        run=run,
        period_start=scope.period.start,
        period_end=scope.period.end,
        status=status,
        plan_version_id=settled.plan.version_id,
        rule_version=formulas.RULE_VERSION,
        rule_pack_version=f"{settled.inputs.pack.code} {settled.inputs.pack.version}".strip(),
        currency=settled.plan.currency,
        total_micros=settled.total_micros,
        resolution_count=len(settled.credits),
        paid_seconds=settled.paid_seconds,
        evidence=_evidence(settled),
        inputs_hash=settled.inputs.inputs_hash,
        as_of=scope.as_of,
    )


def _evidence(settled: Settled) -> dict[str, Any]:
    """Keep what explains the lines, what the next period needs, and how the paid resolutions were verified."""
    outcomes: dict[str, Counter[str]] = {}
    for row, position in zip(settled.credits, _positions(settled), strict=True):
        outcomes.setdefault(str(position), Counter())[row["state"]] += 1
    found: dict[str, Any] = settlement_evidence.to_json(settled.pay.evidence)
    return {**found, "balances": settlement_evidence.to_json(settled.pay.balances), "outcomes": outcomes}


def _line_rows(settled: Iterable[Settled], ids: dict[int, int], names: class_names.ClassNames, scope: Scope) -> Iterable[tuple[Any, ...]]:
    for one in settled:
        for position, line in enumerate(one.pay.lines, start=1):
            yield (
                ids[one.inputs.payee.agent_id],
                position,
                line.kind,
                line.rule,
                _label(line, names, scope)[:LABEL_MAX],
                line.week,
                "" if line.quantity is None else exact.format_exact(value=line.quantity),
                "" if line.rate is None else exact.format_exact(value=line.rate),
                exact.format_exact(value=line.exact),
                money.to_micros(amount=line.amount, currency=one.plan.currency),
                dict(line.inputs),
                _cite(line, one.inputs),
            )


def _label(line: earnings.Line, names: class_names.ClassNames, scope: Scope) -> str:
    """Name a line as the agent reads it; its inputs keep the code of the class."""
    code = line.inputs.get("class", "")
    if line.kind != "unit" or not code:
        return line.label
    late = f", verified before {scope.period.start:%B}" if code.endswith(raw.LATE) else ""
    return names.name(code=code.removesuffix(raw.LATE)) + late


def _cite(line: earnings.Line, inputs: raw.AgentInputs) -> str:
    """Name the stored row that an entered amount or a reversal comes from, instead of its place in a list."""
    kind, _, place = line.source.partition("/")
    if kind == "amounts":
        return inputs.corrections.amount_sources[int(place)]
    if kind == "reversals":
        return inputs.corrections.reversal_sources[int(place)]
    return line.source


def _earning_rows(settled: Iterable[Settled], ids: dict[int, int]) -> Iterable[tuple[Any, ...]]:
    for one in settled:
        agent_id = one.inputs.payee.agent_id
        price = "list_micros" if one.plan.basis == "list" else "price_micros"
        for row, position in zip(one.credits, _positions(one), strict=True):
            verified_at = instants.to_instant(row["verified_us"])
            yield (ids[agent_id], agent_id, row["resolution_id"], verified_at, row[price] or 0, row["credit_micros"], position)


def _positions(settled: Settled) -> list[int]:
    """Return, for each credit, the position of the unit line that pays it; 0 under a plan that pays no units."""
    by_class: dict[tuple[str, str | None], int] = {}
    for position, line in enumerate(settled.pay.lines, start=1):
        if line.kind == "unit":
            one_credit = line.inputs["credit"] if line.rule.startswith("unit.each") else None
            by_class[(line.inputs.get("class", ""), one_credit)] = position
    found = []
    for credit in settled.inputs.raw.credits:
        shown = exact.format_exact(value=credit.credit)
        code = credit.class_code or ""
        candidates = ((code, shown), (code, None), ("", shown), ("", None))
        found.append(next((by_class[key] for key in candidates if key in by_class), 0))
    return found
