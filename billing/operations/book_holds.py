"""Holding what could not be booked, each reason by name, and writing the price at stake on what is held for another reason."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from agents.models import Hold
from agents.operations.holds import holds
from billing.queries import booking_units, bookings
from billing.queries.unit_prices import NO_PRICE, VOICE_NOT_PRICED
from contracts.queries import terms

BEYOND_LAST_TIER = "beyond_last_tier"
NO_VALUE = "no_value"
PAID_TO_ANOTHER = "paid_to_another"
UNPRICED = (VOICE_NOT_PRICED, NO_PRICE, BEYOND_LAST_TIER, NO_VALUE)


def hold_unpriced(*, units: booking_units.Units, rated: booking_units.Rated, as_of: datetime, is_scoped: bool, at_once: int) -> int:
    """Hold what has no price, each reason by name; a hold whose reason is gone is released, if it was looked at.

    Args:
        units: the payable resolutions of a booking.
        rated: what they cost.
        as_of: business instant that holds carry.
        is_scoped: whether some billing periods were read instead of everything.
        at_once: how many sentences are made at once.

    Returns: how many are held.
    """
    looked_at = _list_looked_at(units) if is_scoped else None
    count = 0
    for reason in UNPRICED:
        told = [_tell(found, reason, units) for found in _find(units, rated, reason).iter_slices(at_once)]
        wanted = pl.concat([pl.DataFrame(schema=holds.WANTED_SCHEMA), *told])
        holds.sync_holds(reason=reason, wanted=wanted, as_of=as_of, resolution_ids=looked_at)
        count += wanted.height
    return count


def price_holds(*, units: booking_units.Units, rated: booking_units.Rated) -> None:
    """Write the price at stake on resolutions that are held for another reason.

    Args:
        units: the payable resolutions of a booking.
        rated: what they cost.
    """
    held = list(set(Hold.objects.filter(released_at=None).values_list("resolution_id", flat=True)))
    if not held:
        return
    is_held = units.frame["resolution_id"].is_in(held) & (pl.Series(rated.position) > 0)
    places = is_held.arg_true()
    if not places.len():
        return
    taken = units.frame.select("resolution_id", "class_id")[places]
    amounts = taken.select(
        "resolution_id",
        pl.Series("amount_micros", rated.amount_micros[places.to_numpy()]),
        _currencies(units, taken).alias("currency"),
    )
    holds.price_holds(amounts=amounts)


def hold_paid_to_others(*, as_of: datetime) -> None:
    """Hold what somebody else was paid for already: nobody is paid for it a second time unless a person says so.

    Args:
        as_of: business instant that holds carry.
    """
    rows = [
        {
            "resolution_id": row["resolution_id"],
            "message": f"Case {row['case_key']} was paid to {row['paid_agent']} and is credited to {row['agent']} now; correct both by "
            "adjustments, or map the name back.",
            "amount_micros": row["amount_micros"],
            "currency": row["currency"] or "",
        }
        for row in bookings.read_paid_to_others().iter_rows(named=True)
    ]
    holds.sync_holds(reason=PAID_TO_ANOTHER, wanted=pl.DataFrame(rows, schema=holds.WANTED_SCHEMA), as_of=as_of)


def _list_looked_at(units: booking_units.Units) -> list[int]:
    """Return what is held without a price and was looked at, or is no longer payable, so that no period of it is read again."""
    held = dict(Hold.objects.filter(released_at=None, reason__in=UNPRICED).values_list("resolution_id", "resolution__is_payable"))
    ids = units.frame["resolution_id"]
    seen = set(ids.filter(ids.is_in(list(held)))) if held else set()
    return [resolution_id for resolution_id, is_payable in held.items() if not is_payable or resolution_id in seen]


def _find(units: booking_units.Units, rated: booking_units.Rated, reason: str) -> pl.DataFrame:
    """Find what a reason holds: resolution_id i64, class_id u32, and position i64 beyond a last tier."""
    kept = units.frame.select("resolution_id", "class_id")
    if reason == BEYOND_LAST_TIER:
        return kept[rated.beyond["place"]].with_columns(rated.beyond["position"])
    if reason == NO_VALUE:
        return kept[rated.unvalued]
    class_ids = units.classes.filter(pl.col("unpriced") == reason)["class_id"]
    return kept.filter(pl.col("class_id").is_in(class_ids.to_list())) if class_ids.len() else kept.clear()


def _tell(found: pl.DataFrame, reason: str, units: booking_units.Units) -> pl.DataFrame:
    """Write the sentence of each hold; one that names no case is the same for all of its class."""
    if reason in (BEYOND_LAST_TIER, NO_VALUE):
        messages = pl.Series("message", list(_tell_each(found, reason, units)), dtype=pl.String)
    else:
        by_class = [
            _message(reason, row, units.contracts[row["version_id"]]) if row["unpriced"] == reason else None
            for row in units.classes.iter_rows(named=True)
        ]
        messages = pl.Series("message", by_class, dtype=pl.String).gather(found["class_id"])
    return found.select("resolution_id", messages, amount_micros=pl.lit(None, dtype=pl.Int64), currency=_currencies(units, found))


def _tell_each(found: pl.DataFrame, reason: str, units: booking_units.Units) -> Iterator[str]:
    if reason == NO_VALUE:
        cases = bookings.name_cases(resolution_ids=found["resolution_id"].to_list())
        found = found.join(cases, on="resolution_id", how="left", maintain_order="left")
    classes = units.classes.rows(named=True)
    for row in found.iter_rows(named=True):
        known = classes[row["class_id"]]
        yield _message(reason, {**known, **row}, units.contracts[known["version_id"]])


def _currencies(units: booking_units.Units, found: pl.DataFrame) -> pl.Series:
    by_class = [units.contracts[version_id].currency for version_id in units.classes["version_id"]]
    return pl.Series("currency", by_class, dtype=pl.String).gather(found["class_id"])


def _message(reason: str, row: Mapping[str, Any], contract: terms.ContractTerms) -> str:
    name = f"{row['query_type'] or 'no query type'}, {row['channel'] or 'no channel'}"
    if reason == VOICE_NOT_PRICED:
        return f"{contract.label} does not price phone resolutions ({name}); let a new version price voice, or void the resolution."
    if reason == NO_PRICE:
        return f"{contract.label} has no price for {name}; add a row to a new version of its rate card."
    if reason == NO_VALUE:
        return (
            f"{contract.label} takes a percentage of the value of {name}, but nobody told what case "
            f"{row['case_key']} is worth in {contract.currency}. Deliver an event with its value, "
            "or price it otherwise in a new version."
        )
    return f"{contract.label} has no tier that reaches the {row['position']:,}th resolution of {name}; add one to a new version."
