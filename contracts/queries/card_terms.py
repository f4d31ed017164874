"""Stored rows of a rate card as the frozen card that rules read. Nothing is rounded on the way."""

from collections.abc import Sequence
from fractions import Fraction

from contracts import models
from contracts.queries import class_codes
from contracts.rules import errors, rate_cards

MICROS = 1_000_000
PERCENT_PPM = 10_000
PERCENT_BP = 100
ZERO = Fraction(0)


def freeze_card(*, rows: Sequence[models.RateCardRow]) -> rate_cards.RateCard:
    """Read stored rows, with query type, channel and tiers, as a rate card in their order.

    Raises: InvalidInput with the row's position if stored numbers make no valid card.
    """
    frozen = []
    for position, row in enumerate(rows):
        try:
            frozen.append(freeze_row(row=row))
        except errors.InvalidInput as refused:
            raise refused.inside("rows", position) from refused
    return rate_cards.RateCard(rows=tuple(frozen))


def freeze_row(*, row: models.RateCardRow) -> rate_cards.RateCardRow:
    """Read one stored row: its class, its price and the steps around it.

    Raises: InvalidInput if its numbers make no valid price.
    """
    return rate_cards.RateCardRow(
        price=_price(row),
        **class_codes.codes_of(row),
        outcome=row.outcome or None,
        steps=rate_cards.PriceSteps(
            usage_discount=Fraction(row.usage_discount),
            percent_discount=Fraction(row.percent_discount_bp, PERCENT_BP),
            maximum=_money(row.maximum_micros),
            minimum=_money(row.minimum_micros),
        ),
    )


def _price(row: models.RateCardRow) -> rate_cards.Price:
    shapes = models.RateCardRow.Shape
    if row.shape == shapes.PER_UNIT:
        return rate_cards.PerUnit(unit_amount=_money(row.unit_amount_micros) or ZERO)
    if row.shape == shapes.PACKAGE:
        return rate_cards.Package(
            package_size=Fraction(row.package_size or 0),
            package_amount=_money(row.package_amount_micros) or ZERO,
            free_units=Fraction(row.free_units or 0),
        )
    if row.shape == shapes.PERCENTAGE:
        return rate_cards.Percentage(
            rate_percent=Fraction(row.rate_ppm or 0, PERCENT_PPM),
            fixed_amount=_money(row.fixed_amount_micros) or ZERO,
            free_events=None if row.free_events is None else Fraction(row.free_events),
            free_amount=_money(row.free_amount_micros),
            per_event_min=_money(row.per_event_min_micros),
            per_event_max=_money(row.per_event_max_micros),
        )
    tiers = sorted(row.tiers.all(), key=lambda tier: (tier.up_to is None, tier.up_to or 0))
    if row.shape == shapes.GRADUATED_PERCENTAGE:
        return rate_cards.GraduatedPercentage(tiers=tuple(_percentage_tier(tier, place) for place, tier in enumerate(tiers)))
    counted = tuple(_tier(tier, place) for place, tier in enumerate(tiers))
    return rate_cards.Graduated(tiers=counted) if row.shape == shapes.GRADUATED else rate_cards.Volume(tiers=counted)


def _tier(tier: models.RateTier, place: int) -> rate_cards.Tier:
    if tier.rate_ppm is not None:
        raise rate_cards.InvalidPrice(
            "Only a tier of a graduated percentage has a rate in percent; give this one a price, or choose that shape.",
            path=("tiers", place, "rate"),
        )
    return rate_cards.Tier(
        up_to=None if tier.up_to is None else Fraction(tier.up_to),
        unit_amount=Fraction(tier.unit_amount_micros, MICROS),
        flat_amount=Fraction(tier.flat_amount_micros, MICROS),
        block_size=None if tier.block_size is None else Fraction(tier.block_size),
    )


def _percentage_tier(tier: models.RateTier, place: int) -> rate_cards.PercentageTier:
    if tier.rate_ppm is None:
        raise rate_cards.InvalidPrice(
            "A tier of a graduated percentage needs a rate in percent; write 0 if it is meant to be free.", path=("tiers", place, "rate")
        )
    return rate_cards.PercentageTier(
        up_to=None if tier.up_to is None else Fraction(tier.up_to),
        rate_percent=Fraction(tier.rate_ppm, PERCENT_PPM),
        flat_amount=Fraction(tier.flat_amount_micros, MICROS),
    )


def _money(micros: int | None) -> Fraction | None:
    return None if micros is None else Fraction(micros, MICROS)
