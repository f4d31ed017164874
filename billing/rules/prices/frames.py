"""Prices for whole frames: what each resolution of a batch adds to its rate card row, in whole micros.

Money here is Int64 micros (a millionth of the major unit) and counts are Int64. Terms that whole micros cannot hold are
refused. A percentage may give less than a micro: then the running total is cut down to whole micros, or, where the
caller names no groups to run over, the frame is refused.
The amount of the n-th unit of a row is shape(n) - shape(n - 1); the first unit carries shape(1), a zero-usage flat
amount included. So the amounts of the units add up to the price of all of them.
"""

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from billing.rules import money
from billing.rules.prices import graduated, graduated_percentage, micros, package, per_unit, percentage, shapes, tiers, volume
from contracts.rules import rate_cards

CountedPrice = rate_cards.PerUnit | rate_cards.Package | rate_cards.Graduated | rate_cards.Volume


def price_positions(
    *, frame: pl.DataFrame, prices: Mapping[str, rate_cards.Price], within: tuple[str, ...] = (), rest: int | None = None
) -> pl.DataFrame:
    """Price each resolution of a frame by its place in its rate card row's running count.

    Args:
        frame: one row per resolution: row_id str (key of `prices`), position i64 (from 1, within contract, row and
            period); for percentages also value_micros i64 (zero or more) and running_micros i64 (the sum of values up
            to and with this one, in the order of position).
        prices: the terms of every row_id in the frame.
        within: the columns of a group whose positions count together; then the frame is in the order of position, and
            percentages that give less than a micro are cut down on their running total instead of refused.
        rest: where the frame is a part of a single group, what the cut has left of the parts before it (zero before the first), in
            the parts that its percentage is counted in; None where it holds whole groups.

    Returns: the frame in its order, with amount_micros i64: what this resolution adds to the price of its row; and, where a rest
        was given, rest i64: what is left of it after this resolution.
    Raises: UnableToPriceFrame if a row has no terms, or terms, counts or amounts do not fit whole micros;
        UnableToPrice if a position lies beyond a last tier that ends.
    Source: design.md sections 5 and 9.

    >>> frame = pl.DataFrame({"row_id": ["a", "a"], "position": [1, 2]})
    >>> price_positions(frame=frame, prices={"a": rate_cards.PerUnit(unit_amount=Fraction("0.99"))})["amount_micros"].to_list()
    [990000, 990000]
    """
    if frame.is_empty():
        return frame.with_columns(amount_micros=pl.lit(None, dtype=pl.Int64))
    if rest is not None:
        return _price_row(rows=frame, row_id=str(frame["row_id"][0]), prices=prices, within=within, rest=rest)
    indexed = frame.with_row_index("_order")
    priced = [
        _price_row(rows=rows, row_id=str(key[0]), prices=prices, within=within, rest=None)
        for key, rows in indexed.partition_by("row_id", as_dict=True).items()
    ]
    return pl.concat(priced).sort("_order").drop("_order")


def _price_row(
    *, rows: pl.DataFrame, row_id: str, prices: Mapping[str, rate_cards.Price], within: tuple[str, ...], rest: int | None
) -> pl.DataFrame:
    price = prices.get(row_id)
    if price is None:
        raise micros.UnableToPriceFrame(f"Rate card row {row_id} has no price; load its terms before rating.", path=(row_id,))
    if isinstance(price, rate_cards.Percentage):
        scaled = _percentage_amount(price=price, rows=rows)
        return _divide(rows=rows, scaled=scaled, scale=percentage.rate_scale(price=price), within=within, rest=rest)
    if isinstance(price, rate_cards.GraduatedPercentage):
        scale = graduated_percentage.rate_scale(price=price)
        return _divide(rows=rows, scaled=_band_amount(price=price, rows=rows, scale=scale), scale=scale, within=within, rest=rest)
    _check_count(price=price, count=_largest(rows, "position"))
    position = pl.col("position").cast(pl.Int64)
    before = pl.when(position > 1).then(_counted_total(price=price, count=position - 1)).otherwise(0)
    return _with_rest(rows.with_columns(amount_micros=_counted_total(price=price, count=position) - before), rest)


