"""Pay terms check themselves and say where the fault lies."""

from fractions import Fraction

import pytest

from contracts.rules import errors, pay_plans


def tiers(*bounds, rate="0.1"):
    return tuple(pay_plans.PayTier(up_to=None if bound is None else Fraction(bound), rate=Fraction(rate)) for bound in bounds)


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        ({"rate_kind": "share", "tiers": ()}, ("tiers",)),
        ({"rate_kind": "share", "tiers": tiers(None, None)}, ("tiers", 0, "up_to")),
        ({"rate_kind": "share", "tiers": tiers("2", "1")}, ("tiers", 1, "up_to")),
        ({"rate_kind": "share", "tiers": tiers(None, rate="-1")}, ("tiers", 0, "share")),
        ({"rate_kind": "share", "tiers": tiers(None, rate="-1"), "is_tiered": False}, ("share",)),
        ({"rate_kind": "amount", "tiers": tiers("1")}, ("tiers", 0)),
        ({"rate_kind": "unit_amount", "tiers": tiers("1"), "mode": "interpolated"}, ("tiers", 0)),
        ({"rate_kind": "share", "tiers": tiers("0", "1"), "mode": "interpolated"}, ("tiers", 0, "up_to")),
        ({"rate_kind": "share", "tiers": tiers(None), "basis": "fixed"}, ("amounts",)),
    ],
)
def test_unit_terms(broken, path):
    with pytest.raises(errors.InvalidInput) as refused:
        pay_plans.UnitTerms(**broken)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda: pay_plans.PayTerms(base_hourly=Fraction(-1)), ("base_hourly",)),
        (lambda: pay_plans.PayTerms(guaranteed_hourly=Fraction(-1)), ("guaranteed_hourly",)),
        (lambda: pay_plans.PayTerms(category_rates={"talking": Fraction(1)}), ("category_rates", "talking")),
        (lambda: pay_plans.PayTerms(category_rates={"off": Fraction(1)}), ("category_rates", "off")),
        (lambda: pay_plans.PayTerms(category_rates={"training": Fraction(-1)}), ("category_rates", "training")),
        (lambda: pay_plans.PayTerms(base_hourly=Fraction(1), salary=pay_plans.Salary(amount=Fraction(1))), ("salary",)),
        (lambda: pay_plans.PayTerms(cap_amount=Fraction(-1)), ("cap", "amount")),
        (lambda: pay_plans.PayTerms(holdback_share=Fraction(2)), ("holdback", "share")),
        (lambda: pay_plans.PayTerms(clawback_share=Fraction(-1)), ("clawback", "share")),
        (lambda: pay_plans.Salary(amount=Fraction(-1)), ("amount",)),
        (lambda: pay_plans.Salary(amount=Fraction(1), hours=Fraction(0)), ("hours",)),
        (lambda: pay_plans.Draw(minimum=Fraction(-1)), ("minimum",)),
        (lambda: pay_plans.Draw(minimum=Fraction(1), recovery_share=Fraction(2)), ("recovery_share",)),
    ],
)
def test_pay_terms(build, path):
    with pytest.raises(pay_plans.InvalidPayPlan) as refused:
        build()
    assert refused.value.path == path


@pytest.mark.parametrize(("per", "weekly"), [("week", "520"), ("two_weeks", "260"), ("half_month", "240"), ("month", "120")])
def test_what_a_salary_is_worth_a_week(per, weekly):
    assert pay_plans.Salary(amount=Fraction(520), per=per).weekly == Fraction(weekly)
