"""What customers and reviewers said, and the reference rates that agents are compared with."""

from django.conf import settings
from django.db import models

from agents.models.intake import Source
from agents.models.people import Agent
from agents.models.resolutions import Resolution
from contracts.models import Channel, QueryType


class Survey(models.Model):
    """One answer of one customer. Credit is frozen to the agent of the resolved episode."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    key = models.CharField(max_length=200)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="surveys")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="surveys")
    is_favorable = models.BooleanField()
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["-answered_at"]
        constraints = [models.UniqueConstraint(name="survey_once", fields=["source", "key"])]
        indexes = [models.Index(name="survey_agent", fields=["agent", "answered_at"])]

    def __str__(self) -> str:
        return f"survey {self.key}"


class QaReview(models.Model):
    """One contact scored against a scorecard."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    key = models.CharField(max_length=200)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="qa_reviews")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="qa_reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    score = models.PositiveSmallIntegerField(help_text="0 to 100.")
    is_passed = models.BooleanField()
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()

    class Meta:
        ordering = ["-reviewed_at"]
        constraints = [
            models.UniqueConstraint(name="qa_review_once", fields=["source", "key"]),
            models.CheckConstraint(name="qa_review_score_range", condition=models.Q(score__range=(0, 100))),
        ]
        indexes = [models.Index(name="qa_review_agent", fields=["agent", "reviewed_at"])]

    def __str__(self) -> str:
        return f"QA review {self.key}"


class ReferenceRate(models.Model):
    """What is expected of a class in one pay period: the rate of the periods before, frozen before the period starts.

    A row without query type and channel is the pool over all classes.
    """

    metric = models.CharField(max_length=16)
    period_start = models.DateField(help_text="The pay period that it holds for.")
    query_type = models.ForeignKey(QueryType, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    success_count = models.PositiveIntegerField()
    observation_count = models.PositiveIntegerField()
    basis = models.CharField(max_length=120, help_text="Where it comes from, in words.")

    class Meta:
        ordering = ["metric", "period_start"]
        constraints = [
            models.UniqueConstraint(
                name="reference_rate_once", fields=["metric", "period_start", "query_type", "channel"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="reference_rate_is_a_rate",
                condition=models.Q(observation_count__gt=0, success_count__lte=models.F("observation_count")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.success_count}/{self.observation_count}"
