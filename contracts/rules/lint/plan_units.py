"""Lint of what a resolution earns: nothing paid for verified work, totals that fall, cliffs, tiers out of reach."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from contracts.rules import errors, pay_plans, rate_cards, rule_packs
from contracts.rules.lint import findings, tiers

ZERO, ONE = Fraction(0), Fraction(1)
DAYS_OF_WEEK = 7
WEEKS_OF_YEAR = Fraction(52)
WEEKLY_HOURS_ACT = Fraction(48)
PERIOD_DAYS = Fraction(31)


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """What is known beside the plan; None or empty is not known, and what needs it is not looked at.

    Args:
        pack: the pay law that applies.
        effective_from: first day that the plan is in force; needed for the minimum wage.
        effective_to: first day that it is no longer in force; None is without end.
        period_days: days of the longest pay period.
        price: what a resolution is worth to the client, in the major unit: the basis of a share.
        pools: reference rate of each quality metric over all classes, 0 to 1.
        count: resolutions of one agent in a period, the most there were.
        jump_max: most that one resolution more may add to pay, in the major unit; None: twice its ordinary pay.
    """

    pack: rule_packs.RulePack | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    period_days: Fraction = PERIOD_DAYS
    price: Fraction | None = None
    pools: Mapping[str, Fraction] = field(default_factory=dict)
    count: Fraction | None = None
    jump_max: Fraction | None = None


NOTHING_KNOWN = PlanFacts()


def lint_units(*, terms: pay_plans.PayTerms, facts: PlanFacts = NOTHING_KNOWN) -> list[findings.Finding]:
    """Find resolutions that earn nothing, counts where pay falls or jumps, and tiers that nobody can or may reach.

    Args:
        terms: the plan.
        facts: what is known of prices, volumes and the pay period.

    Returns: findings with paths inside the plan.
    Source: design.md sections 6 and 8, "no tier can be reached only by breaking a limit and none pays nothing for verified work".

    >>> nothing = pay_plans.UnitTerms(rate_kind="share", tiers=(pay_plans.PayTier(up_to=None, rate=ZERO),), is_tiered=False)
    >>> [found.path for found in lint_units(terms=pay_plans.PayTerms(unit=nothing))]
    [('unit', 'share')]
    """
    if terms.unit is None:
        return []
    unit = terms.unit
    found = _lint_nothing(unit, facts)
    if terms.cap_amount == 0:
        found.append(_tell_nothing(("cap", "amount"), "The cap is 0: all pay for resolutions is deferred, period after period", None))
    if not unit.is_tiered:
        return found
    found += _lint_table(unit)
    if unit.mode == "whole":
        found += _lint_steps(unit, facts)
    return found + _lint_reach(terms, unit, facts)


def _lint_nothing(unit: pay_plans.UnitTerms, facts: PlanFacts) -> list[findings.Finding]:
    found = []
    for position, tier in enumerate(unit.tiers):
        # What lies beyond tiers that earn as they fill is told with how far they reach.
        is_beyond_all = unit.is_interpolated and tier.up_to is None
        if tier.rate == 0 and not is_beyond_all:
            place: tuple[errors.PathPart, ...] = ("unit", "tiers", position, unit.rate_kind) if unit.is_tiered else ("unit", unit.rate_kind)
            which = f"Tier {position + 1} of the plan" if unit.is_tiered else "The plan"
            found.append(_tell_nothing(place, f"{which} pays nothing for a resolution that the customer confirmed", facts.price))
    if unit.basis == "fixed" and unit.needs_basis:
        zero = [code for code, amount in unit.amounts.items() if amount == 0]
        found += [_tell_nothing(("unit", "amounts", code), f"A resolution of class {code} is worth 0 to the agent", None) for code in zero]
    return found


def _tell_nothing(path: tuple[errors.PathPart, ...], what: str, price: Fraction | None) -> findings.Finding:
    paid = "" if price is None else f"; the client pays {findings.show_amount(price)} for it"
    return findings.Finding(
        code="pays_nothing",
        severity="error",
        path=path,
        what=f"{what}{paid}.",
        remedy="Pay something for every verified resolution; where work is not wanted, stop assigning it instead.",
        amount=price,
        amount_of="per resolution, what the client pays" if price is not None else "",
    )


def _lint_table(unit: pay_plans.UnitTerms) -> list[findings.Finding]:
    if unit.mode == "interpolated":
        return []
    rates = [tier.rate for tier in unit.tiers]
    found = [_tell_equal(position) for position in range(1, len(rates)) if rates[position] == rates[position - 1]]
    last = unit.tiers[-1].up_to
    if last is not None:
        found.append(
            findings.Finding(
                code="tiers_end",
                severity="error",
                path=("unit", "tiers", len(unit.tiers) - 1, "up_to"),
                what=f"The last tier ends at {findings.show_count(last)}. What an agent does beyond it has no rate, and the pay run stops.",
                remedy="Leave up_to of the last tier empty, so that it has no end.",
            )
        )
    return found


def _tell_equal(position: int) -> findings.Finding:
    return findings.Finding(
        code="tiers_equal",
        severity="warning",
        path=("unit", "tiers", position),
        what=f"Tiers {position} and {position + 1} pay the same: reaching the bound between them changes nothing.",
        remedy="Join the two tiers, or set the rate that was meant.",
        amount=ZERO,
        amount_of="the bound changes nothing",
    )


def _lint_steps(unit: pay_plans.UnitTerms, facts: PlanFacts) -> list[findings.Finding]:
    """Find the bounds of whole tiers: all units change their rate at once, so pay jumps or falls there."""
    worth = _worth_of_rate(unit, facts)
    table = [rate_cards.Tier(up_to=tier.up_to, unit_amount=tier.rate * (ONE if worth is None else worth)) for tier in unit.tiers]
    return [
        _tell_step(step, unit, is_money=worth is not None)
        for step in tiers.list_volume_steps(tiers=table)
        if step.change < 0 or step.is_cliff(limit=facts.jump_max if worth is not None else None)
    ]


def _worth_of_rate(unit: pay_plans.UnitTerms, facts: PlanFacts) -> Fraction | None:
    """Return what makes money of rate × bound, where it is known: a unit amount, a share of an amount, or a share of known prices."""
    is_amount = unit.measure == "amount"
    if (unit.rate_kind == "unit_amount") != is_amount:
        return ONE
    return facts.price if not is_amount else None


def _tell_step(step: tiers.Step, unit: pay_plans.UnitTerms, *, is_money: bool) -> findings.Finding:
    falls = step.change < 0
    more = "unit of the measured amount" if unit.measure == "amount" else "resolution"
    at, beyond = findings.show_count(step.bound), findings.show_count(step.bound + 1)
    if is_money:
        size = findings.show_amount(abs(step.change))
        totals = f"{at} earn {findings.show_amount(step.before)}, and {beyond} earn {findings.show_amount(step.after)}"
        told = f"One {more} more makes the pay {size} {'lower' if falls else 'higher'}: {totals}."
    else:
        size = findings.show_count(abs(step.change))
        way = "lower" if falls else "higher"
        told = f"One {more} more makes the pay {way}, by {size} times what a resolution is worth: "
        told += f"from {at} to {beyond} all of them change tier."
    return findings.Finding(
        code="total_falls" if falls else "cliff",
        severity="error" if falls else "warning",
        path=("unit", "tiers", step.position + 1),
        what=told + ("" if falls else " Who stands near the bound at the end of a period is tempted or let down."),
        remedy="Set mode to marginal, so that each resolution is paid at its own tier and more work never pays less.",
        amount=abs(step.change),
        amount_of="for one agent at the bound" if is_money else "for one agent at the bound, for each 1.00 that a resolution is worth",
    )


def _lint_reach(terms: pay_plans.PayTerms, unit: pay_plans.UnitTerms, facts: PlanFacts) -> list[findings.Finding]:
    bounds = [tier.up_to for tier in unit.tiers]
    if unit.accumulate == "transaction":
        far = tiers.list_far_tiers(bounds=bounds, reached=ONE) if unit.measure == "count" else []
        return [_tell_unreachable(position, bounds, "tiers start anew with each resolution, and one counts at most 1") for position in far]
    limit = _most_within_limits(terms, unit, facts)
    past = [] if limit is None else tiers.list_far_tiers(bounds=bounds, reached=limit[0])
    allowed = "" if limit is None else limit[1]
    found = [_tell_past(position, unit, facts, allowed) for position in past]
    if facts.count:
        worth = ONE if unit.measure == "count" else facts.price or ZERO
        reached = facts.count * worth * tiers.REACH
        seen = findings.show_count(facts.count * worth)
        far = tiers.list_far_tiers(bounds=bounds, reached=reached) if reached else []
        found += [_tell_unreachable(place, bounds, f"the most that an agent reached was {seen}") for place in far if place not in past]
    return found


def _most_within_limits(terms: pay_plans.PayTerms, unit: pay_plans.UnitTerms, facts: PlanFacts) -> tuple[Fraction, str] | None:
    """Return what an agent can reach inside the plan's own pace and hours, and how that was worked out."""
    pace = terms.guardrails["pace"].act if "pace" in terms.guardrails else None
    if pace is None or (unit.measure == "amount" and facts.price is None):
        return None
    weekly = terms.guardrails["weekly_hours"].act if "weekly_hours" in terms.guardrails else None
    hours = WEEKLY_HOURS_ACT if weekly is None else weekly
    weeks = WEEKS_OF_YEAR if unit.accumulate == "year" else facts.period_days / DAYS_OF_WEEK
    worth = ONE if unit.measure == "count" else facts.price or ZERO
    told = f"{findings.show_count(pace)} an hour, {findings.show_count(hours)} hours a week, {findings.show_count(weeks)} weeks"
    most = pace * hours * weeks * worth
    return most, f"{told}: {findings.show_count(most)} at most"


