"""Files that people uploaded to import, kept for some days so that they can be read again with a better mapping."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.intake import ImportRun
from agents.models.sources import Source


class Upload(models.Model):
    """One uploaded file, how it is to be read so far, and what came of it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Being set up")
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        CHECKED = "checked", _("Tried, nothing stored")
        IMPORTED = "imported", _("Imported")
        FAILED = "failed", _("Failed; nothing was stored")

    class Kind(models.TextChoices):
        CASES = "cases", _("Cases")
        ACCOUNTS = "accounts", _("Account data")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CASES, help_text=_("What its rows tell of."))
    file = models.FileField(upload_to="uploads", blank=True, help_text=_("Empty once it was deleted."))
    name = models.CharField(max_length=255, help_text=_("As the person's computer calls it."))
    sha256 = models.CharField(max_length=64, help_text=_("Of the bytes that came."))
    byte_count = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(help_text=_("Wall clock."))
    draft = models.JSONField(default=dict, help_text=_("How it is to be read, as entered so far."))
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    step = models.CharField(max_length=32, blank=True, help_text=_("What is being done with it."))
    done_count = models.PositiveBigIntegerField(default=0)
    total_count = models.PositiveBigIntegerField(default=0)
    message = models.TextField(blank=True, help_text=_("What came of it, as a sentence."))
    report = models.JSONField(default=dict, help_text=_("Counts of the last try or import, and the first held rows of a try."))
    run = models.ForeignKey(ImportRun, null=True, blank=True, on_delete=models.PROTECT, related_name="uploads")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text=_("When the file was deleted; wall clock."))

    class Meta:
        ordering = ["-uploaded_at"]
        indexes = [models.Index(name="upload_kept", fields=["uploaded_at"], condition=models.Q(deleted_at=None))]

    def __str__(self) -> str:
        return self.name
