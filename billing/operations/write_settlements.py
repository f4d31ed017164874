"""Write computed settlements: lines and earnings beside them, each agent's by one writer at a time."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from agents.models import Agent
from billing.models import Earning, PayRun, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.operations import earning_rows, settlement_evidence, write_rows
from billing.operations.settle_agents import Computed, Settled
from billing.queries import class_names
from billing.queries.pay_inputs import raw
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import earnings, formulas
from contracts.rules import exact

LABEL_MAX = 160
LINE_FIELDS = ("settlement", "position", "kind", "rule", "label", "week", "quantity", "rate", "exact", "amount_micros", "inputs", "source")
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
    placed = earning_rows.place_credits(credits=computed.credits, settled=settled)
    outcomes = earning_rows.count_outcomes(placed=placed)
    rows = [_settlement(one, scope, status, run, outcomes) for one in settled]
    written = Settlement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["agent", "period_start"],
        update_fields=UPDATED,
    )
    ids = {row.agent_id: row.pk for row in written}
    write_rows.copy_rows(model=SettlementLine, fields=LINE_FIELDS, rows=_line_rows(settled, ids, class_names.load_class_names(), scope))
    write_rows.copy_frame(model=Earning, fields=earning_rows.FIELDS, frame=earning_rows.make_earnings(placed=placed, settlement_ids=ids))


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


def _settlement(
    settled: Settled, scope: Scope, status: SettlementStatus, run: PayRun | None, outcomes: earning_rows.Outcomes
) -> Settlement:
    return Settlement(
        agent_id=settled.inputs.payee.agent_id,
        run=run,
        period_start=scope.period.start,
        period_end=scope.period.end,
        status=status,
        plan_version_id=settled.plan.version_id,
        rule_version=formulas.RULE_VERSION,
        rule_pack_version=settled.inputs.pack.stamp,
        currency=settled.plan.currency,
        total_micros=settled.total_micros,
        resolution_count=settled.resolution_count,
        paid_seconds=settled.paid_seconds,
        evidence=_evidence(settled, outcomes),
        inputs_hash=settled.inputs.inputs_hash,
        as_of=scope.as_of,
    )


def _evidence(settled: Settled, outcomes: earning_rows.Outcomes) -> dict[str, Any]:
    """Keep what explains the lines, what the next period needs, and how the paid resolutions were verified."""
    found: dict[str, Any] = settlement_evidence.to_json(settled.pay.evidence)
    balances = settlement_evidence.to_json(settled.pay.balances)
    # What is taken apart later, for a reversal or a holdback, is converted by the same rates.
    rates = {"exchange_rates": settlement_evidence.to_json(settled.inputs.rates)} if settled.inputs.rates else {}
    return {**found, **rates, "balances": balances, "outcomes": outcomes.get(settled.inputs.payee.agent_id, {})}


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
    if kind == "releases":
        return inputs.release_sources[int(place)]
    return line.source
