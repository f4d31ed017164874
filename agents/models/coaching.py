"""Coaching sessions with what came of them, and improvement plans that people decide step by step."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models.people import Agent
from agents.models.quality import QaReview
from contracts.models.versions import ends_after_start, never_truncated


class GoalMetric(models.TextChoices):
    """What a goal is measured by; a goal may also do without."""

    NONE = "", _("Nothing measured")
    FCR = "fcr", _("First contact resolution")
    CSAT = "csat", _("CSAT")
    QA = "qa", _("QA passed")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CoachingSession(models.Model):
    """One talk between an agent and their coach: the goal, and later what was measured before and after."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", pgettext_lazy("talk", "Held")
        CLOSED = "closed", _("Followed up")
        CANCELLED = "cancelled", _("Canceled")

    class Outcome(models.TextChoices):
        OPEN = "", _("Not decided")
        REACHED = "reached", _("Goal reached")
        GOING_ON = "going_on", _("Going on with it")
        OTHER = "other", _("Trying something else")

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="coaching_sessions")
    coach = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    planned_on = models.DateField(help_text=_("The day of the talk."))
    goal = models.CharField(max_length=240, help_text=_("What the agent wants to do otherwise. The agent reads it."))
    metric = models.CharField(max_length=8, choices=GoalMetric, blank=True, default="", help_text=_("What shows whether it helps."))
    review = models.ForeignKey(
        QaReview,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="coaching_sessions",
        help_text=_("The review that led to it."),
    )
    follow_up_on = models.DateField(help_text=_("The day on which both look at what came of it."))
    created_at = models.DateTimeField(help_text=_("Business clock."))
    held_at = models.DateTimeField(null=True, help_text=_("Business clock; when the coach noted that it took place."))
    acknowledged_at = models.DateTimeField(null=True, help_text=_("Business clock; when the agent said that they have read it."))
    agent_words = models.TextField(blank=True, help_text=_("What the agent says about it."))
    before_from = models.DateField(null=True)
    before_to = models.DateField(null=True, help_text=_("First day no longer in the time before."))
    after_from = models.DateField(null=True)
    after_to = models.DateField(null=True, help_text=_("First day no longer in the time after."))
    before_count = models.PositiveIntegerField(null=True)
    before_success_count = models.PositiveIntegerField(null=True)
    before_expected = models.DecimalField(null=True, max_digits=14, decimal_places=6, help_text=_("Successes expected for that case mix."))
    after_count = models.PositiveIntegerField(null=True)
    after_success_count = models.PositiveIntegerField(null=True)
    after_expected = models.DecimalField(null=True, max_digits=14, decimal_places=6, help_text=_("Successes expected for that case mix."))
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="", help_text=_("What the two people make of it."))
    outcome_words = models.TextField(blank=True)
    followed_up_at = models.DateTimeField(null=True, help_text=_("Business clock."))

    class Meta:
        ordering = ["-planned_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="coaching_followed_up_after", condition=models.Q(follow_up_on__gt=models.F("planned_on"))),
            ends_after_start(name="coaching_before_is_some_days", start="before_from", end="before_to"),
            ends_after_start(name="coaching_after_is_some_days", start="after_from", end="after_to"),
            models.CheckConstraint(
                name="coaching_counts_are_parts",
                condition=models.Q(before_success_count__lte=models.F("before_count"), after_success_count__lte=models.F("after_count"))
                | models.Q(before_count=None, after_count=None, before_success_count=None, after_success_count=None),
            ),
            models.CheckConstraint(
                name="coaching_closed_by_a_decision",
                condition=(models.Q(status="closed", followed_up_at__isnull=False) & ~models.Q(outcome=""))
                | (~models.Q(status="closed") & models.Q(followed_up_at=None, outcome="")),
            ),
        ]
        indexes = [
            models.Index(name="coaching_agent", fields=["agent", "-planned_on", "-id"]),
            models.Index(name="coaching_due", fields=["follow_up_on"], condition=models.Q(status__in=("planned", "held"))),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.goal}"


class CoachingNote(models.Model):
    """What a coach wrote down: for themself, or for the agent to read."""

    session = models.ForeignKey(CoachingSession, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    is_shared = models.BooleanField(help_text=_("Whether the agent reads it. A note never turns from one into the other."))
    noted_at = models.DateTimeField(help_text=_("Business clock."))

    class Meta:
        ordering = ["noted_at", "pk"]
        constraints = [models.CheckConstraint(name="coaching_note_says_something", condition=~models.Q(words=""))]

    def __str__(self) -> str:
        return f"Note of {self.noted_at:%Y-%m-%d}"


class ImprovementPlan(models.Model):
    """What an agent and their lead agreed on when something has to get better. People decide each step; nothing follows by itself."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        REACHED = "reached", _("Goal reached")
        ENDED = "ended", _("Ended")

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="improvement_plans")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    reason = models.TextField(help_text=_("What has to get better, with figures. The agent reads it."))
    goal = models.CharField(max_length=240, help_text=_("What is aimed at, and by when."))
    support = models.TextField(help_text=_("What the company does for it."))
    metric = models.CharField(max_length=8, choices=GoalMetric, blank=True, default="")
    opened_at = models.DateTimeField(help_text=_("Business clock."))
    review_on = models.DateField(help_text=_("The day on which people look at it again."))
    acknowledged_at = models.DateTimeField(null=True, help_text=_("Business clock; when the agent said that they have read it."))
    closed_at = models.DateTimeField(null=True, help_text=_("Business clock."))

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="improvement_plan_one_open", fields=["agent"], condition=models.Q(status="open")),
            models.CheckConstraint(
                name="improvement_plan_closed_at_a_time",
                condition=models.Q(status="open", closed_at=None) | (~models.Q(status="open") & models.Q(closed_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.goal}"


class ImprovementStep(models.Model):
    """One thing that a person did or said in an improvement plan. Steps are added and stay."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        SUPPORT = "support", _("Support given")
        COMMENT = "comment", _("Comment")
        ACKNOWLEDGED = "acknowledged", _("Read by the agent")
        EXTENDED = "extended", _("Review moved")
        REACHED = "reached", _("Goal reached")
        ENDED = "ended", _("Ended")

    plan = models.ForeignKey(ImprovementPlan, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text=_("Who did or decided it."))
    words = models.TextField(blank=True)
    review_on = models.DateField(null=True, help_text=_("The day of the next look, where it was set."))
    noted_at = models.DateTimeField(help_text=_("Business clock."))

    class Meta:
        ordering = ["noted_at", "pk"]
        constraints = [
            models.CheckConstraint(name="improvement_step_has_a_reason", condition=models.Q(kind="acknowledged") | ~models.Q(words=""))
        ]
        triggers = [
            pgtrigger.Protect(name="improvement_steps_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.noted_at:%Y-%m-%d}"
