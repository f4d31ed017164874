"""Fold the events of many cases into episodes and their steps: repeats first, for they follow from claims alone."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agents.queries.case_frames import CLAIMS, EVENTS, NO_FURTHER_ACTION, derive_repeats, derive_transfers
from agents.queries.frames import INSTANT
from agents.queries.policies import Policies
from agents.rules.frames import fold, units
from contracts.rules import resolution_policy
from contracts.rules.resolution_policy import ResolutionPolicy

EPISODES: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "number": pl.Int64(),
    "state": pl.String(),
    "rule": pl.String(),
    "offer_id": pl.String(),
    "actor": pl.Int64(),
    "resolved_at": INSTANT,
    "window_ends_at": INSTANT,
    "verified_at": INSTANT,
    "reopened_at": INSTANT,
    "is_payable": pl.Boolean(),
    "reason": pl.String(),
    "price_bp": pl.Int64(),
    "correction": pl.String(),
    "priced_as_of": pl.String(),
    "priced_at": INSTANT,
    "fcr": pl.String(),
    "fcr_reason": pl.String(),
    "inhibitor": pl.String(),
    "delivery_model": pl.String(),
}


@dataclass(frozen=True, kw_only=True)
class Folded:
    """`episodes`: one row per case and number (EPISODES).

    `steps`: one row per step of an episode: case_id, number, state, at, rule, detail, event_id (the stored event, or null).
    """

    episodes: pl.DataFrame
    steps: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Terms:
    """The policies in force: each once, by policy_id, and case_id with policy_id and what the fold needs of its knobs."""

    policies: dict[int, ResolutionPolicy]
    cases: pl.DataFrame


def fold_cases(*, cases: pl.DataFrame, events: pl.DataFrame, policies: Policies, as_of: datetime, contract_id: int | None = None) -> Folded:
    """Decide what became of each case.

    Args:
        cases: as agents.queries.case_frames.load_cases returns them; each with a policy that can be read.
        events: of these cases, as load_events returns them.
        policies: by contract version.
        as_of: what happened later is not known.
        contract_id: only the cases of this contract are judged; the others are there because they may repeat one of them.

    Returns: episodes and steps.
    Raises: InvalidEventFrame if one event comes with two bodies.
    Source: design.md section 4.
    """
    own = events_of(events=events, cases=cases, contract_id=contract_id)
    terms = _terms(cases, own, policies)
    recorded = pl.concat([own.select(list(EVENTS)), derive_transfers(events=own)])
    first = _fold(_inputs(recorded, own), terms, as_of)
    found = _repeats(cases, events, first.episodes, terms)
    touched = found.select("case_id").unique()
    again = _fold(_inputs(pl.concat([recorded, found]).join(touched, on="case_id", how="semi"), own), terms, as_of)
    episodes = pl.concat([first.episodes.join(touched, on="case_id", how="anti"), again.episodes])
    history = pl.concat([first.transitions.join(touched, on="case_id", how="anti"), again.transitions])
    evidence = pl.concat([recorded, found]).select("case_id", "id", stored_id="event_id")
    return Folded(
        episodes=_cap_days(_episodes(episodes, terms), cases, terms),
        steps=_steps(history, episodes).join(evidence, left_on=["case_id", "event_id"], right_on=["case_id", "id"], how="left"),
    )


def events_of(*, events: pl.DataFrame, cases: pl.DataFrame, contract_id: int | None) -> pl.DataFrame:
    """Return the events of a contract's cases, or all of them without one.

    Args:
        events: has case_id.
        cases: case_id, contract_id.
        contract_id: whose cases; None for those of every contract.

    Returns: the events, in their order.
    """
    if contract_id is None:
        return events
    return events.join(
        cases.filter(pl.col("contract_id") == contract_id).select("case_id"), on="case_id", how="semi", maintain_order="left"
    )


def claim_without_policy(*, events: pl.DataFrame) -> pl.DataFrame:
    """Return a pending episode for the first claim of each case for which no policy was in force.

    Args:
        events: of such cases, in order.

    Returns: one row per case with a claim (EPISODES); it waits for a contract version, whatever comes later.
    """
    claims = events.filter(pl.col("type").is_in(CLAIMS) & ~pl.col("automated")).group_by("case_id", maintain_order=True).first()
    waiting = claims.select(
        "case_id",
        pl.lit(1).alias("number"),
        pl.lit("pending").alias("state"),
        pl.lit("no_contract_version").alias("rule"),
        pl.col("id").alias("offer_id"),
        actor().alias("actor"),
        pl.col("at").alias("resolved_at"),
        *(pl.lit(None).alias(name) for name in ("window_ends_at", "verified_at", "reopened_at", "priced_at")),
        pl.lit(value=False).alias("is_payable"),
        pl.lit("pending").alias("reason"),
        pl.lit(resolution_policy.BP).alias("price_bp"),
        pl.lit("").alias("correction"),
        pl.lit("resolution").alias("priced_as_of"),
        pl.lit("pending").alias("fcr"),
        pl.lit("unverified").alias("fcr_reason"),
        *(pl.lit("").alias(name) for name in ("inhibitor", "delivery_model")),
    )
    return waiting.select(list(EPISODES)).cast(EPISODES)  # type: ignore[arg-type]


def actor() -> pl.Expr:
    """Number who acted with an event, so that two names of one agent are one.

    Somebody unmapped is a number of their own, below zero, where they solved the case or spoke with the customer; elsewhere
    nobody can tell whom another name space means.
    """
    unmapped = pl.when(pl.col("type").is_in([*CLAIMS, "contact"])).then(-pl.col("identity_id"))
    return pl.coalesce("agent_id", unmapped)


def _terms(cases: pl.DataFrame, events: pl.DataFrame, policies: Policies) -> _Terms:
    """Find each case's policy: of the version in force when it opened, for the class that it opened with."""
    known = events.select("case_id", "first_query_type", "first_channel").unique("case_id")
    classed = cases.select("case_id", "version_id").join(known, on="case_id")
    classes = classed.select("version_id", "first_query_type", "first_channel").unique().sort(pl.all())
    numbers: dict[ResolutionPolicy, int] = {}
    ids = [
        numbers.setdefault(policies.effective(version_id=version_id, query_type=query_type, channel=channel), len(numbers))
        for version_id, query_type, channel in classes.iter_rows()
    ]
    numbered = classes.with_columns(pl.Series("policy_id", ids, dtype=pl.Int64))
    knobs = pl.DataFrame(
        [
            (number, policy.priced_as_of, policy.unit_cap, policy.timezone, policy.repeat_scope, policy.delivery_model)
            for policy, number in numbers.items()
        ],
        schema={
            "policy_id": pl.Int64(),
            "priced_as_of": pl.String(),
            "unit_cap": pl.String(),
            "timezone": pl.String(),
            "repeat_scope": pl.String(),
            "delivery_model": pl.String(),
        },
        orient="row",
    )
    joined = classed.join(numbered, on=["version_id", "first_query_type", "first_channel"], nulls_equal=True).join(knobs, on="policy_id")
    return _Terms(policies={number: policy for policy, number in numbers.items()}, cases=joined)


