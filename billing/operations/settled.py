"""One agent's computed settlement: a sheet of whole numbers for most, the pipeline's own answer for the others."""

import functools
from dataclasses import dataclass, replace
from fractions import Fraction

from billing.queries.pay_inputs import raw
from billing.rules import money
from billing.rules.pay import earnings, facts, gather, hour_frames, hours, pipeline, settlements, sheets, unit_frames
from contracts.queries import terms
from contracts.rules import exact

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Settled:
    """One agent's computed settlement, not yet written.

    Args:
        inputs: records and terms.
        sums: the units that the frames added up; None where they are added up one by one.
        sheet: lines in whole numbers; None where the pipeline made them.
    """

    inputs: raw.AgentInputs
    sums: unit_frames.UnitSums | None
    sheet: sheets.Sheet | None = None

    @functools.cached_property
    def pay(self) -> settlements.AgentPay:
        """Lines, evidence and balances as the pipeline makes them; of a sheet, only when somebody asks for them."""
        return self._gathered[1]

    @property
    def plan(self) -> terms.PlanTerms:
        """The plan version that paid."""
        return self.inputs.plan

    @property
    def resolution_count(self) -> int:
        """How many resolutions it pays."""
        return self.inputs.credit_count

    @property
    def total(self) -> Fraction:
        """The sum of the rounded lines."""
        return self._in_major(self.sheet.total_minor) if self.sheet else self.pay.total

    @property
    def total_micros(self) -> int:
        """The sum of the rounded lines, as it is stored."""
        return money.to_micros(amount=self.total, currency=self.plan.currency)

    @property
    def multiplier(self) -> Fraction | None:
        """The quality multiplier; None under a plan without quality."""
        if self.sheet is None:
            return self.pay.evidence.multiplier
        return self.sheet.score.multiplier if self.sheet.score else None

    @property
    def paid_seconds(self) -> int:
        """How long the agent worked, in whole seconds."""
        worked = Fraction(self.sheet.worked_us, hour_frames.HOUR_US) if self.sheet else hours.hours_worked(hours=self._gathered[0].hours)
        return int(worked * SECONDS_PER_HOUR)

    def sum_of(self, *, kind: earnings.Kind) -> Fraction:
        """Return the sum of the rounded lines of a kind."""
        if self.sheet is not None:
            return self._in_major(self.sheet.sum_minor(kind=kind))
        return exact.total(values=(line.amount for line in self.pay.lines if line.kind == kind))

    def _in_major(self, minor: int) -> Fraction:
        return Fraction(minor, 10 ** money.currency_places(currency=self.plan.currency))

    @functools.cached_property
    def _gathered(self) -> tuple[facts.AgentFacts, settlements.AgentPay]:
        inputs, plan, currency = self.inputs, self.plan, self.plan.currency
        is_single = self.sums is None and plan.pay.unit is not None
        gathered = gather.gather_facts(
            raw=inputs.with_credits if is_single else inputs.raw,
            terms=plan.pay,
            pack=inputs.pack,
            period=inputs.period,
            currency=currency,
            rates=inputs.rates,
        )
        if self.sums is not None and plan.pay.unit is not None:
            gathered = replace(gathered, units=unit_frames.to_totals(sums=self.sums, terms=plan.pay.unit))
        rounding = money.Round(places=money.currency_places(currency=currency))
        pay = pipeline.compute_agent(terms=plan.pay, pack=inputs.pack, period=inputs.period, facts=gathered, rounding=rounding)
        return gathered, pay
