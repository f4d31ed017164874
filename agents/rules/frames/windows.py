"""Where windows end, for whole frames: calendar time by addition, business time by looking up open spans."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import polars as pl

from agents.rules.frames import terms
from contracts.rules import business_hours
from contracts.rules.resolution_policy import ResolutionPolicy, Window


def add_window_end(*, frame: pl.DataFrame, policies: Mapping[int, ResolutionPolicy], window: Window) -> pl.DataFrame:
    """Add when the window that starts with each row has passed.

    Args:
        frame: one row per start: policy_id i64, at i64 (microseconds) and, for the window `silence`, silence_us i64 and
            silence_business bool.
        policies: by policy_id.
        window: silence, reopen or repeat.

    Returns: the frame in its order with, for `silence`, silence_end i64 (microseconds).
    Source: contracts/rules/business_hours.py, `window_end`, of which this is the column-wise twin.

    >>> frame = pl.DataFrame({"policy_id": [7], "at": [0], "silence_us": [5], "silence_business": [False]})
    >>> add_window_end(frame=frame, policies={7: ResolutionPolicy()}, window="silence")["silence_end"].to_list()
    [5]
    """
    end, length = f"{window}_end", pl.col(f"{window}_us")
    ended = frame.with_columns((pl.col("at") + length).alias(end))
    if not frame[f"{window}_business"].any():
        return ended
    pairs = frame.filter(pl.col(f"{window}_business") & (length > 0)).select("policy_id", "at").unique()
    if pairs.is_empty():
        return ended
    parts = [
        _end_business(pairs=part, policy=policies[int(str(key[0]))], window=window)
        for key, part in pairs.partition_by("policy_id", as_dict=True).items()
    ]
    found = ended.join(pl.concat(parts), on=["policy_id", "at"], how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("business_end", end).alias(end)).drop("business_end")


def _end_business(*, pairs: pl.DataFrame, policy: ResolutionPolicy, window: Window) -> pl.DataFrame:
    """Return policy_id, at, business_end: open time so far, plus the window, looked up in the running open time."""
    spans = _list_spans(pairs=pairs, policy=policy, window=window)
    length = policy.length_of(window) // terms.MICROSECOND
    starts = pairs.sort("at").join_asof(spans, left_on="at", right_on="opens", strategy="backward")
    open_before = pl.col("opened") + pl.min_horizontal("at", "closes") - pl.col("opens")
    targets = starts.select("policy_id", "at", target=open_before.fill_null(0) + length).sort("target")
    ends = targets.join_asof(spans, left_on="target", right_on="opened", strategy="backward", allow_exact_matches=False)
    return ends.select("policy_id", "at", business_end=pl.col("opens") + pl.col("target") - pl.col("opened"))


def _list_spans(*, pairs: pl.DataFrame, policy: ResolutionPolicy, window: Window) -> pl.DataFrame:
    """Return open spans (opens, closes, and opened: open time before them) until every window of the pairs has passed."""
    hours = policy.hours_of(window)
    if hours is None:
        raise business_hours.InvalidBusinessHours("A policy that counts business hours has none.", path=("hours",))
    bounds = pairs.select(first=pl.col("at").min(), last=pl.col("at").max()).row(0)
    first_day = (terms.EPOCH + timedelta(microseconds=bounds[0])).astimezone(ZoneInfo(hours.timezone)).date()
    rows: list[tuple[int, int, int]] = []
    opened, left = 0, policy.length_of(window) // terms.MICROSECOND
    for span in business_hours.open_spans(hours=hours, first_day=first_day):
        opens, closes = terms.to_us(span[0]), terms.to_us(span[1])
        rows.append((opens, closes, opened))
        opened += closes - opens
        left -= max(0, closes - max(opens, bounds[1]))
        if left <= 0:
            break
    return pl.DataFrame(rows, schema={"opens": pl.Int64, "closes": pl.Int64, "opened": pl.Int64}, orient="row")
