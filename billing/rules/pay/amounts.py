"""Entered amounts: pieces, commissions, bonuses and differentials, each in its workweek or spread over several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import earnings, facts, hours, workweeks
from contracts.rules import errors, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)

LINE_KINDS: dict[facts.AmountKind, earnings.Kind] = {
    "piece": "piece",
    "commission": "commission",
    "bonus": "bonus",
    "shift_differential": "shift_differential",
    "flat_sum_bonus": "bonus",
    "discretionary_bonus": "bonus",
    "overtime_premium": "overtime",
    "adjustment": "adjustment",
    "percent_bonus": "bonus",
}
# Paid later in the pipeline, or nothing that could be spread.
LATER: tuple[facts.AmountKind, ...] = ("overtime_premium", "percent_bonus", "adjustment")


class UnableToPlaceAmount(errors.InvalidInput):
    """An amount without the week that the law needs, or in a week that this period does not hold."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one workweek takes of an amount; `closed` is set if that week was settled before."""

    week: date | None
    amount: Fraction
    closed: facts.ClosedWeek | None = None


def pay_amounts(
    *,
    amounts: Sequence[facts.Amount],
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> earnings.Earned:
    """Pay the entered amounts that are straight pay, one line each.

    Args:
        amounts: everything entered for the agent; overtime premium, percent bonuses and adjustments are paid later.
        time: the agent's hours, by which an amount may be spread.
        terms: whether a weekly guarantee needs the week of an amount.
        pack: whether a flat sum enters the regular rate.
        period: the agent's part of the pay period.

    Returns: one earning per amount, and its parts by workweek of this period.
    Raises: UnableToPlaceAmount with the place of the amount.
    Source: formats.md, "pay", "Amounts".
    """
    made, weekly = [], []
    for amount in amounts:
        if amount.kind in LATER:
            continue
        parts = place_amount(amount=amount, time=time, terms=terms, pack=pack, period=period)
        made.append(earn_amount(amount=amount, week=parts[0].week if len(parts) == 1 and not parts[0].closed else None))
        weekly += [
            earnings.WeekPay(
                week=part.week, kind=LINE_KINDS[amount.kind], amount=part.amount, in_rate=enters_rate(amount=amount, pack=pack)
            )
            for part in parts
            if part.closed is None
        ]
    return earnings.Earned(earnings=tuple(made), weekly=tuple(weekly))


def enters_rate(*, amount: facts.Amount, pack: rule_packs.RulePack) -> bool:
    """Say whether an amount enters the regular rate of its workweek.

    Args:
        amount: a flat sum enters where the pack divides it by all hours, a discretionary bonus never.

    Source: pay_rules.md section 2, 29 CFR 778.211 and Fact Sheet 56C; section 3, Alvarado v. Dart Container.

    >>> enters_rate(amount=facts.Amount(kind="discretionary_bonus"), pack=rule_packs.RulePack())
    False
    """
    if amount.kind == "flat_sum_bonus":
        return pack.flat_sum_divisor == "all_hours"
    return amount.kind not in ("discretionary_bonus", *LATER)


def earn_amount(*, amount: facts.Amount, week: date | None) -> earnings.Earning:
    """Credit an entered amount, in the pay currency.

    Args:
        amount: as entered; one in another currency has its exchange rate, and is converted.
        week: first day of its workweek, None where no rule needs to know it.

    Source: formats.md, "pay", "Amounts".
    """
    entered = amount.amount if amount.amount is not None else ZERO
    converted = {"exchange_rate": amount.exchange_rate} if amount.exchange_rate is not None else {}
    return earnings.earn(
        kind=LINE_KINDS[amount.kind],
        label=amount.label or amount.kind.replace("_", " ").capitalize(),
        rule="amount.exchanged" if converted else "amount",
        source=f"amounts/{amount.place}",
        week=week,
        inputs={"amount": entered, **converted},
        details={"amount_kind": amount.kind, **({"currency": amount.currency} if amount.currency else {})},
    )


def place_amount(
    *,
    amount: facts.Amount,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> tuple[Part, ...]:
    """Divide an amount among the workweeks in which it was earned.

    Args:
        amount: the amount; its `weeks` are dates of this period, or closed weeks with their hours.
        time: the agent's hours.
        terms, pack: which rules need to know the week.
        period: the agent's part of the pay period.

    Returns: parts that add up to the amount in the pay currency.
    Raises: UnableToPlaceAmount with the place of the amount.
    Source: formats.md, "pay", "Amounts"; 29 CFR 778.119 to 778.120, 778.209.
    """
    total = (amount.amount or ZERO) * (ONE if amount.exchange_rate is None else amount.exchange_rate)
    if not amount.weeks:
        return (Part(week=week_of(amount=amount, terms=terms, pack=pack, period=period), amount=total),)
    found = [_find_week(week, position, amount, period) for position, week in enumerate(amount.weeks)]
    if amount.spread == "equal_weeks":
        weights = [ONE for _ in found]
    else:
        weights = [closed.hours if closed else hours.hours_worked(hours=time, week=week) for week, closed in found]
    if not sum(weights):
        raise UnableToPlaceAmount(
            "These weeks have no hours to spread the amount by; use spread equal_weeks.", path=("amounts", amount.place, "spread")
        )
    return tuple(
        Part(week=week, amount=total * weight / sum(weights), closed=closed) for (week, closed), weight in zip(found, weights, strict=True)
    )


def week_of(*, amount: facts.Amount, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> date | None:
    """Return the workweek of an amount; None where no rule needs to know it.

    Args:
        amount: with a day, a week, or neither.
        terms, pack: which rules need to know the week.
        period: the agent's part of the pay period.

    Returns: the first day of the workweek.
    Raises: UnableToPlaceAmount if a rule needs the week and the amount has none, or it lies outside the period.
    Source: formats.md, "pay", "Amounts".
    """
    named = amount.day or amount.week
    if named is not None:
        week = workweeks.workweek_of(period=period, day=named)
        if not period.holds_week(week=week):
            raise UnableToPlaceAmount(
                f"The week of {week} is not in the period {period.start} to {period.end}; if it is closed, spread the amount over it "
                "with weeks: [{week, hours, overtime_hours}].",
                path=("amounts", amount.place, "week"),
            )
        return week
    in_period = workweeks.workweeks_of(period=period)
    if len(in_period) == 1:
        return in_period[0]
    if amount.kind != "discretionary_bonus" and (_needs_week(terms, pack) or amount.kind == "percent_bonus"):
        raise UnableToPlaceAmount(
            f"This {amount.kind.replace('_', ' ')} moves the pay of its workweek; name its week, or the weeks it is spread over.",
            path=("amounts", amount.place, "week"),
        )
    return None


def _needs_week(terms: pay_plans.PayTerms, pack: rule_packs.RulePack) -> bool:
    is_weekly_floor = bool(pack.min_wages) and pack.floor_mode != "pay_reference_period"
    is_averaged = pack.rest_pay == "average" or pack.night_share is not None
    return pack.has_overtime or is_weekly_floor or is_averaged or terms.guaranteed_hourly is not None


def _find_week(
    week: date | facts.ClosedWeek, position: int, amount: facts.Amount, period: workweeks.PayPeriod
) -> tuple[date, facts.ClosedWeek | None]:
    if isinstance(week, facts.ClosedWeek):
        return week.week, week
    found = workweeks.workweek_of(period=period, day=week)
    if not period.holds_week(week=found):
        raise UnableToPlaceAmount(
            f"The week of {found} is not in this period; write a closed week as {{week, hours, overtime_hours, double_time_hours}}.",
            path=("amounts", amount.place, "weeks", position),
        )
    return found, None
