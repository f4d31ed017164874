"""Non-productive pay: where the law tests each hour by its category, no other hour earns less than the minimum wage."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, floor, hours, recovery, wages, workweeks
from billing.rules.pay import carried as carried_weeks
from contracts.rules import exact, pay_plans, rule_packs

ZERO = Fraction(0)
NOTHING: Mapping[str, Fraction] = {}


def top_up_nonproductive(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    recoveries: Sequence[facts.Recovery] = (),
    carried: Sequence[facts.CarriedWeek] = (),
) -> earnings.Earned:
    """Lift every hour that is neither productive nor after-contact work to the minimum wage.

    Args:
        paid: what was earned so far; paid recovery is tested at what it earned, each hour by itself whatever another was promised.
        time: the agent's hours.
        terms: what an hour of each category earns by the plan.
        pack: floor mode and minimum wage; rest breaks with a line of their own are not tested here.
        period: to know which minimum wage was in force.
        recoveries: hours of recovery by workweek, with what was promised for them.
        carried: parts of workweeks paid before, over which a salary is spread too.

    Returns: one earning per workweek, category and rate that needs one, and what hours of an earlier part lack since their salary
        is known to pay more hours; none in other floor modes.
    Source: formats.md, "pay", "Floor"; California Labor Code 226.2(a)(4).
    """
    if pack.floor_mode != "per_hour_category" or not pack.min_wages:
        return earnings.Earned()
    sums: dict[tuple[date, str, Fraction, Fraction], Fraction] = {}
    for part in time:
        if not is_other(part=part, pack=pack) or part.category == facts.RECOVERY:
            continue
        wage = wages.wage_of(part=part, pack=pack, period=period)
        rate = _rate_of_day(part, time, terms, pack, carried)
        if rate < wage:
            key = (part.week, part.category, rate, wage)
            sums[key] = sums.get(key, ZERO) + part.hours
    for week, rate, wage, found in _list_recovered(paid, recoveries, time, pack, period):
        if rate < wage:
            key = (week, facts.RECOVERY, rate, wage)
            sums[key] = sums.get(key, ZERO) + found
    made = [_earn(week, category, rate, wage, found) for (week, category, rate, wage), found in sums.items()]
    if terms.salary is not None:
        salaried = (before for before in carried if before.salaried is not False)
        made += [lacking for before in salaried for lacking in _lift_before(before, time, terms, pack, period, carried)]
    return earnings.Earned(
        earnings=tuple(made),
        weekly=tuple(earnings.WeekPay(week=earning.week, kind="nonproductive", amount=earning.exact) for earning in made),
    )


def _lift_before(
    before: facts.CarriedWeek,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    carried: Sequence[facts.CarriedWeek],
) -> list[earnings.Earning]:
    """Lift hours of the earlier part again: the more hours a salary pays in the whole week, the less each of them earned."""
    sums: dict[tuple[str, Fraction, Fraction], Fraction] = {}
    for part in carried_weeks.slices_of(before=before):
        if not is_other(part=part, pack=pack) or part.category == facts.RECOVERY:
            continue
        wage = wages.wage_of_carried(part=part, pack=pack, period=period)
        rate = _rate_of_day(part, time, terms, pack, carried)
        if rate < wage:
            sums[part.category, rate, wage] = sums.get((part.category, rate, wage), ZERO) + part.hours
    had, made = carried_weeks.earned_of(before=before, kind="nonproductive"), []
    for (category, rate, wage), found in sums.items():
        taken = min(had, (wage - rate) * found)
        had -= taken
        if taken < (wage - rate) * found:
            made.append(_earn(before.week, category, rate, wage, found, {carried_weeks.BEFORE: taken}))
    return made


def _rate_of_day(
    part: facts.HourSlice,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek],
) -> Fraction:
    """Return what such an hour earns: the plan's rate, times the multiplier of a special day."""
    rate = hours.rate_of(category=part.category, week=part.week, hours=time, terms=terms, pack=pack, carried=carried)
    mult = pack.day_mult(day_type=part.day_type) if part.day_type else None
    return rate if mult is None else rate * mult


def is_other(*, part: facts.HourSlice, pack: rule_packs.RulePack) -> bool:
    """Say whether hours are hours worked that are tested one by one: not productive, and not a rest break paid apart."""
    is_rest_line = pack.rest_pay == "average" and part.category == hours.REST
    return hours.is_worked(part=part) and part.category not in floor.PRODUCTIVE and not is_rest_line


def _list_recovered(
    paid: book.Book,
    recoveries: Sequence[facts.Recovery],
    time: Sequence[facts.HourSlice],
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> list[tuple[date, Fraction, Fraction, Fraction]]:
    """List the workweek of recovery, what an hour of it earned, the minimum wage, and how many hours."""
    found = []
    for one in recoveries:
        beside = [other for other in recoveries if other.week == one.week]
        rate = one.hourly
        if rate is None:
            promised = exact.total(values=(other.hours * other.hourly for other in beside if other.hourly is not None))
            rate = (recovery.own_pay_of(paid=paid, week=one.week) - promised) / one.hours
        parts = [part for part in time if part.week == one.week and part.category == facts.RECOVERY]
        by_day = [(wages.wage_of(part=part, pack=pack, period=period), part.hours) for part in parts]
        if len(beside) > 1:
            # Which promise was for which day is not told here; the highest minimum of the week does for each of them.
            by_day = [(max(wage for wage, _ in by_day), one.hours)]
        found += [(one.week, rate, wage, spent) for wage, spent in by_day]
    return found


def _earn(
    week: date, category: str, rate: Fraction, wage: Fraction, found: Fraction, before: Mapping[str, Fraction] = NOTHING
) -> earnings.Earning:
    return earnings.earn(
        kind="nonproductive",
        label=category.replace("_", " ").capitalize() + (carried_weeks.EARLIER if before else ""),
        rule="nonproductive",
        source="rule_pack/min_wage",
        week=week,
        quantity=found,
        rate=wage - rate,
        inputs={"min_wage": wage, "rate": rate, "hours": found, **before},
        details={"category": category},
    )
