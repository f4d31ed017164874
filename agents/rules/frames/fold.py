"""The fold of many cases at once: the column-wise twin of agents/rules/resolutions.py.

Nothing loops over rows: every step is a filter, a running count, a first-of-group or a join on the sorted events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agents.rules.frames import episodes as episode_frames
from agents.rules.frames import events as event_frames
from agents.rules.frames import fcr, history, inhibitors, terms, units
from contracts.rules.resolution_policy import ResolutionPolicy

EPISODE_COLUMNS = (
    "case_id",
    "number",
    "state",
    "rule",
    "agent_id",
    "event_id",
    "resolved_at",
    "verified_at",
    "window_ends_at",
    "reopened_at",
    "payable",
    "unit",
    "price_bp",
    "correction",
    "priced_at",
    "fcr",
    "fcr_reason",
    "inhibitor",
    "repeat_ends_at",
    "fcr_final_at",
)
_INSTANTS = ("resolved_at", "verified_at", "window_ends_at", "reopened_at", "priced_at", "repeat_ends_at", "fcr_final_at")


@dataclass(frozen=True, kw_only=True)
class FoldedCases:
    """What became of many cases.

    episodes: one row per episode: case_id, number i64, state, rule, agent_id, event_id (of the claim), resolved_at,
        verified_at, window_ends_at, reopened_at, payable, unit, price_bp, correction, priced_at, fcr, fcr_reason, inhibitor,
        repeat_ends_at, fcr_final_at.
    transitions: one row per step in order: case_id, number, state, at, rule, event_id, detail.
    cases: one row per case: case_id, state, verified_at, payable, fcr, fcr_reason.
    """

    episodes: pl.DataFrame
    transitions: pl.DataFrame
    cases: pl.DataFrame


def fold_cases_frame(
    *, events: pl.DataFrame, cases: pl.DataFrame, policies: Mapping[int, ResolutionPolicy], as_of: datetime
) -> FoldedCases:
    """Decide what became of many cases from their events.

    Args:
        events: one row per event, in any order and with any repeats: case_id, occurred_at datetime[us, UTC], event_id (the
            source's own id), type str; and, where known, sequence i64, agent_id, channel, direction, medium, content str,
            qualified, appropriate, automated, no_further_action bool, code str.
        cases: one row per case: case_id, policy_id i64.
        policies: by policy_id, overrides applied.
        as_of: what happened later is not known; a window that ends at this instant has passed.

    Returns: episodes, transitions and cases; equal to `resolutions.fold_case` of each case.
    Raises: InvalidEventFrame.
    Source: design.md section 4; docs/resolution.md.

    >>> noon = datetime(2026, 10, 6, 12, tzinfo=terms.UTC)
    >>> events = pl.DataFrame({"case_id": [1], "occurred_at": [noon], "event_id": ["a"], "type": ["solution_offered"]})
    >>> cases = pl.DataFrame({"case_id": [1], "policy_id": [7]})
    >>> fold_cases_frame(events=events, cases=cases, policies={7: ResolutionPolicy()}, as_of=noon).cases["state"].to_list()
    ['pending']
    """
    known = event_frames.order_event_frame(events=events, as_of=as_of)
    judged = _add_policies(known, cases, policies)
    flagged = event_frames.add_event_flags(events=judged)
    voids = episode_frames.find_voids(events=flagged, exclusions=terms.frame_exclusions(policies=policies))
    alive = flagged.join(voids, on="case_id", how="left", maintain_order="left").filter(
        pl.col("void_row").is_null() | (pl.col("row") <= pl.col("void_row"))
    )
    numbered = episode_frames.number_episodes(events=alive)
    answered = numbered.unique("case_id", keep="last", maintain_order=True).filter("is_answered")["case_id"]
    built = episode_frames.build_episodes(
        events=numbered,
        policies=policies,
        channels=_first_of_case(flagged.filter(pl.col("type").is_in(["opened", "contact"]) & pl.col("channel").is_not_null()), "channel"),
        as_of_us=terms.to_us(as_of),
    )
    stated = _add_states(built).join(_opened(flagged), on="case_id", how="left", maintain_order="left")
    counted = units.add_units(episodes=stated)
    verdicts = _judge(flagged, cases, _mark_unassisted(counted, policies), voids, answered)
    finished = _finish(counted, _add_inhibitors(flagged, counted, verdicts))
    steps = history.list_transitions(episodes=counted, voids=voids).with_columns(_to_instant("at"))
    return FoldedCases(episodes=finished, transitions=steps, cases=_conclude(cases, finished, verdicts, voids, answered))


def _add_policies(events: pl.DataFrame, cases: pl.DataFrame, policies: Mapping[int, ResolutionPolicy]) -> pl.DataFrame:
    owned = cases.select("case_id", pl.col("policy_id").cast(pl.Int64)).join(
        terms.frame_policies(policies=policies), on="policy_id", how="left", maintain_order="left"
    )
    lost = owned.filter(pl.col("delivery_model").is_null())
    if not lost.is_empty():
        raise event_frames.InvalidEventFrame(
            f'Case "{lost["case_id"][0]}" names policy {lost["policy_id"][0]}, which is not given; load it.'
        )
    judged = events.join(owned, on="case_id", how="left", maintain_order="left")
    orphans = judged.filter(pl.col("policy_id").is_null())
    if not orphans.is_empty():
        raise event_frames.InvalidEventFrame(f'Case "{orphans["case_id"][0]}" has events but no policy; add it to the cases.')
    return judged


def _first_of_case(events: pl.DataFrame, column: str) -> pl.DataFrame:
    return events.unique("case_id", keep="first", maintain_order=True).select("case_id", pl.col(column).alias(f"case_{column}"))


def _opened(events: pl.DataFrame) -> pl.DataFrame:
    opened = _first_of_case(events.filter(pl.col("type") == "opened"), "at").rename({"case_at": "opened_at"})
    return (
        _first_of_case(events, "at")
        .join(opened, on="case_id", how="left", maintain_order="left")
        .select("case_id", opened_at=pl.coalesce("opened_at", "case_at"))
    )


def _add_states(built: pl.DataFrame) -> pl.DataFrame:
    """Add entered_state, entered_rule, verified_rule, state and rule."""
    is_offer = pl.col("type") == "solution_offered"
    hopeless = pl.when("is_counted").then(pl.lit("no_further_action")).otherwise(pl.lit("no_further_action_excluded"))
    entered_rule = (
        pl.when(pl.col("type") == "customer_acknowledged")
        .then(pl.lit("answer_acknowledged"))
        .when("no_further_action")
        .then(hopeless)
        .otherwise(pl.when(is_offer).then(pl.lit("solution_offered")).otherwise(pl.lit("closed_without_offer")))
    )
    verified_rule = pl.when(pl.col("confirm_type") == "closed").then(pl.lit("agent_closed")).otherwise(pl.col("confirm_type"))
    found = built.with_columns(
        entered_state=pl.when("is_counted").then(pl.lit("pending")).otherwise(pl.lit("void")),
        entered_rule=entered_rule,
        verified_rule=pl.when("is_silent").then(pl.lit("silence")).otherwise(verified_rule),
    )
    is_void, is_reopened, is_verified = (pl.col(name).is_not_null() for name in ("void_row", "reopened_at", "verified_at"))
    return found.with_columns(
        state=pl.when(is_void)
        .then(pl.lit("void"))
        .when(is_reopened)
        .then(pl.lit("reopened"))
        .when(is_verified)
        .then("verified_state")
        .otherwise("entered_state"),
        rule=pl.when(is_void)
        .then("void_type")
        .when(is_reopened)
        .then("reopened_rule")
        .when(is_verified)
        .then("verified_rule")
        .otherwise("entered_rule"),
    )


def _mark_unassisted(episodes: pl.DataFrame, policies: Mapping[int, ResolutionPolicy]) -> pl.DataFrame:
    unassisted = terms.frame_unassisted(policies=policies).with_columns(is_unassisted=pl.lit(True))
    marked = episodes.join(unassisted, on=["policy_id", "case_channel"], how="left", maintain_order="left")
    return marked.with_columns(pl.col("is_unassisted").fill_null(False))


def _add_inhibitors(events: pl.DataFrame, episodes: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Add to each case's verdict what kept it from first contact; null unless that is no."""
    is_followed = pl.col("case_id") == pl.col("case_id").shift(-1)
    claims = episodes.select("case_id", "row", "number", next_row=pl.when(is_followed).then(pl.col("row").shift(-1)).cast(pl.Int64))
    asked = verdicts.join(claims, left_on=["case_id", "asked"], right_on=["case_id", "number"], how="inner", maintain_order="left")
    found = inhibitors.find_inhibitors(events=events, asked=asked)
    return verdicts.join(found, on="case_id", how="left", maintain_order="left")


def _judge(events: pl.DataFrame, cases: pl.DataFrame, episodes: pl.DataFrame, voids: pl.DataFrame, answered: pl.Series) -> pl.DataFrame:
    asked = episodes.filter("is_counted").unique("case_id", keep="first", maintain_order=True)
    unasked = cases.join(asked, on="case_id", how="anti")
    is_void = pl.col("case_id").is_in(pl.concat([voids["case_id"], episodes["case_id"]]).implode())
    silent = unasked.select("case_id", is_void=is_void, is_answered=pl.col("case_id").is_in(answered.implode()))
    parts = [
        fcr.judge_cases(events=events, asked=asked).join(
            asked.select("case_id", asked="number"), on="case_id", how="left", maintain_order="left"
        ),
        fcr.judge_unresolved(events=events, cases=silent).with_columns(asked=pl.lit(0, dtype=pl.Int64)),
    ]
    return pl.concat([part.select("case_id", "fcr", "fcr_reason", "asked") for part in parts])


def _finish(episodes: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    is_asked = pl.col("number") == pl.col("asked")
    other = pl.when(pl.col("state") == "void").then(pl.lit("excluded")).otherwise(pl.lit("later_episode"))
    priced_at = (
        pl.when(pl.col("priced_as_of") == "opening")
        .then("opened_at")
        .when(pl.col("priced_as_of") == "resolution")
        .then("at")
        .otherwise("verified_at")
    )
    repeat_end = pl.when(pl.col("repeat_scope") != "off").then("repeat_end")
    is_waiting = (pl.col("state") == "pending") & pl.col("by_silence")
    return (
        episodes.join(verdicts, on="case_id", how="left", maintain_order="left")
        .with_columns(
            fcr=pl.when(is_asked).then("fcr").otherwise(pl.lit("not_applicable")),
            fcr_reason=pl.when(is_asked).then("fcr_reason").otherwise(other),
            inhibitor=pl.when(is_asked).then("inhibitor"),
            priced_at=priced_at,
            window_ends_at=pl.when(is_waiting).then("silence_end"),
            repeat_ends_at=repeat_end,
            fcr_final_at=pl.max_horizontal("reopen_end", repeat_end),
            resolved_at=pl.col("at"),
        )
        .select(EPISODE_COLUMNS)
        .with_columns(_to_instant(*_INSTANTS))
    )


def _conclude(
    cases: pl.DataFrame, episodes: pl.DataFrame, verdicts: pl.DataFrame, voids: pl.DataFrame, answered: pl.Series
) -> pl.DataFrame:
    pays = pl.col("payable") | (pl.col("state").is_in(["confirmed", "assumed"]) & pl.col("payable").any().over("case_id"))
    last = (
        episodes.with_columns(payable=pays)
        .unique("case_id", keep="last", maintain_order=True)
        .select("case_id", "state", "verified_at", "payable")
    )
    unclaimed = (
        pl.when(pl.col("case_id").is_in(voids["case_id"].implode()))
        .then(pl.lit("void"))
        .when(pl.col("case_id").is_in(answered.implode()))
        .then(pl.lit("pending"))
        .otherwise(pl.lit("open"))
    )
    joined = (
        cases.select("case_id")
        .join(last, on="case_id", how="left", maintain_order="left")
        .join(verdicts.select("case_id", "fcr", "fcr_reason"), on="case_id", how="left", maintain_order="left")
    )
    return joined.with_columns(state=pl.coalesce("state", unclaimed), payable=pl.col("payable").fill_null(False))


def _to_instant(*columns: str) -> pl.Expr:
    return pl.col(*columns).cast(terms.INSTANT)
