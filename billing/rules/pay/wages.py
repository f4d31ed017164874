"""The minimum wage of an hour: the one in force on its day."""

from fractions import Fraction

from billing.rules.pay import facts, workweeks
from contracts.rules import rule_packs


def wage_of(*, part: facts.HourSlice, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> Fraction:
    """Return the minimum wage of some hours; where only the week is known, of its first day inside the period.

    Args:
        part: hours of one day or week.
        pack: dated minimum wages.
        period: the pay period. Where the test is over the whole period, the wage of its first day counts throughout.

    Returns: exact hourly minimum, zero if the pack has none.
    Raises: UnableToFindMinimumWage before the first one known.
    Source: pay_rules.md sections 2 to 4.
    """
    day = period.start if pack.floor_mode == "pay_reference_period" else max(part.day or part.week, period.start)
    return pack.min_wage_on(day=day) or Fraction(0)
