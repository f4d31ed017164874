"""Episodes of many cases at once: where each starts, what verifies it, and what reopens it.

Rows are numbered in the order that decides, so "before" is a smaller row. Only returns separate episodes; repeat
contacts and verification never do, which is why the starts can be found before anything else is known.
"""

from collections.abc import Mapping

import polars as pl

from agents.rules.frames import windows
from contracts.rules.resolution_policy import ResolutionPolicy

NEVER = 2**62


def find_voids(*, events: pl.DataFrame, exclusions: pl.DataFrame) -> pl.DataFrame:
    """Return the first exclusion of each excluded case: case_id, void_row, void_at, void_type, void_event, void_code.

    Args:
        events: as `add_event_flags` returns it, with policy_id.
        exclusions: as `terms.frame_exclusions` returns it; what a policy does not list excludes nothing.

    Returns: row and instant (microseconds since 1970) of the exclusion, its type and id, and the code, which is `merged` for a merger.
    Source: design.md section 4, "exclusions".
    """
    code = pl.when(pl.col("type") == "merged").then(pl.lit("merged")).otherwise(pl.col("code"))
    found = events.filter(pl.col("type").is_in(["merged", "excluded"])).with_columns(void_code=code)
    voids = found.join(
        exclusions, left_on=["policy_id", "void_code"], right_on=["policy_id", "excluded"], how="semi", maintain_order="left"
    )
    return voids.unique("case_id", keep="first", maintain_order=True).select(
        "case_id", "void_code", void_row="row", void_at="at", void_type="type", void_event="event_id"
    )


def number_episodes(*, events: pl.DataFrame) -> pl.DataFrame:
    """Add is_start bool, number i64 (0 before the first episode of a case), episode i64 (unique over all cases), is_answered.

    A claim starts an episode if it is the first since the last return; or the first counted offer after a claim that
    nothing can be done and that the policy does not count. Before any claim, the customer's yes to an answer starts one, which
    is credited to the agent of that answer. `is_answered` marks the rows since the last return after such an answer.

    Args:
        events: as `add_event_flags` returns it, nothing after a case's exclusion left in.

    Source: design.md section 4; the twin of what agents/rules/lifecycle.py does event by event.
    """
    is_first_of_case = pl.col("case_id").ne_missing(pl.col("case_id").shift(1)) | (pl.int_range(pl.len()) == 0)
    parted = events.with_columns(part=(is_first_of_case | pl.col("is_return")).cum_sum(), is_first_of_case=is_first_of_case)
    answers, claims = (pl.when(pl.col(flag)).then("part").forward_fill() == pl.col("part") for flag in ("is_answer", "is_claim"))
    parted = parted.with_columns(
        is_answered=answers.fill_null(False),
        answer_agent=pl.when("is_answer").then(pl.struct("agent_id")).forward_fill().struct.field("agent_id"),
        is_claimed=claims.fill_null(False),
    )
    is_first = pl.col("part").ne_missing(pl.col("part").shift(1))
    is_yes = pl.col("is_confirming") & (pl.col("type") == "customer_acknowledged")
    yeses = parted.filter(is_yes & pl.col("is_answered") & ~pl.col("is_claimed")).filter(is_first)
    claims_after = parted.filter("is_claim").join(yeses.select("part"), on="part", how="anti", maintain_order="left")
    marked = claims_after.with_columns(is_first=is_first)
    marked = marked.with_columns(after_uncounted=pl.when("is_first").then(~pl.col("is_counted")).forward_fill())
    found = marked.filter(pl.col("after_uncounted") & pl.col("is_counted") & (pl.col("type") == "solution_offered")).filter(is_first)
    starts = pl.concat([marked.filter("is_first")["row"], found["row"]])
    is_yes_start = pl.col("row").is_in(yeses["row"].implode())
    flagged = parted.with_columns(
        is_start=pl.col("row").is_in(starts.implode()) | is_yes_start,
        is_counted=pl.col("is_counted") | is_yes_start,
        agent_id=pl.when(is_yes_start).then("answer_agent").otherwise("agent_id"),
    )
    total = pl.col("is_start").cum_sum().cast(pl.Int64)
    counted = flagged.with_columns(
        episode=total, before=pl.when("is_first_of_case").then(total - pl.col("is_start").cast(pl.Int64)).forward_fill()
    )
    return counted.with_columns(number=pl.col("episode") - pl.col("before")).drop(
        "before", "part", "is_first_of_case", "answer_agent", "is_claimed"
    )


