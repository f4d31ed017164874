"""The period, row and value of payable resolutions, and their rating: the one way from what is payable to what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from billing.rules import booking, periods
from contracts.queries import terms
from contracts.rules import commercials, rate_cards

Contracts = Mapping[int, terms.ContractTerms]
VOICE_NOT_PRICED = "voice_not_priced"
NO_PRICE = "no_price"
CLASS = ("version_id", "query_type", "channel", "outcome", "is_voice")
VALUED = (rate_cards.Percentage, rate_cards.GraduatedPercentage)


@dataclass(frozen=True, kw_only=True)
class Priced:
    """Payable resolutions with their rows, and their rating.

    `classed` is the payable frame with period_start date, row_id i64 and, where no row prices it, unpriced str.
    """

    classed: pl.DataFrame
    rating: booking.Rating


def list_valued(*, contracts: Contracts) -> list[int]:
    """Return the versions with a price that is taken of a value."""
    return [key for key, found in contracts.items() if any(isinstance(price, VALUED) for price in found.prices.values())]


def price_units(*, payable: pl.DataFrame, contracts: Contracts) -> Priced:
    """Find each resolution's billing period and row, and rate it there.

    Args:
        payable: one row per resolution: columns of CLASS, resolution_id i64, verified_date date, verified_us i64, case_key str,
            number i64, price_bp i64, value_micros i64 (null: nobody told one).
        contracts: the terms of every version in it.

    Returns: the classed frame, and the rating of what has a row.
    Source: design.md section 5, "Rating".
    """
    dated = add_periods(payable=payable, contracts=contracts)
    classes = find_rows(classes=dated.select(CLASS).unique().sort(CLASS), contracts=contracts)
    classed = dated.join(classes, on=CLASS, how="left", nulls_equal=True)
    priced = classed.filter(pl.col("row_id").is_not_null())
    rating = booking.rate_payable(payable=priced, prices=list_prices(contracts=contracts), steps=list_steps(contracts=contracts))
    return Priced(classed=classed, rating=rating)


def list_prices(*, contracts: Contracts) -> dict[int, rate_cards.Price]:
    """Return the price of each row of some versions."""
    return {row_id: price for found in contracts.values() for row_id, price in found.prices.items()}


def list_steps(*, contracts: Contracts) -> dict[int, rate_cards.PriceSteps]:
    """Return what surrounds the price of each row of some versions."""
    return {row_id: around for found in contracts.values() for row_id, around in found.steps.items()}


def add_periods(*, payable: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Add the first day of the billing period of each resolution, by the calendar of the version that prices it.

    Args:
        payable: one row per resolution: version_id i64, verified_date date, by the clock of the contract.
        contracts: the terms of every version in it.

    Returns: the frame with period_start date.
    """
    calendars: dict[tuple[commercials.Calendar, date | None], list[int]] = {}
    for version_id, contract in contracts.items():
        calendars.setdefault((contract.around.calendar, contract.around.anchor), []).append(version_id)
    start = pl.lit(None, dtype=pl.Date)
    for (calendar, anchor), version_ids in calendars.items():
        own = periods.period_starts(day=pl.col("verified_date"), calendar=calendar, anchor=anchor)
        start = pl.when(pl.col("version_id").is_in(version_ids)).then(own).otherwise(start)
    return payable.with_columns(period_start=start)


def find_rows(*, classes: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Add the winning row of each class and, where there is none, the reason.

    Args:
        classes: one row per class, columns of CLASS among them.
        contracts: the terms of every version in it.

    Returns: the frame with row_id i64 and unpriced str.
    """
    found = [_find_row(contracts[row["version_id"]], row) for row in classes.iter_rows(named=True)]
    return classes.with_columns(
        row_id=pl.Series([row_id for row_id, _ in found], dtype=pl.Int64),
        unpriced=pl.Series([reason for _, reason in found], dtype=pl.String),
    )


def _find_row(contract: terms.ContractTerms, row: Mapping[str, str | None]) -> tuple[int | None, str | None]:
    if row["is_voice"] and not contract.is_voice_priced:
        return None, VOICE_NOT_PRICED
    outcome = row["outcome"] if row["outcome"] in ("confirmed", "assumed") else None
    row_id = contract.find_row_id(query_type=row["query_type"], channel=row["channel"], outcome=outcome)
    return row_id, None if row_id is not None else NO_PRICE
