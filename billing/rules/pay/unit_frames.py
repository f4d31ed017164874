"""Units of many agents added up column by column; the twin of `units.py`, equal to it to the last micro.

Money is Int64 micros, credits are Int64 millionths (1,000,000 is one). A basis × credit is counted in millionths of a micro;
where sums of them could need more than 64 bits, columns of them are Int128.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from billing.rules import money
from billing.rules.pay import facts, tiers
from contracts.rules import errors, exact, pay_plans

ZERO = Fraction(0)
CREDIT_SCALE = 1_000_000
PRODUCT_SCALE = money.MICROS * CREDIT_SCALE
INT64_MAX = 2**63 - 1
COLUMNS = ("agent_id", "resolution", "verified_us", "week", "class_code", "basis_micros", "credit_micros", "suspended")


class GroupSum(NamedTuple):
    """Units of one agent that share class, basis and credit, in whole numbers; made for millions, hence a plain tuple."""

    class_code: str | None
    basis_micros: int | None
    credit_micros: int
    unit_count: int
    credit_sum: int
    base: int
    week_first: date
    week_last: date


class ClassSum(NamedTuple):
    """One row of an agent's statement: units of a class with one basis by credit (`is_counted`), else all units of the class."""

    class_code: str | None
    is_counted: bool
    basis_micros: int | None
    credit_micros: int
    unit_count: int
    credit_sum: int
    base: int
    week_first: date
    week_last: date


class SliceSum(NamedTuple):
    """What one tier took of one agent's units of a workweek, in whole numbers, in the order of `facts.UnitTotals`."""

    week: date
    tier: int
    suspended: bool
    quantity: int
    base: int


class Groups:
    """The groups of all agents, read from their frame when the first agent is asked for: sheets need classes only."""

    def __init__(self, *, frame: pl.DataFrame) -> None:
        self._frame = frame

    def of(self, *, agent_id: int) -> Sequence[GroupSum]:
        """Return an agent's groups, in the order of a statement."""
        return self._by_agent.get(agent_id, ())

    @functools.cached_property
    def _by_agent(self) -> dict[int, list[GroupSum]]:
        found: dict[int, list[GroupSum]] = {}
        for agent_id, *values in self._frame.iter_rows():
            found.setdefault(agent_id, []).append(GroupSum(*values))
        return found


NO_GROUPS = Groups(frame=pl.DataFrame())


@dataclass(frozen=True, kw_only=True)
class UnitSums:
    """The units of one agent and period: `facts.UnitTotals` before anything is divided, and its groups by row of a statement."""

    agent_id: int = 0
    classes: Sequence[ClassSum] = ()
    slices: Sequence[SliceSum] = ()
    unit_count: int = 0
    position: Fraction = ZERO
    all_groups: Groups = NO_GROUPS

    @property
    def groups(self) -> Sequence[GroupSum]:
        """Units by class, basis and credit."""
        return self.all_groups.of(agent_id=self.agent_id)


class UnableToTotalFrame(errors.InvalidInput):
    """Terms whose tiers whole numbers cannot hold; `units.total_units` adds such units up one by one."""


def can_total_frame(*, terms: pay_plans.UnitTerms) -> bool:
    """Say whether whole numbers hold a plan's tiers: no part of a tier, and no amount, divides a credit.

    >>> plain = (pay_plans.PayTier(up_to=None, rate=ZERO),)
    >>> can_total_frame(terms=pay_plans.UnitTerms(rate_kind="unit_amount", tiers=plain, measure="amount", basis="list"))
    False
    """
    divides_credits = terms.is_tiered and terms.measure == "amount" and terms.rate_kind == "unit_amount"
    bounds = [tier.up_to for tier in terms.tiers if tier.up_to is not None]
    return not (terms.is_interpolated or divides_credits) and all((bound * width_scale(terms=terms)).denominator == 1 for bound in bounds)


