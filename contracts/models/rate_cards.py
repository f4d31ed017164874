"""The rate card of a contract version: which resolution costs the client how much."""

from collections.abc import Collection

import pghistory
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.clients import Channel, QueryType
from contracts.models.versions import ContractVersion, frozen_with_version

ROW_VERSION = "SELECT status FROM contracts_contractversion WHERE id = item.version_id"
TIER_VERSION = """SELECT status FROM contracts_contractversion
    WHERE id = (SELECT version_id FROM contracts_ratecardrow WHERE id = item.row_id)"""

# What each shape needs, and what it may have beside that. A field of another shape stays empty.
REQUIRED = {
    "per_unit": ("unit_amount_micros",),
    "package": ("package_size", "package_amount_micros"),
    "percentage": ("rate_ppm",),
}
OPTIONAL = {
    "package": ("free_units",),
    "percentage": ("fixed_amount_micros", "free_events", "free_amount_micros", "per_event_min_micros", "per_event_max_micros"),
}
LIMITS = ("maximum_micros", "minimum_micros")


def shape_constraints() -> list[models.CheckConstraint]:
    """Return what the database holds of a row: each shape has its fields and no others, and no amount is below zero."""
    made = []
    for shape in ("per_unit", "package", "percentage"):
        names = REQUIRED[shape]
        told = " and ".join(name.removesuffix("_micros").removesuffix("_ppm").replace("_", " ") for name in names)
        made.append(
            models.CheckConstraint(
                name=f"rate_card_row_{shape}_is_complete",
                condition=~models.Q(shape=shape) | models.Q(**{f"{name}__isnull": False for name in names}),
                violation_error_message=f"A {shape.replace('_', ' ')} price needs its {told}.",
            )
        )
        others = models.Q(**{f"{name}__isnull": True for name in (*names, *OPTIONAL.get(shape, ()))})
        made.append(
            models.CheckConstraint(
                name=f"rate_card_row_{shape}_fields_are_its_own",
                condition=models.Q(shape=shape) | others,
                violation_error_message=f"A field of a {shape.replace('_', ' ')} price is filled in on a row of another shape; "
                "empty it, or choose that shape.",
            )
        )
    amounts = [name for names in (*REQUIRED.values(), *OPTIONAL.values(), LIMITS) for name in names if name.endswith("_micros")]
    not_negative = models.Q()
    for name in amounts:
        not_negative &= models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__gte": 0})
    made += [
        models.CheckConstraint(
            name="rate_card_row_amounts_not_negative", condition=not_negative, violation_error_message="An amount is zero or more."
        ),
        models.CheckConstraint(
            name="rate_card_row_package_has_units",
            condition=models.Q(package_size=None) | models.Q(package_size__gte=1),
            violation_error_message="A package has at least one resolution.",
        ),
        models.CheckConstraint(
            name="rate_card_row_discount_is_a_part",
            condition=models.Q(percent_discount_bp__lte=10_000),
            violation_error_message="A discount is at most 100 percent.",
        ),
        models.CheckConstraint(
            name="rate_card_row_percentage_counts_no_units",
            condition=~models.Q(shape__in=["percentage", "graduated_percentage"]) | models.Q(usage_discount=0),
            violation_error_message="A percentage is taken of values, so no resolutions can be left out; use free resolutions instead.",
        ),
    ]
    return made


