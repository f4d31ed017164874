"""The formula of every pay line, by rule name: used to compute a line, and again to explain it from its stored inputs."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from billing.rules.pay import ladders

# Raised when a formula changes what it gives: stored lines name the version that made them.
RULE_VERSION = "2026.4"

Formula = Callable[[ladders.Ladder], ladders.Ladder]


def _premium(ladder: ladders.Ladder) -> ladders.Ladder:
    climbed = ladder.start("pay").over("hours").times_excess("multiplier").times("overtime_hours")
    return climbed.less("overtime_before").less("overtime_credited").at_least_zero()


def _less_before(ladder: ladders.Ladder) -> ladders.Ladder:
    """Take off what an earlier part of the workweek was paid; what it was paid beyond that stays paid."""
    return ladder.less("paid_before").at_least_zero() if ladder.has("paid_before") else ladder


def _uplift(ladder: ladders.Ladder) -> ladders.Ladder:
    tier = 1
    while ladder.has(f"tier_{tier + 1}_base"):
        tier += 1
        ladder.plus_product(f"tier_{tier}_base", f"tier_{tier}_extra")
    return ladder


def _draw_recovery(ladder: ladders.Ladder) -> ladders.Ladder:
    return ladder.start("total").less("minimum").times("recovery_share").at_most("balance").at_most("room").negate()


FORMULAS: Mapping[str, Formula] = {
    "unit.each_share": lambda ladder: ladder.start("basis").times("credit").times("share").times("count"),
    "unit.each_amount": lambda ladder: ladder.start("unit_amount").times("credit").times("count"),
    "unit.sum_share": lambda ladder: ladder.start("basis_sum").times("share"),
    "unit.sum_amount": lambda ladder: ladder.start("credit_sum").times("unit_amount"),
    "unit.filled_amount": lambda ladder: ladder.start("filled").times("amount"),
    "tier_uplift": _uplift,
    "quality": lambda ladder: ladder.start("unit").plus("tier_uplift").times_excess("multiplier"),
    "guardrail.premium": lambda ladder: ladder.start("uplift").plus_product("suspended_pay", "quality_excess").negate(),
    "hours.rate": lambda ladder: ladder.start("hours").times("rate"),
    "hours.day_type": lambda ladder: ladder.start("hours").times("rate").times_excess("multiplier"),
    "hours.salary": lambda ladder: ladder.start("salary").times("part_of_week"),
    "hours.salary_part": lambda ladder: ladder.start("salary").times("part_of_week").times("hours").over("week_hours"),
    "hours.beyond_salary": lambda ladder: ladder.start("weekly_salary").over("covered_hours").times("hours"),
    "recovery.average": lambda ladder: ladder.start("pay").over("hours").times("recovery_hours").less("paid_before"),
    "amount": lambda ladder: ladder.start("amount"),
    "amount.exchanged": lambda ladder: ladder.start("amount").times("exchange_rate"),
    "amount.percent": lambda ladder: ladder.start("straight_pay").plus("overtime").times("percent").over("hundred"),
    "rest": lambda ladder: _less_before(ladder.start("pay").over("hours").at_least("min_wage").times("rest_hours")),
    "rest.min_wage": lambda ladder: _less_before(ladder.start("min_wage").times("rest_hours")),
    "nonproductive": lambda ladder: ladder.start("min_wage").less("rate").times("hours").less("paid_before"),
    "floor": lambda ladder: ladder.start("required").less("credited").at_least_zero(),
    "overtime.premium": _premium,
    "overtime.day": lambda ladder: (
        ladder.start("pay")
        .over("hours")
        .times("day_multiplier")
        .times_excess("multiplier")
        .times("overtime_hours")
        .less("overtime_credited")
    ),
    "night": lambda ladder: ladder.start("pay").over("hours").times("multiplier").times("share").times("night_hours"),
    "overtime.carried": lambda ladder: _less_before(ladder.start("pay").over("hours").times("premium_hours")),
    "night.carried": lambda ladder: _less_before(ladder.start("pay").over("hours").times("premium_hours")),
    "overtime.flat_sum": lambda ladder: (
        ladder.start("flat_sum")
        .over("non_overtime_hours")
        .times("multiplier")
        .times("overtime_hours")
        .less("overtime_before")
        .less("overtime_credited")
    ),
    "true_up": lambda ladder: ladder.start("part").over("hours").times("premium_hours"),
    "true_up.flat_sum": lambda ladder: ladder.start("part").over("non_overtime_hours").times("premium_hours"),
    "holdback": lambda ladder: ladder.start("pay").times("share").at_most("room").negate(),
    "reversal": lambda ladder: ladder.start("paid").times("fraction").times("clawback_share").at_most("room").negate(),
    "reversal.balance": lambda ladder: ladder.start("balance").at_most("room").negate(),
    "draw": lambda ladder: ladder.start("minimum").less("total"),
    "draw_recovery": _draw_recovery,
    "cap": lambda ladder: ladder.start("variable_pay").less("cap").at_most("room").negate(),
    "cap_release": lambda ladder: ladder.start("cap").less("variable_pay").at_most("balance"),
}


def climb(*, rule: str, inputs: Mapping[str, Fraction]) -> ladders.Ladder:
    """Compute a line's exact amount from its inputs, rung by rung.

    Args:
        rule: name of the formula, as the line stores it.
        inputs: exact numbers by name.

    Returns: the ladder; its `value` is the exact amount in the major unit.
    Raises: UnableToRecompute if there is no such rule or an input is missing.
    Source: design.md section 6, "Explanation".

    >>> climb(rule="hours.rate", inputs={"hours": Fraction(40), "rate": Fraction(25, 2)}).value
    Fraction(500, 1)
    """
    if rule not in FORMULAS:
        raise ladders.UnableToRecompute(f'There is no rule "{rule}" in version {RULE_VERSION}; use the version that the line names.')
    return FORMULAS[rule](ladders.Ladder(inputs))
