"""What each single resolution brings: unit pay, its part of the tiers, of quality and of withheld premium, exact.

A settlement's lines add resolutions up. Here the same rule takes them apart again: every unit is walked through the
tiers in its place, so the parts of all units add up to the lines to the last micro.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from agents.models import GuardrailDecision
from billing.models import Earning, Settlement
from billing.queries import pay_periods
from billing.rules import money, periods
from billing.rules.pay import exchange, facts, unit_pay, units
from contracts.queries import terms
from contracts.rules import pay_plans

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class UnitAmount:
    """What one credited resolution brings, in the major unit of the pay currency, not rounded."""

    unit: Fraction
    tier_uplift: Fraction
    quality: Fraction
    guardrail: Fraction

    @property
    def total(self) -> Fraction:
        """Everything it brings."""
        return self.unit + self.tier_uplift + self.quality + self.guardrail


def split_units(*, ordered: Sequence[units.Unit], plan: pay_plans.UnitTerms, multiplier: Fraction) -> list[UnitAmount]:
    """Take the pay of some units apart.

    Args:
        ordered: all units of one agent and period, in any order.
        plan: the tiers.
        multiplier: the quality multiplier; 1 without quality.

    Returns: one amount per unit, in the order given.
    """
    # A day of its own for each unit makes the rule's view by workweek a view by unit.
    days = [date.fromordinal(place) for place in range(1, len(ordered) + 1)]
    marked = [
        units.Unit(
            resolution=one.resolution, verified_at=one.verified_at, week=day, basis=one.basis, credit=one.credit, suspended=one.suspended
        )
        for one, day in zip(ordered, days, strict=True)
    ]
    found = {day: [ZERO, ZERO] for day in days}
    for part in units.total_units(units=marked, terms=plan).slices:
        if part.tier == 0 or not plan.is_interpolated:
            found[part.week][0] += plan.tiers[0].rate * part.base
        found[part.week][1] += unit_pay.extra_rate(terms=plan, tier=part.tier) * part.base
    return [_amount(*found[day], multiplier=multiplier, suspended=one.suspended) for one, day in zip(ordered, days, strict=True)]


def amounts_of_settlements(*, settlements: Sequence[Settlement]) -> dict[int, dict[int, UnitAmount]]:
    """Take settlements apart into what each of their resolutions brings, in six queries.

    Args:
        settlements: with `agent__site` and `run__site` read.

    Returns: by settlement, by resolution.
    """
    plans = terms.load_plan_terms(version_ids={found.plan_version_id for found in settlements})
    suspensions = _suspensions(settlements)
    earned: dict[int, list[Earning]] = {found.pk: [] for found in settlements}
    agent_ids = {found.agent_id for found in settlements}
    rows = Earning.objects.filter(agent__in=agent_ids, settlement__in=earned)
    for earning in rows.select_related("resolution__case__source", "resolution__price_version").order_by("pk"):
        earned[earning.settlement_id].append(earning)
    return {found.pk: _split(found, earned[found.pk], plans[found.plan_version_id], suspensions) for found in settlements}


def _split(
    settlement: Settlement,
    earned: Sequence[Earning],
    plan: terms.PlanTerms,
    suspensions: Mapping[int, Sequence[tuple[datetime, datetime | None]]],
) -> dict[int, UnitAmount]:
    if plan.pay.unit is None:
        return {}
    starts_at = pay_periods.period_of(site=pay_periods.site_of(settlement=settlement), day=settlement.period_start).starts_at
    spans = [span for span in suspensions.get(settlement.agent_id, ()) if span[0] <= settlement.as_of]
    made = []
    for earning in earned:
        resolution = earning.resolution
        at = max(earning.verified_at, starts_at)
        made.append(
            units.Unit(
                resolution=f"{resolution.case.source.code}/{resolution.case.key}/{resolution.number}",
                verified_at=at,
                week=settlement.period_start,
                basis=money.from_micros(micros=earning.price_micros) * _rate_of(earning, settlement, plan, at),
                credit=Fraction(earning.credit_micros, money.MICROS),
                suspended=any(start <= at and (end is None or at < end) for start, end in spans),
            )
        )
    multiplier = Fraction(settlement.evidence.get("multiplier") or 1)
    amounts = split_units(ordered=made, plan=plan.pay.unit, multiplier=multiplier)
    return {earning.resolution_id: amount for earning, amount in zip(earned, amounts, strict=True)}


def _rate_of(earning: Earning, settlement: Settlement, plan: terms.PlanTerms, at: datetime) -> Fraction:
    """Return the rate that turned the price into pay: the one that the settlement kept."""
    kept = settlement.evidence.get("exchange_rates")
    version = earning.resolution.price_version
    if not kept or plan.basis == "fixed" or version is None:
        return ONE
    rates = [
        facts.ExchangeRate(currency=one["currency"], starts_on=date.fromisoformat(one["starts_on"]), rate=Fraction(one["rate"]))
        for one in kept
    ]
    day = at.astimezone(periods.load_timezone(name=pay_periods.site_of(settlement=settlement).timezone)).date()
    found = exchange.find_rate(currency=version.currency, pay_currency=settlement.currency, day=day, rates=rates, path=("exchange_rates",))
    return found.rate if found else ONE


def _suspensions(settlements: Sequence[Settlement]) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """Return when each agent's premium was suspended; a lifted suspension ends when it was lifted."""
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    suspended = GuardrailDecision.objects.filter(
        agent__in={settlement.agent_id for settlement in settlements},
        level=GuardrailDecision.Level.ACT,
        effect=GuardrailDecision.Effect.PREMIUM_SUSPENDED,
    )
    for agent_id, starts_at, ends_at, lifted_at in suspended.values_list("agent", "starts_at", "ends_at", "lifted_at"):
        ends = [at for at in (ends_at, lifted_at) if at is not None]
        found.setdefault(agent_id, []).append((starts_at, min(ends) if ends else None))
    return found


def _amount(first: Fraction, extra: Fraction, *, multiplier: Fraction, suspended: bool) -> UnitAmount:
    excess = multiplier - ONE
    withheld = max(ZERO, extra) + (first + extra) * max(ZERO, excess) if suspended else ZERO
    return UnitAmount(unit=first, tier_uplift=extra, quality=(first + extra) * excess, guardrail=-withheld)