def sum_frame(*, frame: pl.DataFrame, terms: pay_plans.UnitTerms, positions: Mapping[int, Fraction] | None = None) -> dict[int, UnitSums]:
    """Add the units of many agents up in whole numbers, each agent's through the tiers in the order of verification.

    Args:
        frame: one row per agent and resolution: agent_id i64, resolution i64 or str, verified_us i64, week date,
            class_code str or null, basis_micros i64 (in the pay currency), credit_micros i64, suspended bool. Any order.
        terms: measure, mode, accumulation and tiers, as `can_total_frame` allows.
        positions: by agent_id, the count or amount of the year before these units.

    Returns: by agent_id, sums that `to_totals` writes as what `units.total_units` returns for that agent's units.
    Raises: UnableToTotalFrame, UnableToFindTier naming the agent.
    Source: formats.md, "pay", "Unit".

    >>> from datetime import date
    >>> row = {"agent_id": 7, "resolution": 1, "verified_us": 0, "week": date(2026, 10, 5), "class_code": None,
    ...        "basis_micros": 2_400_000, "credit_micros": 1_000_000, "suspended": False}
    >>> plain = pay_plans.UnitTerms(rate_kind="share", tiers=(pay_plans.PayTier(up_to=None, rate=Fraction(1, 5)),), is_tiered=False)
    >>> to_totals(sums=sum_frame(frame=pl.DataFrame([row]), terms=plain)[7], terms=plain).slices[0].base
    Fraction(12, 5)
    """
    if not can_total_frame(terms=terms):
        raise UnableToTotalFrame("These tiers divide credits or amounts into parts that are not whole; add the units up one by one.")
    starts = dict(positions or {})
    if any((start * width_scale(terms=terms)).denominator != 1 for start in starts.values()):
        raise UnableToTotalFrame("A position of the year is not a whole number of parts; add the units up one by one.")
    placed = _place(frame, terms, starts)
    _refuse_beyond(placed, terms)
    slices, groups = _read_slices(placed, terms), _group(placed, terms)
    classes, all_groups = _read_classes(groups), Groups(frame=groups)
    totals = {}
    for agent_id, count, moved in placed.group_by("agent_id").agg(pl.len(), pl.col("_width").sum()).sort("agent_id").iter_rows():
        start = starts.get(agent_id, ZERO)
        totals[agent_id] = UnitSums(
            agent_id=agent_id,
            classes=classes[agent_id],
            all_groups=all_groups,
            slices=slices.get(agent_id, []),
            unit_count=count,
            position=start + Fraction(moved, width_scale(terms=terms)) if terms.accumulate == "year" else start,
        )
    return totals


def to_totals(*, sums: UnitSums, terms: pay_plans.UnitTerms) -> facts.UnitTotals:
    """Write whole sums as the exact totals that the pipeline reads."""
    widths, bases = width_scale(terms=terms), base_scale(terms=terms)
    return facts.UnitTotals(
        groups=tuple(
            facts.UnitGroup(
                class_code=group.class_code,
                basis=None if group.basis_micros is None else money.from_micros(micros=group.basis_micros),
                credit=money.from_micros(micros=group.credit_micros),
                unit_count=group.unit_count,
                credit_sum=money.from_micros(micros=group.credit_sum),
                base=Fraction(group.base, bases),
                week_first=group.week_first,
                week_last=group.week_last,
            )
            for group in sums.groups
        ),
        slices=tuple(
            facts.UnitSlice(
                week=part.week,
                tier=part.tier,
                suspended=part.suspended,
                quantity=Fraction(part.quantity, widths),
                base=Fraction(part.base, bases),
            )
            for part in sums.slices
        ),
        unit_count=sums.unit_count,
        position=sums.position,
    )


def width_scale(*, terms: pay_plans.UnitTerms) -> int:
    """Return how many parts of a sum's `quantity` make one of the plan's measure."""
    return CREDIT_SCALE if terms.measure == "count" else PRODUCT_SCALE


def base_scale(*, terms: pay_plans.UnitTerms) -> int:
    """Return how many parts of a sum's `base` make one of what the rates multiply."""
    return PRODUCT_SCALE if terms.rate_kind == "share" else CREDIT_SCALE


