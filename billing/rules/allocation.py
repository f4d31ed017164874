"""Splitting an amount by weights so that nothing is lost: largest remainder, in scalar and for frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from billing.rules import money
from contracts.rules import errors

INT64_MAX = 2**63 - 1


class UnableToAllocate(errors.InvalidInput):
    """Weights that give nobody a part."""


@dataclass(frozen=True, kw_only=True)
class Allocated:
    """A split: each part rounded and exact, in input order; rounded parts add up to the rounded amount."""

    amount: Fraction
    exact: Fraction
    parts: tuple[Fraction, ...]
    exact_parts: tuple[Fraction, ...]


def allocate_amount(
    *, amount: Fraction, weights: Sequence[Fraction], rounding: money.Round, keys: Sequence[str] | None = None
) -> Allocated:
    """Split an amount by weights: each part floored, left-over units to the largest remainders.

    Args:
        amount: major unit, of either sign; a negative one is split like its opposite.
        weights: zero or more each, not all zero.
        rounding: its places are the unit of a part; its mode rounds an amount finer than that first.
        keys: one per weight; ties go to the lower key, else to the earlier weight.

    Returns: parts in input order.
    Raises: UnableToAllocate if there is no weight, one is below zero, all are zero, or keys do not match.
    Source: design.md section 6, step 3; pay_rules.md section 8.

    >>> split = allocate_amount(amount=Fraction(-100), weights=[Fraction(1)] * 3, rounding=money.Round(places=2))
    >>> [float(part) for part in split.parts]
    [-33.34, -33.33, -33.33]
    """
    _check(weights=weights, keys=keys)
    rounded = rounding.apply(amount)
    unit = Fraction(10) ** -rounding.places
    total_weight = sum(weights, Fraction(0))
    exact_parts = tuple(amount * weight / total_weight for weight in weights)
    floors = [abs(part) // unit for part in exact_parts]
    remainders = [abs(part) / unit - whole for part, whole in zip(exact_parts, floors, strict=True)]
    ranked = sorted(range(len(weights)), key=lambda place: (-remainders[place], keys[place] if keys is not None else "", place))
    left_over = int(abs(rounded) / unit) - sum(floors)
    for place in ranked[:left_over]:
        floors[place] += 1
    sign = -1 if amount < 0 else 1
    return Allocated(amount=rounded, exact=amount, parts=tuple(sign * whole * unit for whole in floors), exact_parts=exact_parts)


def allocate_frame(
    *, frame: pl.DataFrame, group: str, amount: str = "amount_micros", weight: str = "weight", key: str = "key", unit_micros: int = 1
) -> pl.DataFrame:
    """Split each group's amount between its rows by weight, for a frame: `allocate_amount`, column-wise.

    Args:
        frame: one row per part: `group` (such as a resolution's id), `amount` i64 micros (the same in every row of a
            group, a multiple of unit_micros, of either sign), `weight` i64 (zero or more, such as seconds or basis
            points; not all zero in a group), `key` str (such as the agent's code; ties go to the lower key).
        group: name of the column of groups; so for amount, weight and key.
        unit_micros: the unit of a part, in micros; 1 splits to the micro, 10,000 to the cent.

    Returns: the frame in its order, with part_micros i64; the parts of a group add up to its amount.
    Raises: UnableToAllocate if a weight is below zero or missing, a group's weights are all zero, an amount differs within a
        group or is no multiple of the unit, or amount × weight does not fit 64 bits.
    Source: design.md section 6, step 3.

    >>> frame = pl.DataFrame({"id": ["r", "r"], "amount_micros": [5, 5], "weight": [1, 1], "key": ["A-2", "A-1"]})
    >>> allocate_frame(frame=frame, group="id")["part_micros"].to_list()
    [2, 3]
    """
    units = (pl.col(amount).abs() // unit_micros).alias("_units")
    prepared = frame.with_row_index("_order").with_columns(units, pl.col(weight).sum().over(group).alias("_weights"))
    _check_frame(prepared=prepared, group=group, amount=amount, weight=weight, unit_micros=unit_micros)
    share = pl.col("_units") * pl.col(weight)
    floored = prepared.with_columns((share // pl.col("_weights")).alias("_floor"), (share % pl.col("_weights")).alias("_remainder"))
    ranked = floored.sort([group, "_remainder", key, "_order"], descending=[False, True, False, False]).with_columns(
        (pl.col("_units") - pl.col("_floor").sum().over(group)).alias("_left_over"), pl.int_range(pl.len()).over(group).alias("_rank")
    )
    part = (pl.col("_floor") + (pl.col("_rank") < pl.col("_left_over")).cast(pl.Int64)) * pl.col(amount).sign() * unit_micros
    split = ranked.with_columns(part.cast(pl.Int64).alias("part_micros")).sort("_order")
    return split.drop("_order", "_units", "_weights", "_floor", "_remainder", "_left_over", "_rank")


def _check(*, weights: Sequence[Fraction], keys: Sequence[str] | None) -> None:
    if not weights:
        raise UnableToAllocate("Give at least one weight.", path=("weights",))
    for place, weight in enumerate(weights):
        if weight < 0:
            raise UnableToAllocate("A weight is zero or more.", path=("weights", place))
    if not any(weights):
        raise UnableToAllocate("All weights are zero, so nobody has a part; give a weight above zero.", path=("weights",))
    if keys is not None and len(keys) != len(weights):
        raise UnableToAllocate(f"There are {len(weights)} weights but {len(keys)} keys; give one key per weight.", path=("keys",))


def _check_frame(*, prepared: pl.DataFrame, group: str, amount: str, weight: str, unit_micros: int) -> None:
    if prepared.is_empty():
        return
    faults = {
        "a weight is missing or below zero": pl.col(weight).is_null() | (pl.col(weight) < 0),
        "all weights are zero": pl.col("_weights") <= 0,
        "the amount is missing or differs within the group": pl.col(amount).is_null()
        | (pl.col(amount) != pl.col(amount).first().over(group)),
        f"the amount is no multiple of {unit_micros} micros": pl.col(amount) % unit_micros != 0,
    }
    for message, fault in faults.items():
        found = prepared.filter(fault)
        if not found.is_empty():
            raise UnableToAllocate(f"{group} {found[group][0]} cannot be split: {message}.")
    largest_units, largest_weight = prepared.select(pl.col("_units").max(), pl.col(weight).max().alias("_weight")).row(0)
    largest = int(largest_units) * int(largest_weight)
    if largest > INT64_MAX:
        raise UnableToAllocate("Amount times weight does not fit 64 bits; give smaller weights, such as basis points.")
