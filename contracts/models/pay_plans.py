"""Pay plans: what an agent gets. Each number of a plan is explained on the agent's statement."""

import pghistory
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.versions import (
    ChecksWithItsStatus,
    VersionStatus,
    ends_after_start,
    frozen_with_version,
    no_overlap,
    version_is_frozen,
)

PLAN_VERSION = "SELECT status FROM contracts_payplanversion WHERE id = item.version_id"


class PayPlan(models.Model):
    """A named plan. What it pays stands in its dated versions."""

    code = fields.code(unique=True, help_text=_("Short name used in files, for example care."))
    name = models.CharField(max_length=120, help_text=_("Name that agents read."))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanVersion(ChecksWithItsStatus, models.Model):
    """What one plan pays, from one day to another."""

    class Basis(models.TextChoices):
        BOOKED = "booked", _("The price that the client paid for it")
        LIST = "list", _("The first-tier price of the client's rate card")
        FIXED = "fixed", _("A fixed amount for each class, whatever the client pays")

    class Measure(models.TextChoices):
        COUNT = "count", _("Count of credited resolutions")
        AMOUNT = "amount", _("Amount of credited prices")

    class Mode(models.TextChoices):
        MARGINAL = "marginal", _("Each resolution at the tier it falls in")
        WHOLE = "whole", _("All at the tier reached")
        INTERPOLATED = "interpolated", _("A tier earns in proportion as it fills")

    class Accumulate(models.TextChoices):
        PERIOD = "period", _("Tiers start anew with each pay period")
        YEAR = "year", _("Tiers go on through the calendar year")
        TRANSACTION = "transaction", _("Tiers start anew with each resolution")

    class Crediting(models.TextChoices):
        RESOLVER = "resolver", _("All to the agent who resolved it")
        EQUAL = "equal", _("Equal parts to everyone who worked on it")
        STAGES = "stages", _("By the stages that each worked on, as weighed below")

    class SalaryPer(models.TextChoices):
        WEEK = "week", _("A workweek")
        TWO_WEEKS = "two_weeks", _("Two workweeks")
        HALF_MONTH = "half_month", _("Half a month")
        MONTH = "month", _("A month")

    plan = models.ForeignKey(PayPlan, on_delete=models.PROTECT, related_name="versions", help_text=_("The plan that this is a version of."))
    number = models.PositiveIntegerField(help_text=_("Counts up within the plan; it is printed on every statement."))
    status = models.CharField(max_length=8, choices=VersionStatus, default=VersionStatus.DRAFT, help_text=_("Only a draft can be edited."))
    effective_from = models.DateField(help_text=_("First day that this version is in force."))
    effective_to = models.DateField(null=True, blank=True, help_text=_("First day that it is no longer in force. Empty: no end."))
    currency = fields.currency(help_text=_("Currency that this plan pays in."))
    rule_pack = fields.code(help_text=_("Code of the pay law that applies, for example us-federal."))
    base_hourly_micros = fields.MicrosField(null=True, blank=True, help_text=_("Base pay for every clocked hour. Empty: none."))
    guaranteed_hourly_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("An hour is lifted to at least this. Empty: no guarantee.")
    )
    salary_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("A fixed amount for a stretch of time, instead of base pay for each hour. Empty: none.")
    )
    salary_per = models.CharField(
        max_length=10, choices=SalaryPer, default=SalaryPer.MONTH, help_text=_("The stretch of time that the salary is for.")
    )
    salary_hours = models.DecimalField(
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Hours of a workweek that the salary covers; each further hour is paid at the same rate. Empty: it covers all hours."),
    )
    basis = models.CharField(max_length=8, choices=Basis, default=Basis.BOOKED, help_text=_("Which price the agent's share is taken of."))
    crediting = models.CharField(max_length=8, choices=Crediting, default=Crediting.RESOLVER, help_text=_("Who shares one resolution."))
    measure = models.CharField(max_length=8, choices=Measure, default=Measure.COUNT, help_text=_("What moves an agent through the tiers."))
    mode = models.CharField(max_length=16, choices=Mode, default=Mode.MARGINAL, help_text=_("Marginal tiers have no cliffs."))
    accumulate = models.CharField(
        max_length=12, choices=Accumulate, default=Accumulate.PERIOD, help_text=_("When an agent's tiers start anew from the first one.")
    )
    quality_low_score_bp = fields.BasisPointsField(default=7_600, help_text=_("Score at which the multiplier is lowest, in percent."))
    quality_low_multiplier_bp = fields.BasisPointsField(default=8_000, help_text=_("Lowest multiplier."))
    quality_high_score_bp = fields.BasisPointsField(default=9_600, help_text=_("Score at which the multiplier is highest."))
    quality_high_multiplier_bp = fields.BasisPointsField(default=12_000, help_text=_("Highest multiplier."))
    quality_n_min = models.PositiveIntegerField(default=20, help_text=_("With fewer results than this, quality never lowers pay."))
    prior_strength = models.PositiveIntegerField(
        default=50, help_text=_("How many results the expected rate counts for. More: small samples move less.")
    )
    clawback_bp = fields.BasisPointsField(
        null=True,
        blank=True,
        help_text=_(
            "Part of a paid resolution that may be taken back when it falls later, in percent. Empty: none; pay is earned once verified."
        ),
    )
    holdback_bp = fields.BasisPointsField(
        null=True,
        blank=True,
        help_text=_("Part of resolution pay, with quality, that is kept for a time, in percent. Empty: none is kept."),
    )
    holdback_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Days after a resolution was verified on which its held part is released.")
    )
    cap_micros = fields.MicrosField(
        null=True,
        blank=True,
        help_text=_("Most resolution pay and bonuses of a pay period. What is above waits; nothing is lost. Empty: no cap."),
    )
    draw_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("The total of a pay period is lifted to at least this. Empty: no draw.")
    )
    is_draw_recoverable = models.BooleanField(
        default=False, help_text=_("Whether a lift is repaid from what later periods bring above the draw. If not, it is a guarantee.")
    )
    draw_recovery_bp = fields.BasisPointsField(
        default=10_000, help_text=_("Part of what is above the draw that goes into repaying it, in percent; never below the legal floor.")
    )
    workweek_starts_on = models.PositiveSmallIntegerField(
        default=1,
        choices=enumerate([_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")], start=1),
        help_text=_("First day of the fixed workweek."),
    )
    note = models.TextField(blank=True, help_text=_("Why this version was made."))

    class Meta:
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(name="pay_plan_version_number", fields=["plan", "number"]),
            no_overlap(name="pay_plan_versions_never_overlap", parent="plan", status__in=["active", "ended"]),
            ends_after_start(name="pay_plan_version_ends_after_start"),
            models.CheckConstraint(
                name="pay_plan_quality_curve_rises",
                condition=models.Q(
                    quality_low_score_bp__lt=models.F("quality_high_score_bp"),
                    quality_low_multiplier_bp__lte=models.F("quality_high_multiplier_bp"),
                ),
            ),
            models.CheckConstraint(
                name="pay_plan_clawback_is_a_part", condition=models.Q(clawback_bp=None) | models.Q(clawback_bp__range=(0, 10_000))
            ),
            models.CheckConstraint(
                name="pay_plan_hourly_not_negative",
                condition=(models.Q(base_hourly_micros=None) | models.Q(base_hourly_micros__gte=0))
                & (models.Q(guaranteed_hourly_micros=None) | models.Q(guaranteed_hourly_micros__gte=0)),
            ),
            models.CheckConstraint(
                name="pay_plan_salary_or_base_hourly",
                condition=models.Q(salary_micros=None, salary_hours=None)
                | models.Q(salary_micros__isnull=False, salary_micros__gte=0, base_hourly_micros=None),
                violation_error_message="A plan pays base hours by a salary or by base hourly pay, not by both; "
                "a salary's hours need a salary.",
            ),
            models.CheckConstraint(
                name="pay_plan_salary_covers_hours",
                condition=models.Q(salary_hours=None) | models.Q(salary_hours__gt=0),
                violation_error_message="A salary covers more than zero hours; leave its hours empty if it covers all.",
            ),
            models.CheckConstraint(
                name="pay_plan_holdback_has_a_window",
                condition=models.Q(holdback_bp=None, holdback_days=None)
                | models.Q(holdback_bp__isnull=False, holdback_days__isnull=False, holdback_bp__range=(0, 10_000), holdback_days__gte=1),
                violation_error_message="What is held back is a part up to 100%, and has the days after which it is released.",
            ),
            models.CheckConstraint(
                name="pay_plan_cap_not_negative",
                condition=models.Q(cap_micros=None) | models.Q(cap_micros__gte=0),
                violation_error_message="A cap is zero or more.",
            ),
            models.CheckConstraint(
                name="pay_plan_draw_is_repaid_in_part",
                condition=(models.Q(draw_micros=None, is_draw_recoverable=False) | models.Q(draw_micros__isnull=False, draw_micros__gte=0))
                & models.Q(draw_recovery_bp__range=(0, 10_000)),
                violation_error_message="A draw is zero or more; only a draw is repaid, by at most 100% of what is above it.",
            ),
        ]
        triggers = version_is_frozen()

    def __str__(self) -> str:
        return f"{self.plan}, version {self.number}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanTier(models.Model):
    """A band of the agent's own count: above the bound before it, up to and including `up_to`."""

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="tiers")
    up_to = models.PositiveBigIntegerField(null=True, blank=True, help_text=_("Last unit of this tier. Empty: no end."))
    share_bp = fields.BasisPointsField(null=True, blank=True, help_text=_("Percent of the price."))
    unit_amount_micros = fields.MicrosField(null=True, blank=True, help_text=_("A fixed amount for each, instead of a share."))
    amount_micros = fields.MicrosField(
        null=True, blank=True, help_text=_("What the whole tier is worth once it is full; only where tiers earn as they fill.")
    )

    class Meta:
        ordering = ["version", models.F("up_to").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(name="pay_plan_tier_bound_once", fields=["version", "up_to"], nulls_distinct=False),
            models.CheckConstraint(
                name="pay_plan_tier_share_or_amount",
                condition=models.Q(share_bp__isnull=False, unit_amount_micros=None, amount_micros=None)
                | models.Q(share_bp=None, unit_amount_micros__isnull=False, unit_amount_micros__gte=0, amount_micros=None)
                | models.Q(share_bp=None, unit_amount_micros=None, amount_micros__isnull=False, amount_micros__gte=0),
                violation_error_message="A tier has a share, an amount for each, or an amount for the whole tier: exactly one of them.",
            ),
        ]
        triggers = frozen_with_version(version_of=PLAN_VERSION)

    def __str__(self) -> str:
        return gettext("up to %(up_to)s") % {"up_to": self.up_to} if self.up_to else gettext("and beyond")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanMetric(models.Model):
    """A measure of quality that a plan counts, and its weight."""

    class Metric(models.TextChoices):
        CSAT = "csat", _("CSAT")
        FCR = "fcr", _("First contact resolution")
        QA = "qa", _("QA reviews passed")

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="metrics")
    metric = models.CharField(max_length=16, choices=Metric, help_text=_("What is counted."))
    weight_bp = fields.BasisPointsField(help_text=_("Its part of the score in percent; the weights of a plan add up to 100."))

    class Meta:
        ordering = ["version", "metric"]
        constraints = [models.UniqueConstraint(name="pay_plan_metric_once", fields=["version", "metric"])]
        triggers = frozen_with_version(version_of=PLAN_VERSION)

    def __str__(self) -> str:
        return self.get_metric_display()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PayPlanLimit(models.Model):
    """A guardrail of a plan where it differs from the default of design.md section 8."""

    class Limit(models.TextChoices):
        WEEKLY_HOURS = "weekly_hours", _("Average hours a week")
        DAILY_REST = "daily_rest", _("Hours of rest between days")
        WEEKLY_REST = "weekly_rest", _("Hours of rest in a week")
        CONSECUTIVE_DAYS = "consecutive_days", _("Days in a row")
        SHIFT_LENGTH = "shift_length", _("Hours of one shift")
        BREAK_AFTER = "break_after", _("Hours until a break")
        OCCUPANCY = "occupancy", _("Busy part of the last 4 hours")
        HOSTILE_CONTACTS = "hostile_contacts", _("Hostile contacts in a shift")
        PACE = "pace", _("Resolutions an hour")

    version = models.ForeignKey(PayPlanVersion, on_delete=models.CASCADE, related_name="limits")
    limit = models.CharField(max_length=24, choices=Limit, help_text=_("What is limited."))
    warn = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text=_("First notice is given here. Empty: no notice.")
    )
    act = models.DecimalField(max_digits=8, decimal_places=2, help_text=_("The guardrail acts here."))

    class Meta:
        ordering = ["version", "limit"]
        constraints = [models.UniqueConstraint(name="pay_plan_limit_once", fields=["version", "limit"])]
        triggers = frozen_with_version(version_of=PLAN_VERSION)

    def __str__(self) -> str:
        return self.get_limit_display()
