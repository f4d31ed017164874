"""Paid recovery: a rest that a guardrail ordered earns the average hour, so resting costs nothing."""

from collections.abc import Sequence
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, hours
from contracts.rules import errors, pay_plans

ZERO = Fraction(0)


class UnableToAverage(errors.InvalidInput):
    """Recovery in a workweek without any other hours."""


def pay_recovery(
    *,
    paid: book.Book,
    recoveries: Sequence[facts.Recovery],
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    carried: Sequence[facts.CarriedWeek] = (),
) -> earnings.Earned:
    """Pay recovery time at the workweek's average hourly pay, or at the hourly pay that the decision promised.

    Args:
        paid: what was earned so far; of the workweek, what enters the regular rate is averaged.
        recoveries: hours of recovery by workweek.
        time: the agent's hours, recovery included; the average is over the others.
        terms: whether a salary pays the week.
        carried: parts of workweeks that an earlier period paid with the salary of the whole week; it is averaged over the whole week.

    Returns: one earning per workweek, or per promised rate.
    Raises: UnableToAverage if a week has no other hours and nothing was promised.
    Source: formats.md, "pay", "Quality"; design.md section 8.
    """
    made, weekly = [], []
    for rate in sorted({recovery.hourly for recovery in recoveries if recovery.hourly is not None}):
        promised = [recovery for recovery in recoveries if recovery.hourly == rate]
        total = sum((recovery.hours for recovery in promised), ZERO)
        made.append(
            earnings.earn(
                kind="recovery",
                label="Paid recovery",
                rule="hours.rate",
                source="agent/guardrails",
                week=promised[0].week if len(promised) == 1 else None,
                quantity=total,
                rate=rate,
                inputs={"hours": total, "rate": rate},
            )
        )
        weekly += [earnings.WeekPay(week=recovery.week, kind="recovery", amount=recovery.hours * rate) for recovery in promised]
    for recovery in recoveries:
        if recovery.hourly is None:
            made.append(_pay_average(paid, recovery, time, hours.salaried_before(terms=terms, carried=carried, week=recovery.week)))
            weekly.append(earnings.WeekPay(week=recovery.week, kind="recovery", amount=made[-1].exact))
    return earnings.Earned(earnings=tuple(made), weekly=tuple(weekly))


def _pay_average(paid: book.Book, recovery: facts.Recovery, time: Sequence[facts.HourSlice], before: facts.CarriedWeek) -> earnings.Earning:
    others = hours.hours_worked(hours=[part for part in time if part.category != facts.RECOVERY], week=recovery.week) + before.hours
    if not others:
        raise UnableToAverage(
            f"The workweek of {recovery.week} has paid recovery but no other hours to average pay over; add its time.", path=("time",)
        )
    pay = paid.regular_pay_of(week=recovery.week) + before.pay
    return earnings.earn(
        kind="recovery",
        label="Paid recovery",
        rule="recovery.average",
        source="agent/guardrails",
        week=recovery.week,
        quantity=recovery.hours,
        rate=pay / others,
        inputs={"pay": pay, "hours": others, "recovery_hours": recovery.hours},
    )
