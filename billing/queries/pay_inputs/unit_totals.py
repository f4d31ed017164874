"""Unit totals of many agents at once, column by column; agents whose plan or credits need it are left to the scalar rule."""

from collections.abc import Iterable, Sequence

import polars as pl

from billing.queries import instants
from billing.queries.pay_inputs import raw
from billing.rules import money
from billing.rules.pay import facts, place_frames, tiers, unit_frames, workweeks
from contracts.queries import terms
from contracts.rules import pay_plans

SUSPENSIONS = {"agent_id": pl.Int64(), "starts_us": pl.Int64(), "ends_us": pl.Int64()}


def total_units(*, agents: Sequence[raw.AgentInputs], credits: pl.DataFrame) -> dict[int, facts.UnitTotals]:
    """Add up the units of each agent as `sum_units` does, and write the sums as exact totals."""
    units = {inputs.payee.agent_id: inputs.plan.pay.unit for inputs in agents}
    found = sum_units(agents=agents, credits=credits)
    return {pk: unit_frames.to_totals(sums=sums, terms=unit) for pk, sums in found.items() if (unit := units[pk]) is not None}


def sum_units(*, agents: Sequence[raw.AgentInputs], credits: pl.DataFrame) -> dict[int, unit_frames.UnitSums]:
    """Add up the units of each agent, one frame for all agents of a plan version.

    Args:
        agents: with their plans and decisions.
        credits: as `credits.credit_rows` returns them.

    Returns: sums by agent. Missing are agents whose credits have no price or another currency, whose plan divides
        credits, or who share a plan with somebody beyond its last tier: the scalar rule computes or names them.
    """
    placed: dict[int, pl.DataFrame] = {}
    found: dict[int, unit_frames.UnitSums] = {}
    for version_id in dict.fromkeys(inputs.plan.version_id for inputs in agents):
        of_version = [inputs for inputs in agents if inputs.plan.version_id == version_id]
        plan = of_version[0].plan
        unit = plan.pay.unit
        if unit is None or not unit_frames.can_total_frame(terms=unit):
            continue
        basis = _basis(plan, unit, credits)
        unplain = _list_unplain(credits, plan, unit, basis)
        members = [inputs for inputs in of_version if inputs.payee.agent_id not in unplain]
        if plan.workweek_starts_on not in placed:
            placed[plan.workweek_starts_on] = _place(of_version[0].period, agents, credits)
        frame = placed[plan.workweek_starts_on].filter(pl.col("agent_id").is_in([one.payee.agent_id for one in members]))
        positions = {one.payee.agent_id: one.raw.balances.tier_position for one in members}
        try:
            found |= unit_frames.sum_frame(frame=frame.with_columns(basis_micros=basis), terms=unit, positions=positions)
        except (tiers.UnableToFindTier, unit_frames.UnableToTotalFrame):
            continue
    return found


def _place(period: workweeks.PayPeriod, agents: Iterable[raw.AgentInputs], credits: pl.DataFrame) -> pl.DataFrame:
    """Add the workweek and the suspension of each credit; one of a closed period counts at the start of this one."""
    starts_us = instants.to_microseconds(period.starts_at)
    counted = credits
    if credits["is_late"].sum():
        late = pl.col("is_late") == 1
        counted = credits.with_columns(
            verified_us=pl.when(late).then(starts_us).otherwise("verified_us"),
            class_code=(pl.col("class_code") + pl.when(late).then(pl.lit(raw.LATE)).otherwise(pl.lit(""))).cast(pl.Categorical),
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
    weeks = place_frames.add_workweek(frame=counted, period=period)
    return place_frames.mark_suspended(frame=weeks, suspensions=pl.DataFrame(suspensions, schema=SUSPENSIONS, orient="row"))


def _list_unplain(credits: pl.DataFrame, plan: terms.PlanTerms, unit: pay_plans.UnitTerms, basis: pl.Expr) -> set[int]:
    """Return the agents with a credit that has no price or no fixed amount, or a price in another currency than the plan pays."""
    if not unit.needs_basis:
        return set()
    is_paid = pl.lit(True) if unit.basis == "fixed" else pl.col("currency").eq_missing(pl.lit(plan.currency))
    return set(credits.filter(basis.is_null() | ~is_paid)["agent_id"].unique().to_list())


def _basis(plan: terms.PlanTerms, unit: pay_plans.UnitTerms, credits: pl.DataFrame) -> pl.Expr:
    """Return what the plan's rates are taken of, in micros; null where nothing says it."""
    if not unit.needs_basis:
        return pl.lit(0, dtype=pl.Int64)
    if unit.basis != "fixed":
        return pl.col("list_micros" if unit.basis == "list" else "price_micros")
    amounts = {code: plan.amount_of_class(class_code=code) for code in credits["class_code"].unique().sort()}
    micros = {code + late: int(amount * money.MICROS) for code, amount in amounts.items() if amount is not None for late in ("", raw.LATE)}
    return pl.col("class_code").replace_strict(list(micros), list(micros.values()), default=None, return_dtype=pl.Int64)
