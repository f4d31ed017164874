"""What `lint_plan` reads: pay, rate card and price documents, complete or only the terms in them, and what is known beside."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from pydantic import StrictBool

from billing.calculator import fields, pay_fields, pay_plan_fields, price_fields, rate_card
from contracts.rules import errors, pay_plans, rate_cards
from contracts.rules.lint import cards, plan_units

ZERO = Fraction(0)


class CostField(fields.Document):
    """What one case of a class costs us; a part that is missing means any."""

    query_type: str | None = None
    channel: str | None = None
    outcome: str | None = None
    unit_cost: fields.NonNegative


class CountField(fields.Document):
    """Resolved cases of a class in a usual period."""

    query_type: str | None = None
    channel: str | None = None
    outcome: str | None = None
    count: fields.NonNegative


class KnownField(fields.Document):
    """What is known beside the terms; what is missing is not looked at."""

    jump_max: fields.NonNegative | None = None
    unit_cost: fields.NonNegative | None = None
    costs: tuple[CostField, ...] = ()
    count: fields.NonNegative | None = None
    counts: tuple[CountField, ...] = ()
    prices_voice: StrictBool = False
    voice_channels: tuple[str, ...] = tuple(sorted(cards.VOICE_CHANNELS))
    price: fields.NonNegative | None = None
    pools: dict[str, fields.NonNegative] = {}
    period_days: fields.Positive | None = None

    def to_costs(self) -> rate_cards.RateCard:
        """Return the costs as a card of plain prices; `unit_cost` is for every class that has none of its own."""
        rows = [
            rate_cards.RateCardRow(
                query_type=cost.query_type,
                channel=cost.channel,
                outcome=cost.outcome,
                price=rate_cards.PerUnit(unit_amount=cost.unit_cost),
            )
            for cost in self.costs
        ]
        if self.unit_cost is not None:
            rows.append(rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=self.unit_cost)))
        try:
            return rate_cards.RateCard(rows=tuple(rows))
        except errors.InvalidInput as refused:
            raise errors.InvalidInput("Two costs are for the same cases; keep one of them.", path=("lint", "costs")) from refused


class DatedDocument(fields.Document):
    """Terms with the days they are in force."""

    currency: fields.Currency | None = None
    effective_from: fields.Day | None = None
    effective_to: fields.Day | None = None
    lint: KnownField = KnownField()


class PlanDocument(DatedDocument):
    """A pay document, or only its plan."""

    explain: StrictBool = False
    round: fields.RoundField = fields.RoundField()
    plan: pay_plan_fields.PlanField = pay_plan_fields.PlanField()
    rule_pack: pay_plan_fields.AnyPack | None = None
    period: pay_fields.PeriodField | None = None
    exchange_rates: tuple[pay_fields.ExchangeRateField, ...] = ()
    agents: tuple[pay_fields.AgentField, ...] = ()

    def to_terms(self) -> pay_plans.PayTerms:
        """Return the frozen plan."""
        return self.plan.to_terms()

    def to_facts(self, *, today: date) -> plan_units.PlanFacts:
        """Return what is known beside the plan; the first day is the document's, else today."""
        first = self.effective_from or (self.period.start if self.period else today)
        days = self.lint.period_days
        if days is None and self.period is not None:
            days = Fraction((self.period.end - self.period.start).days)
        return plan_units.PlanFacts(
            pack=None if self.rule_pack is None else pay_plan_fields.read_pack(given=self.rule_pack, on=first),
            effective_from=first,
            effective_to=self.effective_to or (self.period.end if self.period else None),
            period_days=plan_units.PERIOD_DAYS if days is None else days,
            price=self._find_price(),
            pools=self._find_pools(),
            count=self.lint.count,
            jump_max=self.lint.jump_max,
        )

    def _find_price(self) -> Fraction | None:
        """Return what a resolution is worth: as said, else the mean over the document's credits."""
        unit = self.plan.unit
        if self.lint.price is not None or unit is None:
            return self.lint.price
        if unit.basis == "fixed":
            amounts = set(unit.amounts.values())
            return amounts.pop() if len(amounts) == 1 else None
        credits = [credit for agent in self.agents for credit in agent.credits]
        found = [price for credit in credits if (price := credit.list_price if unit.basis == "list" else credit.price) is not None]
        return sum(found, ZERO) / len(found) if found else None

    def _find_pools(self) -> Mapping[str, Fraction]:
        """Return the pool of each metric: as said, else the lowest that an agent of the document is compared with."""
        found: dict[str, Fraction] = {}
        for agent in self.agents:
            for metric in agent.scores:
                if metric.pool is not None:
                    found[metric.code] = min(metric.pool, found.get(metric.code, metric.pool))
        return {**found, **self.lint.pools}


class CardDocument(DatedDocument):
    """A rate_card document, or only its rows."""

    explain: StrictBool = False
    round: fields.RoundField = fields.RoundField()
    rows: tuple[rate_card.RowField, ...]
    usage: tuple[rate_card.UsageField, ...] = ()
    last_in_period: StrictBool | None = None

    def to_terms(self) -> rate_cards.RateCard:
        """Return the frozen card."""
        return rate_cards.RateCard(rows=tuple(row.to_terms() for row in self.rows))

    def to_facts(self) -> cards.CardFacts:
        """Return what is known beside the card: counts as said, else what the document's usage has."""
        given = [(count, count.count) for count in self.lint.counts]
        used = [(usage, Fraction(len(usage.events or ())) if usage.quantity is None else usage.quantity) for usage in self.usage]
        return cards.CardFacts(
            counts=tuple(
                cards.ClassCount(query_type=one.query_type, channel=one.channel, outcome=one.outcome, count=max(count, ZERO))
                for one, count in (given or used)
            ),
            is_typical=bool(given),
            costs=self.lint.to_costs(),
            jump_max=self.lint.jump_max,
            is_voice_priced=self.lint.prices_voice,
            voice_channels=frozenset(self.lint.voice_channels),
        )


class PriceDocument(DatedDocument):
    """A price document, or only its price and steps."""

    explain: StrictBool = False
    round: fields.RoundField = fields.RoundField()
    price: price_fields.PriceField
    quantity: fields.Exact | None = None
    events: tuple[fields.NonNegative, ...] | None = None
    phases: tuple[fields.Exact, ...] | None = None
    booked: price_fields.BookedField | None = None
    steps: price_fields.StepsField = price_fields.StepsField()
    last_in_period: StrictBool | None = None


MODELS: dict[str, type[DatedDocument]] = {"pay": PlanDocument, "rate_card": CardDocument, "price": PriceDocument}
