"""The plans that the simulations look at: those of the demo as they are seeded, and one with the defaults of a new version."""

from dataclasses import dataclass
from fractions import Fraction

from contracts.models import PayPlanVersion
from contracts.rules import pay_plans, quality_curve
from ppr_portal.demo import company

PERCENT = Fraction(1, 100)
RULE_PACK = "us-federal"


@dataclass(frozen=True, kw_only=True)
class SimulatedPlan:
    """A plan, what a resolution is usually worth to the client under it, and how many an agent solves in an hour of work."""

    code: str
    terms: pay_plans.PayTerms
    price: Fraction
    units_per_hour: Fraction


def demo_plans() -> tuple[SimulatedPlan, ...]:
    """Return the demo's plans with a usual price of their cases."""
    usual = {"care": (Fraction(12), Fraction(2)), "field": (Fraction(29), Fraction(1, 2))}
    return tuple(
        SimulatedPlan(code=plan.code, terms=terms_of(plan), price=usual[plan.code][0], units_per_hour=usual[plan.code][1])
        for plan in company.load_company().pay_plans
    )


def terms_of(plan: company.PayPlanDefinition) -> pay_plans.PayTerms:
    """Return a demo plan's terms, as `terms.load_plan_terms` reads them back (a test holds the two equal)."""
    curve = quality_curve.Curve(
        low=_point(plan.quality.low_score, plan.quality.low_multiplier), high=_point(plan.quality.high_score, plan.quality.high_multiplier)
    )
    return pay_plans.PayTerms(
        version=f"{plan.name}, version 1",
        base_hourly=Fraction(plan.base_hourly),
        guaranteed_hourly=None if plan.guaranteed_hourly is None else Fraction(plan.guaranteed_hourly),
        unit=pay_plans.UnitTerms(
            rate_kind="share",
            tiers=tuple(
                pay_plans.PayTier(up_to=None if tier.up_to is None else Fraction(tier.up_to), rate=Fraction(tier.share) * PERCENT)
                for tier in plan.tiers
            ),
            basis="list" if plan.basis == "list" else "booked",
        ),
        quality=pay_plans.QualityTerms(curve=curve, weights={code: Fraction(weight) * PERCENT for code, weight in plan.metrics.items()}),
        clawback_share=Fraction(plan.clawback) * PERCENT,
    )


def default_curve() -> quality_curve.Curve:
    """Return the curve that a new plan version starts with in the administration."""
    fields = {field.name: field.default for field in PayPlanVersion._meta.get_fields() if hasattr(field, "default")}
    return quality_curve.Curve(
        low=_point(*(Fraction(fields[f"quality_low_{name}_bp"], 100) for name in ("score", "multiplier"))),
        high=_point(*(Fraction(fields[f"quality_high_{name}_bp"], 100) for name in ("score", "multiplier"))),
    )


def _point(score: object, multiplier: object) -> quality_curve.CurvePoint:
    return quality_curve.CurvePoint(score=Fraction(str(score)) * PERCENT, multiplier=Fraction(str(multiplier)) * PERCENT)
