"""Imports and deliveries, and what of them could not be read."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.mappings import Mapping
from agents.models.sources import Source
from contracts.models import fields


class ImportRun(models.Model):
    """One import of one file, or one delivery: what was read, what is new, what was held. Committed whole or not at all."""

    class Origin(models.TextChoices):
        FILE = "file", _("File")
        API = "api", _("Events API")
        WEBHOOK = "webhook", _("Webhook")
        ACCOUNTS = "accounts", _("Account data")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.FILE, help_text=_("How it came."))
    mapping = models.ForeignKey(
        Mapping,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text=_("How the file was read; empty for a delivery."),
    )
    file_name = models.CharField(max_length=255, help_text=_("Of a delivery: who brought it."))
    file_sha256 = models.CharField(max_length=64)
    started_at = models.DateTimeField(help_text=_("Wall clock."))
    seconds = models.FloatField()
    row_count = models.PositiveIntegerField()
    case_count = models.PositiveIntegerField(help_text=_("Different cases in the file."))
    new_count = models.PositiveIntegerField(help_text=_("Events that were not known before."))
    changed_count = models.PositiveIntegerField(help_text=_("Events known before with another content; held, never overwritten."))
    unchanged_count = models.PositiveIntegerField(help_text=_("Events known before with the same content."))
    held_count = models.PositiveIntegerField(help_text=_("Rows held with a reason."))
    undone_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Business clock; when it was taken back. Only account data can be.")
    )
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.started_at:%Y-%m-%d %H:%M}"


class HeldRow(models.Model):
    """A row that could not become an event: kept as it came, with a sentence that says why."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="held_rows")
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="held_rows")
    row_number = models.PositiveIntegerField(help_text=_("Line of the file, counting from 1 below the head."))
    case_key = models.CharField(max_length=200, blank=True, help_text=_("The case it belongs to, where that could be read."))
    reason = fields.code(help_text=_("Stable code of the reason."))
    message = models.TextField(help_text=_("What is wrong and what to do."))
    row = models.JSONField(help_text=_("The row as it came."))
    row_hash = models.CharField(max_length=64, help_text=_("The same row is held once, however often it is imported."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=_("Who puts it right.")
    )
    released_at = models.DateTimeField(null=True, blank=True, help_text=_("When a corrected mapping let it in, or somebody dismissed it."))
    release_note = models.TextField(blank=True, help_text=_("Why it was dismissed; one that was dismissed is not held again."))

    class Meta:
        ordering = ["-run", "row_number"]
        constraints = [models.UniqueConstraint(name="held_row_once", fields=["source", "row_hash", "reason"])]
        indexes = [models.Index(name="held_row_open", fields=["source", "reason"], condition=models.Q(released_at=None))]

    def __str__(self) -> str:
        return f"row {self.row_number}: {self.message}"
