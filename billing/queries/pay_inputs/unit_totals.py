"""Unit totals of many agents at once, column by column; agents whose plan or credits need it are left to the scalar rule."""

from collections.abc import Iterable, Sequence

import polars as pl

from billing.queries import instants
from billing.queries.pay_inputs import raw
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import facts, place_frames, tiers, unit_frames
from contracts.queries import terms
from contracts.rules import pay_plans

SUSPENSIONS = {"agent_id": pl.Int64(), "starts_us": pl.Int64(), "ends_us": pl.Int64()}


def total_units(*, scope: Scope, agents: Sequence[raw.AgentInputs], credits: pl.DataFrame) -> dict[int, facts.UnitTotals]:
    """Add up the units of each agent, one frame for all agents of a plan version.

    Args:
        scope: the period.
        agents: with their plans and decisions.
        credits: as `credits.read_credits` returns them.

    Returns: totals by agent. Missing are agents whose credits have no price or another currency, whose plan divides
        credits, or who share a plan with somebody beyond its last tier: the scalar rule computes or names them.
    """
    placed = _place(scope, agents, credits)
    found: dict[int, facts.UnitTotals] = {}
    plans = {inputs.plan.version_id: inputs.plan for inputs in agents}
    for version_id, plan in plans.items():
        unplain = _list_unplain(credits, plan)
        members = [found for found in agents if found.plan.version_id == version_id and found.payee.agent_id not in unplain]
        unit = plan.pay.unit
        if unit is None or unit.accumulate != "period" or not unit_frames.can_total_frame(terms=unit):
            continue
        try:
            found |= unit_frames.total_frame(frame=_frame(placed, members, plan, unit), terms=unit)
        except tiers.UnableToFindTier:
            continue
    return found


def _place(scope: Scope, agents: Iterable[raw.AgentInputs], credits: pl.DataFrame) -> pl.DataFrame:
    """Add the workweek and the suspension of each credit; one of a closed period counts at the start of this one."""
    starts_us = instants.to_microseconds(scope.period.starts_at)
    counted = credits.with_columns(
        verified_us=pl.when(pl.col("is_late") == 1).then(starts_us).otherwise("verified_us"),
        class_code=pl.col("class_code") + pl.when(pl.col("is_late") == 1).then(pl.lit(raw.LATE)).otherwise(pl.lit("")),
    )
    suspensions = [
        (
            inputs.payee.agent_id,
            None if decision.starts_at is None else instants.to_microseconds(decision.starts_at),
            None if decision.ends_at is None else instants.to_microseconds(decision.ends_at),
        )
        for inputs in agents
        for decision in inputs.raw.decisions
        if decision.effect == "premium_suspended"
    ]
    weeks = place_frames.add_workweek(frame=counted, period=scope.period)
    return place_frames.mark_suspended(frame=weeks, suspensions=pl.DataFrame(suspensions, schema=SUSPENSIONS, orient="row"))


def _list_unplain(credits: pl.DataFrame, plan: terms.PlanTerms) -> set[int]:
    """Return the agents with a credit that has no price, or one in another currency than the plan pays."""
    if plan.pay.unit is None or not plan.pay.unit.needs_basis:
        return set()
    is_plain = pl.col(_basis(plan.pay.unit)).is_not_null() & pl.col("currency").eq_missing(pl.lit(plan.currency))
    return set(credits.filter(~is_plain)["agent_id"].unique().to_list())


def _basis(unit: pay_plans.UnitTerms) -> str:
    return "list_micros" if unit.basis == "list" else "price_micros"


def _frame(placed: pl.DataFrame, members: Iterable[raw.AgentInputs], plan: terms.PlanTerms, unit: pay_plans.UnitTerms) -> pl.DataFrame:
    ids = [inputs.payee.agent_id for inputs in members]
    basis = pl.col(_basis(unit)) if unit.needs_basis else pl.lit(0, dtype=pl.Int64)
    return placed.filter(pl.col("agent_id").is_in(ids)).with_columns(basis_micros=basis)
