"""Guardrails in pay: premium of units worked beyond a limit is withheld. Base unit pay is never touched."""

from datetime import date
from fractions import Fraction

from billing.rules.pay import earnings, facts, unit_pay
from contracts.rules import pay_plans

ZERO, ONE = Fraction(0), Fraction(1)


def withhold_premium(*, totals: facts.UnitTotals, terms: pay_plans.UnitTerms, multiplier: Fraction) -> earnings.Earned:
    """Take back tier uplift and positive quality of units verified while premium was suspended.

    Args:
        totals: units of one agent and period, with what was suspended.
        terms: the tiers.
        multiplier: the agent's quality multiplier, 1 without quality terms.

    Returns: one earning, zero or less; none if nothing was suspended.
    Source: formats.md, "pay", "Quality"; design.md section 8.
    """
    suspended = [part for part in totals.slices if part.suspended]
    if not suspended:
        return earnings.Earned()
    excess = max(ZERO, multiplier - ONE)
    uplifts: dict[date, Fraction] = {}
    paid: dict[date, Fraction] = {}
    for part in suspended:
        extra = unit_pay.extra_rate(terms=terms, tier=part.tier) * part.base
        first = ZERO if terms.is_interpolated and part.tier else terms.tiers[0].rate * part.base
        uplifts[part.week] = uplifts.get(part.week, ZERO) + max(ZERO, extra)
        paid[part.week] = paid.get(part.week, ZERO) + first + extra
    earning = earnings.earn(
        kind="guardrail",
        label="Premium suspended",
        rule="guardrail.premium",
        source="agent/guardrails",
        week=next(iter(paid)) if len(paid) == 1 else None,
        quantity=sum((part.quantity for part in suspended), ZERO),
        inputs={"uplift": sum(uplifts.values(), ZERO), "suspended_pay": sum(paid.values(), ZERO), "quality_excess": excess},
    )
    weekly = tuple(
        earnings.WeekPay(week=week, kind="guardrail", amount=-(uplifts[week] + amount * excess)) for week, amount in paid.items()
    )
    return earnings.Earned(earnings=(earning,), weekly=weekly)
