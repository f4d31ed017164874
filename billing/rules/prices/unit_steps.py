"""What surrounds a shape, resolution by resolution: units left out, volume rates, discounts, maxima, list prices.

All of it is Int64 micros. Where terms give less than a micro, the running total of a row and period is cut down to whole
micros, so that the units never add up to more than the card, nor to a whole micro less; rounding half up to cents then
gives what the card gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import polars as pl

from billing.rules import money
from billing.rules.prices import micros, parts, shapes
from contracts.rules import rate_cards

GROUP = ("row_id", "period_start")
HUNDRED = 100
VALUED = (rate_cards.Percentage, rate_cards.GraduatedPercentage)


@dataclass(frozen=True, kw_only=True)
class RowTerms:
    """The price of a row of the card and the steps around it."""

    price: rate_cards.Price
    steps: rate_cards.PriceSteps

    @property
    def is_valued(self) -> bool:
        """Whether the price is taken of a value, so that a resolution without one has no price."""
        return isinstance(self.price, VALUED)

    @property
    def left_out(self) -> int:
        """Units of each period that the usage discount leaves out."""
        return micros.to_whole(value=self.steps.usage_discount, name="usage_discount", scale=1)

    @property
    def last_bound(self) -> int | None:
        """The end of a last tier that has one: units, or micros of value; None where nothing lies beyond."""
        if not isinstance(self.price, rate_cards.Graduated | rate_cards.Volume | rate_cards.GraduatedPercentage):
            return None
        bound = self.price.tiers[-1].up_to
        scale = money.MICROS if self.is_valued else 1
        return None if bound is None else micros.to_whole(value=bound, name="up_to", scale=scale)


def spread_volumes(*, priced: pl.DataFrame, terms: Mapping[int, RowTerms], unit_count: int | None = None) -> pl.DataFrame:
    """Give every unit of a volume price the rate of the tier reached; the first carries what is left, its flat amount.

    Args:
        priced: one row per unit: row_id i64, period_start, unit_place i64 (from 1 within row and period), amount_micros
            i64 as the difference of two totals.
        terms: by row.
        unit_count: where the frame is a part of a single row and period, how many units all its parts have; None where it holds
            whole ones.

    Returns: the frame, in its order, with other amounts and the same totals.
    Source: formats.md, `price`, volume: the tier that contains the quantity prices all of it.
    """
    volumes = [row_id for row_id, row in terms.items() if isinstance(row.price, rate_cards.Volume)]
    if not volumes or priced.is_empty():
        return priced
    groups = priced.filter(pl.col("row_id").is_in(volumes)).group_by(GROUP).agg(_count=pl.len(), _total=pl.col("amount_micros").sum())
    if unit_count is not None and not groups.is_empty():
        total = _total_micros(terms[priced["row_id"][0]].price, unit_count)
        groups = groups.with_columns(_count=pl.lit(unit_count, dtype=pl.UInt32), _total=pl.lit(total, dtype=pl.Int64))
    rates = [_volume_rate(terms[row["row_id"]].price, row["_count"], row["_total"]) for row in groups.iter_rows(named=True)]
    groups = groups.with_columns(_rate=pl.Series(rates, dtype=pl.Int64))
    first = pl.col("_total") - pl.col("_rate") * (pl.col("_count").cast(pl.Int64) - 1)
    amount = pl.when(pl.col("_rate").is_null()).then("amount_micros").when(pl.col("unit_place") == 1).then(first).otherwise("_rate")
    spread = priced.join(groups, on=GROUP, how="left", maintain_order="left").with_columns(amount_micros=amount)
    return spread.drop("_count", "_total", "_rate")


def apply_steps(*, priced: pl.DataFrame, terms: Mapping[int, RowTerms], before_micros: int = 0) -> pl.DataFrame:
    """Take the percent discount off the running total of each row and period, and hold it at the maximum.

    Args:
        priced: in the order of row, period and place: row_id i64, period_start, amount_micros i64, zero or more.
        terms: by row.
        before_micros: where the frame is a part of a single row and period, the sum of the amounts before it.

    Returns: the frame with amounts after these steps; the minimum belongs to the period, not to a unit.
    Raises: UnableToPriceFrame if a running total does not fit.
    Source: design.md section 5, "Steps around the shape".
    """
    stepped = {row_id: row for row_id, row in terms.items() if row.steps.percent_discount or row.steps.maximum is not None}
    if not stepped or priced.is_empty():
        return priced
    kept = {row_id: 1 - row.steps.percent_discount / HUNDRED for row_id, row in stepped.items()}
    running = pl.col("amount_micros").cum_sum().over(GROUP) + before_micros
    framed = priced.with_columns(_running=running)
    ids = list(stepped)
    largest = framed.filter(pl.col("row_id").is_in(ids)).select(pl.col("_running").max()).item()
    micros.check_fits(value=(largest or 0) * max(part.numerator for part in kept.values()), name="running total")

    def after(total: pl.Expr) -> pl.Expr:
        times = pl.col("row_id").replace_strict({row: part.numerator for row, part in kept.items()}, default=1, return_dtype=pl.Int64)
        over = pl.col("row_id").replace_strict({row: part.denominator for row, part in kept.items()}, default=1, return_dtype=pl.Int64)
        most = {
            row_id: micros.to_whole(value=row.steps.maximum, name="maximum")
            for row_id, row in stepped.items()
            if row.steps.maximum is not None
        }
        discounted = total * times // over
        if not most:
            return discounted
        limit = pl.col("row_id").replace_strict(most, default=micros.INT64_MAX, return_dtype=pl.Int64)
        return pl.min_horizontal(discounted, limit)

    amount = after(pl.col("_running")) - after(pl.col("_running") - pl.col("amount_micros"))
    return framed.with_columns(amount_micros=amount).drop("_running")


def list_price(*, price: rate_cards.Price) -> int | None:
    """Return the first-tier price of one unit in micros, cut down to whole ones; None where a value decides it.

    Source: design.md section 6, step 2.

    >>> list_price(price=rate_cards.PerUnit(unit_amount=Fraction("0.99")))
    990000
    >>> list_price(price=rate_cards.Package(package_size=Fraction(3), package_amount=Fraction(1)))
    333333
    """
    if isinstance(price, VALUED):
        return None
    if isinstance(price, rate_cards.PerUnit):
        unit = price.unit_amount
    elif isinstance(price, rate_cards.Package):
        unit = price.package_amount / price.package_size
    else:
        unit = price.tiers[0].unit_amount / (price.tiers[0].block_size or 1)
    return floor(unit * money.MICROS)


def list_prices(*, terms: Mapping[int, RowTerms]) -> pl.Expr:
    """Return the list price of each unit of a frame, for one with a value that of its own value at the first rate.

    Args:
        terms: by row; the frame has row_id i64 and, with prices of a value, value_micros i64.

    Returns: Int64 micros; allowances of a percentage are left out of it, its least and most are not.
    Source: design.md section 6, step 2.
    """
    first = {row_id: found for row_id, row in terms.items() if (found := list_price(price=row.price)) is not None}
    listed = pl.col("row_id").replace_strict(first, default=None, return_dtype=pl.Int64) if first else pl.lit(None, dtype=pl.Int64)
    for row_id, row in terms.items():
        if row.is_valued:
            listed = pl.when(pl.col("row_id") == row_id).then(_value_list(row.price)).otherwise(listed)
    return listed


def _value_list(price: rate_cards.Price) -> pl.Expr:
    value = pl.col("value_micros")
    if isinstance(price, rate_cards.GraduatedPercentage):
        rate = price.tiers[0].rate_percent / HUNDRED
        return value * rate.numerator // rate.denominator
    if not isinstance(price, rate_cards.Percentage):
        return pl.lit(None, dtype=pl.Int64)
    rate = price.rate_percent / HUNDRED
    amount = value * rate.numerator // rate.denominator + micros.to_whole(value=price.fixed_amount, name="fixed_amount")
    if price.per_event_min is not None:
        amount = amount.clip(lower_bound=micros.to_whole(value=price.per_event_min, name="per_event_min"))
    if price.per_event_max is not None:
        amount = amount.clip(upper_bound=micros.to_whole(value=price.per_event_max, name="per_event_max"))
    return amount


def _total_micros(price: rate_cards.Price, count: int) -> int:
    """Return what some units of a volume price cost together."""
    return micros.to_whole(value=parts.sum_parts(shapes.price_shape(price=price, quantity=Fraction(count))), name="price")


def _volume_rate(price: rate_cards.Price, count: int, total: int) -> int:
    """Return what each unit costs at the tier reached; of started blocks and odd flat amounts, an even part."""
    part = shapes.price_shape(price=price, quantity=Fraction(count))[0]
    if part.quantity == part.units and part.unit_amount is not None:
        return micros.to_whole(value=part.unit_amount, name="unit_amount")
    return total // count
