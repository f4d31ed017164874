"""Agent pay by simulated resolutions: the pay pipeline over other credits of the same months. Nothing is written.

Pay is what the agents concerned get in all, hours and other contracts included, for floors and overtime look at all of it.
What a contract's resolutions bring of it is that pay less what the same agents would get without them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import polars as pl

from agents.models import Agent, Hold, Site
from agents.queries import frames
from agents.rules.frames import classes
from billing.models import PayRun
from billing.operations.settled import Settled
from billing.queries import back_test, instants, pay_periods, unit_prices
from billing.queries.pay_inputs import kinds, raw
from billing.queries.pay_inputs import known as known_units
from billing.queries.pay_inputs.scope import Scope
from contracts.models import Contract

ZERO = Fraction(0)
# Such a hold is about a missing price: it follows the terms that are tried.
OF_PRICES = (unit_prices.NO_PRICE, unit_prices.VOICE_NOT_PRICED, "beyond_last_tier", "no_value")
SHARING: dict[str, pl.DataType] = {
    "resolver_id": pl.Int64(),
    "sharing_version_id": pl.Int64(),
    "from_date": pl.Date(),
    "to_date": pl.Date(),
}


@dataclass(frozen=True, kw_only=True)
class Pay:
    """Pay by currency under one set of resolutions, in the major unit.

    Args:
        total: of all agents concerned, everything that they get in the months.
        own: the part that the contract's resolutions bring.
    """

    total: Mapping[str, Fraction]
    own: Mapping[str, Fraction]


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Pay under each set of resolutions, in their order; who could not be paid under one of them is left out of all."""

    pays: tuple[Pay, ...]
    agent_count: int
    failures: tuple[back_test.Failed, ...]


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What the books know: the contract's resolutions, and those of them that pay could count when it was settled."""

    ids: pl.Series
    countable: pl.DataFrame
    held_ids: Collection[int]


Totals = dict[int, tuple[str, Fraction]]


def pay_variants(
    *, contract: Contract, stored: pl.DataFrame, variants: Sequence[pl.DataFrame], months: Sequence[date], as_of: datetime
) -> Paid:
    """Pay the agents of a contract for some months under several sets of its resolutions.

    Args:
        contract: whose resolutions change.
        stored: its resolutions as stored, columns of `units.UNITS`.
        variants: each as a rated frame: those columns, amount_micros and list_micros.
        months: first days of the months.
        as_of: business instant; of a month with a pay run, what that run knew counts.

    Returns: pay by variant.
    Source: design.md sections 6 and 10.
    """
    known = _read_known(contract, stored)
    currencies = kinds.read_currencies()
    wanted = [_as_known(variant, known, currencies) for variant in variants]
    sets = [wanted[0].clear() if wanted else stored.clear(), *wanted]
    sums: list[dict[str, Fraction]] = [{} for _ in sets]
    agent_ids: set[int] = set()
    failures: dict[str, back_test.Failed] = {}
    sharing = _read_sharing() if known_units.is_sharing() else None
    for scope in _scopes(known, wanted, months, as_of, everybody=sharing is not None):
        totals, failed = _pay_scope(scope, sets, known, sharing)
        failures |= {one.name: one for one in failed}
        agent_ids |= {agent_id for found in totals for agent_id in found}
        for sum_, found in zip(sums, totals, strict=True):
            for currency, amount in found.values():
                sum_[currency] = sum_.get(currency, ZERO) + amount
    pays = tuple(Pay(total=one, own=_less(one, sums[0])) for one in sums[1:])
    return Paid(pays=pays, agent_count=len(agent_ids), failures=tuple(failures.values()))


def _less(total: Mapping[str, Fraction], without: Mapping[str, Fraction]) -> dict[str, Fraction]:
    return {currency: total.get(currency, ZERO) - without.get(currency, ZERO) for currency in sorted({*total, *without})}


def _read_known(contract: Contract, stored: pl.DataFrame) -> _Known:
    open_holds = Hold.objects.filter(released_at=None, resolution__case__contract=contract)
    reasons = list(open_holds.values_list("resolution", "reason"))
    held = {resolution_id for resolution_id, _ in reasons}
    countable = stored.filter(pl.col("is_payable") & pl.col("version_id").is_not_null() & ~pl.col("resolution_id").is_in(list(held)))
    return _Known(
        ids=stored["resolution_id"],
        countable=countable.select("resolution_id", "verified_us", "agent_id"),
        held_ids={resolution_id for resolution_id, reason in reasons if reason not in OF_PRICES},
    )


def _as_known(rated: pl.DataFrame, known: _Known, currencies: Mapping[int, str]) -> pl.DataFrame:
    """Write rated resolutions as the pay inputs read them, without those that wait for a person."""
    free = rated.filter(~pl.col("resolution_id").is_in(list(known.held_ids)) & pl.col("agent_id").is_not_null())
    return free.select(
        "resolution_id",
        pl.col("agent_id").alias("resolver_id"),
        "verified_us",
        "state",
        classes.join_classes(query_type=pl.col("query_type"), channel=pl.col("channel")).alias("class_code"),
        pl.col("version_id").replace_strict(currencies, default=None, return_dtype=pl.String()).alias("currency"),
        pl.col("amount_micros").alias("price_micros"),
        "list_micros",
    )


