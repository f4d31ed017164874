"""Computed settlements as rows to store: numbers are written as text, JSON in one fixed form, names as people read them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from billing.operations import settlement_evidence
from billing.operations.settled import Settled
from billing.queries import class_names
from billing.queries.pay_inputs import raw
from billing.rules import money
from billing.rules.pay import earnings, facts, formulas, hour_frames, sheet_lines, sheets, workweeks
from contracts import reading
from contracts.rules import exact

# By agent, by position of the line as text, by state: how many resolutions.
Outcomes = Mapping[int, Mapping[str, Mapping[str, int]]]
LABEL_MAX = 160
LINES: dict[str, pl.DataType] = {
    "agent_id": pl.Int64(),
    "position": pl.Int64(),
    "kind": pl.String(),
    "rule": pl.String(),
    "label": pl.String(),
    "week": pl.Date(),
    "quantity": pl.String(),
    "rate": pl.String(),
    "exact": pl.String(),
    "amount_micros": pl.Int64(),
    "inputs": pl.String(),
    "source": pl.String(),
}
SETTLEMENTS: dict[str, pl.DataType] = {
    "agent_id": pl.Int64(),
    "plan_version_id": pl.Int64(),
    "rule_version": pl.String(),
    "rule_pack_version": pl.String(),
    "currency": pl.String(),
    "total_micros": pl.Int64(),
    "resolution_count": pl.Int64(),
    "paid_seconds": pl.Int64(),
    "evidence": pl.String(),
    "inputs_hash": pl.String(),
}
# Sheets pay nobody of whom anything is left out.
NOTHING_LEFT_OUT = settlement_evidence.to_json(facts.LeftOut())
Row = tuple[Any, ...]


def make_lines(*, settled: Sequence[Settled], period: workweeks.PayPeriod) -> pl.DataFrame:
    """Return the lines of settlements as they are stored.

    Args:
        settled: each agent once.
        period: the pay period, which a unit that was verified before it names.

    Returns: one row per agent and line, sorted by both, columns of LINES; `position` counts from 1, `inputs` is JSON.
    """
    if not settled:
        return pl.DataFrame(schema=LINES)
    # What is stored is stored in one language, whoever asked for it.
    with reading.plainly():
        labels = _Labels(names=settled[0].inputs.records.class_names, period=period)
    written = sheet_lines.Written()
    rows = [
        (one.inputs.payee.agent_id, position, *row)
        for one in sorted(settled, key=lambda found: found.inputs.payee.agent_id)
        for position, row in enumerate(_sheet_rows(one, labels, written) if one.sheet else _pay_rows(one, labels), start=1)
    ]
    return frame_of(rows=rows, schema=LINES)


def make_settlements(*, settled: Sequence[Settled], outcomes: Outcomes) -> pl.DataFrame:
    """Return settlements as they are stored.

    Args:
        settled: each agent once.
        outcomes: how the resolutions of each line were verified.

    Returns: one row per agent, sorted, columns of SETTLEMENTS; `evidence` is JSON.
    """
    written = sheet_lines.Written()
    rows = [
        (
            one.inputs.payee.agent_id,
            one.plan.version_id,
            formulas.RULE_VERSION,
            one.inputs.pack.stamp,
            one.plan.currency,
            one.total_micros,
            one.resolution_count,
            one.paid_seconds,
            settlement_evidence.write_json(_evidence(one, outcomes, written)),
            one.inputs.inputs_hash,
        )
        for one in sorted(settled, key=lambda found: found.inputs.payee.agent_id)
    ]
    return frame_of(rows=rows, schema=SETTLEMENTS)


def frame_of(*, rows: Sequence[Row], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Make a frame of many rows, turned into columns first: a frame that is given rows takes three times as long.

    >>> frame_of(rows=[(1, "a"), (2, None)], schema={"id": pl.Int64(), "name": pl.String()}).to_dict(as_series=False)
    {'id': [1, 2], 'name': ['a', None]}
    """
    columns = zip(schema, zip(*rows, strict=True), strict=True) if rows else ()
    return pl.DataFrame(dict(columns), schema=dict(schema))


class _Labels:
    """What the agent reads first of each line; its inputs keep the code of the class."""

    def __init__(self, *, names: class_names.ClassNames, period: workweeks.PayPeriod) -> None:
        self._names, self._period = names, period
        self._found: dict[str, str] = {}

    def label(self, kind: str, label: str, code: str) -> str:
        """Name a line: a class in words, anything else as it stands."""
        if kind != "unit" or not code:
            return label[:LABEL_MAX]
        if code not in self._found:
            late = f", verified before {self._period.start:%B}" if code.endswith(raw.LATE) else ""
            self._found[code] = (self._names.name(code=code.removesuffix(raw.LATE)) + late)[:LABEL_MAX]
        return self._found[code]


