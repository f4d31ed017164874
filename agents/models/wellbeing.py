"""Hours worked, and what the guardrails decided from them."""

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent
from agents.models.sources import Source
from contracts.models import PayPlanVersion


class TimeRange(models.Func):
    """The half-open range from one instant column to another."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class TimeCategory(models.TextChoices):
    PRODUCTIVE = "productive", _("On cases")
    AFTER_CONTACT_WORK = "after_contact_work", _("After-contact work")
    AVAILABLE_WAITING = "available_waiting", _("Available, waiting")
    NONPRODUCTIVE = "nonproductive", _("Other paid work")
    SYSTEM_BOOT = "system_boot", _("Starting the computer")
    TRAINING = "training", _("Training")
    REST_BREAK = "rest_break", _("Paid rest")
    MEAL_UNPAID = "meal_unpaid", _("Meal, unpaid")
    OFF = "off", _("Off")


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class TimeEntry(models.Model):
    """Time of one agent in one category, to the second. Two entries of one agent never overlap."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="time_entries")
    category = models.CharField(max_length=20, choices=TimeCategory)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        ordering = ["agent", "started_at"]
        verbose_name_plural = _("time entries")
        constraints = [
            ExclusionConstraint(
                name="time_entries_never_overlap",
                expressions=[
                    (TimeRange("started_at", "ended_at", RangeBoundary()), RangeOperators.OVERLAPS),
                    ("agent", RangeOperators.EQUAL),
                ],
            ),
            models.CheckConstraint(name="time_entry_ends_after_start", condition=models.Q(ended_at__gt=models.F("started_at"))),
        ]
        indexes = [models.Index(name="time_entry_agent", fields=["agent", "started_at"])]

    def __str__(self) -> str:
        return f"{self.category} from {self.started_at:%Y-%m-%d %H:%M}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class GuardrailDecision(models.Model):
    """What a guardrail decided: the limit, what was measured, what follows, until when, and who may lift it. The agent sees it."""

    class Level(models.TextChoices):
        WARN = "warn", _("First notice")
        ACT = "act", _("Acts")

    class Effect(models.TextChoices):
        PROMPT = "prompt", _("A prompt")
        STOP_ASSIGNMENT = "stop_assignment", _("No new contacts")
        PREMIUM_SUSPENDED = "premium_suspended", _("Premium suspended")
        PAID_RECOVERY = "paid_recovery", _("Paid recovery")

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="guardrail_decisions")
    limit = models.CharField(max_length=24)
    value = models.DecimalField(max_digits=10, decimal_places=4, help_text=_("What was measured."))
    threshold = models.DecimalField(max_digits=10, decimal_places=4, help_text=_("What it was compared with."))
    level = models.CharField(max_length=4, choices=Level)
    effect = models.CharField(max_length=20, choices=Effect)
    plan_version = models.ForeignKey(
        PayPlanVersion, null=True, on_delete=models.PROTECT, related_name="+", help_text=_("Where the limit comes from.")
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, help_text=_("Empty: until the measure is below the limit."))
    decided_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lift_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [models.UniqueConstraint(name="guardrail_decision_once", fields=["agent", "limit", "level", "effect", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.limit} {self.level}"


class LoadLook(models.Model):
    """What the last look at an agent's load rested on, and when time alone can bring the next limit."""

    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, primary_key=True, related_name="load_look")
    digest = models.CharField(max_length=80, help_text=_("Of the time entries, contacts and plan that were looked at."))
    looked_at = models.DateTimeField(help_text=_("Business clock."))
    due_at = models.DateTimeField(help_text=_("Without news no limit is reached before."))

    def __str__(self) -> str:
        return f"Look at {self.looked_at:%Y-%m-%d %H:%M}"
