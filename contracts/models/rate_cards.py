"""The rate card of a contract version: which resolution costs the client how much."""

import pghistory
from django.db import models

from contracts.models import fields
from contracts.models.clients import Channel, QueryType
from contracts.models.versions import ContractVersion, frozen_with_version

ROW_VERSION = "SELECT status FROM contracts_contractversion WHERE id = item.version_id"
TIER_VERSION = """SELECT status FROM contracts_contractversion
    WHERE id = (SELECT version_id FROM contracts_ratecardrow WHERE id = item.row_id)"""


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class RateCardRow(models.Model):
    """One price: query type (or any) × channel (or any) × outcome (or any). The most specific row wins."""

    class Shape(models.TextChoices):
        PER_UNIT = "per_unit", "Per unit: each costs the same"
        GRADUATED = "graduated", "Graduated: each at the price of the tier it falls in"
        VOLUME = "volume", "Volume: all at the price of the tier that the count reaches"

    class Outcome(models.TextChoices):
        ANY = "", "Any"
        CONFIRMED = "confirmed", "Confirmed by the customer"
        ASSUMED = "assumed", "Assumed after silence"

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="rate_card_rows")
    query_type = models.ForeignKey(QueryType, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: any query type.")
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: any channel.")
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True, default="", help_text="Any, or only confirmed or assumed ones.")
    shape = models.CharField(max_length=16, choices=Shape, default=Shape.PER_UNIT, help_text="How the count becomes a price.")
    unit_amount_micros = fields.MicrosField(
        null=True, blank=True, help_text="Price of one resolution. Leave empty where tiers hold the prices."
    )

    class Meta:
        ordering = ["version", "query_type", "channel", "outcome"]
        constraints = [
            models.UniqueConstraint(
                name="rate_card_row_once", fields=["version", "query_type", "channel", "outcome"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="rate_card_row_unit_amount_or_tiers",
                condition=models.Q(shape="per_unit", unit_amount_micros__gte=0)
                | (~models.Q(shape="per_unit") & models.Q(unit_amount_micros=None)),
            ),
        ]
        triggers = frozen_with_version(version_of=ROW_VERSION)

    def __str__(self) -> str:
        return f"{self.query_type or 'any query type'}, {self.channel or 'any channel'}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class RateTier(models.Model):
    """A band of a row: above the bound before it, up to and including `up_to`. Only upper bounds are stored, so no gap can exist."""

    row = models.ForeignKey(RateCardRow, on_delete=models.CASCADE, related_name="tiers")
    up_to = models.PositiveBigIntegerField(null=True, blank=True, help_text="Last unit of this tier. Empty: no end.")
    unit_amount_micros = fields.MicrosField(default=0, help_text="Price of each resolution in this tier.")
    flat_amount_micros = fields.MicrosField(default=0, help_text="Added once when the tier is entered.")

    class Meta:
        ordering = ["row", models.F("up_to").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(name="rate_tier_bound_once", fields=["row", "up_to"], nulls_distinct=False),
            models.CheckConstraint(
                name="rate_tier_amounts_not_negative", condition=models.Q(unit_amount_micros__gte=0, flat_amount_micros__gte=0)
            ),
        ]
        triggers = frozen_with_version(version_of=TIER_VERSION)

    def __str__(self) -> str:
        return f"up to {self.up_to}" if self.up_to else "and beyond"