def _counted_total(*, price: CountedPrice, count: pl.Expr) -> pl.Expr:
    if isinstance(price, rate_cards.PerUnit):
        return per_unit.per_unit_total(price=price, count=count)
    if isinstance(price, rate_cards.Package):
        return package.package_total(price=price, count=count)
    if isinstance(price, rate_cards.Graduated):
        return graduated.graduated_total(price=price, count=count)
    return volume.volume_total(price=price, count=count)


def _check_count(*, price: CountedPrice, count: int) -> None:
    """Refuse a count beyond the tiers, or one whose price under the dearest terms would overflow."""
    shapes.price_shape(price=price, quantity=Fraction(count))
    if isinstance(price, rate_cards.PerUnit):
        dearest = price.unit_amount * count
    elif isinstance(price, rate_cards.Package):
        dearest = price.package_amount * (count + price.package_size)
    else:
        dearest = sum((tier.unit_amount * count + tier.flat_amount for tier in price.tiers), Fraction(0))
    micros.check_fits(value=int(dearest * money.MICROS), name="price")


def _percentage_amount(*, price: rate_cards.Percentage, rows: pl.DataFrame) -> pl.Expr:
    scale = percentage.rate_scale(price=price)
    largest = _largest(rows, "running_micros")
    limits = price.fixed_amount + max(price.per_event_min or 0, price.per_event_max or 0)
    micros.check_fits(value=int((largest * price.rate_percent / percentage.HUNDRED + limits * money.MICROS) * scale), name="price")
    return percentage.percentage_amount(
        price=price,
        number=pl.col("position").cast(pl.Int64),
        value_micros=pl.col("value_micros").cast(pl.Int64),
        running_micros=pl.col("running_micros").cast(pl.Int64),
    )


def _band_amount(*, price: rate_cards.GraduatedPercentage, rows: pl.DataFrame, scale: int) -> pl.Expr:
    largest = _largest(rows, "running_micros")
    tiers.find_tier(bounds=[tier.up_to for tier in price.tiers], quantity=Fraction(largest, money.MICROS))
    dearest = sum(
        (largest * tier.rate_percent / graduated_percentage.HUNDRED + tier.flat_amount * money.MICROS for tier in price.tiers), Fraction(0)
    )
    micros.check_fits(value=int(dearest * scale), name="price")
    running = pl.col("running_micros").cast(pl.Int64)
    before = running - pl.col("value_micros").cast(pl.Int64)
    total_before = graduated_percentage.graduated_percentage_total(price=price, sum_micros=before)
    earlier = pl.when(pl.col("position") > 1).then(total_before).otherwise(0)
    return graduated_percentage.graduated_percentage_total(price=price, sum_micros=running) - earlier


def _divide(*, rows: pl.DataFrame, scaled: pl.Expr, scale: int, within: tuple[str, ...], rest: int | None) -> pl.DataFrame:
    """Divide by the scale of the rates; what is not whole micros is cut down on the running total of its group."""
    priced = rows.with_columns(_scaled=scaled)
    if priced.select((pl.col("_scaled") % scale == 0).all()).item():
        return _with_rest(priced.with_columns(amount_micros=pl.col("_scaled") // scale).drop("_scaled"), rest)
    if not within:
        raise micros.UnableToPriceFrame("A percentage gives less than whole micros; price these rows one by one.", path=("rate_percent",))
    micros.check_fits(value=_largest(priced, "_scaled") * priced.height + (rest or 0), name="running total")
    running = pl.col("_scaled").cum_sum().over(within) + (rest or 0)
    divided = priced.with_columns(amount_micros=running // scale - (running - pl.col("_scaled")) // scale)
    return (divided if rest is None else divided.with_columns(rest=running % scale)).drop("_scaled")


def _with_rest(priced: pl.DataFrame, rest: int | None) -> pl.DataFrame:
    """Hand the rest on as it came, where whole micros leave none."""
    return priced if rest is None else priced.with_columns(rest=pl.lit(rest, dtype=pl.Int64))


def _largest(rows: pl.DataFrame, column: str) -> int:
    return int(rows.select(pl.col(column).max()).item())
