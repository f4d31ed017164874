"""What kept many cases from first contact resolution at once: the twin of agents/rules/inhibitors.py."""

import polars as pl

from agents.rules import inhibitors

_NEVER = 2**62


def find_inhibitors(*, events: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Say what kept each case from first contact resolution.

    Args:
        events: all known events in order, with case_id, row, type and code.
        asked: one row per case of which FCR was asked: case_id, row (of the claim), next_row i64 (of the claim after it, or
            null), fcr str, fcr_reason str.

    Returns: one row per case whose FCR is no: case_id, inhibitor str.
    Source: agents/rules/inhibitors.py.
    """
    came_back = pl.col("fcr_reason").is_in(inhibitors.CAME_BACK)
    end = pl.when(came_back).then(pl.col("next_row").fill_null(_NEVER)).otherwise(pl.col("row").cast(pl.Int64))
    missed = asked.filter(pl.col("fcr") == "no").select("case_id", "fcr_reason", end_row=end)
    within = (
        events.filter(pl.col("type").is_in([*inhibitors.CARRIERS, "stage_time"]) & pl.col("code").is_not_null())
        .join(missed.select("case_id", "end_row"), on="case_id", how="inner", maintain_order="left")
        .filter(pl.col("row") < pl.col("end_row"))
    )
    coded = within.filter(pl.col("type").is_in(inhibitors.CARRIERS) & pl.col("code").is_in(inhibitors.CODED))
    searched = within.filter((pl.col("type") == "stage_time") & pl.col("code").is_in(inhibitors.SEARCHING_STAGES))
    known = missed.join(
        coded.unique("case_id", keep="first", maintain_order=True).select("case_id", "code"),
        on="case_id",
        how="left",
        maintain_order="left",
    ).join(searched.select("case_id", searched=pl.lit(True)).unique(), on="case_id", how="left", maintain_order="left")
    is_search = (pl.col("fcr_reason") == "further_contact") & pl.col("searched").is_not_null()
    by_reason = pl.col("fcr_reason").replace_strict(dict(inhibitors.BY_REASON), default=None, return_dtype=pl.String)
    inhibitor = pl.coalesce("code", pl.when(is_search).then(pl.lit("missing_knowledge")), by_reason, pl.lit("unknown"))
    return known.select("case_id", inhibitor=inhibitor)
