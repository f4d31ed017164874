"""Units of many agents placed column by column: the workweek of each, and whether premium was suspended."""

from datetime import UTC, datetime, timedelta

import polars as pl

from billing.rules.pay import workweeks

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add_workweek(*, frame: pl.DataFrame, period: workweeks.PayPeriod) -> pl.DataFrame:
    """Keep the units that were verified in a period, and add the workweek of each.

    Args:
        frame: one row per unit, with verified_us i64 (microseconds since 1970).
        period: the pay period; its end is exclusive.

    Returns: the rows inside the period, in their order, with the added column week date.
    Source: design.md section 11; the twin of `workweeks.workweek_of`.

    >>> from datetime import date
    >>> week = workweeks.PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12))
    >>> at = _to_microseconds(datetime(2026, 10, 11, 23, tzinfo=UTC))
    >>> add_workweek(frame=pl.DataFrame({"verified_us": [at, at + 3_600_000_000]}), period=week)["week"].to_list()
    [datetime.date(2026, 10, 5)]
    """
    weeks = workweeks.workweeks_of(period=period)
    starts = [_to_microseconds(workweeks.workday_starts_at(period=period, day=week)) for week in weeks]
    inside = pl.col("verified_us").is_between(_to_microseconds(period.starts_at), _to_microseconds(period.ends_at), closed="left")
    placed = frame.filter(inside)
    # The period's first instant lies in its first week, so every unit has a week that started before it.
    place = pl.Series(starts[1:], dtype=pl.Int64).search_sorted(placed["verified_us"], side="right")
    return placed.with_columns(week=pl.Series(list(weeks), dtype=pl.Date).gather(place))


def mark_suspended(*, frame: pl.DataFrame, suspensions: pl.DataFrame) -> pl.DataFrame:
    """Say of each unit whether it was verified while premium was suspended.

    Args:
        frame: one row per unit, with agent_id i64 and verified_us i64.
        suspensions: one row per decision: agent_id i64, starts_us i64 or null (always before), ends_us i64 or null (not yet
            ended); the end is exclusive.

    Returns: the same rows in the same order, with the added column suspended bool.
    Source: formats.md, "pay", "Quality".

    >>> stops = pl.DataFrame({"agent_id": [1], "starts_us": [5], "ends_us": [9]})
    >>> mark_suspended(frame=pl.DataFrame({"agent_id": [1, 1, 2], "verified_us": [5, 9, 6]}), suspensions=stops)["suspended"].to_list()
    [True, False, False]
    """
    if suspensions.is_empty():
        return frame.with_columns(suspended=pl.lit(False))
    numbered = frame.with_row_index("_row")
    hits = (
        numbered.select("_row", "agent_id", "verified_us")
        .join(suspensions.select("agent_id", "starts_us", "ends_us"), on="agent_id", how="inner")
        .filter(
            (pl.col("starts_us").is_null() | (pl.col("starts_us") <= pl.col("verified_us")))
            & (pl.col("ends_us").is_null() | (pl.col("verified_us") < pl.col("ends_us")))
        )
    )
    return numbered.with_columns(suspended=pl.col("_row").is_in(hits["_row"].implode())).drop("_row")


def _to_microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
