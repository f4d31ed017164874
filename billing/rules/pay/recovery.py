"""Paid recovery: a rest that a guardrail ordered earns the average hour, so resting costs nothing."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, hours
from billing.rules.pay import carried as carried_weeks
from contracts.rules import errors, exact

ZERO = Fraction(0)
# What a week earns after its recovery is averaged.
LATER = ("recovery", "nonproductive", "rest", "floor", "guarantee")


class UnableToAverage(errors.InvalidInput):
    """Recovery in a workweek without any other hours."""


def pay_recovery(
    *,
    paid: book.Book,
    recoveries: Sequence[facts.Recovery],
    time: Sequence[facts.HourSlice],
    carried: Sequence[facts.CarriedWeek] = (),
) -> earnings.Earned:
    """Pay recovery time at the workweek's average hourly pay, or at the hourly pay that the decision promised.

    Args:
        paid: what was earned so far; of the workweek, what enters the regular rate is averaged.
        recoveries: hours of recovery by workweek.
        time: the agent's hours, recovery included; the average is over the others.
        carried: parts of workweeks that an earlier period paid; the average is that of the whole week.

    Returns: one earning per workweek, or per promised rate, and what recovery of an earlier part lacks to the average of the whole week.
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
    averaged = [_pay_average(paid, recovery, time, carried) for recovery in recoveries if recovery.hourly is None]
    averaged += [lacking for before in carried for lacking in _pay_before(paid, before, time, carried)]
    weekly += [earnings.WeekPay(week=earning.week, kind="recovery", amount=earning.exact) for earning in averaged]
    return earnings.Earned(earnings=(*made, *averaged), weekly=tuple(weekly))


def own_pay_of(*, paid: book.Book, week: date) -> Fraction:
    """Return what the recovery of this period earned in a workweek, without what an earlier part lacked.

    Args:
        paid: what was earned so far.
        week: first day of the workweek.

    Returns: the pay currency, exact.
    Source: design.md section 8: paid recovery at the average hourly earnings.
    """
    lacked = exact.total(
        values=(line.exact for line in paid.lines if line.kind == "recovery" and line.week == week and carried_weeks.BEFORE in line.inputs)
    )
    return paid.weekly_of("recovery").get(week, ZERO) - lacked


def _average_of(
    paid: book.Book, week: date, time: Sequence[facts.HourSlice], carried: Sequence[facts.CarriedWeek]
) -> tuple[Fraction, Fraction]:
    """Return the pay and the hours of a workweek whose quotient is its average hour."""
    before = facts.carried_of(carried=carried, week=week)
    parts = [part for part in (*time, *carried_weeks.slices_of(before=before)) if part.category != facts.RECOVERY]
    others = hours.hours_worked(hours=parts, week=week)
    if not others:
        raise UnableToAverage(
            f"The workweek of {week} has paid recovery but no other hours to average pay over; add its time.", path=("time",)
        )
    return paid.regular_pay_of(week=week) + carried_weeks.pay_of(before=before, without=LATER), others


def _pay_average(
    paid: book.Book, recovery: facts.Recovery, time: Sequence[facts.HourSlice], carried: Sequence[facts.CarriedWeek]
) -> earnings.Earning:
    pay, others = _average_of(paid, recovery.week, time, carried)
    return _earn(recovery.week, "Paid recovery", {"pay": pay, "hours": others, "recovery_hours": recovery.hours})


def _pay_before(
    paid: book.Book, before: facts.CarriedWeek, time: Sequence[facts.HourSlice], carried: Sequence[facts.CarriedWeek]
) -> list[earnings.Earning]:
    """Pay what the recovery of an earlier part lacks to the average of the whole week."""
    averaged = exact.total(values=(one.hours for one in before.recoveries if one.hourly is None))
    if not averaged:
        return []
    promised = exact.total(values=(one.hours * one.hourly for one in before.recoveries if one.hourly is not None))
    pay, others = _average_of(paid, before.week, time, carried)
    had = carried_weeks.earned_of(before=before, kind="recovery") - promised
    if pay / others * averaged <= had:
        return []
    return [
        _earn(
            before.week,
            f"Paid recovery{carried_weeks.EARLIER}",
            {"pay": pay, "hours": others, "recovery_hours": averaged, carried_weeks.BEFORE: had},
        )
    ]


def _earn(week: date, label: str, inputs: dict[str, Fraction]) -> earnings.Earning:
    return earnings.earn(
        kind="recovery",
        label=label,
        rule="recovery.average",
        source="agent/guardrails",
        week=week,
        quantity=inputs["recovery_hours"],
        rate=inputs["pay"] / inputs["hours"],
        inputs=inputs,
    )