def build_episodes(
    *, events: pl.DataFrame, policies: Mapping[int, ResolutionPolicy], channels: pl.DataFrame, as_of_us: int
) -> pl.DataFrame:
    """Return one row per episode with what verified and what reopened it.

    Args:
        events: as `number_episodes` returns it, nothing after a case's exclusion left in.
        policies: by policy_id.
        channels: case_id, case_channel.
        as_of_us: the instant of the judgment.

    Source: design.md section 4, "silence window", "reopen window" and "repeat contact"; docs/resolution.md.
    """
    inside = events.filter(pl.col("number") > 0)
    starts = inside.filter("is_start").join(channels, on="case_id", how="left", maintain_order="left")
    starts = windows.add_window_end(frame=starts, policies=policies, window="reopen")
    starts = windows.add_window_end(frame=starts, policies=policies, window="repeat")
    returns = _first(inside.filter("is_return"), "return")
    open_rows = inside.join(returns.select("episode", "return_row"), on="episode", how="left", maintain_order="left").filter(
        pl.col("row") < pl.col("return_row").fill_null(NEVER)
    )
    confirming = pl.col("is_confirming") | (pl.col("by_close") & pl.col("is_claim") & (pl.col("type") == "closed"))
    confirms = _first(open_rows.filter(confirming), "confirm")
    episodes = (
        starts.join(returns, on="episode", how="left", maintain_order="left")
        .join(confirms, on="episode", how="left", maintain_order="left")
        .join(_find_silence(open_rows, policies), on="episode", how="left", maintain_order="left")
    )
    repeats = _find_repeats(inside, episodes)
    return _judge(episodes.join(repeats, on="episode", how="left", maintain_order="left"), as_of_us)


def _first(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.unique("episode", keep="first", maintain_order=True).select(
        "episode",
        pl.col("row").cast(pl.Int64).alias(f"{name}_row"),
        pl.col("at").alias(f"{name}_at"),
        pl.col("type").alias(f"{name}_type"),
        pl.col("event_id").alias(f"{name}_event"),
    )


def _find_silence(open_rows: pl.DataFrame, policies: Mapping[int, ResolutionPolicy]) -> pl.DataFrame:
    """Return episode, silence_end and silence_row: the first agent message that no other follows inside its window."""
    messages = open_rows.filter(pl.col("by_silence") & (pl.col("is_start") | pl.col("is_message")))
    ended = windows.add_window_end(frame=messages, policies=policies, window="silence")
    following = pl.when(pl.col("episode") == pl.col("episode").shift(-1)).then(pl.col("at").shift(-1))
    silent = ended.filter(following.is_null() | (following >= pl.col("silence_end")))
    return silent.unique("episode", keep="first", maintain_order=True).select("episode", "silence_end", silence_row="row")


def _find_repeats(inside: pl.DataFrame, episodes: pl.DataFrame) -> pl.DataFrame:
    rows = inside.filter(pl.col("type") == "repeat_contact")
    judged = rows.join(episodes.select("episode", "case_channel", "repeat_end"), on="episode", how="left", maintain_order="left")
    is_in_scope = (pl.col("repeat_scope") == "any_channel") | (
        (pl.col("repeat_scope") == "own_channel") & (pl.col("channel") == pl.col("case_channel")).fill_null(False)
    )
    return _first(judged.filter(is_in_scope & (pl.col("at") < pl.col("repeat_end"))), "repeat")


def _judge(episodes: pl.DataFrame, as_of_us: int) -> pl.DataFrame:
    """Add verified_at, verified_state, is_silent, reopened_at, reopened_rule and stands_at, one after the other."""
    never = pl.lit(NEVER, dtype=pl.Int64)
    repeat_row, repeat_at = pl.col("repeat_row").fill_null(never), pl.col("repeat_at").fill_null(never)
    limits = pl.min_horizontal(pl.col("return_at").fill_null(never), repeat_at, pl.col("void_at").fill_null(never), pl.lit(as_of_us))
    is_silent = pl.col("is_counted") & (pl.col("silence_end") <= limits).fill_null(False)
    is_confirmed = pl.col("is_counted") & (pl.col("confirm_row") < repeat_row).fill_null(False)
    is_first = ~is_silent | (pl.col("confirm_at") < pl.col("silence_end")) | (pl.col("confirm_row") == pl.col("row"))
    found = episodes.with_columns(by_event=is_confirmed & is_first, is_silent=is_silent & ~(is_confirmed & is_first))
    found = found.with_columns(
        verified_at=pl.when("by_event").then("confirm_at").when("is_silent").then("silence_end"),
        verified_state=pl.when(pl.col("by_event") & (pl.col("confirm_type") != "closed"))
        .then(pl.lit("confirmed"))
        .when(pl.col("by_event") | pl.col("is_silent"))
        .then(pl.lit("assumed")),
    )
    is_effective = pl.col("return_row").is_not_null() & (pl.col("verified_at").is_null() | (pl.col("return_at") < pl.col("reopen_end")))
    is_repeat = repeat_row < pl.when(is_effective).then("return_row").otherwise(never)
    reopens = pl.col("is_counted") & (is_effective | pl.col("repeat_row").is_not_null())
    stands = pl.col("is_counted") & pl.col("return_row").is_not_null() & ~is_effective & (repeat_row > pl.col("return_row"))
    return_rule = pl.when(pl.col("return_type") == "contact").then(pl.lit("customer_contact")).otherwise(pl.col("return_type"))
    return found.with_columns(
        stands=stands,
        reopened_row=pl.when(reopens).then(pl.when(is_repeat).then("repeat_row").otherwise("return_row")),
        reopened_at=pl.when(reopens).then(pl.when(is_repeat).then("repeat_at").otherwise("return_at")),
        reopened_event=pl.when(reopens).then(pl.when(is_repeat).then("repeat_event").otherwise("return_event")),
        reopened_rule=pl.when(reopens).then(pl.when(is_repeat).then(pl.lit("repeat_contact")).otherwise(return_rule)),
    )
