"""True-ups: pay that was known late belongs to the weeks that earned it, and adds overtime to those that had some."""

from collections.abc import Sequence
from fractions import Fraction

from billing.rules.pay import amounts, earnings, facts, workweeks
from contracts.rules import errors, exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


class InvalidClosedWeek(errors.InvalidInput):
    """A closed week with more overtime than hours."""


def pay_true_ups(
    *,
    entered: Sequence[facts.Amount],
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> earnings.Earned:
    """Pay the overtime that spread amounts add in workweeks that were settled before. A closed week is never edited.

    Args:
        entered: amounts; those spread over closed weeks that enter the regular rate, or are a flat sum, count.
        time: the agent's hours of this period, by which an amount may be spread too.
        terms, period: to place amounts.
        pack: multipliers, and the divisor of flat sums.

    Returns: one earning per amount and closed week with overtime.
    Raises: InvalidClosedWeek with the place of the amount.
    Source: formats.md, "pay", "Amounts"; 29 CFR 778.119 to 778.120, 778.209.
    """
    made: list[earnings.Earning] = []
    for amount in entered:
        is_flat_sum = amount.kind == "flat_sum_bonus" and pack.flat_sum_divisor == "non_overtime_hours"
        if not amount.weeks or not (is_flat_sum or amounts.enters_rate(amount=amount, pack=pack)):
            continue
        parts = amounts.place_amount(amount=amount, time=time, terms=terms, pack=pack, period=period)
        closed = [(part, part.closed) for part in parts if part.closed is not None]
        made += [
            _pay_part(amount, part.amount, week, pack, is_flat_sum)
            for part, week in closed
            if week.overtime_hours or week.double_time_hours
        ]
    return earnings.Earned(earnings=tuple(made))


def _pay_part(
    amount: facts.Amount, part: Fraction, closed: facts.ClosedWeek, pack: rule_packs.RulePack, is_flat_sum: bool
) -> earnings.Earning:
    straight = closed.hours - closed.overtime_hours - closed.double_time_hours
    if straight < 0 or not closed.hours or (is_flat_sum and not straight):
        raise InvalidClosedWeek(
            f"The closed week of {closed.week} has {exact.format_exact(value=closed.hours)} hours, too few for its overtime; correct it.",
            path=("amounts", amount.place, "weeks"),
        )
    less = ZERO if is_flat_sum else ONE
    premium_hours = closed.overtime_hours * (pack.ot_mult - less) + closed.double_time_hours * (pack.dt_mult - less)
    divisor = ("non_overtime_hours", straight) if is_flat_sum else ("hours", closed.hours)
    return earnings.earn(
        kind="true_up",
        label=f"Overtime of the week of {closed.week}",
        rule="true_up.flat_sum" if is_flat_sum else "true_up",
        source=f"amounts/{amount.place}",
        week=closed.week,
        quantity=closed.overtime_hours + closed.double_time_hours,
        inputs={"part": part, divisor[0]: divisor[1], "premium_hours": premium_hours},
        details={"overtime_hours": _show(closed.overtime_hours), "double_time_hours": _show(closed.double_time_hours)},
    )


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
