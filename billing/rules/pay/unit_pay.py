"""Unit pay: what verified resolutions earn at the plain or first rate, and what higher tiers add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from billing.rules.pay import earnings, facts
from contracts.rules import exact, pay_plans

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class TierPay:
    """What one tier took, in the plan's measure, and what it paid in all, exact."""

    quantity: Fraction
    exact: Fraction


def pay_units(*, totals: facts.UnitTotals, terms: pay_plans.UnitTerms) -> earnings.Earned:
    """Pay every unit at the plain or first rate.

    Args:
        totals: units of one agent and period.
        terms: the rates; the first one counts here.

    Returns: one earning per class; a class with one basis splits by credit, so that each row is a count times a rate.
    Source: formats.md, "pay", "Unit"; design.md section 6, step 4.
    """
    rate = terms.tiers[0].rate
    made: list[earnings.Earning] = []
    for code, members in groupby(totals.groups, key=lambda group: group.class_code):
        groups = list(members)
        is_counted = not terms.is_interpolated and len({group.basis for group in groups}) == 1 and (code is not None or len(groups) == 1)
        if is_counted:
            made += [_earn_each(group, rate, terms) for group in groups]
        else:
            made.append(_earn_sum(groups, rate, terms))
    weekly = _by_week([(part.week, rate * part.base) for part in totals.slices if part.tier == 0 or not terms.is_interpolated])
    return earnings.Earned(
        earnings=tuple(made), weekly=tuple(earnings.WeekPay(week=week, kind="unit", amount=amount) for week, amount in weekly.items())
    )


def pay_uplift(*, totals: facts.UnitTotals, terms: pay_plans.UnitTerms) -> earnings.Earned:
    """Pay what the higher tiers add to the first rate.

    Args:
        totals: units of one agent and period.
        terms: the tiers; below zero if a higher tier pays less.

    Returns: one earning, or none if no unit came above the first tier.
    Source: formats.md, "pay", "Unit"; design.md section 6, step 4.
    """
    higher = [part for part in totals.slices if part.tier > 0]
    if not higher:
        return earnings.Earned()
    bases = {
        tier: exact.total(values=(part.base for part in higher if part.tier == tier))
        for tier in range(1, max(part.tier for part in higher) + 1)
    }
    inputs = {f"tier_{tier + 1}_base": base for tier, base in bases.items()}
    inputs |= {f"tier_{tier + 1}_extra": extra_rate(terms=terms, tier=tier) for tier in bases}
    entered = {tier for tier, base in bases.items() if base}
    weekly = _by_week([(part.week, extra_rate(terms=terms, tier=part.tier) * part.base) for part in higher])
    label, details = describe_uplift(terms=terms)
    earning = earnings.earn(
        kind="tier_uplift",
        label=label,
        rule="tier_uplift",
        source="plan/unit/tiers",
        week=_only({part.week for part in higher}),
        quantity=exact.total(values=(part.quantity for part in higher)),
        rate=extra_rate(terms=terms, tier=entered.pop()) if len(entered) == 1 else None,
        inputs=inputs,
        details=details,
    )
    return earnings.Earned(
        earnings=(earning,),
        weekly=tuple(earnings.WeekPay(week=week, kind="tier_uplift", amount=amount) for week, amount in weekly.items()),
    )


def pay_by_tier(*, totals: facts.UnitTotals, terms: pay_plans.UnitTerms) -> tuple[TierPay, ...]:
    """Return what each tier took and paid in all; nothing for a plain rate.

    Args:
        totals: units of one agent and period.
        terms: the tiers.

    Returns: one entry per tier of the plan; together they are unit pay and tier uplift.
    Source: formats.md, "pay", "Answer".
    """
    if not terms.is_tiered:
        return ()
    return tuple(
        TierPay(
            quantity=exact.total(values=(part.quantity for part in totals.slices if part.tier == position)),
            exact=exact.total(values=(tier.rate * part.base for part in totals.slices if part.tier == position)),
        )
        for position, tier in enumerate(terms.tiers)
    )


