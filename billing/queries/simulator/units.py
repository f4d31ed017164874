"""Resolutions of a contract as they are stored, and as other terms would have made them of the same events. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from agents.models import Source
from agents.operations.resolutions import folding, resolve_cases
from agents.queries import case_frames, frames
from agents.queries.policies import Policies
from contracts.models import Channel, Contract, ContractVersion, QueryType

UNITS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "case_id": pl.Int64(),
    "number": pl.Int64(),
    "case_key": pl.String(),
    "state": pl.String(),
    "reason": pl.String(),
    "is_payable": pl.Boolean(),
    "outcome": pl.String(),
    "agent_id": pl.Int64(),
    "query_type_id": pl.Int64(),
    "query_type": pl.String(),
    "channel_id": pl.Int64(),
    "channel": pl.String(),
    "is_voice": pl.Int8(),
    "version_id": pl.Int64(),
    "price_bp": pl.Int64(),
    "resolved_us": pl.Int64(),
    "verified_us": pl.Int64(),
    "reopened_us": pl.Int64(),
}
VALUES: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "at_us": pl.Int64(),
    "value_micros": pl.Int64(),
    "value_currency": pl.String(),
}
VERIFIED = ("confirmed", "assumed")

# How a counted unit was verified decides its row, also after a return that leaves it counted; see queries/bookings.py.
STORED = f"""
    SELECT r.id, r.case_id, r.number, s.code || '/' || c.key, r.state, r.reason, r.is_payable,
        CASE WHEN r.state IN ('confirmed', 'assumed') THEN r.state WHEN r.is_payable THEN (
            SELECT t.state FROM agents_resolutiontransition t
            WHERE t.resolution_id = r.id AND t.state IN ('confirmed', 'assumed') ORDER BY t.at DESC, t.id DESC LIMIT 1) END,
        r.agent_id, q.id, q.code, h.id, h.code, coalesce(h.is_voice, false)::int, r.price_version_id, r.price_bp,
        {frames.instant("r.resolved_at")}, {frames.instant("r.verified_at")}, {frames.instant("r.reopened_at")}
    FROM agents_resolution r
    JOIN agents_case c ON c.id = r.case_id
    JOIN agents_source s ON s.id = c.source_id
    LEFT JOIN contracts_querytype q ON q.id = r.query_type_id
    LEFT JOIN contracts_channel h ON h.id = r.channel_id
    WHERE c.contract_id = %(contract)s AND r.rule <> 'superseded'"""  # noqa: S608 (our own text)


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that happened on the cases of a contract and of its customers up to an instant, read once for many foldings."""

    contract: Contract
    versions: Sequence[ContractVersion]
    cases: pl.DataFrame
    events: pl.DataFrame
    as_of: datetime


def read_stored(*, contract: Contract) -> pl.DataFrame:
    """Read the resolutions of a contract as the last fold left them, columns of UNITS."""
    return frames.query_frame(sql=STORED, parameters={"contract": contract.pk}, schema=UNITS)


def read_values(*, contract: Contract) -> pl.DataFrame:
    """Read what the cases of a contract were said to be worth, in the order that decides, columns of VALUES."""
    sql = f"""
        SELECT e.case_id, {frames.instant("e.occurred_at")}, e.value_micros, e.value_currency
        FROM agents_caseevent e JOIN agents_case c ON c.id = e.case_id
        WHERE c.contract_id = %(contract)s AND e.value_micros IS NOT NULL
        ORDER BY e.occurred_at, e.sequence, e.id"""  # noqa: S608 (our own text)
    found = frames.query_frame(sql=sql, parameters={"contract": contract.pk}, schema=VALUES)
    return found.unique(["case_id", "at_us"], keep="last", maintain_order=True)


def read_history(*, contract: Contract, as_of: datetime) -> History:
    """Read the cases and events of a contract, and those of its customers elsewhere: another contract's case may repeat one of ours.

    Args:
        contract: whose resolutions are wanted.
        as_of: what happened later is not known.
    """
    near = case_frames.NearContract(contract_id=contract.pk, client_id=contract.client_id)
    return History(
        contract=contract,
        versions=list(contract.versions.exclude(status="draft").order_by("number")),
        cases=case_frames.load_cases(case_ids=None, near=near),
        events=case_frames.load_events(case_ids=None, near=near, as_of=as_of),
        as_of=as_of,
    )


