"""Courses and tasks that agents are given, in paid time."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent, Team
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
            models.UniqueConstraint(
                name="training_course_open_once", fields=["agent", "course"], condition=models.Q(done_at=None, cancelled_at=None)
            ),
        ]
        indexes = [
            models.Index(name="training_agent", fields=["agent", "due_on"]),
            models.Index(name="training_open", fields=["due_on", "id"], condition=models.Q(done_at=None, cancelled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.agent}"
