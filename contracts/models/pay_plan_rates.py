"""What a pay plan says of single categories, classes and stages; frozen with its version like its tiers."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.clients import Channel, QueryType
from contracts.models.pay_plans import PLAN_VERSION, PayPlanVersion
from contracts.models.versions import frozen_with_version


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanCategoryRate(models.Model):
    """What an hour of one time category earns, instead of base pay or salary."""

    class Category(models.TextChoices):
        PRODUCTIVE = "productive", _("Productive")
        AFTER_CONTACT_WORK = "after_contact_work", _("After-contact work")
        AVAILABLE_WAITING = "available_waiting", _("Available and waiting")
        NONPRODUCTIVE = "nonproductive", _("Non-productive")
        SYSTEM_BOOT = "system_boot", _("System start")
        TRAINING = "training", _("Training")
        REST_BREAK = "rest_break", _("Rest break")

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="category_rates")
    category = models.CharField(max_length=20, choices=Category, help_text=_("Hours worked of this category."))
    hourly_micros = fields.MicrosField(help_text=_("Pay for one hour of it."))

    class Meta:
        ordering = ["version", "category"]
        verbose_name = _("rate of a time category")
        verbose_name_plural = _("rates of time categories")
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
        QueryType, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=_("What the case is about. Empty: any.")
    )
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=_("How the customer came. Empty: any.")
    )
    amount_micros = fields.MicrosField(
        help_text=_("What one whole resolution of this class is worth; the share of the tier is taken of it.")
    )

    class Meta:
        ordering = ["version", "query_type", "channel"]
        verbose_name = _("fixed amount of a class")
        verbose_name_plural = _("fixed amounts of classes")
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
        DISCOVERY = "discovery", _("Discovery")
        RESEARCH = "research", _("Research")
        COLLABORATION = "collaboration", _("Collaboration")
        CAPTURE = "capture", _("Capture")
        RESOLVE = "resolve", _("Resolve")

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="stage_weights")
    stage = models.CharField(max_length=16, choices=Stage, help_text=_("The stage of the work on a case."))
    weight_bp = fields.BasisPointsField(
        help_text=_("Its part of the resolution in percent; the weights add up to 100. Stages without recorded work are left out.")
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
