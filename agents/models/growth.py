"""Feedback that an agent reads: from customers, reviewers and leads."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.coaching import CoachingSession
from agents.models.people import Agent
from agents.models.quality import QaReview
from agents.models.resolutions import Resolution
from agents.models.sources import Source


class Feedback(models.Model):
    """A customer's words, a review's summary, or a coaching note."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("A customer wrote")
        QA = "qa", _("QA review")
        COACHING = "coaching", _("Coaching note")

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="feedback")
    kind = models.CharField(max_length=16, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text=_("Empty: a customer.")
    )
    resolution = models.ForeignKey(Resolution, null=True, on_delete=models.PROTECT, related_name="feedback")
    review = models.ForeignKey(
        QaReview, null=True, blank=True, on_delete=models.PROTECT, related_name="feedback", help_text=_("The review that it sums up.")
    )
    session = models.ForeignKey(
        CoachingSession, null=True, blank=True, on_delete=models.PROTECT, related_name="feedback", help_text=_("The talk that it is from.")
    )
    words = models.TextField()
    tags = ArrayField(models.CharField(max_length=40), default=list, help_text=_("Expectations that it speaks of."))
    given_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True, help_text=_("When the agent said that they have taken it in."))
    answer = models.TextField(blank=True, db_default="", default="", help_text=_("What the agent says to it; lead and author read it."))
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-given_at"]
        verbose_name_plural = _("feedback")
        indexes = [
            models.Index(name="feedback_agent", fields=["agent", "-given_at"]),
            models.Index(name="feedback_answered", fields=["agent", "-answered_at"], condition=models.Q(answered_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="feedback_answered_at_a_time",
                condition=models.Q(answer="", answered_at=None) | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.given_at:%Y-%m-%d}"
