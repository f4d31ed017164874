"""The commercial terms on the page of a contract version: one tab, a table for each kind of term."""

from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from contracts import models as terms
from contracts.admin.versions import FrozenWithVersion


class _Commercial(FrozenWithVersion, TabularInline):
    """A table on the tab of the commitment, which is the first of them and gives the tab its name."""

    template = "admin/contracts/commercial_inline.html"


class CommitmentInline(_Commercial):
    model = terms.MinimumCommitment
    verbose_name = _("Commitments")
    verbose_name_plural = _("Commitments")
    tab = True


class ForecastFloorInline(_Commercial):
    model = terms.ForecastFloor
    verbose_name_plural = _("Forecast floor")


class ForecastInline(_Commercial):
    model = terms.Forecast
    verbose_name_plural = _("Forecast of each billing period")


class VolumeBaselineInline(_Commercial):
    model = terms.VolumeBaseline
    verbose_name_plural = _("Volume baseline")


class VolumeBandInline(_Commercial):
    model = terms.VolumeBand
    verbose_name_plural = _("Volume bands outside the dead band")


class ServiceCreditInline(_Commercial):
    model = terms.ServiceCreditTerms
    verbose_name_plural = _("Service credits")


class ServiceLevelInline(_Commercial):
    model = terms.ServiceLevel
    verbose_name_plural = _("Service levels")


class TaxInline(_Commercial):
    model = terms.TaxRate
    verbose_name_plural = _("Taxes")


COMMERCIALS = [
    CommitmentInline,
    ForecastFloorInline,
    ForecastInline,
    VolumeBaselineInline,
    VolumeBandInline,
    ServiceCreditInline,
    ServiceLevelInline,
    TaxInline,
]