def _tell_past(position: int, unit: pay_plans.UnitTerms, facts: PlanFacts, allowed: str) -> findings.Finding:
    starts = unit.tiers[position - 1].up_to or ZERO
    gain = unit.tiers[position].rate - unit.tiers[position - 1].rate
    worth = ONE if unit.rate_kind == "unit_amount" else facts.price
    return findings.Finding(
        code="tier_past_guardrails",
        severity="error",
        path=("unit", "tiers", position),
        what=f"Tier {position + 1} begins above {findings.show_count(starts)}, but the plan's own limits allow {allowed}. "
        "It could be reached only by working past a limit, and there its premium is suspended.",
        remedy="Lower the bound, or take the tier out. Do not loosen the limits for it.",
        amount=gain if worth is None else gain * worth,
        amount_of="for each 1.00 of price, promised and never paid" if worth is None else "per resolution, promised and never paid",
    )


def _tell_unreachable(position: int, bounds: list[Fraction | None], why: str) -> findings.Finding:
    return findings.Finding(
        code="tier_unreachable",
        severity="warning",
        path=("unit", "tiers", position),
        what=f"Tier {position + 1} begins above {findings.show_count(bounds[position - 1] or ZERO)}, and {why}: nobody gets its rate.",
        remedy="Lower the bound before it, or take the tier out so that nobody counts on it.",
        amount=ZERO,
        amount_of="as it is, it pays nobody",
    )
