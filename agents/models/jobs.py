"""What the scheduled jobs did."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One run of a job: what it looked at, what it changed, and how long it took."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped: the same job was running")

    job = models.CharField(max_length=64)
    started_at = models.DateTimeField(help_text=_("Wall clock."))
    as_of = models.DateTimeField(help_text=_("Business clock that it worked for."))
    seconds = models.FloatField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.RUNNING)
    seen_count = models.PositiveIntegerField(default=0, help_text=_("What it looked at."))
    changed_count = models.PositiveIntegerField(default=0, help_text=_("What it changed."))
    message = models.TextField(blank=True, help_text=_("In words; the error if it failed."))

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(name="job_run_latest", fields=["job", "-started_at"])]

    def __str__(self) -> str:
        return f"{self.job}, {self.started_at:%Y-%m-%d %H:%M}"


class Worker(models.Model):
    """A worker of the queue, as it reported last. One that stopped is forgotten after a day."""

    name = models.CharField(max_length=255, unique=True, help_text=_("As it calls itself: worker@machine."))
    started_at = models.DateTimeField(help_text=_("Wall clock."))
    seen_at = models.DateTimeField(help_text=_("Wall clock; it reports every few seconds."))
    process_count = models.PositiveSmallIntegerField(help_text=_("How many tasks it works on at once."))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
