"""How contacts are reviewed: scorecards in versions, random draws that a stranger can repeat, and what each reviewer answered."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models.people import Agent, Team
from agents.models.quality import QaReview
from agents.models.resolutions import Resolution
from contracts.models import Channel, QueryType, fields
from contracts.models.versions import (
    VersionStatus,
    ends_after_start,
    frozen_with_version,
    never_truncated,
    no_overlap,
    version_is_frozen,
)

WEIGHTS_BP = 10_000


class Scorecard(models.Model):
    """What contacts are scored against. Its versions hold the items."""

    code = fields.code(unique=True, help_text=_("Short name used in files."))
    name = models.CharField(max_length=120, help_text=_("Name as reviewers and agents read it."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Looks after items on which reviewers differ."),
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ScorecardVersion(models.Model):
    """The items and weights in force from a day on. Only a draft changes; an active one weighs exactly one in all."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="versions", help_text=_("The card that this is of."))
    number = models.PositiveIntegerField(help_text=_("Counts up within the card."))
    status = models.CharField(max_length=8, choices=VersionStatus, default=VersionStatus.DRAFT, help_text=_("Only a draft can be edited."))
    effective_from = models.DateField(help_text=_("First day that contacts are scored with it."))
    effective_to = models.DateField(null=True, blank=True, help_text=_("First day no longer. Empty: until the next version."))
    pass_score = models.PositiveSmallIntegerField(default=85, help_text=_("A review passes from this score on, 0 to 100."))
    note = models.TextField(blank=True, help_text=_("Why this version was made."))

    class Meta:
        ordering = ["scorecard", "-number"]
        constraints = [
            models.UniqueConstraint(name="scorecard_version_number", fields=["scorecard", "number"]),
            no_overlap(name="scorecard_versions_never_overlap", parent="scorecard", status__in=["active", "ended"]),
            ends_after_start(name="scorecard_version_ends_after_start"),
            models.CheckConstraint(name="scorecard_pass_score_range", condition=models.Q(pass_score__range=(1, 100))),
        ]
        triggers = [
            *version_is_frozen(),
            pgtrigger.Trigger(
                name="weights_sum_to_one",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("weighed", "BIGINT")],
                func="""
                    IF NEW.status = 'draft' THEN RETURN NEW; END IF;
                    SELECT coalesce(sum(weight_bp), 0) INTO weighed FROM agents_scorecarditem WHERE version_id = NEW.id;
                    IF weighed <> 10000 THEN
                        RAISE EXCEPTION 'the items of scorecard version % weigh %, not 10000', NEW.number, weighed
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard}, version {self.number}"


class ScorecardItem(models.Model):
    """One question to a contact and what it weighs."""

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="items", help_text=_("The version it belongs to."))
    position = models.PositiveSmallIntegerField(help_text=_("Order on the page."))
    section = models.CharField(max_length=60, help_text=_("Heading that it stands under."))
    title = models.CharField(max_length=120, help_text=_("What is looked for."))
    help = models.CharField(max_length=200, blank=True, help_text=_("What makes it a yes."))
    weight_bp = fields.BasisPointsField(help_text=_("Part of the score. All items of a version weigh 100 percent together."))
    is_critical = models.BooleanField(default=False, help_text=_("A no fails the review with a score of zero."))

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(name="scorecard_item_position", fields=["version", "position"]),
            models.CheckConstraint(name="scorecard_item_weight_range", condition=models.Q(weight_bp__range=(1, WEIGHTS_BP))),
        ]
        triggers = frozen_with_version(version_of="SELECT status FROM agents_scorecardversion WHERE id = item.version_id")

    def __str__(self) -> str:
        return self.title


class SampleDraw(models.Model):
    """One random draw of a team's resolutions to review. It keeps all that is needed to draw the same ones again."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="sample_draws")
    period_from = models.DateField(help_text=_("First day whose resolutions were drawn from, at the team's site."))
    period_to = models.DateField(help_text=_("First day no longer."))
    scorecard_version = models.ForeignKey(ScorecardVersion, on_delete=models.PROTECT, related_name="sample_draws")
    size = models.PositiveSmallIntegerField(help_text=_("How many were asked for."))
    agent_min = models.PositiveSmallIntegerField(help_text=_("At least so many of each agent, where they have them."))
    second_count = models.PositiveSmallIntegerField(help_text=_("How many a second reviewer scores blind."))
    method = models.CharField(max_length=40, help_text=_("The rule that drew."))
    seed = models.CharField(max_length=64, help_text=_("Made by the computer at the moment of the draw; nobody chooses it."))
    frame = models.TextField(help_text=_("What was drawn from: a line per resolution, sorted."))
    frame_hash = models.CharField(max_length=64, help_text=_("SHA-256 of what was drawn from."))
    frame_count = models.PositiveIntegerField(help_text=_("How many resolutions were drawn from."))
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(help_text=_("Business clock."))
    due_on = models.DateField(help_text=_("The reviews are to be done by this day."))

    class Meta:
        ordering = ["-drawn_at", "-pk"]
        constraints = [
            # A second draw of the same days would let somebody draw until they like what comes.
            no_overlap(name="sample_draws_never_overlap", parent="team", start="period_from", end="period_to"),
            ends_after_start(name="sample_draw_ends_after_start", start="period_from", end="period_to"),
            models.CheckConstraint(name="sample_draw_size_range", condition=models.Q(size__range=(1, 500))),
        ]
        triggers = [
            pgtrigger.Protect(name="sample_draws_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.team}, {self.period_from} to {self.period_to}"


class SampledCase(models.Model):
    """A resolution that a draw picked, with the size of what it was picked from."""

    draw = models.ForeignKey(SampleDraw, on_delete=models.PROTECT, related_name="cases")
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="samples")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="sampled_cases", help_text=_("Whose work it was when drawn."))
    query_type = models.ForeignKey(QueryType, null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="+")
    stratum_count = models.PositiveIntegerField(help_text=_("Resolutions of this agent and class in the draw."))
    picked_count = models.PositiveIntegerField(help_text=_("How many of these were picked."))

    class Meta:
        ordering = ["draw", "pk"]
        constraints = [
            models.UniqueConstraint(name="sampled_case_once", fields=["draw", "resolution"]),
            models.CheckConstraint(
                name="sampled_case_picks_a_part", condition=models.Q(picked_count__gte=1, picked_count__lte=models.F("stratum_count"))
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="sampled_cases_only_grow", operation=pgtrigger.Update | pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.resolution} of {self.draw}"


class Assessment(models.Model):
    """One reviewer's scoring of a sampled case: a draft, then finished blind, then published if it is the first reviewer's."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("To review")
        DRAFT = "draft", _("Draft")
        FINISHED = "finished", _("Finished, to compare")
        PUBLISHED = "published", _("Published")

    sampled = models.ForeignKey(SampledCase, on_delete=models.PROTECT, related_name="assessments")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments")
    is_second = models.BooleanField(default=False, help_text=_("Scored blind for calibration; it is never published."))
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    due_on = models.DateField()
    went_well = models.TextField(blank=True, help_text=_("What went well; the agent reads it."))
    to_try = models.TextField(blank=True, help_text=_("One thing to try; the agent reads it."))
    change_reason = models.TextField(blank=True, help_text=_("Why an answer was changed after comparing."))
    blind_score = models.PositiveSmallIntegerField(null=True, help_text=_("0 to 100, before anybody compared."))
    finished_at = models.DateTimeField(null=True, help_text=_("Business clock; when the blind answers were fixed."))
    published_at = models.DateTimeField(null=True, help_text=_("Business clock."))
    qa_review = models.OneToOneField(QaReview, null=True, on_delete=models.PROTECT, related_name="assessment")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(name="assessment_once_by_a_reviewer", fields=["sampled", "reviewer"]),
            models.UniqueConstraint(name="assessment_one_first", fields=["sampled"], condition=models.Q(is_second=False)),
            models.CheckConstraint(
                name="assessment_finished_has_a_score",
                condition=models.Q(status__in=["waiting", "draft"], finished_at=None, blind_score=None)
                | models.Q(status__in=["finished", "published"], finished_at__isnull=False, blind_score__range=(0, 100)),
            ),
            models.CheckConstraint(
                name="assessment_published_is_a_review",
                condition=models.Q(status="published", is_second=False, qa_review__isnull=False, published_at__isnull=False)
                | (~models.Q(status="published") & models.Q(qa_review=None, published_at=None)),
            ),
        ]
        indexes = [
            models.Index(name="assessment_queue", fields=["reviewer", "status", "due_on", "id"]),
            # Readers of everything list what is published, newest first.
            models.Index(name="assessment_published", fields=["due_on", "id"], condition=models.Q(status="published")),
        ]

    def __str__(self) -> str:
        return f"{self.sampled} by {self.reviewer}"


class AssessmentAnswer(models.Model):
    """What a reviewer answered to one item, and what they had answered before they compared."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")
        NONE = "none", _("Not asked here")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(ScorecardItem, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=6, choices=Answer)
    blind_answer = models.CharField(
        max_length=6, choices=Answer, blank=True, help_text=_("Fixed when finished; agreement is counted on it.")
    )

    class Meta:
        ordering = ["assessment", "item"]
        constraints = [models.UniqueConstraint(name="assessment_answer_once", fields=["assessment", "item"])]

    def __str__(self) -> str:
        return f"{self.item}: {self.answer}"
