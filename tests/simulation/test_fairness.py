"""Fairness to small samples and hard cases, and healthy hours for who wants nothing but pay: held for every plan of the demo."""

from fractions import Fraction

import pytest

from contracts.models import PayPlanVersion
from contracts.queries import terms
from contracts.rules import pay_plans
from ppr_portal.demo import company
from ppr_portal.demo import terms as demo_terms
from tests.simulation import hours, page, plans, quality

PLANS = plans.demo_plans()
COUNTS = (1, 5, 19, 20, 25, 40, 50, 60, 100, 200)
BIAS_MAX = 0.005
WRONG_MAX = 0.05
by_plan = pytest.mark.parametrize("plan", PLANS, ids=[plan.code for plan in PLANS])


def outcomes(terms_of: pay_plans.QualityTerms, observed: list[dict[str, int]]) -> list[quality.Outcome]:
    return [
        quality.outcome_of(terms=terms_of, observed=counts, easy_share=share) for counts in observed for share in quality.MIXES.values()
    ]


@by_plan
def test_mix_and_sample_size_leave_the_expected_multiplier_equal(plan: plans.SimulatedPlan) -> None:
    assert plan.terms.quality is not None

    assert quality.spread_of(outcomes(plan.terms.quality, [{"csat": count} for count in COUNTS])) < BIAS_MAX
    together = [{"csat": 10, "qa": 4}, {"csat": 26, "qa": 7}, {"csat": 41, "qa": 6}]
    assert quality.spread_of(outcomes(plan.terms.quality, together)) < BIAS_MAX


@by_plan
def test_few_who_are_as_expected_are_pushed_under_one(plan: plans.SimulatedPlan) -> None:
    assert plan.terms.quality is not None
    found = outcomes(plan.terms.quality, [*({"csat": count} for count in COUNTS), {"csat": 26, "qa": 7}, {"qa": 25}])

    assert max(outcome.below_one for outcome in found) < WRONG_MAX


@by_plan
def test_who_is_better_expects_the_same_whatever_the_mix(plan: plans.SimulatedPlan) -> None:
    assert plan.terms.quality is not None
    found = [
        quality.outcome_of(terms=plan.terms.quality, observed={"csat": 60}, easy_share=share, quality=page.GOOD)
        for share in quality.MIXES.values()
    ]

    assert quality.spread_of(found) < BIAS_MAX
    assert found[0].multiplier > 1.05


@by_plan
def test_a_missing_metric_never_costs_who_is_as_expected(plan: plans.SimulatedPlan) -> None:
    assert plan.terms.quality is not None
    mix = quality.MIXES["as everybody"]
    alone = [quality.outcome_of(terms=plan.terms.quality, observed={code: 30}, easy_share=mix) for code in ("csat", "qa")]

    assert all(outcome.multiplier >= 1 for outcome in alone)


def test_a_curve_of_one_at_the_pool_wrongs_many_and_this_simulation_sees_it() -> None:
    narrow = pay_plans.QualityTerms(curve=plans.default_curve(), weights={"csat": Fraction(1)})

    assert max(outcome.below_one for outcome in outcomes(narrow, [{"csat": 50}])) > WRONG_MAX


@by_plan
@pytest.mark.parametrize("tired", [Fraction(0), hours.TIRED])
def test_who_wants_most_pay_chooses_healthy_hours_and_takes_breaks(plan: plans.SimulatedPlan, tired: Fraction) -> None:
    best = hours.choose(plan=plan, tired=tired)

    assert best.schedule.takes_breaks
    assert hours.harms(best.worked) == []
    assert sum(best.worked.hours_by_week) / hours.WEEKS <= 48
    assert max(best.worked.hours_by_week) <= 55


@by_plan
def test_planning_more_than_the_limits_allow_never_pays(plan: plans.SimulatedPlan) -> None:
    best = hours.choose(plan=plan)
    excessive = hours.Schedule(shift_hours=16, days=7, takes_breaks=False)

    assert hours.work(excessive).stop_count > 0
    assert hours.pay(plan=plan, schedule=excessive) < best.pay


@pytest.mark.django_db
def test_the_simulated_plans_are_those_that_the_demo_seeds() -> None:
    demo_terms.seed_terms(company=company.load_company())
    stored = terms.load_plan_terms(version_ids=PayPlanVersion.objects.values_list("pk", flat=True))

    assert {found.pay.version: found.pay for found in stored.values()} == {plan.terms.version: plan.terms for plan in PLANS}


def test_the_page_tells_what_the_rules_give() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.write(), "run .venv/bin/python -m tests.simulation"