def fold_units(*, history: History, policies: Policies, stored: pl.DataFrame, instead: int | None = None) -> pl.DataFrame:
    """Fold the cases of a contract again, and return their resolutions.

    Args:
        history: cases and events.
        policies: by contract version, with that of `instead`.
        stored: as `read_stored`; a resolution keeps the number that it is stored under.
        instead: the version that stands in the place of every version of the contract; None: each as it was in force.

    Returns: columns of UNITS; a resolution that is not stored has a number below zero.
    Source: design.md section 10, "What-if and back-test": the same fold as agents.operations.resolutions.resolve_cases.
    """
    cases = history.cases
    if instead is not None:
        ours = (pl.col("contract_id") == history.contract.pk) & pl.col("version_id").is_not_null()
        cases = cases.with_columns(version_id=pl.when(ours).then(pl.lit(instead, dtype=pl.Int64)).otherwise("version_id"))
    folded = resolve_cases.fold_with_facts(
        cases=cases, events=history.events, policies=policies, as_of=history.as_of, contract_id=history.contract.pk
    )
    own = cases.filter(pl.col("contract_id") == history.contract.pk).select("case_id", "case", "source_id")
    episodes = folded.episodes.join(own, on="case_id").join(_verified_as(folded), on=["case_id", "number"], how="left")
    known = stored.select("case_id", "number", "resolution_id")
    numbered = episodes.join(known, on=["case_id", "number"], how="left").with_row_index("_place")
    return _as_units(numbered, history, instead)


def _verified_as(folded: folding.Folded) -> pl.DataFrame:
    """Return how each episode was verified last: case_id, number, verified_as."""
    steps = folded.steps.filter(pl.col("state").is_in(VERIFIED)).sort("at", maintain_order=True)
    return steps.group_by("case_id", "number").agg(verified_as=pl.col("state").last())


def _as_units(episodes: pl.DataFrame, history: History, instead: int | None) -> pl.DataFrame:
    state = pl.col("state")
    sources = _numbers(dict(Source.objects.values_list("pk", "code")), "source_id", pl.String())
    query_types = dict(QueryType.objects.values_list("code", "pk"))
    channels = {code: (pk, is_voice) for code, pk, is_voice in Channel.objects.values_list("code", "pk", "is_voice")}
    voice = [code for code, (_, is_voice) in channels.items() if is_voice]
    return episodes.select(
        pl.coalesce("resolution_id", -pl.col("_place").cast(pl.Int64) - 1).alias("resolution_id"),
        "case_id",
        "number",
        pl.concat_str([sources, pl.lit("/"), pl.col("case")]).alias("case_key"),
        "state",
        "reason",
        "is_payable",
        pl.when(state.is_in(VERIFIED)).then(state).when("is_payable").then("verified_as").alias("outcome"),
        "agent_id",
        _numbers(query_types, "query_type", pl.Int64()).alias("query_type_id"),
        "query_type",
        _numbers({code: pk for code, (pk, _) in channels.items()}, "channel", pl.Int64()).alias("channel_id"),
        "channel",
        pl.col("channel").is_in(voice).fill_null(value=False).cast(pl.Int8).alias("is_voice"),
        _priced_by(history, instead).alias("version_id"),
        "price_bp",
        *(pl.col(f"{name}_at").dt.epoch("us").alias(f"{name}_us") for name in ("resolved", "verified", "reopened")),
    ).cast(UNITS)  # type: ignore[arg-type]


def _priced_by(history: History, instead: int | None) -> pl.Expr:
    """Return the version in force, in the contract's own days, at the instant that the policy prices by."""
    day = pl.col("priced_at").dt.convert_time_zone(history.contract.timezone).dt.date()
    found = pl.lit(None, dtype=pl.Int64)
    for version in history.versions:
        within = day >= version.effective_from
        if version.effective_to is not None:
            within &= day < version.effective_to
        found = pl.when(within).then(pl.lit(instead or version.pk, dtype=pl.Int64)).otherwise(found)
    return found


def _numbers(names: Mapping[object, object], column: str, kind: pl.DataType) -> pl.Expr:
    return pl.col(column).replace_strict(list(names), list(names.values()), default=None, return_dtype=kind)


def local_days(*, frame: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Add resolved_date and verified_date, the days of a time zone."""
    return frame.with_columns(
        pl.from_epoch(f"{name}_us", time_unit="us").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date().alias(f"{name}_date")
        for name in ("resolved", "verified")
    )


def within(*, column: str, first: date, end: date) -> pl.Expr:
    """Tell whether a day lies from `first` up to, and without, `end`."""
    return (pl.col(column) >= first) & (pl.col(column) < end)
