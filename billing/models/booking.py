"""What a client owes, line by line. Booked lines are never edited: a correction is one more line."""

import pgtrigger
from django.db import models

from agents.models import Resolution
from contracts.models import ContractVersion, RateCardRow, fields
from contracts.models.versions import never_truncated


class BookedLine(models.Model):
    """The price booked for one resolution, or the signed difference when its period was rated again."""

    class Kind(models.TextChoices):
        RESOLUTION = "resolution", "Resolution"
        CORRECTION = "correction", "Correction"

    version = models.ForeignKey(ContractVersion, on_delete=models.PROTECT, related_name="booked_lines")
    row = models.ForeignKey(
        RateCardRow, on_delete=models.PROTECT, related_name="booked_lines", help_text="The row of the rate card that won."
    )
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="booked_lines")
    revision = models.PositiveSmallIntegerField(help_text="1 is the first booking of this resolution; each correction counts up.")
    kind = models.CharField(max_length=12, choices=Kind)
    period_start = models.DateField(help_text="The contract's billing period that it belongs to.")
    position = models.PositiveIntegerField(help_text="The running count of the row in the period, which decides the tier.")
    amount_micros = fields.MicrosField(help_text="May be negative in a correction.")
    list_micros = fields.MicrosField(help_text="First-tier price of the row.")
    reason = models.CharField(max_length=64, blank=True, help_text="Code of why it was corrected.")
    booked_at = models.DateTimeField()

    class Meta:
        ordering = ["version", "period_start", "row", "position", "revision"]
        constraints = [models.UniqueConstraint(name="booked_line_once", fields=["resolution", "revision"])]
        indexes = [models.Index(name="booked_line_period", fields=["version", "period_start"])]
        triggers = [pgtrigger.Protect(name="booked_lines_only_grow", operation=pgtrigger.Update | pgtrigger.Delete), never_truncated()]

    def __str__(self) -> str:
        return f"{self.resolution}, revision {self.revision}"
