"""Marks of many resolutions at once: the column-wise twin of agents/rules/signals/marks.py and of its counts."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import polars as pl

from agents.rules.signals import assess, marks

MICROSECOND = timedelta(microseconds=1)

# One row per resolution. Instants are whole microseconds since 1970.
UNITS: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "resolution_id": pl.Int64(),
        "case_id": pl.Int64(),
        "agent_id": pl.Int64(),
        "team": pl.String(),
        "site": pl.String(),
        "query_type": pl.String(),
        "class_code": pl.String(),
        "customer": pl.String(),
        "opened_us": pl.Int64(),
        "resolved_us": pl.Int64(),
        "reopened_us": pl.Int64(),
        "period_ends_us": pl.Int64(),
        "is_pending": pl.Boolean(),
        "is_void": pl.Boolean(),
        "is_first_contact": pl.Boolean(),
        "has_survey": pl.Boolean(),
        "is_opened_by_resolver": pl.Boolean(),
        "is_merged_by_resolver": pl.Boolean(),
        "handle_seconds": pl.Int64(),
    }
)
STARTS = {"agent_id": pl.Int64(), "kind": pl.String(), "start_us": pl.Int64()}
_TOPIC = ("agent_id", "customer", "query_type")


def mark_frame(*, units: pl.DataFrame, starts: pl.DataFrame | None = None) -> pl.DataFrame:
    """Mark every resolution for every kind of signal.

    Args:
        units: columns of UNITS, in any order; null instants, survey facts and handle times are not known.
        starts: agent_id i64, kind str, start_us i64: from when on an agent's resolutions of a kind count.

    Returns: one row per kind and resolution that is an observation: kind str, agent_id, stratum str, resolution_id, is_marked bool.
    Source: design.md section 8; the twin of agents.rules.signals.marks.mark.
    """
    prepared = _prepare(units)
    found = pl.concat(
        prepared.select(
            pl.lit(kind).alias("kind"),
            "agent_id",
            pl.col(marks.STRATA[kind]).alias("stratum"),
            "resolution_id",
            "resolved_us",
            expression.alias("is_marked"),
        )
        for kind, expression in _marks().items()
    ).filter(pl.col("is_marked").is_not_null())
    if starts is not None and starts.height:
        joined = found.join(starts.cast(STARTS), on=["agent_id", "kind"], how="left")  # type: ignore[arg-type]
        found = joined.filter(pl.col("start_us").is_null() | (pl.col("resolved_us") >= pl.col("start_us")))
    return found.select("kind", "agent_id", "stratum", "resolution_id", "is_marked")


def count_frame(*, marked: pl.DataFrame) -> tuple[assess.Count, ...]:
    """Count observations and marks by kind, agent and stratum.

    Args:
        marked: as `mark_frame` returns it.

    Returns: what `assess.count_marks` returns for the same resolutions.
    """
    keys = ["kind", "agent_id", "stratum"]
    counted = marked.group_by(keys).agg(observed_count=pl.len(), marked_count=pl.col("is_marked").sum()).sort(keys)
    return tuple(assess.Count(**row) for row in counted.iter_rows(named=True))


def _prepare(units: pl.DataFrame) -> pl.DataFrame:
    """Add the usual handle times, and when the customer had opened the case before."""
    known = pl.col("handle_seconds").is_not_null()
    seconds, count = pl.col("handle_seconds").sum(), known.sum().cast(pl.Int64)
    cases = units.filter(pl.col("customer") != "").select(*_TOPIC, "case_id", "opened_us").unique(["case_id", *_TOPIC])
    ordered = cases.sort(*_TOPIC, "opened_us", "case_id").with_columns(
        earlier_us=pl.col("opened_us").shift(1).over(*_TOPIC, order_by=["opened_us", "case_id"])
    )
    return units.with_columns(
        _class_seconds=seconds.over("class_code"), _class_count=count.over("class_code"), _pool_seconds=seconds, _pool_count=count
    ).join(ordered.drop("opened_us"), on=["case_id", *_TOPIC], how="left")


def _marks() -> Mapping[marks.Kind, pl.Expr]:
    is_known = ~pl.col("is_void")
    is_back = pl.col("reopened_us").is_not_null()
    is_unhappy = is_back | ~pl.col("is_first_contact").fill_null(value=True)
    is_short = pl.col("_class_seconds") * marks.SHORT_DIVISOR * pl.col("_pool_count") <= pl.col("_pool_seconds") * pl.col("_class_count")
    is_soon = (pl.col("reopened_us") - pl.col("resolved_us") <= _us(marks.RETURN_WITHIN)).fill_null(value=False)
    is_split = (pl.col("opened_us") - pl.col("earlier_us") <= _us(marks.SPLIT_WITHIN)).fill_null(value=False)
    return {
        "premature_close": _among(is_known & (~pl.col("is_pending") | is_back), is_soon),
        "splitting": _among(is_known & (pl.col("customer") != ""), is_split),
        "cherry_picking": _among(is_known & (pl.col("_class_count") > 0) & (pl.col("_pool_seconds") > 0), is_short),
        "survey_steering": _among(is_known & is_unhappy, ~pl.col("has_survey")),
        "period_end_spike": _among(is_known, pl.col("period_ends_us") - pl.col("resolved_us") <= _us(marks.PERIOD_END)),
        "self_created": _among(is_known, pl.col("is_opened_by_resolver")),
        "merge_farming": pl.col("is_merged_by_resolver"),
    }


def _among(observed: pl.Expr, marked: pl.Expr) -> pl.Expr:
    return pl.when(observed).then(marked).otherwise(None)


def _us(length: timedelta) -> int:
    return length // MICROSECOND
