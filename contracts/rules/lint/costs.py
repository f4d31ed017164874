"""Lint of money: a price below what a case costs us, and work that costs the client nothing."""

from fractions import Fraction

from contracts.rules import rate_cards
from contracts.rules.lint import findings, shapes

ZERO = Fraction(0)
HUNDRED = Fraction(100)


def lint_nothing(*, price: rate_cards.Price, steps: rate_cards.PriceSteps, facts: shapes.PriceFacts) -> list[findings.Finding]:
    """Find work that the client gets for nothing: a price of zero, or a last tier at zero.

    Args:
        price, steps: of one row of a rate card, amounts in the major unit.
        facts: cases of the last period and what one costs us, to say what the work costs.

    Source: docs/lint.md.

    >>> free = rate_cards.PerUnit(unit_amount=ZERO)
    >>> [one.code for one in lint_nothing(price=free, steps=rate_cards.PriceSteps(), facts=shapes.NOTHING_KNOWN)]
    ['prices_nothing']
    """
    place = _find_nothing(price) if steps.percent_discount < HUNDRED else ("steps", "percent_discount")
    if place is None or steps.minimum:
        return []
    cost = facts.unit_cost
    return [
        findings.Finding(
            code="prices_nothing",
            severity="warning",
            path=place,
            what=f"{facts.subject}: from here on a resolved case costs the client nothing, and an agent whose pay is a share of the price "
            "gets nothing for it.",
            remedy="Set a price. If it is meant to be free, pay agents a fixed amount for it.",
            amount=cost,
            amount_of="per case, what it costs us" if cost is not None else "",
        )
    ]


def _find_nothing(price: rate_cards.Price) -> tuple[str | int, ...] | None:
    if isinstance(price, rate_cards.PerUnit):
        return None if price.unit_amount else ("price", "unit_amount")
    if isinstance(price, rate_cards.Package):
        return None if price.package_amount else ("price", "package_amount")
    if isinstance(price, rate_cards.Percentage):
        return None if price.rate_percent or price.fixed_amount or price.per_event_min else ("price", "rate_percent")
    table = shapes.list_tiers(price=price)
    if not any(tier.unit_amount for tier in table) and any(tier.flat_amount for tier in table):
        return None
    last = table[-1]
    adds_nothing = not last.unit_amount and (not last.flat_amount or isinstance(price, rate_cards.Graduated))
    return ("price", "tiers", len(table) - 1) if adds_nothing else None


def lint_cost(*, price: rate_cards.Price, steps: rate_cards.PriceSteps, facts: shapes.PriceFacts) -> list[findings.Finding]:
    """Find tiers and prices below what a case costs us; without a cost, nothing.

    Args:
        price, steps: of one row of a rate card, amounts in the major unit.
        facts: what one case costs us, in the major unit, and how many there were in the last period.

    Source: docs/lint.md.

    >>> cheap = rate_cards.PerUnit(unit_amount=Fraction(1))
    >>> facts = shapes.PriceFacts(unit_cost=Fraction("1.20"), count=Fraction(100))
    >>> lint_cost(price=cheap, steps=rate_cards.PriceSteps(), facts=facts)[0].amount
    Fraction(20, 1)
    """
    if facts.unit_cost is None or isinstance(price, rate_cards.Percentage | rate_cards.GraduatedPercentage):
        return []
    if not isinstance(price, rate_cards.Graduated | rate_cards.Volume):
        unit = (shapes.first_unit_amount(price=price) or ZERO) * shapes.kept_part(steps=steps)
        field = "unit_amount" if isinstance(price, rate_cards.PerUnit) else "package_amount"
        return _tell_below_cost(unit, facts.count, ("price", field), facts) if unit < facts.unit_cost else []
    found = []
    below = ZERO
    for position, tier in enumerate(price.tiers):
        unit = _average(tier, below) * shapes.kept_part(steps=steps)
        if unit < facts.unit_cost:
            counted = _count_in_tier(price, tier, below, facts)
            found += _tell_below_cost(unit, counted, ("price", "tiers", position), facts)
        below = below if tier.up_to is None else tier.up_to
    return found


def _average(tier: rate_cards.Tier, below: Fraction) -> Fraction:
    """Return what a case of a full tier costs, its flat amount spread over it; a tier without end counts none of it."""
    spread = ZERO if tier.up_to is None or tier.up_to <= below else tier.flat_amount / (tier.up_to - below)
    return tier.unit_amount / (tier.block_size or 1) + spread


def _count_in_tier(price: shapes.Tiered, tier: rate_cards.Tier, below: Fraction, facts: shapes.PriceFacts) -> Fraction | None:
    """Return the cases that fall into a tier, which each billing period fills anew."""
    usual = facts.usual_count
    if facts.count is None or usual is None:
        return None
    top = usual if tier.up_to is None else min(usual, tier.up_to)
    if isinstance(price, rate_cards.Volume):
        return facts.count if below < usual <= top else ZERO
    return max(top - below, ZERO) * facts.period_count


def _tell_below_cost(
    unit: Fraction, count: Fraction | None, path: tuple[str | int, ...], facts: shapes.PriceFacts
) -> list[findings.Finding]:
    cost = facts.unit_cost or ZERO
    missing = cost - unit
    told = f"{facts.subject}: a case is priced at {findings.show_amount(unit)}, but costs us {findings.show_amount(cost)}"
    if count:
        told += f"; the {findings.show_count(count)} of last {facts.period} lose {findings.show_amount(missing * count)}"
    return [
        findings.Finding(
            code="below_cost",
            severity="warning",
            path=path,
            what=f"{told}.",
            remedy=f"Raise the price by at least {findings.show_amount(missing)}, or bring the cost down first.",
            amount=missing * count if count else missing,
            amount_of=f"at last {facts.period}'s volume" if count else "per case",
        )
    ]
