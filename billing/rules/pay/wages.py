"""The minimum wage of an hour: the one in force on its day."""

from datetime import date
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
    day = period.start if pack.floor_mode == "pay_reference_period" else max(part.worked_on or part.day or part.week, period.start)
    return pack.min_wage_on(day=day) or Fraction(0)


def wage_before(*, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> Fraction:
    """Return the minimum wage of hours that an earlier period paid: the one in force on the day before this period.

    Args:
        pack: dated minimum wages; one that begins with the period counts before it too.
        period: the pay period.

    Returns: exact hourly minimum, zero if the pack has none.
    Source: pay_rules.md sections 2 to 4.

    >>> from datetime import date
    >>> raised = tuple(
    ...     rule_packs.DatedRate(starts_on=date(year, 1, 1), rate=Fraction(rate)) for year, rate in ((2025, "15.5"), (2026, "16"))
    ... )
    >>> january = workweeks.PayPeriod(start=date(2026, 1, 1), end=date(2026, 2, 1))
    >>> str(wage_before(pack=rule_packs.RulePack(min_wages=raised), period=january))
    '31/2'
    """
    return _first_known_on(period.start - workweeks.DAY, pack)


def wage_of_carried(*, part: facts.HourSlice, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> Fraction:
    """Return the minimum wage of hours that an earlier period paid: of their own day, else of the day before this period.

    Args:
        part: hours of an earlier part of a workweek.
        pack: dated minimum wages; one that begins later counts before it too.
        period: the pay period.

    Source: pay_rules.md sections 2 to 4.

    >>> from datetime import date
    >>> raised = tuple(
    ...     rule_packs.DatedRate(starts_on=date(year, 1, 1), rate=Fraction(rate)) for year, rate in ((2025, "15.5"), (2026, "16"))
    ... )
    >>> worked = facts.HourSlice(week=date(2025, 12, 29), day=date(2025, 12, 31), category="productive", hours=Fraction(8))
    >>> late = workweeks.PayPeriod(start=date(2026, 1, 3), end=date(2026, 2, 1))
    >>> str(wage_of_carried(part=worked, pack=rule_packs.RulePack(min_wages=raised), period=late))
    '31/2'
    """
    return wage_before(pack=pack, period=period) if part.day is None else _first_known_on(part.worked_on or part.day, pack)


def _first_known_on(day: date, pack: rule_packs.RulePack) -> Fraction:
    """Return the minimum wage of a day, before the first one known that one."""
    if not pack.min_wages:
        return Fraction(0)
    return pack.min_wage_on(day=max(day, min(dated.starts_on for dated in pack.min_wages))) or Fraction(0)
