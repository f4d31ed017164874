"""Unit totals of many agents at once, column by column; agents whose plan or credits need it are left to the scalar rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from billing.queries import instants
from billing.queries.pay_inputs import raw
from billing.rules import money
from billing.rules.pay import place_frames, tiers, unit_frames, workweeks
from contracts.queries import terms
from contracts.rules import pay_plans

SUSPENSIONS = {"agent_id": pl.Int64(), "starts_us": pl.Int64(), "ends_us": pl.Int64()}


class Sums:
    """The units of one reading, added up once for all plans that sum alike: rates are not summed, only what they multiply.

    Args:
        credits: as `credits.credit_rows` returns them.
    """

    def __init__(self, *, credits: pl.DataFrame) -> None:
        self._credits = credits
        self._placed: dict[_Place, pl.DataFrame] = {}
        self._found: list[tuple[_Asked, dict[int, unit_frames.UnitSums]]] = []

    def of(self, *, agents: Sequence[raw.AgentInputs]) -> dict[int, unit_frames.UnitSums]:
        """Add up the units of each agent, one frame for all agents of a plan version.

        Args:
            agents: with their plans and decisions.

        Returns: sums by agent. Missing are agents whose credits have no price or another currency, whose plan divides
            credits, or who share a plan with somebody beyond its last tier: the scalar rule computes or names them.
        """
        found: dict[int, unit_frames.UnitSums] = {}
        suspensions = _list_suspensions(agents)
        for version_id in dict.fromkeys(inputs.plan.version_id for inputs in agents):
            of_version = [inputs for inputs in agents if inputs.plan.version_id == version_id]
            plan = of_version[0].plan
            unit = plan.pay.unit
            if unit is None or not unit_frames.can_total_frame(terms=unit):
                continue
            basis = _basis(plan, unit, self._credits)
            unplain = _list_unplain(self._credits, plan, unit, basis)
            members = [inputs for inputs in of_version if inputs.payee.agent_id not in unplain]
            positions = {one.payee.agent_id: one.raw.balances.tier_position for one in members}
            asked = _Asked(
                terms=_without_rates(unit),
                amounts=_amounts(plan, self._credits) if unit.basis == "fixed" else {},
                place=_Place(period=of_version[0].period, suspensions=suspensions),
                positions=positions,
            )
            found |= self._sum(asked, unit, basis)
        return found

    def _sum(self, asked: "_Asked", unit: pay_plans.UnitTerms, basis: pl.Expr) -> dict[int, unit_frames.UnitSums]:
        for before, found in self._found:
            if before == asked:
                return found
        if asked.place not in self._placed:
            self._placed[asked.place] = _place(asked.place, self._credits)
        frame = self._placed[asked.place].filter(pl.col("agent_id").is_in(list(asked.positions)))
        try:
            found = unit_frames.sum_frame(frame=frame.with_columns(basis_micros=basis), terms=unit, positions=asked.positions)
        except (tiers.UnableToFindTier, unit_frames.UnableToTotalFrame):
            found = {}
        self._found.append((asked, found))
        return found


Suspension = tuple[int, int | None, int | None]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """What puts units into workweeks, and tells which were verified while premium was suspended."""

    period: workweeks.PayPeriod
    suspensions: tuple[Suspension, ...]


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """All that sums depend on beside the credits."""

    terms: pay_plans.UnitTerms
    amounts: Mapping[str, int]
    place: _Place
    positions: Mapping[int, Fraction]


def _without_rates(unit: pay_plans.UnitTerms) -> pay_plans.UnitTerms:
    return replace(unit, tiers=tuple(replace(tier, rate=Fraction(0)) for tier in unit.tiers))


def _list_suspensions(agents: Iterable[raw.AgentInputs]) -> tuple[Suspension, ...]:
    return tuple(
        (
            inputs.payee.agent_id,
            None if decision.starts_at is None else instants.to_microseconds(decision.starts_at),
            None if decision.ends_at is None else instants.to_microseconds(decision.ends_at),
        )
        for inputs in agents
        for decision in inputs.raw.decisions
        if decision.effect == "premium_suspended"
    )


def _place(place: _Place, credits: pl.DataFrame) -> pl.DataFrame:
    """Add the workweek and the suspension of each credit; one of a closed period counts at the start of this one."""
    starts_us = instants.to_microseconds(place.period.starts_at)
    counted = credits
    if credits["is_late"].sum():
        late = pl.col("is_late") == 1
        counted = credits.with_columns(
            verified_us=pl.when(late).then(starts_us).otherwise("verified_us"),
            class_code=(pl.col("class_code") + pl.when(late).then(pl.lit(raw.LATE)).otherwise(pl.lit(""))).cast(pl.Categorical),
        )
    weeks = place_frames.add_workweek(frame=counted, period=place.period)
    return place_frames.mark_suspended(frame=weeks, suspensions=pl.DataFrame(place.suspensions, schema=SUSPENSIONS, orient="row"))


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
    micros = _amounts(plan, credits)
    return pl.col("class_code").replace_strict(list(micros), list(micros.values()), default=None, return_dtype=pl.Int64)


def _amounts(plan: terms.PlanTerms, credits: pl.DataFrame) -> dict[str, int]:
    """Return what each credited class is worth under a plan of fixed amounts, in micros; one that is paid late has the same amount."""
    amounts = {code: plan.amount_of_class(class_code=code) for code in credits["class_code"].unique().sort()}
    return {code + late: int(amount * money.MICROS) for code, amount in amounts.items() if amount is not None for late in ("", raw.LATE)}