def _place(frame: pl.DataFrame, terms: pay_plans.UnitTerms, starts: Mapping[int, Fraction]) -> pl.DataFrame:
    """Add where each unit starts and ends in the agent's tiers, what it is worth, and where the agent stands in the end."""
    scale = width_scale(terms=terms)
    offsets = {agent_id: int(start * scale) for agent_id, start in starts.items()} if terms.accumulate == "year" else {}
    wide = _whole_type(frame, terms, offsets)
    product = pl.col("basis_micros").cast(wide) * pl.col("credit_micros").cast(wide)
    credit = pl.col("credit_micros").cast(wide)
    offset = pl.col("agent_id").replace_strict(list(offsets), list(offsets.values()), default=0, return_dtype=wide)
    ordered = _order(frame.select(COLUMNS)).with_columns(
        _width=credit if terms.measure == "count" else product,
        _worth=product if terms.rate_kind == "share" else credit,
        _offset=offset if offsets else pl.lit(0, dtype=wide),
        _basis=pl.col("basis_micros").cast(wide),
    )
    if terms.accumulate == "transaction":
        return ordered.with_columns(_from=pl.lit(0, dtype=wide), _to=pl.col("_width"), _reached=pl.col("_width"))
    columns = {"_to": pl.col("_width").cum_sum().over("agent_id") + pl.col("_offset")}
    if terms.mode == "whole":
        columns["_reached"] = pl.col("_width").sum().over("agent_id") + pl.col("_offset")
    return ordered.with_columns(**columns).with_columns(_from=pl.col("_to") - pl.col("_width"))


def _whole_type(frame: pl.DataFrame, terms: pay_plans.UnitTerms, offsets: Mapping[int, int]) -> pl.DataType:
    """Return the whole numbers that hold every sum: 64 bits where the greatest one there could be fits, else 128."""
    basis, credit = (frame.select(pl.col(name).abs().max()).item() or 0 for name in ("basis_micros", "credit_micros"))
    bounds = (int(tier.up_to * width_scale(terms=terms)) for tier in terms.tiers if tier.up_to is not None)
    greatest = (basis + 1) * (credit + 1) * (frame.height + 1)
    return pl.Int64() if greatest + max((*bounds, *offsets.values(), 0)) < INT64_MAX else pl.Int128()


