"""Adjustments: amounts that a person entered with a reason and an approver. They come last and nothing limits them."""

from collections.abc import Sequence

from billing.rules.pay import amounts, earnings, facts, workweeks


def pay_adjustments(*, entered: Sequence[facts.Amount], period: workweeks.PayPeriod) -> earnings.Earned:
    """Pay each adjustment as it was entered; its week says what it refers to, and may be closed.

    Args:
        entered: amounts; those of kind adjustment are paid here.
        period: to name the workweek.

    Returns: one earning per adjustment.
    Raises: UnableToPlaceAmount if an adjustment is spread over weeks.
    Source: formats.md, "pay", "After".
    """
    made = []
    for amount in entered:
        if amount.kind != "adjustment":
            continue
        if amount.weeks:
            raise amounts.UnableToPlaceAmount(
                "An adjustment is not spread; if it should move overtime, enter a bonus or commission instead.",
                path=("amounts", amount.place, "weeks"),
            )
        named = amount.day or amount.week
        week = workweeks.workweek_of(period=period, day=named) if named else None
        made.append(amounts.earn_amount(amount=amount, week=week))
    return earnings.Earned(earnings=tuple(made))
