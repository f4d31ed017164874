"""What surrounds the rate card of a contract version: commitment, forecast floor, volume bands, service credits, taxes."""

import pghistory
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.versions import ContractVersion, frozen_with_version

VERSION = "SELECT status FROM contracts_contractversion WHERE id = item.version_id"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class MinimumCommitment(models.Model):
    """What the client pays at least in each billing period. Charges use it up; what is left is trued up."""

    version = models.OneToOneField(ContractVersion, on_delete=models.CASCADE, related_name="commitment")
    amount_micros = fields.MicrosField(help_text=_("Minimum of a whole billing period, before tax; of a part of one, its part by days."))
    overage_factor_bp = fields.BasisPointsField(
        default=10_000, help_text=_("What goes beyond the minimum costs so much of its price, in percent. 100: the same price.")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="commitment_not_negative",
                condition=models.Q(amount_micros__gte=0),
                violation_error_message="A commitment is zero or more.",
            )
        ]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return f"minimum commitment of {self.version}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ForecastFloor(models.Model):
    """The part of the client's own forecast that is paid for even if the cases do not come."""

    version = models.OneToOneField(ContractVersion, on_delete=models.CASCADE, related_name="forecast_floor")
    floor_bp = fields.BasisPointsField(default=8_000, help_text=_("Part of the forecast that is paid for at least, in percent."))
    unit_amount_micros = fields.MicrosField(help_text=_("Price of each resolution that is missing to that part."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="forecast_floor_is_a_part",
                condition=models.Q(floor_bp__lte=10_000, unit_amount_micros__gte=0),
                violation_error_message="A floor is at most 100 percent of the forecast, and its price zero or more.",
            )
        ]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return f"forecast floor of {self.version}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Forecast(models.Model):
    """How many resolutions the client forecast for one billing period."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="forecasts")
    period_start = models.DateField(help_text=_("First day of the billing period."))
    count = models.PositiveBigIntegerField(help_text=_("Resolutions that the client expects in it."))

    class Meta:
        ordering = ["version", "period_start"]
        constraints = [models.UniqueConstraint(name="forecast_once_a_period", fields=["version", "period_start"])]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return f"{self.count:,} from {self.period_start:%b %-d, %Y}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class VolumeBaseline(models.Model):
    """The count that the prices were made for, and how far it may move before anything is added or given back."""

    version = models.OneToOneField(ContractVersion, on_delete=models.CASCADE, related_name="volume_baseline")
    count = models.PositiveBigIntegerField(help_text=_("Resolutions of a whole billing period that the prices were made for."))
    dead_band_bp = fields.BasisPointsField(default=500, help_text=_("Nothing moves while the count stays within so many percent of it."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="volume_baseline_dead_band_is_a_part",
                condition=models.Q(dead_band_bp__lte=10_000, count__gte=1),
                violation_error_message="A baseline is at least one resolution, and a dead band at most 100 percent of it.",
            )
        ]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return f"volume baseline of {self.version}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class VolumeBand(models.Model):
    """What each resolution outside the dead band adds, or each one missing gives back, up to a distance from the baseline."""

    class Side(models.TextChoices):
        ABOVE = "above", _("Above the baseline: added")
        BELOW = "below", _("Below the baseline: given back")

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="volume_bands")
    side = models.CharField(max_length=5, choices=Side, help_text=_("More resolutions than the baseline, or fewer."))
    up_to_bp = fields.BasisPointsField(
        null=True,
        blank=True,
        help_text=_("Ends so many percent away from the baseline; it begins where the band before it ends. Empty: no end."),
    )
    unit_amount_micros = fields.MicrosField(help_text=_("For each resolution of this band, on top of its own price or off it."))

    class Meta:
        ordering = ["version", "side", models.F("up_to_bp").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(name="volume_band_bound_once", fields=["version", "side", "up_to_bp"], nulls_distinct=False),
            models.CheckConstraint(
                name="volume_band_amount_not_negative",
                condition=models.Q(unit_amount_micros__gte=0),
                violation_error_message="An amount is zero or more; the side says whether it is added or given back.",
            ),
        ]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        end = gettext("and beyond") if self.up_to_bp is None else gettext("up to %(up_to)s") % {"up_to": f"{self.up_to_bp / 100:g}%"}
        return f"{self.get_side_display()}, {end}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ServiceCreditTerms(models.Model):
    """How much of an invoice a missed service level can take off, and how it is earned back."""

    version = models.OneToOneField(ContractVersion, on_delete=models.CASCADE, related_name="service_credits")
    at_risk_bp = fields.BasisPointsField(
        default=1_000, help_text=_("All credits of a period together are at most so many percent of its charges.")
    )
    earn_back_periods = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("A credit is given back to us once its service level was met in so many billing periods in a row. Empty: never."),
    )

    class Meta:
        verbose_name_plural = _("service credit terms")
        constraints = [
            models.CheckConstraint(
                name="service_credits_at_risk_is_a_part",
                condition=models.Q(at_risk_bp__lte=10_000) & (models.Q(earn_back_periods=None) | models.Q(earn_back_periods__gte=1)),
                violation_error_message="At most 100 percent can be at risk, and a credit is earned back after at least one period.",
            )
        ]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return f"service credits of {self.version}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ServiceLevel(models.Model):
    """A promise about the work itself, and what the client gets when it is missed."""

    class Metric(models.TextChoices):
        FCR = "fcr", _("First contact resolution")
        CSAT = "csat", _("CSAT")
        KEPT = "kept", _("Resolutions that were not reopened")

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="service_levels")
    metric = models.CharField(max_length=8, choices=Metric, help_text=_("What is measured over a billing period."))
    target_bp = fields.BasisPointsField(help_text=_("Met from this rate on, in percent."))
    pool_bp = fields.BasisPointsField(default=10_000, help_text=_("Pool that credits are taken of, in percent of the amount at risk."))
    allocation_bp = fields.BasisPointsField(help_text=_("Part of the pool that a miss of this level takes, in percent."))
    count_min = models.PositiveIntegerField(default=20, help_text=_("With fewer results than this in a period, nothing is missed."))

    class Meta:
        ordering = ["version", "metric"]
        constraints = [
            models.UniqueConstraint(name="service_level_once", fields=["version", "metric"]),
            models.CheckConstraint(
                name="service_level_target_is_a_part",
                condition=models.Q(target_bp__lte=10_000),
                violation_error_message="A target is at most 100 percent.",
            ),
        ]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return f"{self.get_metric_display()} at least {self.target_bp / 100:g}%"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class TaxRate(models.Model):
    """A tax on everything that this version charges."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="taxes")
    name = models.CharField(max_length=60, help_text=_("Name as it stands on the invoice, for example VAT."))
    rate_ppm = fields.RateField(help_text=_("Part of the net amount, in percent, for example 8.875."))

    class Meta:
        ordering = ["version", "name"]
        constraints = [models.UniqueConstraint(name="tax_once", fields=["version", "name"])]
        triggers = frozen_with_version(version_of=VERSION)

    def __str__(self) -> str:
        return self.name