def _scopes(known: _Known, wanted: Sequence[pl.DataFrame], months: Sequence[date], as_of: datetime, *, everybody: bool) -> list[Scope]:
    """Return each month of each site with the agents whose pay could change; where credit is shared, anybody's could."""
    agents = list(Agent.objects.order_by().values_list("pk", "site", "code"))
    sites, codes = {pk: site for pk, site, _ in agents}, {pk: code for pk, _, code in agents}
    found = []
    for site in Site.objects.order_by("code"):
        runs = dict(PayRun.objects.filter(site=site, period_start__in=months).values_list("period_start", "as_of"))
        for month in months:
            period = pay_periods.period_of(site=site, day=month)
            spans = (instants.to_microseconds(period.starts_at), instants.to_microseconds(period.ends_at))
            concerned = set(codes) if everybody else _agents_of(known, wanted, spans)
            ids = sorted((one for one in concerned if sites.get(one) == site.pk), key=codes.__getitem__)
            if ids:
                found.append(Scope(site=site, agent_ids=ids, period=period, as_of=runs.get(month, as_of)))
    return found


def _agents_of(known: _Known, wanted: Sequence[pl.DataFrame], span: tuple[int, int]) -> set[int]:
    frames_ = [
        known.countable.select("agent_id", "verified_us"),
        *(one.select(agent_id="resolver_id", verified_us="verified_us") for one in wanted),
    ]
    within = pl.concat(frames_).filter(pl.col("verified_us").is_between(*span, closed="left"))
    return set(within["agent_id"].drop_nulls().unique().to_list())


def _pay_scope(
    scope: Scope, sets: Sequence[pl.DataFrame], known: _Known, sharing: pl.DataFrame | None
) -> tuple[list[Totals], list[back_test.Failed]]:
    """Pay a scope under each set; an agent with the same inputs under two sets is computed once."""
    changes = [_change(one, scope, known, sharing) for one in sets]
    computed: dict[str, tuple[str, Fraction]] = {}
    totals: list[Totals] = []
    failures: list[back_test.Failed] = []
    refused: set[int] = set()
    for loaded in raw.load_changed(scope=scope, changes=changes):
        agents = [one for one in loaded.agents if isinstance(one, raw.AgentInputs)]
        new = {one.payee.agent_id for one in agents if one.inputs_hash not in computed}
        stopped = {one.payee.agent_id for one in loaded.agents if isinstance(one, raw.Refused)}
        settled, failed = back_test.settle_loaded(loaded=loaded, wanted=new | stopped)
        computed |= {one.inputs.inputs_hash: _total(one) for one in settled.values()}
        failures += failed
        refused |= stopped | {one.payee.agent_id for one in agents if one.inputs_hash not in computed}
        totals.append({one.payee.agent_id: computed[one.inputs_hash] for one in agents if one.inputs_hash in computed})
    return [{agent_id: total for agent_id, total in found.items() if agent_id not in refused} for found in totals], failures


def _total(settled: Settled) -> tuple[str, Fraction]:
    return settled.plan.currency, settled.total


def _change(wanted: pl.DataFrame, scope: Scope, known: _Known, sharing: pl.DataFrame | None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what puts a set of resolutions in the place of the contract's own.

    One that pay could count in the period and that is not among its rows was paid in another period, and stays there. One
    that the books never counted, or counted in another period, is paid where it would have been verified.
    """
    start, end = instants.to_microseconds(scope.period.starts_at), instants.to_microseconds(scope.period.ends_at)
    in_period = pl.col("verified_us").is_between(start, end, closed="left")

    def change(rows: pl.DataFrame) -> pl.DataFrame:
        is_ours = pl.col("resolution_id").is_in(known.ids.implode())
        ours = rows.filter(is_ours).select("resolution_id").unique()
        counted = known.countable.filter(in_period).select("resolution_id")
        kept = wanted.filter(pl.col("verified_us") < end).join(ours, on="resolution_id", how="semi")
        new = wanted.filter(in_period).join(pl.concat([ours, counted]), on="resolution_id", how="anti")
        tried = _add_sharing(pl.concat([kept, new]), sharing, scope)
        concerns = pl.col("resolver_id").is_in(list(scope.agent_ids)) | pl.col("sharing_version_id").is_not_null()
        return pl.concat([rows.filter(~is_ours), tried.filter(concerns).select(rows.columns).cast(rows.schema)])

    return change


def _read_sharing() -> pl.DataFrame:
    """Read whose plans share credit, and when: one row per resolver and stretch of days."""
    sql = f"SELECT agent_id, version_id, lower(days), upper(days) FROM ({known_units.SHARING}) s"  # noqa: S608 (our own text)
    return frames.query_frame(sql=sql, schema=SHARING)


def _add_sharing(rows: pl.DataFrame, sharing: pl.DataFrame | None, scope: Scope) -> pl.DataFrame:
    """Add the resolver's plan where it shares credit; who worked on a resolution that is not stored is not known, so it is not shared."""
    if sharing is None:
        return rows.with_columns(sharing_version_id=pl.lit(None, dtype=pl.Int64))
    zone = scope.period.timezone
    day = pl.from_epoch("verified_us", time_unit="us").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    joined = rows.with_columns(_day=day).join(sharing, on="resolver_id", how="inner")
    in_days = (pl.col("from_date").is_null() | (pl.col("_day") >= pl.col("from_date"))) & (
        pl.col("to_date").is_null() | (pl.col("_day") < pl.col("to_date"))
    )
    plans = joined.filter(in_days & (pl.col("resolution_id") > 0)).select("resolution_id", "sharing_version_id")
    return rows.join(plans, on="resolution_id", how="left")