def _fold(inputs: pl.DataFrame, terms: _Terms, as_of: datetime) -> fold.FoldedCases:
    present = terms.cases.join(inputs.select("case_id").unique(), on="case_id", how="semi")
    return fold.fold_cases_frame(events=inputs, cases=present.select("case_id", "policy_id"), policies=terms.policies, as_of=as_of)


def _inputs(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Give the fold its columns; an opening is on the first channel that the case tells."""
    first = events.select("case_id", "first_channel").unique("case_id")
    return rows.join(first, on="case_id", how="left").select(
        "case_id",
        "type",
        "sequence",
        "direction",
        "medium",
        "content",
        "qualified",
        "appropriate",
        "automated",
        "code",
        occurred_at="at",
        event_id="id",
        agent_id=actor(),
        channel=pl.when(pl.col("type") == "opened").then("first_channel").otherwise("channel"),
        no_further_action=(pl.col("code") == NO_FURTHER_ACTION).fill_null(value=False),
    )


def _repeats(cases: pl.DataFrame, events: pl.DataFrame, episodes: pl.DataFrame, terms: _Terms) -> pl.DataFrame:
    told = events.select("case_id", "known_query_type", "first_channel", event_id="id")
    customers = cases.filter(pl.col("customer_hash") != "").select("case_id", "customer_hash", "client_id")
    claims = (
        episodes.filter(pl.col("state") != "void")
        .join(told, on=["case_id", "event_id"])
        .join(customers, on="case_id")
        .join(terms.cases.select("case_id", "repeat_scope"), on="case_id")
        .filter(pl.col("known_query_type").is_not_null())
        .select(
            "case_id",
            "resolved_at",
            "repeat_scope",
            repeat_us=(pl.col("repeat_ends_at") - pl.col("resolved_at")).dt.total_microseconds().fill_null(0),
            customer_hash=_customer(),
            query_type="known_query_type",
            channel="first_channel",
        )
    )
    return derive_repeats(cases=cases.with_columns(customer_hash=_customer()), events=events, claims=claims)


def _customer() -> pl.Expr:
    """A customer is one person per client."""
    named = pl.concat_str([pl.col("client_id").cast(pl.String), pl.lit("/"), pl.col("customer_hash")])
    return pl.when(pl.col("customer_hash") != "").then(named).otherwise(pl.lit(""))


def _episodes(episodes: pl.DataFrame, terms: _Terms) -> pl.DataFrame:
    named = episodes.join(terms.cases.select("case_id", "priced_as_of", "delivery_model"), on="case_id").rename(
        {"event_id": "offer_id", "agent_id": "actor", "payable": "is_payable", "unit": "reason"}
    )
    return named.with_columns(pl.col("correction", "inhibitor").fill_null("")).select(list(EPISODES)).cast(EPISODES)  # type: ignore[arg-type]


def _steps(history: pl.DataFrame, episodes: pl.DataFrame) -> pl.DataFrame:
    """Give what voids a case to each of its episodes."""
    voids = history.filter(pl.col("rule").is_in(["excluded", "merged"])).drop("number")
    others = history.filter(~pl.col("rule").is_in(["excluded", "merged"]))
    every = pl.concat([others, voids.join(episodes.select("case_id", "number"), on="case_id").select(others.columns)])
    return every.filter(pl.col("number").is_not_null()).with_columns(pl.col("detail").fill_null(""))


def _cap_days(episodes: pl.DataFrame, cases: pl.DataFrame, terms: _Terms) -> pl.DataFrame:
    """Leave out the episodes beyond one per customer and day, where the contract counts them so."""
    capped = terms.cases.filter(pl.col("unit_cap") == "per_customer_per_day").select("case_id", "timezone")
    if capped.is_empty():
        return episodes
    owner = pl.concat_str([pl.col("contract_id").cast(pl.String), pl.lit("/"), pl.col("customer_hash")])
    customers = cases.filter(pl.col("customer_hash") != "").select("case_id", customer_hash=owner)
    is_given_back = (pl.col("state") == "reopened") & (pl.col("correction") == "deduct_later")
    counted = episodes.filter(pl.col("is_payable") & ~is_given_back).join(capped, on="case_id").join(customers, on="case_id")
    if counted.is_empty():
        return episodes
    left_out = units.find_customer_day_rows(units=counted).with_columns(is_capped=pl.lit(value=True))
    is_capped = pl.col("is_capped").fill_null(value=False)
    return (
        episodes.join(left_out, on=["case_id", "number"], how="left")
        .with_columns(
            is_payable=pl.col("is_payable") & ~is_capped, reason=pl.when(is_capped).then(pl.lit("cap_customer_day")).otherwise("reason")
        )
        .select(list(EPISODES))
    )
