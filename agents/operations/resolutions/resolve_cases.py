"""Decide what became of cases: fold their events into resolutions, record every step, and hold what waits for a person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import connection
from django.db.models import Max

from agents.models import ResolutionTransition
from agents.operations import history
from agents.operations.holds import resolution_holds
from agents.operations.resolutions import folding, resolution_storage
from agents.queries import case_frames
from agents.queries import policies as policy_queries
from agents.queries.policies import Policies

# Two folds of one case at once would both write what is missing.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('resolve_cases'))"

# What is dated ahead, as a clock a second fast dates it, would else wait for other news of its case.
KNOWN_NOW = """
    DELETE FROM agents_awaitedcase
    WHERE due_at <= %(as_of)s AND (%(case_ids)s::bigint[] IS NULL OR case_id = ANY(%(case_ids)s))"""
AWAIT = """
    INSERT INTO agents_awaitedcase AS a (case_id, due_at)
    SELECT case_id, min(occurred_at) FROM agents_caseevent
    WHERE occurred_at > %(as_of)s AND (%(case_ids)s::bigint[] IS NULL OR case_id = ANY(%(case_ids)s))
    GROUP BY case_id
    ON CONFLICT (case_id) DO UPDATE SET due_at = excluded.due_at WHERE a.due_at <> excluded.due_at"""


@dataclass(frozen=True, kw_only=True)
class ResolveReport:
    """What was looked at and what changed. `as_of` is later than asked for where a later instant was resolved before."""

    as_of: datetime
    case_count: int
    resolution_count: int
    changed_count: int
    step_count: int
    opened_hold_count: int
    released_hold_count: int


def resolve_cases(*, as_of: datetime, case_ids: Collection[int] | None = None) -> ResolveReport:
    """Fold the events known at an instant into resolutions, in one transaction; a second run changes nothing.

    The stored resolutions never go back in time: for an instant before one that was resolved already, the later one counts.

    Args:
        as_of: business instant; what occurred later is not known yet, and a window that ends at this instant has passed.
        case_ids: cases with new facts; cases of the same customer and client are looked at too. None: all cases.

    Returns: counts.
    Source: design.md section 4.
    """
    with history.act(name="resolve_cases", as_of=as_of), connection.cursor() as cursor:
        cursor.execute(LOCK)
        latest = ResolutionTransition.objects.aggregate(latest=Max("recorded_at"))["latest"]
        instant = max(as_of, latest) if latest else as_of
        cases = case_frames.load_cases(case_ids=case_ids)
        policies = policy_queries.load_policies()
        scope = None if case_ids is None else cases["case_id"].to_list()
        events = case_frames.load_events(case_ids=scope, as_of=instant)
        folded = fold_with_facts(cases=cases, events=events, policies=policies, as_of=instant)
        written = resolution_storage.write_resolutions(
            cursor=cursor, case_ids=cases["case_id"].to_list(), folded=folded.episodes, steps=folded.steps, as_of=instant
        )
        cursor.execute(KNOWN_NOW, {"case_ids": scope, "as_of": instant})
        cursor.execute(AWAIT, {"case_ids": scope, "as_of": instant})
        held = resolution_holds.sync_resolution_holds(case_ids=scope, policies=policies, as_of=instant)
    return ResolveReport(
        as_of=instant,
        case_count=cases.height,
        resolution_count=folded.episodes.height,
        changed_count=written.changed_count,
        step_count=written.step_count,
        opened_hold_count=held.opened_count,
        released_hold_count=held.released_count,
    )


def fold_with_facts(
    *, cases: pl.DataFrame, events: pl.DataFrame, policies: Policies, as_of: datetime, contract_id: int | None = None
) -> folding.Folded:
    """Fold the cases that have a policy; a claim of one that has none becomes a resolution that only waits. Nothing is written.

    Args:
        cases, events: as agents.queries.case_frames loads them, with the neighbors of each case.
        policies: by contract version.
        as_of: what happened later is not known.
        contract_id: only the cases of this contract are judged; the others are their neighbors. None: all.

    Returns: episodes as they are stored, with the agent credited and the class that prices them, and their steps.
    """
    with_policy = cases.filter(pl.col("version_id").is_in(list(policies.readable)))
    folded = folding.fold_cases(
        cases=with_policy,
        events=events.join(with_policy.select("case_id"), on="case_id", how="semi", maintain_order="left"),
        policies=policies,
        as_of=as_of,
        contract_id=contract_id,
    )
    own = folding.events_of(events=events, cases=cases, contract_id=contract_id)
    waiting = folding.claim_without_policy(events=own.join(with_policy.select("case_id"), on="case_id", how="anti", maintain_order="left"))
    return folding.Folded(episodes=_with_facts(pl.concat([folded.episodes, waiting]), cases, own), steps=folded.steps)


def _with_facts(episodes: pl.DataFrame, cases: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Add who is credited, which policy decided, and the query type and channel at the instant that the policy prices by."""
    offers = events.select("case_id", "known_query_type", "known_channel", queue=pl.col("known_queue").fill_null(""), offer_id="id")
    first = events.select("case_id", "first_query_type", "first_channel").unique("case_id")
    then = events.select("case_id", "at", then_query_type="known_query_type", then_channel="known_channel")
    wide = (
        _with_names(episodes, events)
        .join(offers, on=["case_id", "offer_id"], how="left")
        .join(first, on="case_id", how="left")
        .join(cases.select("case_id", policy_version_id="version_id"), on="case_id")
        .sort("verified_at", nulls_last=False)
        .join_asof(then.sort("at"), left_on="verified_at", right_on="at", by="case_id", strategy="backward", check_sortedness=False)
    )
    return wide.with_columns(
        pl.when(pl.col("priced_as_of") == "opening")
        .then(f"first_{name}")
        .when((pl.col("priced_as_of") == "verification") & pl.col("verified_at").is_not_null())
        .then(f"then_{name}")
        .otherwise(f"known_{name}")
        .alias(name)
        for name in ("query_type", "channel")
    )


def _with_names(episodes: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Add the agent whom the fold credits, and the name that the source used for them: on the claim, or else last before it."""
    named = events.with_columns(actor=folding.actor()).filter(pl.col("actor").is_not_null())
    claims = named.select("case_id", "actor", offer_id="id", claim_identity_id="identity_id")
    told = named.select("case_id", "actor", "at", told_identity_id="identity_id").sort("at")
    found = (
        episodes.join(claims, on=["case_id", "actor", "offer_id"], how="left")
        .sort("resolved_at")
        .join_asof(told, left_on="resolved_at", right_on="at", by=["case_id", "actor"], strategy="backward", check_sortedness=False)
    )
    return found.with_columns(
        identity_id=pl.coalesce("claim_identity_id", "told_identity_id"), agent_id=pl.when(pl.col("actor") > 0).then("actor")
    ).drop("at")
