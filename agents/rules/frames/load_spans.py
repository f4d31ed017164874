"""Shifts, pauses and the time worked in them, as columns: the twin of `agents.rules.worked_time`."""

from collections.abc import Mapping

import polars as pl

from agents.rules.worked_time import HOUR, MICROSECOND

# Later than any instant; an open end.
FAR = 10**17
SHIFT_UNKNOWN_US = 12 * (HOUR // MICROSECOND)
SHIFTS: Mapping[str, pl.DataType] = {"agent": pl.Int64(), "start": pl.Int64(), "end": pl.Int64(), "day": pl.Int32()}
PAUSES: Mapping[str, pl.DataType] = {"agent": pl.Int64(), "shift_start": pl.Int64(), "start": pl.Int64(), "end": pl.Int64()}


def work_spans(*, shifts: pl.DataFrame, pauses: pl.DataFrame) -> pl.DataFrame:
    """Return the spans worked, pauses taken out.

    Args:
        shifts: SHIFTS; an open end is null.
        pauses: PAUSES in them; an open end lasts to the end of its shift.

    Returns: agent, start, end, worked (microseconds in the agent's spans before this one), by start.
    """
    begins = pl.concat(
        [
            shifts.select("agent", shift="start", at=pl.col("start")),
            pauses.select("agent", shift="shift_start", at=pl.col("end").fill_null(FAR)),
        ]
    )
    ends = pl.concat(
        [
            shifts.select("agent", shift="start", at=pl.col("end").fill_null(FAR)),
            pauses.select("agent", shift="shift_start", at="start"),
        ]
    )
    key = ["agent", "shift", "at"]
    spans = pl.concat([begins.sort(key).rename({"at": "start"}), ends.sort(key).select(end="at")], how="horizontal")
    spans = spans.filter(pl.col("start") < pl.col("end")).sort("agent", "start")
    length = pl.col("end") - pl.col("start")
    return spans.select("agent", "start", "end", worked=(length.cum_sum() - length).over("agent"))


def worked_before(*, points: pl.DataFrame, spans: pl.DataFrame, at: pl.Expr, name: str) -> pl.DataFrame:
    """Add the time that each point's agent worked before an instant.

    Args:
        points: has `agent`.
        spans: of `work_spans`.
        at: the instant, over the columns of the points.
        name: of the column that is added.

    Returns: the points, in their order.
    """
    asked = points.with_columns(at.alias("_at")).with_row_index("_row").sort("_at")
    opened = spans.sort("start").rename({"start": "_start", "end": "_end", "worked": "_worked"})
    found = asked.join_asof(opened, left_on="_at", right_on="_start", by="agent", strategy="backward", check_sortedness=False)
    worked = (pl.col("_worked") + pl.min_horizontal("_end", "_at") - pl.col("_start")).fill_null(0)
    return found.with_columns(worked.alias(name)).sort("_row").drop("_row", "_at", "_start", "_end", "_worked")


def place_asks(*, asks: pl.DataFrame, shifts: pl.DataFrame, pauses: pl.DataFrame) -> pl.DataFrame:
    """Add to each ask the shift it finds the agent in or after.

    Args:
        asks: ask, agent, at, day, rest_us (the rest after which a shift is over for good).
        shifts: SHIFTS.
        pauses: PAUSES.

    Returns: the asks with shift_start, shift_end, shift_day, streak (days in a row up to the shift's), first_start, worked_until,
        is_on_shift, is_unrested, since (the last break's end), contacts_since (null: no contact counts).
    """
    ordered = shifts.sort("agent", "start")
    days = ordered.select("agent", "day").unique(maintain_order=True)
    days = days.with_columns(run=pl.col("day") - pl.int_range(pl.len()).over("agent"))
    days = days.with_columns(streak=pl.int_range(1, pl.len() + 1).over("agent", "run")).drop("run")
    known = ordered.join(days, on=["agent", "day"], how="left", maintain_order="left").select(
        "agent",
        "streak",
        shift_start="start",
        shift_end="end",
        shift_day="day",
        first_start=pl.col("start").min().over("agent"),
    )
    begun = pauses.select("agent", pause_shift="shift_start", pause_start="start", pause_end="end").sort("pause_start")
    placed = asks.sort("at").join_asof(
        known.sort("shift_start"), left_on="at", right_on="shift_start", by="agent", strategy="backward", check_sortedness=False
    )
    placed = placed.join_asof(begun, left_on="at", right_on="pause_start", by="agent", strategy="backward", check_sortedness=False)
    at, is_known = pl.col("at"), pl.col("shift_start").is_not_null()
    placed = placed.with_columns(
        worked_until=pl.min_horizontal(pl.col("shift_end"), at),
        is_on_shift=is_known & (pl.col("shift_end").is_null() | (at <= pl.col("shift_end"))),
        since=pl.when(pl.col("pause_shift") == pl.col("shift_start")).then(pl.min_horizontal("pause_end", at)).otherwise("shift_start"),
    )
    has_rested = ~pl.col("is_on_shift") & (at - pl.col("worked_until") >= pl.col("rest_us"))
    placed = placed.with_columns(is_unrested=is_known & ~has_rested)
    since = pl.when("is_unrested").then("shift_start").when(~is_known).then(at - SHIFT_UNKNOWN_US)
    return placed.with_columns(contacts_since=since).sort("ask")
