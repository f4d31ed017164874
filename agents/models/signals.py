"""Signals of gaming: what looked unlike chance, for a person to review. A signal never cuts pay by itself."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent
from agents.models.resolutions import Resolution


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class GamingSignal(models.Model):
    """Something about an agent's work that is rarer than chance explains, with its evidence, until a person decides."""

    class Kind(models.TextChoices):
        PREMATURE_CLOSE = "premature_close", _("Closed too early")
        SPLITTING = "splitting", _("One problem as several cases")
        CHERRY_PICKING = "cherry_picking", _("Mostly short cases")
        SURVEY_STEERING = "survey_steering", _("Few answers from unhappy customers")
        PERIOD_END_SPIKE = "period_end_spike", _("Many at the end of the period")
        SELF_CREATED = "self_created", _("Cases opened by the agent")
        MERGE_FARMING = "merge_farming", _("Merged after they were solved")

    class Status(models.TextChoices):
        OPEN = "open", _("To review")
        DISMISSED = "dismissed", _("Nothing wrong")
        CONFIRMED = "confirmed", _("A real problem")
        EXPIRED = "expired", _("Nobody decided in time")

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="gaming_signals")
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    since_at = models.DateTimeField(help_text=_("First instant that was looked at."))
    until_at = models.DateTimeField(help_text=_("First instant that was not looked at."))
    observed_count = models.PositiveIntegerField(help_text=_("What was looked at."))
    marked_count = models.PositiveIntegerField(help_text=_("How many of these look unusual."))
    expected_count = models.DecimalField(
        max_digits=12, decimal_places=4, help_text=_("How many would, at the rate of everybody else on the same kinds of cases.")
    )
    base_observed_count = models.PositiveIntegerField(help_text=_("What the rate of everybody else rests on."))
    interval_low = models.DecimalField(max_digits=7, decimal_places=6, help_text=_("Lower end of what the agent's rate may really be."))
    interval_high = models.DecimalField(max_digits=7, decimal_places=6, help_text=_("Upper end of what the agent's rate may really be."))
    resolutions = models.ManyToManyField(Resolution, related_name="gaming_signals", help_text=_("The unusual ones."))
    found_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text=_("When it ends undecided, and what it holds is paid."))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["expires_at", "id"]
        constraints = [
            models.UniqueConstraint(name="gaming_signal_open_once", fields=["agent", "kind"], condition=models.Q(status="open")),
            models.CheckConstraint(name="gaming_signal_marks_a_part", condition=models.Q(marked_count__lte=models.F("observed_count"))),
            models.CheckConstraint(
                name="gaming_signal_decided_by_somebody_with_a_reason",
                condition=models.Q(status__in=["open", "expired"], decided_by=None)
                | (
                    models.Q(status__in=["dismissed", "confirmed"], decided_by__isnull=False, decided_at__isnull=False)
                    & ~models.Q(decision_reason="")
                ),
            ),
        ]
        indexes = [models.Index(name="gaming_signal_review", fields=["status", "expires_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.agent}"
