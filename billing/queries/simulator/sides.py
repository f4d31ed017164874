"""One set of terms on the months of a contract: what counts, what it is rated at, and what the client is billed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property

import polars as pl
from django.utils.translation import gettext as _

from agents.queries.policies import Policies
from billing.queries import contract_period, service_levels, unit_prices
from billing.queries.simulator.units import History, fold_units, local_days, read_history, read_values, within
from billing.rules import contract_period as period_rules
from billing.rules import money, periods, simulation
from contracts.models import Contract
from contracts.queries import terms
from contracts.rules import errors

ZERO = Fraction(0)
UNIT = ("resolution_id", "case_id", "number", "case_key", "state", "outcome", "agent_id", "query_type_id", "query_type", "channel_id",
        "channel", "is_voice", "version_id", "price_bp", "verified_us", "verified_date")  # fmt: skip


class UnableToSimulate(errors.InvalidInput):
    """A version that cannot be tried on these months."""


@dataclass(frozen=True)
class Desk:
    """Everything that the trials of one contract share, read once.

    Args:
        contract: whose history it is.
        in_force: its versions that are or were in force.
        months: first days of the months that follow each other.
        as_of: what happened later is not known.
        stored: its resolutions as stored, columns of `units.UNITS`.
        policies: of every version, and of the drafts that are tried.
        loaded: the terms of every version, and of the drafts that are tried.
    """

    contract: Contract
    in_force: tuple[contract_period.InForce, ...]
    months: tuple[date, ...]
    as_of: datetime
    stored: pl.DataFrame
    policies: Policies
    loaded: Mapping[int, terms.ContractTerms]

    @property
    def first(self) -> date:
        """The first day."""
        return self.months[0]

    @property
    def end(self) -> date:
        """The day after the last one."""
        return periods.period_of_day(day=self.months[-1], calendar="month").end_date

    @cached_property
    def history(self) -> History:
        """Cases and events; read only where something must be folded."""
        return read_history(contract=self.contract, as_of=self.as_of)

    @cached_property
    def folded(self) -> dict[int | None, pl.DataFrame]:
        """What the policies as they are made of the history, by the version that stands in for all; filled as it is asked for."""
        return {}

    def fold(self, instead: int | None) -> pl.DataFrame:
        """Return the contract's resolutions folded again by the policies as they are, columns of `units.UNITS`."""
        if instead not in self.folded:
            self.folded[instead] = fold_units(history=self.history, policies=self.policies, stored=self.stored, instead=instead)
        return self.folded[instead]

    @cached_property
    def values(self) -> pl.DataFrame:
        """What cases are worth; read only where a price is taken of it."""
        return read_values(contract=self.contract)

    @cached_property
    def attained(self) -> dict[tuple[date, date], Mapping[str, period_rules.Attained]]:
        """What was attained of service levels, by first day and the day after the last; filled as it is asked for."""
        return {}

    def read_attained(self, start: date, end: date) -> Mapping[str, period_rules.Attained]:
        """Return what was attained of the service levels between two days, as it was measured."""
        if (start, end) not in self.attained:
            self.attained[(start, end)] = service_levels.read_attained(contract=self.contract, start=start, end=end)
        return self.attained[(start, end)]


