"""Lint of what a plan leaves without a rate: classes without a fixed amount, work beyond tiers that earn as they fill."""

from fractions import Fraction

from contracts.rules import classes, pay_plans
from contracts.rules.lint import findings

ZERO = Fraction(0)


def lint_classes(*, terms: pay_plans.PayTerms) -> list[findings.Finding]:
    """Find classes whose fixed amount a stored plan does not say, so that an agent's pay would be held.

    Args:
        terms: the plan; the class of any query type and any channel is written "any/any".

    Returns: findings with paths inside the plan.
    Source: design.md section 6, step 2: a rule never returns zero because it was confused.

    >>> only_chat = pay_plans.UnitTerms(rate_kind="share", tiers=(pay_plans.PayTier(up_to=None, rate=Fraction(1)),), is_tiered=False,
    ...                                 basis="fixed", amounts={"refund/chat": Fraction(2)})
    >>> [found.code for found in lint_classes(terms=pay_plans.PayTerms(unit=only_chat))]
    ['class_without_amount']
    """
    unit = terms.unit
    if unit is None or unit.basis != "fixed" or not unit.needs_basis or classes.ANY_CLASS in unit.amounts:
        return []
    count = "1 class has" if len(unit.amounts) == 1 else f"{len(unit.amounts)} classes have"
    return [
        findings.Finding(
            code="class_without_amount",
            severity="warning",
            path=("unit", "amounts"),
            what=f"{count} a fixed amount, and none is for any class: an agent who resolves another one is held and not paid.",
            remedy="Add an amount for any query type and any channel, or for each class that can come.",
        )
    ]


def lint_filling(*, terms: pay_plans.PayTerms) -> list[findings.Finding]:
    """Find tiers that earn as they fill and can never be full, and work beyond the last of them.

    Args:
        terms: the plan.

    Returns: findings with paths inside the plan; none where tiers do not earn as they fill.
    Source: design.md section 8: no tier pays nothing for verified work.

    >>> endless = pay_plans.UnitTerms(rate_kind="amount", mode="interpolated", tiers=(pay_plans.PayTier(up_to=None, rate=Fraction(1)),))
    >>> [found.code for found in lint_filling(terms=pay_plans.PayTerms(unit=endless))]
    ['tier_never_full']
    """
    return _lint_filling(terms.unit) if terms.unit is not None and terms.unit.is_interpolated else []


def _lint_filling(unit: pay_plans.UnitTerms) -> list[findings.Finding]:
    last = len(unit.tiers) - 1
    tier = unit.tiers[last]
    if tier.up_to is None and tier.rate > ZERO:
        return [
            findings.Finding(
                code="tier_never_full",
                severity="error",
                path=("unit", "tiers", last, "up_to"),
                what=f"Tier {last + 1} has no end, so it can never be full, but it is worth {findings.show_count(tier.rate)} once it is: "
                "the pay run stops for every agent who reaches it.",
                remedy="Give the tier an end.",
            )
        ]
    begins = unit.tiers[last - 1].up_to if tier.up_to is None and last else tier.up_to
    told = "earns nothing more" if tier.up_to is None else "has no rate, and the pay run stops for that agent"
    return [
        findings.Finding(
            code="tiers_fill_up",
            severity="warning",
            path=("unit", "tiers", last),
            what=f"Once {findings.show_count(begins or ZERO)} is reached, all tiers are full: each resolution beyond {told}.",
            remedy="Set the last bound well above what anybody reaches, or pay resolutions at a tier's rate instead.",
        )
    ]
