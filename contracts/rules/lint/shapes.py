"""What lint reads off a price: its facts, its tiers, what one case costs at first, and what a discount leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from contracts.rules import rate_cards
from contracts.rules.lint import tiers

HUNDRED = Fraction(100)

Tiered = rate_cards.Graduated | rate_cards.Volume | rate_cards.GraduatedPercentage


@dataclass(frozen=True, kw_only=True)
class PriceFacts:
    """What is known beside the price itself; None is not known, and what needs it is not looked at.

    Args:
        name: whose price it is, as people say it, such as "Billing by chat"; empty where a document has only one.
        count: cases of the last period that this price was for.
        period: what that period is, as people say it after "last": period, quarter.
        period_count: billing periods in it; tiers start anew with each of them.
        unit_cost: what one case costs us, in the major unit.
        jump_max: most that one case more may add, in the major unit; None: twice its ordinary price.
    """

    name: str = ""
    count: Fraction | None = None
    period: str = "period"
    period_count: int = 1
    unit_cost: Fraction | None = None
    jump_max: Fraction | None = None

    @property
    def subject(self) -> str:
        """Whose price it is, also where it has no name."""
        return self.name or "This price"

    @property
    def usual_count(self) -> Fraction | None:
        """Cases of a usual billing period."""
        return None if self.count is None else self.count / self.period_count


NOTHING_KNOWN = PriceFacts()


def first_unit_amount(*, price: rate_cards.Price) -> Fraction | None:
    """Return what one case costs at first, in the major unit; None where a case's value decides it.

    Args:
        price: any shape; of a package or block its part of one case.

    Source: docs/lint.md.

    >>> first_unit_amount(price=rate_cards.PerUnit(unit_amount=Fraction(2)))
    Fraction(2, 1)
    """
    if isinstance(price, rate_cards.PerUnit):
        return price.unit_amount
    if isinstance(price, rate_cards.Package):
        return price.package_amount / price.package_size
    if isinstance(price, rate_cards.Graduated | rate_cards.Volume):
        tier = tiers.tier_at(tiers=price.tiers, count=Fraction(1)) or price.tiers[-1]
        return tier.unit_amount / (tier.block_size or 1)
    return None


def list_tiers(*, price: Tiered) -> Sequence[rate_cards.Tier]:
    """Return the tiers of a price; a percentage becomes what one unit of value costs.

    Args:
        price: with tiers, ascending by bound.

    Returns: the tiers, amounts in the major unit.
    Source: formats.md, `price`, graduated_percentage.

    >>> halves = rate_cards.GraduatedPercentage(tiers=(rate_cards.PercentageTier(rate_percent=Fraction(50)),))
    >>> [tier.unit_amount for tier in list_tiers(price=halves)]
    [Fraction(1, 2)]
    """
    if isinstance(price, rate_cards.GraduatedPercentage):
        return [
            rate_cards.Tier(up_to=tier.up_to, unit_amount=tier.rate_percent / HUNDRED, flat_amount=tier.flat_amount) for tier in price.tiers
        ]
    return price.tiers


def kept_part(*, steps: rate_cards.PriceSteps) -> Fraction:
    """Return the part of a price that the percent discount leaves.

    Args:
        steps: around the price; the discount in percent.

    Returns: 0 to 1.
    Source: formats.md, `price`, steps.

    >>> kept_part(steps=rate_cards.PriceSteps(percent_discount=Fraction(25)))
    Fraction(3, 4)
    """
    return 1 - steps.percent_discount / HUNDRED
