"""What was counted for a client's value report. Counts only: what they come to is worked out by billing/rules/client_value.py."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import Channel, Contract, fields
from contracts.models.versions import ends_after_start


class ValueCount(models.Model):
    """One channel of one billing period of a contract, as it was counted last."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="value_counts")
    period_start = models.DateField()
    period_end = models.DateField(help_text=_("First day after it."))
    currency = fields.currency()
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Empty: not told."))
    resolution_count = models.PositiveIntegerField(default=0, help_text=_("Resolutions booked in the period, corrections taken off."))
    paid_micros = fields.MicrosField(default=0, help_text=_("What was booked for them, with corrections."))
    contact_count = models.PositiveIntegerField(
        default=0, help_text=_("Contacts of the period, recorded ones and those that only show in the case.")
    )
    recorded_count = models.PositiveIntegerField(default=0, help_text=_("Those of them that the source recorded as contacts."))
    fcr_yes_count = models.PositiveIntegerField(default=0)
    fcr_count = models.PositiveIntegerField(default=0, help_text=_("Verified cases of which first contact resolution was asked."))
    pending_count = models.PositiveIntegerField(default=0, help_text=_("Cases whose answer is not known yet."))
    favorable_count = models.PositiveIntegerField(default=0)
    answer_count = models.PositiveIntegerField(default=0, help_text=_("Survey answers of the period."))
    counted_at = models.DateTimeField(help_text=_("What was known at this business instant."))

    class Meta:
        ordering = ["contract", "-period_start", "channel"]
        constraints = [
            models.UniqueConstraint(
                name="value_count_once", fields=["contract", "period_start", "currency", "channel"], nulls_distinct=False
            ),
            ends_after_start(name="value_count_period_ends_after_start", start="period_start", end="period_end"),
            models.CheckConstraint(
                name="value_count_parts_fit",
                condition=models.Q(fcr_yes_count__lte=models.F("fcr_count"))
                & models.Q(favorable_count__lte=models.F("answer_count"))
                & models.Q(recorded_count__lte=models.F("contact_count")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract}, {self.period_start:%Y-%m}, {self.channel or 'no channel'}"
