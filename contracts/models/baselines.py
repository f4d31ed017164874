"""What a client's service was like before, so that saving and quality can be held against something stated. See docs/value.md."""

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.clients import Channel, Contract


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ValueBaseline(models.Model):
    """From a day on, what the client's service cost and reached before us, by channel, and who says so."""

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="value_baselines", help_text=_("The contract that it is compared with.")
    )
    channel = models.ForeignKey(
        Channel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: every channel without one of its own."),
    )
    starts_on = models.DateField(help_text=_("First day that it is compared with; until the next one of the same channel."))
    currency = fields.currency(help_text=_("Compared with invoices in the same currency only, for example USD."))
    contact_micros = fields.MicrosField(help_text=_("What one contact cost the client before, all in, for example 7.20."))
    contacts_per_resolution = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        validators=[MinValueValidator(1)],
        help_text=_("How many contacts it took to resolve a case before, for example 1.6."),
    )
    fcr_bp = fields.BasisPointsField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(10_000)],
        help_text=_("First contact resolution before, in percent. Empty: unknown."),
    )
    csat_bp = fields.BasisPointsField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(10_000)],
        help_text=_("Favorable survey answers before, in percent. Empty: unknown."),
    )
    repeat_micros = fields.MicrosField(
        null=True,
        blank=True,
        help_text=_("What a case that is not resolved at first contact costs the client besides our price. Empty: not put into money."),
    )
    source = models.CharField(max_length=200, help_text=_("Where the numbers come from, for example the client's service report of 2015."))

    class Meta:
        ordering = ["contract", "channel", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                name="value_baseline_once_a_day",
                fields=["contract", "channel", "currency", "starts_on"],
                nulls_distinct=False,
                violation_error_message="There is a baseline of this channel and currency from that day on already.",
            ),
            models.CheckConstraint(
                name="value_baseline_in_range",
                condition=models.Q(contact_micros__gt=0, contacts_per_resolution__gte=1)
                & (models.Q(fcr_bp=None) | models.Q(fcr_bp__lte=10_000))
                & (models.Q(csat_bp=None) | models.Q(csat_bp__lte=10_000))
                & (models.Q(repeat_micros=None) | models.Q(repeat_micros__gte=0)),
                violation_error_message="A contact costs more than zero, a resolution takes at least one, and a rate is at most 100%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract}, {self.channel or 'every channel'}, from {self.starts_on}"
