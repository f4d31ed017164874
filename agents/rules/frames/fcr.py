"""First contact resolution of many cases at once: the twin of agents/rules/fcr.py, which is the definition."""

import polars as pl

from agents.rules import fcr

_YES = ("initial_interaction", "first_message", "status_only")
_TYPES = ("contact", "transferred", "escalated", "customer_returned", "reopened", "worked", "stage_time")
_BEFORE_ALL = -1


def judge_cases(*, events: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Answer FCR for the first counted resolution of each case.

    Args:
        events: all known events in order, with row.
        asked: one row per case: case_id, row (of the offer), agent_id, delivery_model, state, reopened_rule, is_unassisted.

    Returns: case_id, fcr str, fcr_reason str.
    Source: design.md section 4; agents/rules/fcr.py.
    """
    is_settled = pl.col("state").is_in(["confirmed", "assumed"]) & ~pl.col("is_unassisted")
    reason = (
        pl.when(pl.col("state") == "void")
        .then(pl.lit("excluded"))
        .when("is_unassisted")
        .then(pl.lit("not_assisted"))
        .when(pl.col("state") == "pending")
        .then(pl.lit("unverified"))
        .when(pl.col("reopened_rule") == "repeat_contact")
        .then(pl.lit("repeat_contact"))
        .when(pl.col("reopened_rule").is_in(fcr.REFUSALS))
        .then(pl.lit("refused"))
        .otherwise(pl.lit("reopened"))
    )
    known = asked.filter(~is_settled).select("case_id", fcr_reason=reason)
    found = pl.concat([known, _judge_interactions(events, asked.filter(is_settled))])
    answer = (
        pl.when(pl.col("fcr_reason").is_in(_YES))
        .then(pl.lit("yes"))
        .when(pl.col("fcr_reason") == "unverified")
        .then(pl.lit("pending"))
        .when(pl.col("fcr_reason").is_in(["excluded", "not_assisted", "escalated_appropriately"]))
        .then(pl.lit("not_applicable"))
        .otherwise(pl.lit("no"))
    )
    return found.with_columns(fcr=answer)


def judge_unresolved(*, events: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Say why FCR is not asked of cases without a counted resolution.

    Args:
        events: all known events.
        cases: one row per such case: case_id, is_void, is_answered bool.

    Returns: case_id, fcr str, fcr_reason str.
    Source: the twin of agents.rules.fcr.judge_unresolved.
    """
    bots = events.filter(pl.col("automated") & pl.col("type").is_in(["solution_offered", "closed"])).select("case_id").unique()
    marked = cases.join(bots.with_columns(is_bot=pl.lit(True)), on="case_id", how="left", maintain_order="left")
    reason = (
        pl.when("is_void")
        .then(pl.lit("excluded"))
        .when("is_answered")
        .then(pl.lit("unverified"))
        .when(pl.col("is_bot").is_not_null())
        .then(pl.lit("not_assisted"))
        .otherwise(pl.lit("no_resolution"))
    )
    answer = pl.when(reason == "unverified").then(pl.lit("pending")).otherwise(pl.lit("not_applicable"))
    return marked.select("case_id", fcr_reason=reason, fcr=answer)


def _judge_interactions(events: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    offers = asked.select("case_id", "delivery_model", offer_row="row", offer_agent="agent_id")
    before = (
        events.filter(pl.col("type").is_in(_TYPES))
        .join(offers, on="case_id", how="inner", maintain_order="left")
        .filter(pl.col("row") < pl.col("offer_row"))
    )
    triage = (
        before.filter((pl.col("type") == "transferred") & (pl.col("delivery_model") == "front_line_triage"))
        .unique("case_id", keep="first", maintain_order=True)
        .select("case_id", triage_row="row")
    )
    contacts = before.filter((pl.col("type") == "contact") & ~pl.col("automated"))
    initial = (
        _put_triage_last(_drop_openings(contacts.filter(_is_initial()), before), triage)
        .unique("case_id", keep="first", maintain_order=True)
        .select("case_id", initial_row="row", initial_agent="agent_id", asks=_asks())
    )
    scenes = (
        offers.join(
            contacts.select("case_id").unique().with_columns(has_contacts=pl.lit(True)), on="case_id", how="left", maintain_order="left"
        )
        .join(initial, on="case_id", how="left", maintain_order="left")
        .join(triage, on="case_id", how="left", maintain_order="left")
        .with_columns(pl.col("has_contacts").fill_null(False))
    )
    from_row = pl.coalesce("initial_row", pl.when(~pl.col("has_contacts")).then("triage_row")).cast(pl.Int64).fill_null(_BEFORE_ALL)
    scenes = scenes.with_columns(from_row=from_row)
    between = before.join(scenes.select("case_id", "from_row", "has_contacts"), on="case_id", how="left", maintain_order="left").filter(
        pl.col("row") > pl.col("from_row")
    )
    found = between.with_columns(disqualifier=_disqualifier()).filter(pl.col("disqualifier").is_not_null())
    excused = between.filter((pl.col("type") == "escalated") & pl.col("appropriate").fill_null(False))
    judged = scenes.join(
        found.unique("case_id", keep="first", maintain_order=True).select("case_id", "disqualifier"),
        on="case_id",
        how="left",
        maintain_order="left",
    ).join(excused.select("case_id").unique().with_columns(is_excused=pl.lit(True)), on="case_id", how="left", maintain_order="left")
    reason = _reason()
    excuse = ~reason.is_in(_YES) & pl.col("is_excused").is_not_null()
    return judged.select("case_id", fcr_reason=pl.when(excuse).then(pl.lit("escalated_appropriately")).otherwise(reason))


def _drop_openings(possible: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Drop what a customer began with where the next that happened was an agent's own contact: it was not answered before that."""
    direction, row = pl.col("direction"), pl.col("row")
    opening = (direction == "in") & pl.col("agent_id").is_null() & (direction.shift(-1).over("case_id") == "out")
    opened = (
        possible.with_columns(next_row=row.shift(-1).over("case_id"))
        .filter(opening.fill_null(False) & (row == row.min().over("case_id")))
        .select("case_id", "next_row", opened_row="row")
    )
    if opened.is_empty():
        return possible
    between = before.join(opened, on="case_id", how="inner").filter((row > pl.col("opened_row")) & (row < pl.col("next_row")))
    broken = between.with_columns(has_contacts=pl.lit(True)).filter(_disqualifier().is_not_null())
    dropped = opened.join(broken, on="case_id", how="anti").select("case_id", row="opened_row")
    return possible.join(dropped, on=["case_id", "row"], how="anti", maintain_order="left")


def _put_triage_last(possible: pl.DataFrame, triage: pl.DataFrame) -> pl.DataFrame:
    """Order what may be a case's initial interaction: before triage hands it on only agents marked qualified come first.

    Triage hands a case on by the first transfer; without one, when the first agent marked qualified speaks.
    """
    marked = (
        possible.filter(pl.col("qualified").fill_null(False) & (pl.col("delivery_model") == "front_line_triage"))
        .unique("case_id", keep="first", maintain_order=True)
        .select("case_id", triage_row="row")
        .join(triage, on="case_id", how="anti")
    )
    handed_on = pl.concat([triage, marked])
    if handed_on.is_empty():
        return possible
    placed = possible.join(handed_on, on="case_id", how="left", maintain_order="left")
    is_triage = (pl.col("row") < pl.col("triage_row")).fill_null(False) & ~pl.col("qualified").fill_null(False)
    return pl.concat([placed.filter(~is_triage), placed.filter(is_triage)])


def _is_initial() -> pl.Expr:
    model, direction, medium = pl.col("delivery_model"), pl.col("direction"), pl.col("medium")
    is_qualified = pl.col("qualified").fill_null(True)
    is_inbound = (direction == "in").fill_null(False)
    is_live = medium.is_null() | (medium == "live")
    is_electronic = ~is_inbound & ~(medium == "voicemail").fill_null(False)
    return is_qualified & pl.when(model == "electronic").then(is_electronic).when(model == "call_back").then(
        ~is_inbound & is_live
    ).otherwise(is_live)


def _asks() -> pl.Expr:
    is_ours = (pl.col("direction") == "out").fill_null(False) | (
        pl.col("direction").is_null() & pl.col("delivery_model").is_in(["call_back", "electronic"])
    )
    return is_ours & (pl.col("content") == "request").fill_null(False)


def _disqualifier() -> pl.Expr:
    is_type = pl.col("type")
    is_contact = (is_type == "contact") & ~pl.col("automated") & pl.col("content").ne_missing(pl.lit("other"))
    asks = (pl.col("direction") == "out").fill_null(False) & (pl.col("content") == "request").fill_null(False)
    differs = (pl.col("agent_id") != pl.col("offer_agent")).fill_null(False)
    is_other = ~pl.col("has_contacts") & is_type.is_in(["worked", "stage_time"]) & differs
    sees_handover = pl.col("has_contacts") | (pl.col("delivery_model") != "electronic")
    return (
        pl.when(is_contact & asks)
        .then(pl.lit("information_requested"))
        .when(is_contact | is_type.is_in(["customer_returned", "reopened"]))
        .then(pl.lit("further_contact"))
        .when(sees_handover & (is_type == "transferred"))
        .then(pl.lit("transferred"))
        .when(sees_handover & (is_type == "escalated") & ~pl.col("appropriate").fill_null(False))
        .then(pl.lit("escalated"))
        .when(sees_handover & is_other)
        .then(pl.lit("other_agent"))
    )


def _reason() -> pl.Expr:
    is_electronic = pl.col("delivery_model") == "electronic"
    has_initial = pl.col("initial_row").is_not_null()
    differs = (pl.col("initial_agent") != pl.col("offer_agent")).fill_null(False)
    return (
        pl.when(~pl.col("has_contacts"))
        .then(pl.coalesce("disqualifier", pl.lit("status_only")))
        .when(~has_initial)
        .then(pl.when(is_electronic).then(pl.lit("first_message")).otherwise(pl.lit("no_qualified_interaction")))
        .when(pl.col("asks").fill_null(False))
        .then(pl.lit("information_requested"))
        .when(pl.col("disqualifier").is_not_null())
        .then("disqualifier")
        .when(differs)
        .then(pl.lit("other_agent"))
        .otherwise(pl.when(is_electronic).then(pl.lit("first_message")).otherwise(pl.lit("initial_interaction")))
    )
