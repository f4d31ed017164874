"""What customers and reviewers said, and the reference rates that agents are compared with."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent
from agents.models.resolutions import Resolution
from agents.models.sources import Source
from contracts.models import Channel, QueryType


class Survey(models.Model):
    """One answer of one customer. Credit is frozen to the agent of the resolved episode."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    key = models.CharField(max_length=200)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="surveys")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="surveys", db_index=False)
    is_favorable = models.BooleanField()
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    answer = models.CharField(max_length=32, blank=True, default="", help_text=_("As the customer gave it."))
    body_hash = models.CharField(max_length=64, blank=True, default="", help_text=_("Tells a repetition from another answer under one id."))

    class Meta:
        ordering = ["-answered_at"]
        constraints = [models.UniqueConstraint(name="survey_once", fields=["source", "key"])]
        # Quality reads an agent's month from this index alone, for the rows lie scattered over the whole table.
        indexes = [models.Index(name="survey_agent_answered", fields=["agent", "answered_at"], include=["resolution", "is_favorable"])]

    def __str__(self) -> str:
        return f"survey {self.key}"


class QaReview(models.Model):
    """One contact scored against a scorecard."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    key = models.CharField(max_length=200)
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="qa_reviews")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="qa_reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    score = models.PositiveSmallIntegerField(help_text=_("0 to 100."))
    is_passed = models.BooleanField()
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Since when it does not count: while it is disputed, and for good once that was accepted.")
    )
    body_hash = models.CharField(max_length=64, blank=True, default="", help_text=_("Tells a repetition from another review under one id."))

    class Meta:
        ordering = ["-reviewed_at"]
        constraints = [
            models.UniqueConstraint(name="qa_review_once", fields=["source", "key"]),
            models.CheckConstraint(name="qa_review_score_range", condition=models.Q(score__range=(0, 100))),
        ]
        indexes = [models.Index(name="qa_review_agent", fields=["agent", "reviewed_at"])]

    def __str__(self) -> str:
        return f"QA review {self.key}"


class SurveyScale(models.Model):
    """What the answers to a source's surveys mean. An answer that stands nowhere is held, never guessed."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="survey_scale")
    favorable = ArrayField(
        models.CharField(max_length=32), help_text=_("Answers that count as favorable, exactly as they come, separated by commas: 4,5.")
    )
    other = ArrayField(
        models.CharField(max_length=32),
        default=list,
        blank=True,
        help_text=_("Answers that count and are not favorable, for example 1,2,3."),
    )

    class Meta:
        ordering = ["source"]
        constraints = [
            models.CheckConstraint(name="survey_scale_answers_mean_one_thing", condition=~models.Q(favorable__overlap=models.F("other")))
        ]

    def __str__(self) -> str:
        return f"Survey scale of {self.source}"


class HeldAnswer(models.Model):
    """A survey or review that waits: for a resolution, an agent, or the meaning of an answer. It is tried again by itself."""

    class Kind(models.TextChoices):
        SURVEY = "survey", _("Survey")
        QA_REVIEW = "qa_review", _("QA review")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="held_answers")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    case_key = models.CharField(max_length=200)
    reason = models.CharField(max_length=32, help_text=_("Stable code of the reason."))
    message = models.TextField(help_text=_("What is missing and what to do."))
    body = models.JSONField(help_text=_("What is needed to try it again; without the customer's words unless the client keeps them."))
    received_at = models.DateTimeField(help_text=_("Business clock."))
    released_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was credited."))

    class Meta:
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(name="held_answer_once", fields=["source", "kind", "key"])]
        indexes = [models.Index(name="held_answer_open", fields=["source", "case_key"], condition=models.Q(released_at=None))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key}: {self.message}"


class ReferenceRate(models.Model):
    """What is expected of a class in one pay period: the rate of the periods before, frozen before the period starts.

    A row without query type and channel is the pool over all classes.
    """

    metric = models.CharField(max_length=16)
    period_start = models.DateField(help_text=_("The pay period that it holds for."))
    query_type = models.ForeignKey(QueryType, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    success_count = models.PositiveIntegerField()
    observation_count = models.PositiveIntegerField()
    basis = models.CharField(max_length=120, help_text=_("Where it comes from, in words."))

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
