"""Fold the events of many cases into episodes and their history."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from agents.queries.case_frames import CLAIMS, NO_FURTHER_ACTION, ORDER
from agents.queries.frames import INSTANT
from agents.queries.policies import Policies
from agents.rules import events as case_events
from agents.rules import resolutions, units
from contracts.rules import resolution_policy
from contracts.rules.resolution_policy import ResolutionPolicy

EPISODES: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "number": pl.Int64(),
    "state": pl.String(),
    "rule": pl.String(),
    "offer_id": pl.String(),
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
}
HISTORY: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "number": pl.Int64(),
    "state": pl.String(),
    "at": INSTANT,
    "rule": pl.String(),
    "detail": pl.String(),
    "event_key": pl.String(),
}


@dataclass(frozen=True, kw_only=True)
class Folded:
    """`episodes`: one row per case and number (EPISODES). `history`: one row per step of an episode (HISTORY)."""

    episodes: pl.DataFrame
    history: pl.DataFrame


def fold_cases(*, cases: pl.DataFrame, events: pl.DataFrame, policies: Policies, as_of: datetime) -> Folded:
    """Decide what became of each case.

    Args:
        cases: with version_id, which is never null here, and customer_hash.
        events: of these cases, transfers and repeats included, with first_query_type and first_channel.
        policies: by contract version.
        as_of: what happened later is not known.

    Returns: episodes and history.
    """
    facts = {row["case_id"]: row for row in cases.iter_rows(named=True)}
    episodes: list[dict[str, Any]] = []
    history: list[dict[str, Any]] = []
    customer_units: dict[tuple[int, str], list[units.CustomerUnit]] = {}
    for case_id, rows in _by_case(events):
        case, first = facts[case_id], rows[0]
        policy = policies.effective(version_id=case["version_id"], query_type=first["first_query_type"], channel=first["first_channel"])
        found = resolutions.fold_case(events=[_event(row) for row in rows], policy=policy, as_of=as_of)
        offers = {step.episode: step.event for step in reversed(found.history)}
        history.extend(_steps(case_id, found))
        episodes.extend(_episode(case_id, episode, offers[episode.number], policy) for episode in found.episodes)
        if policy.unit_cap == "per_customer_per_day" and case["customer_hash"]:
            customer_units.setdefault((case["contract_id"], policy.timezone), []).extend(_customer_units(case, found, policy))
    frame = pl.DataFrame(episodes, schema=EPISODES, orient="row")
    return Folded(episodes=_cap_days(frame, customer_units), history=pl.DataFrame(history, schema=HISTORY, orient="row"))


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
        pl.col("at").alias("resolved_at"),
        *(pl.lit(None).alias(name) for name in ("window_ends_at", "verified_at", "reopened_at", "priced_at")),
        pl.lit(value=False).alias("is_payable"),
        pl.lit("pending").alias("reason"),
        pl.lit(resolution_policy.BP).alias("price_bp"),
        pl.lit("").alias("correction"),
        pl.lit("resolution").alias("priced_as_of"),
        pl.lit("pending").alias("fcr"),
        pl.lit("unverified").alias("fcr_reason"),
    )
    return waiting.select(list(EPISODES)).cast(EPISODES)  # type: ignore[arg-type]


def _by_case(events: pl.DataFrame) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    for case_id, rows in groupby(events.sort(ORDER).iter_rows(named=True), key=itemgetter("case_id")):
        yield case_id, list(rows)


def _event(row: dict[str, Any]) -> case_events.Event:
    return case_events.Event(
        type=row["type"],
        at=row["at"],
        id=row["id"],
        sequence=row["sequence"],
        agent=_agent(row),
        channel=row["first_channel"] if row["type"] == "opened" else row["channel"],
        direction=row["direction"],
        medium=row["medium"],
        content=row["content"],
        qualified=row["qualified"],
        appropriate=row["appropriate"],
        automated=row["automated"],
        no_further_action=row["code"] == NO_FURTHER_ACTION,
        code=row["code"],
    )


def _agent(row: dict[str, Any]) -> str | None:
    """Name who acted so that two names of one agent are one.

    Somebody unmapped is known as the one who solved the case; elsewhere, nobody can tell who is meant in another name space.
    """
    if row["agent_id"] is not None:
        return f"agent {row['agent_id']}"
    return f"identity {row['identity_id']}" if row["identity_id"] is not None and row["type"] in CLAIMS else None


def _steps(case_id: int, found: resolutions.CaseResolution) -> Iterator[dict[str, Any]]:
    """Yield the steps of each episode; what voids the case voids all of them."""
    for step in found.history:
        numbers = [episode.number for episode in found.episodes] if step.rule in ("excluded", "merged") else [step.episode]
        for number in numbers:
            if number is not None:
                yield {
                    "case_id": case_id,
                    "number": number,
                    "state": step.state,
                    "at": step.at,
                    "rule": step.rule,
                    "detail": step.detail or "",
                    "event_key": step.event,
                }


def _episode(case_id: int, episode: resolutions.Episode, offer_id: str | None, policy: ResolutionPolicy) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "number": episode.number,
        "state": episode.state,
        "rule": episode.rule,
        "offer_id": offer_id,
        "resolved_at": episode.resolved_at,
        "window_ends_at": episode.window_ends_at,
        "verified_at": episode.verified_at,
        "reopened_at": episode.reopened_at,
        "is_payable": episode.payable,
        "reason": episode.unit,
        "price_bp": episode.price_bp,
        "correction": episode.correction or "",
        "priced_as_of": policy.priced_as_of,
        "priced_at": episode.priced_at,
        "fcr": episode.fcr,
        "fcr_reason": episode.fcr_reason,
    }


def _customer_units(case: dict[str, Any], found: resolutions.CaseResolution, policy: ResolutionPolicy) -> Iterator[units.CustomerUnit]:
    for episode in found.episodes:
        if episode.payable and episode.verified_at is not None and not units.is_given_back(state=episode.state, policy=policy):
            yield units.CustomerUnit(
                case=str(case["case_id"]),
                number=episode.number,
                customer=case["customer_hash"],
                resolved_at=episode.resolved_at,
                verified_at=episode.verified_at,
            )


def _cap_days(episodes: pl.DataFrame, customer_units: dict[tuple[int, str], list[units.CustomerUnit]]) -> pl.DataFrame:
    """Leave out the episodes beyond one per customer and day, where the contract counts them so."""
    capped = [
        (int(case), number, True)
        for (_, timezone), found in customer_units.items()
        for case, number in units.cap_customer_days(units=found, timezone=timezone)
    ]
    marks = pl.DataFrame(capped, schema={"case_id": pl.Int64(), "number": pl.Int64(), "is_capped": pl.Boolean()}, orient="row")
    marked = episodes.join(marks, on=["case_id", "number"], how="left").with_columns(pl.col("is_capped").fill_null(value=False))
    return marked.with_columns(
        is_payable=pl.col("is_payable") & ~pl.col("is_capped"),
        reason=pl.when("is_capped").then(pl.lit("cap_customer_day")).otherwise("reason"),
    ).select(list(EPISODES))