def _order(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring each agent's units into the order of verification; the loader of stored rows has mostly done so."""
    agent, before, at = pl.col("agent_id"), pl.col("agent_id").shift(), pl.col("verified_us")
    is_rising = (agent > before) | ((agent == before) & (at > at.shift()))
    if frame.height < 2 or frame.select(is_rising.slice(1).all()).item():
        return frame
    return frame.sort("agent_id", "verified_us", "resolution", maintain_order=True)


def _refuse_beyond(placed: pl.DataFrame, terms: pay_plans.UnitTerms) -> None:
    last = terms.tiers[-1].up_to
    if last is None:
        return
    beyond = placed.filter(pl.col("_to") > int(last * width_scale(terms=terms))).head(1)
    for agent_id in beyond["agent_id"]:
        raise tiers.UnableToFindTier(
            f"The units of agent {agent_id} lie beyond the last tier, which ends at {exact.format_exact(value=last)}; "
            "add a tier with up_to null, so that no resolution is free.",
            path=("plan", "unit", "tiers", len(terms.tiers) - 1, "up_to"),
        )


def _read_slices(placed: pl.DataFrame, terms: pay_plans.UnitTerms) -> dict[int, list[SliceSum]]:
    """Sum what each tier takes, one pair of columns per tier, by agent, workweek and suspension."""
    columns = []
    for position in range(len(terms.tiers)):
        quantity, base = _take(terms, position, placed.schema["_width"])
        columns += [quantity.sum().alias(f"quantity_{position}"), base.sum().alias(f"base_{position}")]
    summed = placed.group_by("agent_id", "week", "suspended").agg(columns).sort("agent_id", "week", "suspended")
    found: dict[int, list[SliceSum]] = {}
    for agent_id, week, suspended, *taken in summed.iter_rows():
        for position in range(len(terms.tiers)):
            quantity, base = taken[2 * position], taken[2 * position + 1]
            if quantity or base:
                found.setdefault(agent_id, []).append(SliceSum(week, position, suspended, quantity, base))
    return {agent_id: sorted(parts) for agent_id, parts in found.items()}


def _take(terms: pay_plans.UnitTerms, position: int, wide: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    """Return what a tier takes of each unit: in the plan's measure, and in what its rate multiplies."""
    if not terms.is_tiered:
        return pl.col("_width"), pl.col("_worth")
    scale = width_scale(terms=terms)
    up_to = terms.tiers[position].up_to
    low = int((terms.tiers[position - 1].up_to or ZERO) * scale) if position else None
    high = None if up_to is None else int(up_to * scale)
    if terms.mode == "whole":
        is_reached = (pl.lit(True) if low is None else pl.col("_reached") > low) & (
            pl.lit(True) if high is None else pl.col("_reached") <= high
        )
        return pl.when(is_reached).then("_width").otherwise(0), pl.when(is_reached).then("_worth").otherwise(0)
    begins = pl.col("_from") if low is None else pl.max_horizontal("_from", pl.lit(low, dtype=wide))
    ends = pl.col("_to") if high is None else pl.min_horizontal("_to", pl.lit(high, dtype=wide))
    part = pl.max_horizontal(ends - begins, pl.lit(0, dtype=wide))
    is_product = terms.rate_kind == "share" and terms.measure == "count"
    return part, part * pl.col("_basis") if is_product else part


def _group(placed: pl.DataFrame, terms: pay_plans.UnitTerms) -> pl.DataFrame:
    """Add units up by agent, class, basis and credit: one row per `GroupSum`, after its agent."""
    basis = pl.col("basis_micros") if terms.rate_kind == "share" else pl.lit(None, dtype=pl.Int64)
    return (
        placed.with_columns(_basis=basis)
        .group_by("agent_id", "class_code", "_basis", "credit_micros")
        .agg(
            pl.len(),
            pl.col("credit_micros").cast(placed.schema["_width"]).sum().alias("credits"),
            pl.col("_worth").sum(),
            pl.col("week").min().alias("week_first"),
            pl.col("week").max().alias("week_last"),
        )
        .sort("agent_id", pl.col("class_code").fill_null(""), pl.col("_basis").fill_null(0), -pl.col("credit_micros"))
    )


def _read_classes(groups: pl.DataFrame) -> dict[int, list[ClassSum]]:
    """Join the groups that are one row of a statement; the twin of what `unit_pay.pay_units` does with them."""
    of_class = ("agent_id", "class_code")
    is_one_basis = pl.col("_basis").n_unique().over(of_class) == 1
    is_counted = is_one_basis & (pl.col("class_code").is_not_null() | (pl.len().over(of_class) == 1))
    marked = groups.with_columns(is_counted=is_counted, _basis=pl.when(is_one_basis).then("_basis"))
    counted = marked.filter("is_counted")
    sums = [pl.col(name).sum() for name in ("len", "credits", "_worth")]
    joined = (
        marked.filter(~pl.col("is_counted"))
        .group_by(*of_class, "is_counted", "_basis", maintain_order=True)
        .agg(pl.col("credit_micros").first(), *sums, pl.col("week_first").min(), pl.col("week_last").max())
    )
    columns = ("agent_id", "class_code", "is_counted", "_basis", "credit_micros", "len", "credits", "_worth", "week_first", "week_last")
    rows = pl.concat([counted.select(columns), joined.select(columns)])
    ordered = rows.sort("agent_id", pl.col("class_code").fill_null(""), -pl.col("credit_micros"))
    found: dict[int, list[ClassSum]] = {}
    for agent_id, made in zip(ordered["agent_id"].to_list(), map(ClassSum._make, ordered.drop("agent_id").rows()), strict=True):
        found.setdefault(agent_id, []).append(made)
    return found
