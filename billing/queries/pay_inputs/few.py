"""The few rows of many tables that a period's pay rests on beside work and time, read in one statement: one trip instead of eight."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from agents.queries import frames, quality
from billing.queries import class_names
from billing.queries.pay_inputs import corrections, elsewhere, exchange, handed_on, hours, kinds, known
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import facts
from contracts.rules import errors

PARTS = {
    "sharing": known.SHARING_PLANS,
    "names": kinds.CODES,
    "class_names": class_names.NAMES,
    "decisions": corrections.DECISIONS,
    "adjustments": corrections.ADJUSTMENTS,
    "reversals": corrections.REVERSALS,
    "days": hours.SPECIAL_DAYS,
    "handed_on": handed_on.LATEST,
    "elsewhere": elsewhere.CLOSED,
    "rates": exchange.RATES,
    "references": quality.RATES,
}


@dataclass(frozen=True, kw_only=True)
class Few:
    """What people decided, what the period before hands on, and what names and rates are in force.

    Args:
        is_sharing: whether any plan shares credit.
        codes: codes of query types and channels, and currencies of contract versions.
        class_names: the names that lines are labeled with.
        days: the days that pay law treats apart, as they are stored.
        starts: from when on the time of agents counts who were paid in another time zone before.
        elsewhere: what other sites closed for agents who left them.
        references: the frozen rates that quality is compared with, columns of `quality.RATED`.
    """

    is_sharing: bool
    codes: kinds.Names
    class_names: class_names.ClassNames
    decisions: Mapping[int, list[facts.Decision]]
    corrections: Mapping[int, corrections.Corrections]
    days: list[dict[str, Any]]
    handed_on: Mapping[int, handed_on.HandedOn | errors.InvalidInput]
    starts: Mapping[int, datetime]
    elsewhere: elsewhere.Closed
    rates: Mapping[str, tuple[facts.ExchangeRate, ...]]
    references: pl.DataFrame


def read_few(*, scope: Scope, currencies: Collection[str]) -> Few:
    """Read them for a scope, in one query.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        currencies: pay currencies; rates into others are left out.
    """
    parameters = {**scope.params, "end": scope.period.end, "currencies": sorted(currencies)}
    found = frames.query_together(parts=PARTS, parameters=parameters)
    handed = handed_on.handed_on_of(rows=found["handed_on"])
    starts = handed_on.starts_of(handed=handed, period=scope.period)
    return Few(
        is_sharing=bool(found["sharing"][0]["count"]),
        codes=kinds.names_of(rows=found["names"]),
        class_names=class_names.names_of(rows=((row["kind"], row["code"], row["name"]) for row in found["class_names"])),
        decisions=corrections.decisions_of(rows=found["decisions"], scope=scope, starts=starts),
        corrections=corrections.corrections_of(adjustments=found["adjustments"], reversals=found["reversals"]),
        days=found["days"],
        handed_on=handed,
        starts=starts,
        elsewhere=elsewhere.closed_of(rows=found["elsewhere"], period=scope.period),
        rates=exchange.rates_of(rows=found["rates"]),
        references=pl.DataFrame(found["references"], schema=quality.RATED),
    )
