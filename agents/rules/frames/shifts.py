"""Time entries joined to shifts, as columns: the twin of `agents.queries.work_facts.build_shifts`."""

from collections.abc import Collection, Mapping

import polars as pl

ENTRIES: Mapping[str, pl.DataType] = {
    "agent": pl.Int64(),
    "timezone": pl.String(),
    "category": pl.String(),
    "start": pl.Int64(),
    "end": pl.Int64(),
}


def build_shifts(*, entries: pl.DataFrame, breaks: Collection[str], gap_us: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Join entries to shifts with their pauses.

    Args:
        entries: ENTRIES without overlap and without time off, one time zone an agent; instants in microseconds since 1970.
        breaks: categories that are breaks of a shift.
        gap_us: a gap of at most so many microseconds is a break; a longer one ends the shift.

    Returns: `load_spans.SHIFTS` and `load_spans.PAUSES`.

    >>> rows = [(1, "UTC", "productive", 0, 5), (1, "UTC", "meal_unpaid", 5, 7), (1, "UTC", "productive", 8, 9)]
    >>> shifts, pauses = build_shifts(entries=pl.DataFrame(rows, schema=dict(ENTRIES), orient="row"), breaks=["meal_unpaid"], gap_us=1)
    >>> shifts.rows(), pauses.rows()
    ([(1, 0, 9, 719163)], [(1, 0, 5, 7), (1, 0, 7, 8)])
    """
    ordered = entries.sort("agent", "start").with_columns(before=pl.col("end").shift(1).over("agent"))
    gap = pl.col("start") - pl.col("before")
    blocks = ordered.with_columns(
        block=(gap.is_null() | (gap > gap_us)).cast(pl.Int64).cum_sum(), is_work=~pl.col("category").is_in(list(breaks))
    )
    worked = blocks.with_columns(
        first=pl.col("start").filter(pl.col("is_work")).min().over("block"),
        last=pl.col("end").filter(pl.col("is_work")).max().over("block"),
    ).filter(pl.col("start").is_between("first", "last", closed="left"))
    shifts = worked.group_by("block", maintain_order=True).agg(
        pl.col("agent", "timezone").first(), start=pl.col("first").first(), end=pl.col("last").first()
    )
    resting = worked.filter(~pl.col("is_work")).select("agent", shift_start="first", start="start", end="end")
    apart = worked.filter((pl.col("start") > pl.col("first")) & (pl.col("before") < pl.col("start")))
    gaps = apart.select("agent", shift_start="first", start="before", end="start")
    shifts = add_local_day(frame=shifts, at="start")
    return shifts.select("agent", "start", "end", "day"), pl.concat([resting, gaps]).sort("agent", "start")


def add_local_day(*, frame: pl.DataFrame, at: str) -> pl.DataFrame:
    """Add `day`, the proleptic ordinal of the local day of an instant.

    Args:
        frame: has `timezone` and the instant in microseconds since 1970.
        at: the column of the instant.

    Returns: the rows, by time zone.
    """
    parts = [
        part.with_columns(
            day=pl.from_epoch(pl.col(at), time_unit="us")
            .dt.replace_time_zone("UTC")
            .dt.convert_time_zone(str(key[0]))
            .dt.date()
            .to_physical()
            + 719_163
        )
        for key, part in frame.partition_by("timezone", as_dict=True, maintain_order=True).items()
    ]
    return pl.concat(parts) if parts else frame.with_columns(day=pl.lit(None, dtype=pl.Int32))
