"""Billable units of many cases at once: the twin of agents/rules/units.py."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

import polars as pl

from agents.rules.frames import terms
from contracts.rules.resolution_policy import BP

KEEPING_EFFECTS = ("deduct_later", "new_unit", "reduced_price")


def add_units(*, episodes: pl.DataFrame) -> pl.DataFrame:
    """Add what each episode counts for.

    Args:
        episodes: one row per episode by case and number: case_id, at i64 (microseconds), state, verified_at,
            reopen_effect, reduced_price_bp, unit_cap, timezone.

    Returns: the frame with payable bool, unit str, price_bp i64, correction str.
    Source: design.md section 4; the twin of agents.rules.units.count_units.
    """
    is_reopened = pl.col("state") == "reopened"
    stays = is_reopened & pl.col("verified_at").is_not_null() & pl.col("reopen_effect").is_in(KEEPING_EFFECTS)
    counts = pl.col("state").is_in(["confirmed", "assumed"]) | stays
    is_new = (pl.col("reopen_effect") == "new_unit") & (pl.col("unit_cap") == "once_per_case")
    takes = counts & ~(is_reopened & (is_new | (pl.col("reopen_effect") == "deduct_later")))
    prepared = episodes.with_columns(counts=counts, takes=takes, slot=_slots(episodes))
    taken = (pl.col("takes").cum_sum().over("case_id", "slot") - pl.col("takes").cast(pl.Int64)) > 0
    capped = prepared.with_columns(payable=pl.col("counts") & ~taken)
    correction = pl.when(pl.col("payable") & is_reopened & pl.col("reopen_effect").is_in(["deduct_later", "reduced_price"])).then(
        "reopen_effect"
    )
    unit = (
        pl.when("payable")
        .then(pl.lit("counted"))
        .when("counts")
        .then(pl.when(pl.col("unit_cap") == "once_per_case").then(pl.lit("cap_once_per_case")).otherwise(pl.lit("cap_customer_day")))
        .otherwise("state")
    )
    priced = capped.with_columns(correction=correction, unit=unit)
    is_reduced = (pl.col("correction") == "reduced_price").fill_null(False)
    return priced.with_columns(price_bp=pl.when(is_reduced).then("reduced_price_bp").otherwise(pl.lit(BP, dtype=pl.Int64))).drop(
        "counts", "takes", "slot"
    )


def find_customer_day_rows(*, units: pl.DataFrame) -> pl.DataFrame:
    """Find the units that the cap of one per customer and day leaves out, across cases.

    Args:
        units: one row per countable episode under that cap: case_id, number i64, customer_hash str, resolved_at and
            verified_at datetime[us, UTC], timezone str.

    Returns: case_id, number of those that do not count; the first one verified takes the day.
    Source: the twin of agents.rules.units.cap_customer_days.

    >>> noon = terms.EPOCH
    >>> pair = pl.DataFrame({"case_id": [2, 1], "number": [1, 1], "customer_hash": ["k", "k"], "timezone": ["UTC", "UTC"],
    ...                      "resolved_at": [noon, noon], "verified_at": [noon, noon]})
    >>> find_customer_day_rows(units=pair).rows()
    [(2, 1)]
    """
    ordered = units.sort("verified_at", "resolved_at", "case_id", "number").with_columns(day=_local_days(units, pl.col("resolved_at")))
    return ordered.filter(~pl.struct("customer_hash", "timezone", "day").is_first_distinct()).select("case_id", "number")


def _slots(episodes: pl.DataFrame) -> pl.Expr:
    per_day = episodes.filter(pl.col("unit_cap") == "per_customer_per_day")
    if per_day.is_empty():
        return pl.lit(None, dtype=pl.Date)
    return pl.when(pl.col("unit_cap") == "per_customer_per_day").then(
        _local_days(per_day, pl.from_epoch("at", time_unit="us").cast(terms.INSTANT))
    )


def _local_days(frame: pl.DataFrame, at: pl.Expr) -> pl.Expr:
    """Return the local day of an instant, each row in the time zone it names."""
    zones: list[tzinfo] = [ZoneInfo(name) for name in frame["timezone"].unique().sort().to_list()]
    days = [pl.when(pl.col("timezone") == str(zone)).then(at.dt.convert_time_zone(str(zone)).dt.date()) for zone in zones]
    return pl.coalesce(*days, pl.lit(None, dtype=pl.Date))
