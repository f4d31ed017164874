"""When time alone can bring an agent to the next limit, so that nobody has to be looked at before."""

import polars as pl

from agents.rules import load

# Time alone adds no day with a shift, no hostile contact and no unit.
WEEK_US = 7 * 24 * 3_600_000_000
NEEDS_NEWS = ("consecutive_days", "hostile_contacts", "pace")


def find_due(*, measured: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """Find the earliest instant at which a limit can be reached without anything new being recorded.

    Work adds at most an hour an hour to every sum, rest leaves a window no faster than that, and handling that is recorded
    can only gain by logged time that leaves the window. So the instant is never too late; it may be too early.

    Args:
        measured: of `measure_loads`, with the asks' `at`.
        reached: the asks at which something is reached, column `ask`; they are due at once.

    Returns: ask, due (microseconds).
    Source: design.md section 8.
    """
    bound_num, bound_den = pl.coalesce("warn_num", "act_num"), pl.coalesce("warn_den", "act_den")
    wide = pl.col("value_den").cast(pl.Int128)
    bound = (bound_num.cast(pl.Int128) * wide).floordiv(bound_den)
    emptied = wide - (pl.col("open_us").cast(pl.Int128) * bound_den + bound_num - 1).floordiv(bound_num)
    left = (
        pl.when(pl.col("limit").is_in(load.RESTS))
        .then(pl.col("value_num") - bound - 1)
        .when((pl.col("limit") == "occupancy") & (pl.col("value_den") > 1) & (pl.col("open_us") > 0))
        .then(emptied - 1)
        .when((pl.col("limit") == "occupancy") | pl.col("limit").is_in(NEEDS_NEWS))
        .then(None)
        .otherwise(bound - pl.col("value_num"))
    )
    soonest = measured.with_columns(left=left).group_by("ask", "at", maintain_order=True).agg(pl.col("left").min())
    is_reached = pl.col("ask").is_in(reached["ask"].implode())
    lasting = pl.when(is_reached).then(0).otherwise(pl.col("left").clip(0))
    return soonest.select("ask", due=(pl.col("at") + lasting.fill_null(WEEK_US)).cast(pl.Int64))
