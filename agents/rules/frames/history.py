"""Every transition of many cases at once, with the rule and the evidence of each step."""

import polars as pl

COLUMNS = ("case_id", "number", "state", "at", "rule", "event_id", "detail")


def list_transitions(*, episodes: pl.DataFrame, voids: pl.DataFrame) -> pl.DataFrame:
    """Return the steps of each case in order.

    Args:
        episodes: as `episodes.build_episodes` returns it.
        voids: as `episodes.find_voids` returns it.

    Returns: one row per transition: case_id, number i64 (null for a void without an episode), state str, at i64
        (microseconds), rule str, event_id (null where time alone moved it), detail str.
    Source: the twin of the history that agents/rules/lifecycle.py writes.
    """
    last = episodes.group_by("case_id", maintain_order=True).agg(last_number=pl.col("number").last())
    excluded = voids.join(last, on="case_id", how="left", maintain_order="left")
    parts = [
        _step(
            episodes,
            pl.lit(True),
            row="row",
            place=0,
            state=pl.col("entered_state"),
            at="at",
            rule=pl.col("entered_rule"),
            event="event_id",
        ),
        _step(
            episodes,
            pl.col("by_event"),
            row="confirm_row",
            place=1,
            state=pl.col("verified_state"),
            at="verified_at",
            rule=pl.col("verified_rule"),
            event="confirm_event",
        ),
        _step(episodes, pl.col("is_silent"), row="silence_row", place=2, state=pl.lit("assumed"), at="verified_at", rule=pl.lit("silence")),
        _step(
            episodes,
            pl.col("reopened_at").is_not_null(),
            row="reopened_row",
            place=1,
            state=pl.lit("reopened"),
            at="reopened_at",
            rule=pl.col("reopened_rule"),
            event="reopened_event",
            detail=pl.when(pl.col("verified_at").is_not_null()).then("reopen_effect"),
        ),
        _step(
            episodes,
            pl.col("stands"),
            row="return_row",
            place=1,
            state=pl.col("verified_state"),
            at="return_at",
            rule=pl.lit("returned_after_window"),
            event="return_event",
        ),
        _step(
            excluded.rename({"last_number": "number"}),
            pl.lit(True),
            row="void_row",
            place=3,
            state=pl.lit("void"),
            at="void_at",
            rule=pl.col("void_type"),
            event="void_event",
            detail=pl.col("void_code"),
        ),
    ]
    return pl.concat(parts).sort("case_id", "row", "place").select(COLUMNS)


def _step(
    frame: pl.DataFrame,
    happened: pl.Expr,
    *,
    row: str,
    place: int,
    state: pl.Expr,
    at: str,
    rule: pl.Expr,
    event: str | None = None,
    detail: pl.Expr | None = None,
) -> pl.DataFrame:
    """Return the rows in which a step happened; `place` orders steps on the evidence of one event."""
    nothing = pl.lit(None, dtype=frame.schema["event_id"] if "event_id" in frame.columns else frame.schema["void_event"])
    return frame.filter(happened).select(
        "case_id",
        pl.col("number").cast(pl.Int64),
        state.alias("state"),
        pl.col(at).alias("at"),
        rule.alias("rule"),
        (pl.col(event) if event else nothing).alias("event_id"),
        (pl.lit(None, dtype=pl.String) if detail is None else detail).alias("detail"),
        pl.col(row).cast(pl.Int64).alias("row"),
        pl.lit(place, dtype=pl.Int8).alias("place"),
    )