@dataclass(frozen=True, kw_only=True)
class Unpriced:
    """Resolutions that count and have no price, by why."""

    no_price: int
    voice_not_priced: int
    beyond_last_tier: int
    no_value: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.no_price + self.voice_not_priced + self.beyond_last_tier + self.no_value


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one set of terms makes of the months.

    Args:
        currency: of the bill.
        counts: resolutions claimed in the months.
        without_version: those claimed there for which no version of the contract was in force.
        unpriced: those that would be billed in the periods, had they a price.
        periods: whole billing periods, each with its statement lines.
        billed_count: resolutions that they bill.
        rated_micros: what the resolutions alone were rated at.
        rated: one row per resolution that they bill: UNIT, amount_micros i64, list_micros i64.
        rated_ever: the same of all times, for whoever counts by other periods.
    """

    currency: str
    counts: simulation.Counts
    without_version: int
    unpriced: Unpriced
    periods: tuple[contract_period.ContractPeriod, ...]
    billed_count: int
    rated_micros: int
    rated: pl.DataFrame
    rated_ever: pl.DataFrame

    @property
    def net(self) -> Fraction:
        """Every line but taxes, rounded, in the major unit."""
        return sum((one.statement.net for period in self.periods for one in period.versions), ZERO)

    @property
    def total(self) -> Fraction:
        """What the client is billed, taxes included."""
        return sum((period.total for period in self.periods), ZERO)

    @property
    def rated_total(self) -> Fraction:
        """What the resolutions alone were rated at, exact."""
        return money.from_micros(micros=self.rated_micros)

    def without_rows(self) -> "Side":
        """Return the sums without the resolutions, for whoever keeps them."""
        return replace(self, rated=self.rated.clear(), rated_ever=self.rated_ever.clear())


def make_side(*, desk: Desk, units: pl.DataFrame, instead: int | None) -> Side:
    """Rate resolutions and state the billing periods of the months.

    Args:
        desk: what is shared.
        units: the contract's resolutions of all times under these terms, columns of `units.UNITS`.
        instead: the version that stands in the place of every version; None: each as it was in force.

    Returns: the side.
    Raises: UnableToSimulate if versions of several currencies bill the months.
    Source: design.md sections 5 and 10.
    """
    dated = local_days(frame=units, zone=desk.contract.timezone)
    wanted = [one.version_id for one in desk.in_force] if instead is None else [instead]
    contracts = {version_id: desk.loaded[version_id] for version_id in wanted}
    payable = dated.filter(pl.col("is_payable") & pl.col("version_id").is_not_null()).select(UNIT)
    priced = unit_prices.price_units(payable=_add_values(payable, desk, contracts), contracts=contracts)
    stated = _state(desk, priced, contracts, instead)
    starts = [period.start_date for period in stated]
    claimed = dated.filter(within(column="resolved_date", first=desk.first, end=desk.end))
    rated = priced.rating.rated.filter(pl.col("period_start").is_in(starts))
    return Side(
        currency=_currency(desk, stated),
        counts=simulation.count_states(units=claimed),
        without_version=claimed.filter(pl.col("version_id").is_null() & (pl.col("state") != "void")).height,
        unpriced=_count_unpriced(priced, starts),
        periods=stated,
        billed_count=rated.height,
        rated_micros=int(rated["amount_micros"].sum()),
        rated=rated,
        rated_ever=priced.rating.rated,
    )


def _add_values(payable: pl.DataFrame, desk: Desk, contracts: Mapping[int, terms.ContractTerms]) -> pl.DataFrame:
    """Add what each case was worth when it was verified: the latest value told, if it is in the currency of the price."""
    if not unit_prices.list_valued(contracts=contracts):
        return payable.with_columns(value_micros=pl.lit(None, dtype=pl.Int64))
    currencies = {version_id: found.currency for version_id, found in contracts.items()}
    ours = pl.col("version_id").replace_strict(list(currencies), list(currencies.values()), default=None, return_dtype=pl.String)
    told = payable.sort("verified_us").join_asof(
        desk.values.sort("at_us"), left_on="verified_us", right_on="at_us", by="case_id", strategy="backward", check_sortedness=False
    )
    return told.with_columns(value_micros=pl.when(pl.col("value_currency") == ours).then("value_micros")).drop("at_us", "value_currency")


def _state(
    desk: Desk, priced: unit_prices.Priced, contracts: Mapping[int, terms.ContractTerms], instead: int | None
) -> tuple[contract_period.ContractPeriod, ...]:
    """State every billing period that has a day in the months, by the same statement that an invoice is made of."""
    charges: dict[date, dict[int, dict[int, tuple[int, Fraction]]]] = {}
    keys = ["period_start", "version_id", "row_id"]
    summed = priced.rating.rated.group_by(keys).agg(count=pl.len(), micros=pl.col("amount_micros").sum())
    for start, version_id, row_id, count, micros in summed.sort(keys).iter_rows():
        charges.setdefault(start, {}).setdefault(version_id, {})[row_id] = (count, money.from_micros(micros=micros))
    books = contract_period.Books(
        contract=desk.contract,
        versions=desk.in_force if instead is None else (_stand_in(desk, instead),),
        loaded=contracts,
        read_charges=lambda start: charges.get(start, {}),
        read_attained=desk.read_attained,
    )
    stated, day = [], desk.first
    while day < desk.end:
        stated.append(contract_period.state_contract_period(books=books, day=day))
        day = stated[-1].end_date
    return tuple(stated)


def _stand_in(desk: Desk, version_id: int) -> contract_period.InForce:
    """Return a version as if it had been in force on every day on which one of the contract's was."""
    return contract_period.InForce(version_id=version_id, number=0, spans=tuple(span for one in desk.in_force for span in one.spans))


def _currency(desk: Desk, stated: tuple[contract_period.ContractPeriod, ...]) -> str:
    currencies = sorted({one.currency for period in stated for one in period.versions})
    if len(currencies) > 1:
        raise UnableToSimulate(
            _("%(contract)s was billed in %(currencies)s in these months, and sums need one currency; choose months of one.")
            % {"contract": desk.contract, "currencies": _(" and ").join(currencies)}
        )
    return currencies[0] if currencies else ""


def _count_unpriced(priced: unit_prices.Priced, starts: list[date]) -> Unpriced:
    in_periods = pl.col("period_start").is_in(starts)
    classed = priced.classed.filter(in_periods)
    return Unpriced(
        no_price=classed.filter(pl.col("unpriced") == unit_prices.NO_PRICE).height,
        voice_not_priced=classed.filter(pl.col("unpriced") == unit_prices.VOICE_NOT_PRICED).height,
        beyond_last_tier=priced.rating.beyond.filter(in_periods).height,
        no_value=priced.rating.unvalued.filter(in_periods).height,
    )
