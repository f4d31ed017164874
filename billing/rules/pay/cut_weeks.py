"""What a period hands on of the workweek that its end cuts, so that the next one can pay the week as a whole."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import earnings, facts, floor, hours, workweeks
from contracts.rules import exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


def hand_on(
    *,
    weekly: Sequence[earnings.WeekPay],
    premiums: Sequence[earnings.Earning],
    tests: Sequence[floor.FloorTest],
    flat_sums: Mapping[date | None, Fraction],
    given: facts.AgentFacts,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> facts.CarriedWeek | None:
    """Tell of the workweek that the period's end cuts what its sums do not.

    Args:
        weekly: what each workweek earned up to and with the floor.
        premiums: overtime and night pay of all workweeks.
        tests: floor tests, which tell the minimum wage from the guarantee.
        flat_sums: by workweek, flat sums that are divided by hours without overtime.
        given: the agent's hours and recoveries.
        terms, pack: whether more than the sums will be asked for.
        period: the agent's part of the pay period.

    Returns: hours, pay by kind and what was paid at a part of the rate of its day; None where no workweek is cut, or its sums tell all.
    Source: docs/adr/0081-a-cut-workweek-is-paid-as-a-whole.md.

    >>> from datetime import date
    >>> hand_on(weekly=(), premiums=(), tests=(), flat_sums={}, given=facts.AgentFacts(agent="A-1"), terms=pay_plans.PayTerms(),
    ...         pack=rule_packs.RulePack(), period=workweeks.PayPeriod(start=date(2026, 10, 1), end=date(2026, 11, 1)))
    """
    week = workweeks.cut_week_of(period=period)
    if week is None:
        return None
    time = tuple(part for part in given.hours if part.week == week)
    recoveries = tuple(one for one in given.recoveries if one.week == week)
    flat_sum = flat_sums.get(week, ZERO)
    has_premium = any(part.day_type and pack.day_mult(day_type=part.day_type) is not None for part in time)
    if not (recoveries or flat_sum or has_premium or _asks_for_more(terms, pack)):
        return None
    earned = _earned(week, weekly, premiums, tests, given, terms, pack)
    return facts.CarriedWeek(
        week=week,
        hours=hours.hours_worked(hours=time),
        pay=exact.total(values=(one.amount for one in earned if one.in_rate)),
        time=time,
        earned=earned,
        recoveries=recoveries,
        shares=tuple(share for earning in premiums if earning.week == week for share in _shares(earning, pack)),
        flat_sum=flat_sum,
    )


def _asks_for_more(terms: pay_plans.PayTerms, pack: rule_packs.RulePack) -> bool:
    """Say whether hours count by category or day, whatever happened."""
    by_category = terms.salary is not None or bool(terms.category_rates) or pack.rest_pay == "average"
    return (
        by_category
        or (bool(pack.min_wages) and pack.floor_mode == "per_hour_category")
        or pack.night_share is not None
        or bool(pack.ot_day_mults)
    )


def _earned(
    week: date,
    weekly: Sequence[earnings.WeekPay],
    premiums: Sequence[earnings.Earning],
    tests: Sequence[floor.FloorTest],
    given: facts.AgentFacts,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
) -> tuple[facts.CarriedPay, ...]:
    sums: dict[tuple[str, bool], Fraction] = {}
    for pay in weekly:
        if pay.week == week:
            sums[pay.kind, pay.in_rate] = sums.get((pay.kind, pay.in_rate), ZERO) + pay.amount
    special = exact.total(
        values=(
            hours.day_premium(part=part, time=given.hours, terms=terms, pack=pack, carried=given.carried)
            for part in given.hours
            if part.week == week
        )
    )
    guarantee = exact.total(values=(test.top_up for test in tests if test.week == week and test.rule == "guarantee"))
    night = exact.total(values=(one.exact for one in premiums if one.week == week and one.kind == "shift_differential"))
    for part, whole, amount in (("day_premium", "category", special), ("guarantee", "floor", guarantee)):
        sums[part, True] = amount
        sums[whole, True] = sums.get((whole, True), ZERO) - amount
    sums["night", False] = night
    return tuple(facts.CarriedPay(kind=kind, amount=amount, in_rate=in_rate) for (kind, in_rate), amount in sorted(sums.items()) if amount)


def _shares(earning: earnings.Earning, pack: rule_packs.RulePack) -> list[facts.CarriedShare]:
    """Return the hours that a line paid at a part of the rate of their day."""
    inputs = earning.inputs
    if earning.rule == "night":
        return [facts.CarriedShare(kind="night", multiplier=inputs["multiplier"] * inputs["share"], hours=inputs["night_hours"])]
    if earning.rule in ("overtime.day", "overtime.premium") and pack.ot_day_mults:
        multiplier = inputs.get("day_multiplier", ONE) * (inputs["multiplier"] - ONE)
        return [facts.CarriedShare(kind="overtime", multiplier=multiplier, hours=inputs["overtime_hours"])]
    return []
