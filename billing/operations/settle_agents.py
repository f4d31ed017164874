"""Compute the settlements of some agents: the one way into the pay rules from stored rows.

A pay run and the live accrual both come here, so what an agent sees growing every day is what they are paid in the end.
Whom `sheets` covers is paid in columns; everybody else goes through the pipeline, with the same lines for the same facts.
"""

import functools
import gc
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from billing.operations import earning_rows, settlement_rows
from billing.operations.pay_run_shards import Failure
from billing.operations.settled import Settled
from billing.queries.pay_inputs import plans, raw, unit_totals
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import hour_frames, sheets, unit_frames
from contracts.rules import errors

logger = logging.getLogger(__name__)
INTERNAL_ERROR = "An internal error stopped the calculation; the log of this run tells which. Nothing was paid for this agent."


@dataclass(kw_only=True)
class Computed:
    """What came of some agents: settlements, those left as they were, failures; and the rows to store, made when asked for."""

    scope: Scope
    credits: pl.DataFrame
    settled: list[Settled] = field(default_factory=list)
    unchanged_agent_ids: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @functools.cached_property
    def earnings(self) -> pl.DataFrame:
        """One row per agent and resolution, as `earning_rows.make_earnings` returns them."""
        return earning_rows.make_earnings(placed=self._placed)

    @functools.cached_property
    def lines(self) -> pl.DataFrame:
        """One row per agent and line, as `settlement_rows.make_lines` returns them."""
        return settlement_rows.make_lines(settled=self.settled, period=self.scope.period)

    @functools.cached_property
    def settlements(self) -> pl.DataFrame:
        """One row per agent, as `settlement_rows.make_settlements` returns them."""
        outcomes = earning_rows.count_outcomes(placed=self._placed)
        return settlement_rows.make_settlements(settled=self.settled, outcomes=outcomes)

    @functools.cached_property
    def _placed(self) -> pl.DataFrame:
        return earning_rows.place_credits(credits=self.credits, settled=self.settled)


@contextmanager
def without_collector() -> Iterator[None]:
    """Let no garbage collector walk the many small values again and again: none of them refers back to what holds it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def compute_settlements(*, scope: Scope, known: dict[int, str] | None = None) -> Computed:
    """Compute the pay of each agent of a scope; one that fails is named and stops nobody else.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        known: fingerprint of each agent's present settlement; with the same inputs it is left as it is.

    Returns: settlements and failures in order of agent code. Nothing is written.
    Source: design.md sections 6 and 9.
    """
    with without_collector():
        return _compute(raw.load_inputs(scope=scope), scope, known)


def _compute(loaded: raw.Loaded, scope: Scope, known: dict[int, str] | None) -> Computed:
    computed = Computed(scope=scope, credits=loaded.credits)
    changed = []
    for inputs in loaded.agents:
        if isinstance(inputs, raw.Refused):
            computed.failures.append(_failure(inputs.payee, inputs.reason.message))
        elif known is not None and known.get(inputs.payee.agent_id) == inputs.inputs_hash:
            computed.unchanged_agent_ids.append(inputs.payee.agent_id)
        else:
            changed.append(inputs)
    for found in settle(agents=changed, loaded=loaded):
        if isinstance(found, Failure):
            computed.failures.append(found)
        else:
            computed.settled.append(found)
    return computed


def settle(*, agents: Sequence[raw.AgentInputs], loaded: raw.Loaded, books: "Books | None" = None) -> list[Settled | Failure]:
    """Compute the settlements of agents from what was read; nothing is written.

    Args:
        agents: some of those that were read, each once.
        loaded: all that was read.
        books: those of the same reading, where its agents are paid in more than one way.

    Returns: for each agent in the same order, the settlement or why there is none.
    Source: design.md section 6; docs/adr/0062-pay-in-columns.md.
    """
    with without_collector():
        books = books or Books(loaded=loaded)
        sums = books.units.of(agents=agents)
        return [_settle_or_name(inputs, sums.get(inputs.payee.agent_id), books) for inputs in agents]


def _settle_or_name(inputs: raw.AgentInputs, sums: unit_frames.UnitSums | None, books: "Books") -> Settled | Failure:
    try:
        return _settle_one(inputs, sums, books)
    except errors.InvalidInput as refused:
        return _failure(inputs.payee, refused.message)
    except Exception:
        # A fault of ours in one agent's case must not stop everybody else's pay.
        logger.exception("agent %s could not be computed for %s", inputs.payee.code, inputs.period.start)
        return _failure(inputs.payee, INTERNAL_ERROR)


class Books:
    """What agents of one reading share, made once for each plan version, rule pack and beginning of a workweek."""

    def __init__(self, *, loaded: raw.Loaded) -> None:
        self.units = unit_totals.Sums(credits=loaded.credits)
        self._days = loaded.days
        self._columns: dict[tuple[object, ...], sheets.Columns | None] = {}
        self._hours: dict[tuple[object, ...], dict[int, list[hour_frames.WeekHours]]] = {}
        self._overfull: dict[int, set[int]] = {}

    def columns_of(self, inputs: raw.AgentInputs) -> sheets.Columns | None:
        """Return the columns that pay an agent; None where the pipeline does."""
        # Who is employed for a part of the period may have other minimum wages in it than the others.
        key = (inputs.plan.version_id, inputs.pack.code, inputs.period)
        if key not in self._columns:
            terms, pack, period = inputs.plan.pay, inputs.pack, inputs.period
            places = money.currency_places(currency=inputs.plan.currency)
            is_covered = sheets.covers_plan(terms=terms, pack=pack, period=period)
            self._columns[key] = sheets.make_columns(terms=terms, pack=pack, period=period, places=places) if is_covered else None
        columns = self._columns[key]
        is_covered = sheets.covers_agent(raw=inputs.raw, pack=inputs.pack, has_day_types=inputs.has_day_types)
        return columns if is_covered and not self._is_overfull(inputs) else None

    def hours_of(self, inputs: raw.AgentInputs) -> Sequence[hour_frames.WeekHours]:
        """Return an agent's workweeks."""
        pack, period = inputs.pack, inputs.period
        key = (period.weekday, pack.ot_day, pack.dt_day)
        if key not in self._hours:
            self._hours[key] = hour_frames.sum_weeks(days=self._days, period=period, pack=pack)
        return self._hours[key].get(inputs.payee.agent_id, ())

    def _is_overfull(self, inputs: raw.AgentInputs) -> bool:
        weekday = inputs.period.weekday
        if weekday not in self._overfull:
            self._overfull[weekday] = hour_frames.list_overfull(days=self._days, period=inputs.period)
        return inputs.payee.agent_id in self._overfull[weekday]


def _settle_one(inputs: raw.AgentInputs, sums: unit_frames.UnitSums | None, books: Books) -> Settled:
    if sums is None and (inputs.plan.pay.unit is None or not inputs.credit_count):
        sums = unit_frames.UnitSums(position=inputs.raw.balances.tier_position)
    columns = None if sums is None else books.columns_of(inputs)
    if columns is None or sums is None:
        settled = Settled(inputs=inputs, sums=sums)
        # The pipeline refuses here, not when somebody looks.
        _ = settled.pay
        return settled
    member = sheets.Member(
        score=inputs.score,
        units=sums,
        hours=books.hours_of(inputs),
        carried=inputs.raw.carried,
        balances=inputs.raw.balances,
    )
    return Settled(inputs=inputs, sums=sums, sheet=sheets.make_sheet(columns=columns, member=member))


def _failure(payee: plans.Payee, message: str) -> Failure:
    return Failure(agent_id=payee.agent_id, name=payee.name, message=message)