def extra_rate(*, terms: pay_plans.UnitTerms, tier: int) -> Fraction:
    """Return what a tier adds to the first rate; an interpolated tier adds all it is worth.

    Args:
        terms: tiers, at least one.
        tier: its position, from 0.

    Returns: a share of the basis, or the pay currency a unit, as `rate_kind` says; below zero where a later tier pays less.
    Source: formats.md, "pay", "Unit".

    >>> bands = (pay_plans.PayTier(up_to=Fraction(3), rate=Fraction(1, 5)), pay_plans.PayTier(up_to=None, rate=Fraction(1, 4)))
    >>> extra_rate(terms=pay_plans.UnitTerms(rate_kind="share", tiers=bands), tier=1)
    Fraction(1, 20)
    """
    if tier == 0:
        return ZERO
    return terms.tiers[tier].rate - (ZERO if terms.is_interpolated else terms.tiers[0].rate)


def describe(*, terms: pay_plans.UnitTerms, class_code: str | None) -> dict[str, str]:
    """Return the texts that help a person read a unit line: the class, what prices it, and where the first tier ends."""
    named = {"class": class_code} if class_code else {}
    bound = terms.tiers[0].up_to if terms.is_tiered else None
    tiered = {"tier_1_up_to": _show(bound)} if bound is not None else {}
    return {"price_basis": terms.basis, **named, **tiered}


def describe_uplift(*, terms: pay_plans.UnitTerms) -> tuple[str, dict[str, str]]:
    """Return the label of the uplift, and the texts that help a person read it."""
    what, above = "Share" if terms.rate_kind == "share" else "Pay", _show(terms.tiers[0].up_to or ZERO)
    return f"{what} above {above}", {"measure": terms.measure, "mode": terms.mode, "rate_kind": terms.rate_kind, "above": above}


def _earn_each(group: facts.UnitGroup, rate: Fraction, terms: pay_plans.UnitTerms) -> earnings.Earning:
    basis, credit = group.basis or ZERO, group.credit or ZERO
    is_share = terms.rate_kind == "share"
    inputs = {"basis": basis, "share": rate} if is_share else {"unit_amount": rate}
    return earnings.earn(
        kind="unit",
        label=group.class_code or "Resolutions",
        rule="unit.each_share" if is_share else "unit.each_amount",
        source="plan/unit",
        week=_only({group.week_first, group.week_last}),
        quantity=Fraction(group.unit_count),
        rate=(basis if is_share else ONE) * credit * rate,
        inputs={**inputs, "credit": credit, "count": Fraction(group.unit_count)},
        details=_describe([group], terms),
    )


def _earn_sum(groups: Sequence[facts.UnitGroup], rate: Fraction, terms: pay_plans.UnitTerms) -> earnings.Earning:
    base, credits = exact.total(values=(group.base for group in groups)), exact.total(values=(group.credit_sum for group in groups))
    bases = {group.basis for group in groups}
    rule, name = {"share": ("unit.sum_share", "basis_sum"), "unit_amount": ("unit.sum_amount", "credit_sum")}.get(
        terms.rate_kind, ("unit.filled_amount", "filled")
    )
    each = {"share": (bases.copy().pop() or ZERO) * rate if len(bases) == 1 else None, "unit_amount": rate}.get(terms.rate_kind)
    return earnings.earn(
        kind="unit",
        label=groups[0].class_code or "Resolutions",
        rule=rule,
        source="plan/unit",
        week=_only({week for group in groups for week in (group.week_first, group.week_last)}),
        quantity=credits,
        rate=None if terms.is_interpolated else each,
        inputs={name: base, terms.rate_kind: rate},
        details={**_describe(groups, terms), "count": str(sum(group.unit_count for group in groups)), "credits": _show(credits)},
    )


def _describe(groups: Sequence[facts.UnitGroup], terms: pay_plans.UnitTerms) -> dict[str, str]:
    exchanges = sorted({group.exchange for group in groups if group.exchange})
    converted = {"exchange": "; ".join(exchanges)} if exchanges else {}
    return {**describe(terms=terms, class_code=groups[0].class_code), **converted}


def _by_week(parts: Sequence[tuple[date, Fraction]]) -> dict[date, Fraction]:
    sums: dict[date, Fraction] = {}
    for week, amount in parts:
        sums[week] = sums.get(week, ZERO) + amount
    return sums


def _only(weeks: set[date]) -> date | None:
    return next(iter(weeks)) if len(weeks) == 1 else None


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
