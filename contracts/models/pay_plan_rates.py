"""What a pay plan says of single categories, classes and stages; frozen with its version like its tiers."""

import pghistory
from django.db import models

from contracts.models import fields
from contracts.models.clients import Channel, QueryType
from contracts.models.pay_plans import PLAN_VERSION, PayPlanVersion
from contracts.models.versions import frozen_with_version


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanCategoryRate(models.Model):
    """What an hour of one time category earns, instead of base pay or salary."""

    class Category(models.TextChoices):
        PRODUCTIVE = "productive", "Productive"
        AFTER_CONTACT_WORK = "after_contact_work", "After-contact work"
        AVAILABLE_WAITING = "available_waiting", "Available and waiting"
        NONPRODUCTIVE = "nonproductive", "Non-productive"
        SYSTEM_BOOT = "system_boot", "System start"
        TRAINING = "training", "Training"
        REST_BREAK = "rest_break", "Rest break"

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="category_rates")
    category = models.CharField(max_length=20, choices=Category, help_text="Hours worked of this category.")
    hourly_micros = fields.MicrosField(help_text="Pay for one hour of it.")

    class Meta:
        ordering = ["version", "category"]
        verbose_name = "rate of a time category"
        verbose_name_plural = "rates of time categories"
        constraints = [
            models.UniqueConstraint(name="pay_plan_category_rate_once", fields=["version", "category"]),
            models.CheckConstraint(name="pay_plan_category_rate_not_negative", condition=models.Q(hourly_micros__gte=0)),
        ]
        triggers = frozen_with_version(version_of=PLAN_VERSION)

    def __str__(self) -> str:
        return self.get_category_display()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanClassAmount(models.Model):
    """What a resolution of one class is worth to the agent where the plan pays fixed amounts; the most specific row wins."""

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="class_amounts")
    query_type = models.ForeignKey(
        QueryType, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="What the case is about. Empty: any."
    )
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="How the customer came. Empty: any."
    )
    amount_micros = fields.MicrosField(help_text="What one whole resolution of this class is worth; the share of the tier is taken of it.")

    class Meta:
        ordering = ["version", "query_type", "channel"]
        verbose_name = "fixed amount of a class"
        verbose_name_plural = "fixed amounts of classes"
        constraints = [
            models.UniqueConstraint(name="pay_plan_class_amount_once", fields=["version", "query_type", "channel"], nulls_distinct=False),
            models.CheckConstraint(name="pay_plan_class_amount_not_negative", condition=models.Q(amount_micros__gte=0)),
        ]
        triggers = frozen_with_version(version_of=PLAN_VERSION)

    def __str__(self) -> str:
        return f"{self.query_type or 'any query type'}, {self.channel or 'any channel'}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanStageWeight(models.Model):
    """The part of a resolution that belongs to one stage; who worked on the stage shares it."""

    class Stage(models.TextChoices):
        DISCOVERY = "discovery", "Discovery"
        RESEARCH = "research", "Research"
        COLLABORATION = "collaboration", "Collaboration"
        CAPTURE = "capture", "Capture"
        RESOLVE = "resolve", "Resolve"

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="stage_weights")
    stage = models.CharField(max_length=16, choices=Stage, help_text="The stage of the work on a case.")
    weight_bp = fields.BasisPointsField(
        help_text="Its part of the resolution in percent; the weights add up to 100. Stages without recorded work are left out."
    )

    class Meta:
        ordering = ["version", "stage"]
        constraints = [
            models.UniqueConstraint(name="pay_plan_stage_weight_once", fields=["version", "stage"]),
            models.CheckConstraint(name="pay_plan_stage_weight_is_a_part", condition=models.Q(weight_bp__range=(1, 10_000))),
        ]
        triggers = frozen_with_version(version_of=PLAN_VERSION)

    def __str__(self) -> str:
        return self.get_stage_display()
