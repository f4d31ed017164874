"""Courses and tasks that agents are given, in paid time."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent, Team
from agents.models.wellbeing import TimeEntry
from contracts.models import fields


class Course(models.Model):
    """Something to learn: what it is about, where it stands, and how long it takes."""

    code = fields.code(unique=True, help_text=_("Short name used in files."))
    title = models.CharField(max_length=120, help_text=_("Name as people read it."))
    words = models.TextField(blank=True, help_text=_("What one can do afterwards."))
    url = models.URLField(blank=True, help_text=_("Where the course stands. Empty: the lead brings it."))
    minutes = models.PositiveSmallIntegerField(help_text=_("How long it takes; this time is worked and paid."))
    is_active = models.BooleanField(default=True, help_text=_("Whether it can be assigned."))

    class Meta:
        ordering = ["title"]
        constraints = [models.CheckConstraint(name="course_takes_time", condition=models.Q(minutes__gte=1))]

    def __str__(self) -> str:
        return self.title


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class TrainingTask(models.Model):
    """A course or another task that one agent was given, until it is done or taken back."""

    class Hours(models.TextChoices):
        UNTOLD = "", _("Not told")
        RECORDED = "recorded", _("Recorded as training")
        WITHIN = "within", _("Within hours that are recorded")
        WAITING = "waiting", _("Waiting for the lead")
        REFUSED = "refused", _("Not confirmed")

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="training_tasks")
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=120, help_text=_("What is to be done."))
    words = models.TextField(blank=True, help_text=_("Why, and what to look at."))
    minutes = models.PositiveSmallIntegerField(help_text=_("Paid working time that is planned for it."))
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Given to a whole team at once."),
    )
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(help_text=_("Business clock."))
    due_on = models.DateField()
    seen_at = models.DateTimeField(null=True, help_text=_("Business clock; when the agent said that they have read it."))
    done_at = models.DateTimeField(null=True, help_text=_("Business clock."))
    agent_words = models.TextField(blank=True, help_text=_("What the agent says about it."))
    worked_from = models.DateTimeField(null=True, help_text=_("When the agent says that they began it."))
    worked_minutes = models.PositiveSmallIntegerField(null=True, help_text=_("How long the agent says that it took."))
    hours = models.CharField(max_length=8, choices=Hours, blank=True, default="", help_text=_("What became of that time."))
    time_entry = models.OneToOneField(
        TimeEntry,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="training_task",
        help_text=_("The hours that were recorded for it."),
    )
    hours_words = models.TextField(blank=True, help_text=_("Why its time was not confirmed. The agent reads it."))
    hours_decided_at = models.DateTimeField(null=True, help_text=_("Business clock."))
    hours_decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, help_text=_("Business clock."))
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(name="training_task_takes_time", condition=models.Q(minutes__gte=1)),
            models.CheckConstraint(name="training_task_done_or_cancelled", condition=models.Q(done_at=None) | models.Q(cancelled_at=None)),
            models.CheckConstraint(
                name="training_task_cancelled_by_somebody",
                condition=models.Q(cancelled_at=None, cancelled_by=None) | models.Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
            ),
            models.CheckConstraint(
                name="training_task_hours_are_told",
                condition=models.Q(hours="", worked_from=None, worked_minutes=None)
                | (~models.Q(hours="") & models.Q(worked_from__isnull=False, worked_minutes__gte=1, done_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="training_task_recorded_as_hours",
                condition=models.Q(hours="recorded", time_entry__isnull=False) | (~models.Q(hours="recorded") & models.Q(time_entry=None)),
            ),
            models.CheckConstraint(
                name="training_task_hours_refused_with_a_reason", condition=~models.Q(hours="refused") | ~models.Q(hours_words="")
            ),
            models.UniqueConstraint(
                name="training_course_open_once", fields=["agent", "course"], condition=models.Q(done_at=None, cancelled_at=None)
            ),
        ]
        indexes = [
            models.Index(name="training_agent", fields=["agent", "due_on"]),
            models.Index(name="training_hours_waiting", fields=["agent"], condition=models.Q(hours="waiting")),
            models.Index(name="training_open", fields=["due_on", "id"], condition=models.Q(done_at=None, cancelled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.agent}"