def _sheet_rows(settled: Settled, labels: _Labels, written: sheet_lines.Written) -> Iterable[Row]:
    assert settled.sheet is not None
    micros = money.MICROS // 10 ** money.currency_places(currency=settled.plan.currency)
    for line in settled.sheet.lines:
        yield (
            line.kind,
            line.rule,
            labels.label(line.kind, line.label, line.details.get("class", "")),
            line.week,
            written[line.quantity],
            written[line.rate],
            written[line.exact],
            line.minor * micros,
            settlement_evidence.write_json(sheet_lines.inputs_of(line=line, written=written)),
            line.source,
        )


def _pay_rows(settled: Settled, labels: _Labels) -> Iterable[Row]:
    for line in settled.pay.lines:
        yield (
            line.kind,
            line.rule,
            labels.label(line.kind, line.label, line.inputs.get("class", "")),
            line.week,
            "" if line.quantity is None else exact.format_exact(value=line.quantity),
            "" if line.rate is None else exact.format_exact(value=line.rate),
            exact.format_exact(value=line.exact),
            money.to_micros(amount=line.amount, currency=settled.plan.currency),
            settlement_evidence.write_json(dict(line.inputs)),
            _cite(line, settled.inputs),
        )


def _cite(line: earnings.Line, inputs: raw.AgentInputs) -> str:
    """Name the stored row that an entered amount or a reversal comes from, instead of its place in a list."""
    kind, _, place = line.source.partition("/")
    if kind == "amounts":
        return inputs.corrections.amount_sources[int(place)]
    if kind == "reversals":
        return inputs.corrections.reversal_sources[int(place)]
    if kind == "releases":
        return inputs.release_sources[int(place)]
    return line.source


def _evidence(settled: Settled, outcomes: Outcomes, written: sheet_lines.Written) -> dict[str, Any]:
    """Keep what explains the lines, what the next period needs, and how the paid resolutions were verified."""
    if settled.sheet is None:
        found, balances = settlement_evidence.to_json(settled.pay.evidence), settled.pay.balances
    else:
        found, balances = _sheet_evidence(settled.sheet, settled.inputs, written), settled.sheet.balances
    # What is taken apart later, for a reversal or a holdback, is converted by the same rates.
    rates = {"exchange_rates": settlement_evidence.to_json(settled.inputs.rates)} if settled.inputs.rates else {}
    told = outcomes.get(settled.inputs.payee.agent_id, {})
    return {**found, **rates, "balances": settlement_evidence.to_json(balances), "outcomes": told}


def _sheet_evidence(sheet: sheets.Sheet, inputs: raw.AgentInputs, written: sheet_lines.Written) -> dict[str, Any]:
    """Write what a sheet's lines rest on as `settlements.Evidence` is written."""
    share = inputs.pack.holiday_share
    worked = Fraction(sheet.worked_us, hour_frames.HOUR_US)
    return {
        "period_start": inputs.period.start.isoformat(),
        "period_end": inputs.period.end.isoformat(),
        "multiplier": None if sheet.score is None else exact.format_exact(value=sheet.score.multiplier),
        "score": settlement_evidence.to_json(sheet.score),
        "weeks": [
            {
                "week": week.week.isoformat(),
                "hours": written[week.hours],
                "overtime_hours": written[week.overtime_hours],
                "double_time_hours": written[week.double_time_hours],
                "regular_rate": None if week.regular_rate is None else written[week.regular_rate],
                "pay": written[week.pay],
                "premium": written[week.premium],
                "day_count": week.day_count,
            }
            for week in sheet.weeks
        ],
        "cut_week": None,
        "open_day": None,
        "floor_tests": [
            {
                "rule": test.rule,
                "week": _day(test.week),
                "hours": written[test.hours],
                "required": written[test.required],
                "credited": written[test.credited],
                "top_up": written[test.top_up],
            }
            for test in sheet.tests
        ],
        "tiers": [{"quantity": written[quantity], "exact": written[amount]} for quantity, amount in sheet.tiers],
        "holiday_hours": None if share is None else exact.format_exact(value=worked * share),
        "left_out": NOTHING_LEFT_OUT,
        "hours_without_day": "0",
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