SHAPE_CONSTRAINTS = shape_constraints()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class RateCardRow(models.Model):
    """One price: query type (or any) × channel (or any) × outcome (or any). The most specific row wins."""

    class Shape(models.TextChoices):
        PER_UNIT = "per_unit", _("Per unit: each costs the same")
        GRADUATED = "graduated", _("Graduated: each at the price of the tier it falls in")
        VOLUME = "volume", _("Volume: all at the price of the tier that the count reaches")
        PACKAGE = "package", _("Package: each started package costs the same")
        PERCENTAGE = "percentage", _("Percentage: a part of each resolution's value")
        GRADUATED_PERCENTAGE = "graduated_percentage", _("Graduated percentage: a part of the summed value, tier by tier")

    class Outcome(models.TextChoices):
        ANY = "", _("Any")
        CONFIRMED = "confirmed", _("Confirmed by the customer")
        ASSUMED = "assumed", _("Assumed after silence")

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="rate_card_rows")
    query_type = models.ForeignKey(QueryType, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: any query type."))
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, help_text=_("Empty: any channel."))
    outcome = models.CharField(
        max_length=16, choices=Outcome, blank=True, default="", help_text=_("Any, or only confirmed or assumed ones.")
    )
    shape = models.CharField(max_length=24, choices=Shape, default=Shape.PER_UNIT, help_text=_("How the count becomes a price."))
    unit_amount_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("Per unit: price of one resolution. Leave empty for every other shape.")
    )
    package_size = models.PositiveBigIntegerField(null=True, blank=True, help_text=_("Package: resolutions in one package."))
    package_amount_micros = fields.MicrosField(null=True, blank=True, help_text=_("Package: price of each started package."))
    free_units = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("Package: resolutions that are free before the first package. Empty: none.")
    )
    rate_ppm = fields.RateField(null=True, blank=True, help_text=_("Percentage: part of the value, in percent."))
    fixed_amount_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("Percentage: added to each resolution that is not free. Empty: nothing.")
    )
    free_events = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("Percentage: the first so many resolutions of a period are free. Empty: no such limit.")
    )
    free_amount_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("Percentage: resolutions are free up to this summed value. Empty: no such limit.")
    )
    per_event_min_micros = fields.MicrosField(null=True, blank=True, help_text=_("Percentage: the least that one costs. Empty: no least."))
    per_event_max_micros = fields.MicrosField(null=True, blank=True, help_text=_("Percentage: the most that one costs. Empty: no most."))
    usage_discount = models.PositiveBigIntegerField(
        default=0, help_text=_("So many resolutions of each period are not charged. Not for a percentage, which has free ones of its own.")
    )
    percent_discount_bp = fields.BasisPointsField(default=0, help_text=_("Percent off what the shape gives."))
    maximum_micros = fields.MicrosField(null=True, blank=True, help_text=_("The most that this row costs in a period. Empty: no most."))
    minimum_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("The least that this row costs in a period, as a line when it closes. Empty: no least.")
    )

    class Meta:
        ordering = ["version", "query_type", "channel", "outcome"]
        constraints = [
            models.UniqueConstraint(
                name="rate_card_row_once", fields=["version", "query_type", "channel", "outcome"], nulls_distinct=False
            ),
            *SHAPE_CONSTRAINTS,
        ]
        triggers = frozen_with_version(version_of=ROW_VERSION)

    def __str__(self) -> str:
        return f"{self.query_type or 'any query type'}, {self.channel or 'any channel'}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Check what a shape needs also in a grid that leaves some of its fields out, because the row has them all the same."""
        super().validate_constraints(exclude=set(exclude or ()) & {"version", "query_type", "channel", "outcome"})


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class RateTier(models.Model):
    """A band of a row: above the bound before it, up to and including `up_to`. Only upper bounds are stored, so no gap can exist."""

    row = models.ForeignKey(RateCardRow, on_delete=models.CASCADE, related_name="tiers")
    up_to = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text=_("Last resolution of this tier; of a graduated percentage, the last unit of money. Empty: no end."),
    )
    unit_amount_micros = fields.MicrosField(default=0, help_text=_("Price of each resolution in this tier."))
    block_size = models.PositiveBigIntegerField(
        null=True, blank=True, help_text=_("The price is for each started block of so many. Empty: for each resolution.")
    )
    rate_ppm = fields.RateField(null=True, blank=True, help_text=_("Only for a graduated percentage: part of the value, in percent."))
    flat_amount_micros = fields.MicrosField(default=0, help_text=_("Added once when the tier is entered."))

    class Meta:
        ordering = ["row", models.F("up_to").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(name="rate_tier_bound_once", fields=["row", "up_to"], nulls_distinct=False),
            models.CheckConstraint(
                name="rate_tier_amounts_not_negative", condition=models.Q(unit_amount_micros__gte=0, flat_amount_micros__gte=0)
            ),
            models.CheckConstraint(
                name="rate_tier_block_has_units",
                condition=models.Q(block_size=None) | models.Q(block_size__gte=1),
                violation_error_message="A block has at least one resolution.",
            ),
            models.CheckConstraint(
                name="rate_tier_amount_or_rate",
                condition=models.Q(rate_ppm=None) | models.Q(unit_amount_micros=0, block_size=None),
                violation_error_message="A tier has a price for each resolution, or a part of the value in percent, not both.",
            ),
        ]
        triggers = frozen_with_version(version_of=TIER_VERSION)

    def __str__(self) -> str:
        return gettext("up to %(up_to)s") % {"up_to": self.up_to} if self.up_to else gettext("and beyond")
