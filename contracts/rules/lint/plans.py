"""Lint of a pay plan: everything that is looked at before it may pay anybody."""

from contracts.rules import pay_plans
from contracts.rules.lint import findings, plan_coverage, plan_promises, plan_units


def lint_pay_plan(*, terms: pay_plans.PayTerms, facts: plan_units.PlanFacts = plan_units.NOTHING_KNOWN) -> list[findings.Finding]:
    """Find what would pay nobody, pay less for more work, promise less than the law, or never end.

    Args:
        terms: the plan; terms that contradict themselves were refused when it was built.
        facts: what is known of prices, volumes, pools, pay law and dates.

    Returns: findings with paths inside the plan, errors first.
    Source: design.md sections 6 to 8; peers.md section g 7.

    >>> lint_pay_plan(terms=pay_plans.PayTerms())
    []
    """
    found = plan_units.lint_units(terms=terms, facts=facts) + plan_coverage.lint_filling(terms=terms)
    found += plan_promises.lint_promises(terms=terms, facts=facts)
    return sorted(found, key=lambda one: one.severity != "error")
