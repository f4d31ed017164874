"""Lint of one price of a rate card: totals that fall, cliffs, tiers out of reach, prices below cost or of nothing."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from contracts.rules import rate_cards
from contracts.rules.lint import costs, findings, shapes, tiers

ZERO = Fraction(0)
NO_STEPS = rate_cards.PriceSteps()


def lint_price(
    *, price: rate_cards.Price, steps: rate_cards.PriceSteps = NO_STEPS, facts: shapes.PriceFacts = shapes.NOTHING_KNOWN
) -> list[findings.Finding]:
    """Find what would surprise the payer or cost us money.

    Args:
        price: the shape; terms that contradict themselves were refused when it was built.
        steps: what surrounds it; the percent discount, maximum and minimum are taken into account.
        facts: what is known of volume and cost.

    Returns: findings with paths inside a document that holds `price` and `steps`.
    Source: design.md section 5; peers.md section g 7.

    >>> falls = rate_cards.Volume(tiers=(
    ...     rate_cards.Tier(up_to=Fraction(1500), unit_amount=Fraction("2.40")), rate_cards.Tier(unit_amount=Fraction("2.20"))))
    >>> lint_price(price=falls)[0].what
    'One case more makes the invoice 297.80 lower: 1,500 cases cost 3,600.00, but 1,501 cost 3,302.20.'
    """
    found = _lint_steps(steps)
    if isinstance(price, shapes.Tiered):
        found += _lint_table(price, facts)
    if isinstance(price, rate_cards.Percentage):
        found += _lint_limits(price)
    # On a card of many rows, each finding says whose price it is; what follows says so itself.
    found = [dataclasses.replace(one, what=f"{facts.name}: {one.what}") for one in found] if facts.name else found
    if isinstance(price, shapes.Tiered):
        found += _lint_bounds(price, steps, facts)
    if isinstance(price, rate_cards.Package):
        found += _lint_package(price, facts)
    found += costs.lint_nothing(price=price, steps=steps, facts=facts)
    return found + costs.lint_cost(price=price, steps=steps, facts=facts)


def _lint_table(price: shapes.Tiered, facts: shapes.PriceFacts) -> list[findings.Finding]:
    found = []
    is_counted = not isinstance(price, rate_cards.GraduatedPercentage)
    table = shapes.list_tiers(price=price)
    bounds = [tier.up_to for tier in table]
    if bounds[-1] is not None:
        found.append(_tell_end(len(bounds) - 1, bounds[-1]))
    if is_counted:
        empty = tiers.list_empty_tiers(bounds=bounds)
        found += [_tell_empty(position) for position in empty]
        if facts.usual_count:
            far = tiers.list_far_tiers(bounds=bounds, reached=facts.usual_count * tiers.REACH)
            found += [_tell_far(position, bounds[position - 1] or ZERO, facts) for position in far if position not in empty]
    return found + [_tell_equal(position) for position in range(1, len(table)) if _is_same(price, table[position - 1], table[position])]


def _lint_bounds(price: shapes.Tiered, steps: rate_cards.PriceSteps, facts: shapes.PriceFacts) -> list[findings.Finding]:
    table = shapes.list_tiers(price=price)
    is_volume = isinstance(price, rate_cards.Volume)
    listed = tiers.list_volume_steps(tiers=table) if is_volume else tiers.list_graduated_steps(tiers=table)
    unit = "unit of value" if isinstance(price, rate_cards.GraduatedPercentage) else "case"
    return [one for step in listed for one in _lint_step(_surround(step, steps), table, steps, facts, unit=unit)]


def _is_same(price: shapes.Tiered, tier: rate_cards.Tier, following: rate_cards.Tier) -> bool:
    same_flat = tier.flat_amount == following.flat_amount if isinstance(price, rate_cards.Volume) else following.flat_amount == 0
    return same_flat and tier.unit_amount == following.unit_amount and tier.block_size == following.block_size


def _surround(step: tiers.Step, steps: rate_cards.PriceSteps) -> tiers.Step:
    """Return the step as the invoice shows it: discounted, at most the maximum, at least the minimum."""
    return tiers.Step(
        position=step.position,
        bound=step.bound + steps.usage_discount,
        before=_pass_steps(step.before, steps),
        after=_pass_steps(step.after, steps),
        ordinary=step.ordinary * shapes.kept_part(steps=steps),
    )


def _pass_steps(total: Fraction, steps: rate_cards.PriceSteps) -> Fraction:
    total *= shapes.kept_part(steps=steps)
    if steps.maximum is not None:
        total = min(total, steps.maximum)
    return total if steps.minimum is None else max(total, steps.minimum)


def _lint_step(
    step: tiers.Step, table: Sequence[rate_cards.Tier], steps: rate_cards.PriceSteps, facts: shapes.PriceFacts, *, unit: str
) -> list[findings.Finding]:
    at, beyond = findings.show_count(step.bound), findings.show_count(step.bound + 1)
    lead = f". {facts.name}" if facts.name else ""
    totals = f"{lead}: {at} {unit}s cost {findings.show_amount(step.before)}, but {beyond} cost {findings.show_amount(step.after)}."
    path = ("price", "tiers", step.position + 1)
    if step.change < 0:
        back = _find_way_back(step, table, steps)
        return [
            findings.Finding(
                code="total_falls",
                severity="error",
                path=path,
                what=f"One {unit} more makes the invoice {findings.show_amount(-step.change)} lower{totals}",
                remedy="Make it graduated, so that each case is priced at its own tier and the total never falls." + back,
                amount=-step.change,
                amount_of="each time the count passes the bound",
            )
        ]
    if not step.is_cliff(limit=facts.jump_max):
        return []
    return [
        findings.Finding(
            code="cliff",
            severity="warning",
            path=path,
            what=f"One {unit} more makes the invoice {findings.show_amount(step.change)} higher{totals}",
            remedy="Make it graduated without a flat amount, or tell the client before they reach the bound.",
            amount=step.change,
            amount_of="each time the count passes the bound",
        )
    ]


def _find_way_back(step: tiers.Step, table: Sequence[rate_cards.Tier], steps: rate_cards.PriceSteps) -> str:
    """Say at how many cases the invoice is as high again, where the next tier reaches that far."""
    tier = table[min(step.position + 1, len(table) - 1)]
    kept = shapes.kept_part(steps=steps)
    if tier.block_size is not None or not tier.unit_amount or not kept or steps.usage_discount:
        return ""
    count = Fraction(ceil((step.before / kept - tier.flat_amount) / tier.unit_amount))
    if tier.up_to is not None and count > tier.up_to:
        return ""
    return f" As it is, the invoice is back at {findings.show_amount(step.before)} only with {findings.show_count(count)} cases."


def _lint_package(price: rate_cards.Package, facts: shapes.PriceFacts) -> list[findings.Finding]:
    if facts.jump_max is None or price.package_amount <= facts.jump_max:
        return []
    return [
        findings.Finding(
            code="cliff",
            severity="warning",
            path=("price", "package_amount"),
            what=f"One case more makes the invoice {findings.show_amount(price.package_amount)} higher whenever it starts a package "
            f"of {findings.show_count(price.package_size)}.",
            remedy="Sell smaller packages, or price each case.",
            amount=price.package_amount,
            amount_of="each time a package is started",
        )
    ]


def _lint_limits(price: rate_cards.Percentage) -> list[findings.Finding]:
    low, high = price.per_event_min, price.per_event_max
    if low is None or high is None or low <= high:
        return []
    return [
        findings.Finding(
            code="limits_cross",
            severity="error",
            path=("price", "per_event_min"),
            what=f"Each event costs at least {findings.show_amount(low)} and at most {findings.show_amount(high)}: the most comes last, "
            f"so every event is billed {findings.show_amount(high)} whatever its value.",
            remedy="Lower per_event_min or raise per_event_max.",
            amount=low - high,
            amount_of="per event",
        )
    ]


def _lint_steps(steps: rate_cards.PriceSteps) -> list[findings.Finding]:
    if steps.minimum is None or steps.maximum is None or steps.minimum <= steps.maximum:
        return []
    return [
        findings.Finding(
            code="limits_cross",
            severity="error",
            path=("steps", "minimum"),
            what=f"The minimum {findings.show_amount(steps.minimum)} is above the maximum {findings.show_amount(steps.maximum)}: "
            "every full period costs the minimum, however many cases there are.",
            remedy="Lower the minimum or raise the maximum.",
            amount=steps.minimum - steps.maximum,
            amount_of="per period",
        )
    ]


def _tell_end(position: int, bound: Fraction) -> findings.Finding:
    return findings.Finding(
        code="tiers_end",
        severity="error",
        path=("price", "tiers", position, "up_to"),
        what=f"The last tier ends at {findings.show_count(bound)}. What comes beyond has no price and cannot be invoiced.",
        remedy="Leave up_to of the last tier empty, so that it has no end.",
    )


def _tell_empty(position: int) -> findings.Finding:
    return findings.Finding(
        code="tier_unreachable",
        severity="warning",
        path=("price", "tiers", position),
        what=f"No whole case can fall into tier {position + 1}: it ends before the next one begins.",
        remedy="Take the tier out, or move its bound.",
        amount=ZERO,
        amount_of="it prices nothing",
    )


def _tell_far(position: int, starts: Fraction, facts: shapes.PriceFacts) -> findings.Finding:
    count = facts.count or ZERO
    each = f", {findings.show_count(Fraction(round(count / facts.period_count)))} a billing period" if facts.period_count > 1 else ""
    had = f"last {facts.period} had {findings.show_cases(count)}{each}"
    return findings.Finding(
        code="tier_unreachable",
        severity="warning",
        path=("price", "tiers", position),
        what=f"Tier {position + 1} begins above {findings.show_count(starts)}, but {had}: its price will not be reached.",
        remedy="Lower the bound before it, or take the tier out so that nobody counts on it.",
        amount=ZERO,
        amount_of=f"at last {facts.period}'s volume",
    )


def _tell_equal(position: int) -> findings.Finding:
    return findings.Finding(
        code="tiers_equal",
        severity="warning",
        path=("price", "tiers", position),
        what=f"Tiers {position} and {position + 1} have the same price: the bound between them changes nothing.",
        remedy="Join the two tiers, or set the price that was meant.",
        amount=ZERO,
        amount_of="the bound changes nothing",
    )
