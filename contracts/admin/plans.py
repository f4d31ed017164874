"""Pay plans and their versions."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from contracts import clock, rule_packs
from contracts import models as terms
from contracts.admin.versions import FrozenWithVersion, VersionAdmin, VersionInline
from contracts.queries import law_words, plan_example, words
from contracts.rules import errors
from contracts.translation import gettext_lazy, told


class PlanVersionInline(VersionInline):
    model = terms.PayPlanVersion


@admin.register(terms.PayPlan)
class PayPlanAdmin(ModelAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
    inlines = [PlanVersionInline]

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the pay law, which is data in files and no row of any table."""
        page = path("law/", self.admin_site.admin_view(self.law), name="contracts_payplan_law")
        return [page, *super().get_urls()]

    def law(self, request: HttpRequest) -> HttpResponse:
        """Show every rule pack: its numbers with citation and status, its dates, and what it does not cover."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = clock.now().date()
        packs = [law_words.describe_pack(pack=rule_packs.load_rule_pack(code=code, on=today)) for code in rule_packs.list_rule_packs()]
        # The packs that people are paid by stand open.
        used = set(terms.PayPlanVersion.objects.filter(status=terms.VersionStatus.ACTIVE).values_list("rule_pack", flat=True))
        context = {**self.admin_site.each_context(request), "title": _("Pay law"), "packs": packs, "used": used}
        return render(request, "admin/contracts/law_page.html", context)


class PlanTierInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanTier
    tab = True


class PlanClassAmountInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanClassAmount
    autocomplete_fields = ["query_type", "channel"]
    tab = True


class PlanStageWeightInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanStageWeight
    tab = True


class PlanCategoryRateInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanCategoryRate
    tab = True


class PlanMetricInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanMetric
    tab = True


class PlanLimitInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanLimit
    tab = True


@admin.register(terms.PayPlanVersion)
class PayPlanVersionAdmin(VersionAdmin):
    list_display = ["plan", "number", "state", "in_force", "rule_pack"]
    list_filter = ["status", "plan", "rule_pack"]
    search_fields = ["plan__name", "plan__code", "note"]
    list_select_related = ["plan"]
    autocomplete_fields = ["plan"]
    inlines = [PlanTierInline, PlanClassAmountInline, PlanStageWeightInline, PlanCategoryRateInline, PlanMetricInline, PlanLimitInline]
    actions_detail = [*VersionAdmin.actions_detail, "back_test"]
    readonly_fields = [*VersionAdmin.readonly_fields, "example", "law"]
    fieldsets = [
        (gettext_lazy("Summary"), {"fields": ["in_words", "example"], "classes": ["tab"]}),
        (
            gettext_lazy("This version"),
            {
                "fields": ["plan", ("number", "status"), ("effective_from", "effective_to"), "currency", "note"],
                "classes": ["tab"],
            },
        ),
        (
            gettext_lazy("Units and tiers"),
            {"fields": [("basis", "crediting"), ("measure", "mode"), "accumulate"], "classes": ["tab"]},
        ),
        (
            gettext_lazy("Quality"),
            {
                "fields": [
                    ("quality_low_score_bp", "quality_low_multiplier_bp"),
                    ("quality_high_score_bp", "quality_high_multiplier_bp"),
                    ("quality_n_min", "prior_strength"),
                ],
                "classes": ["tab"],
            },
        ),
        (
            gettext_lazy("Hours and law"),
            {
                "fields": [
                    ("base_hourly_micros", "guaranteed_hourly_micros"),
                    ("salary_micros", "salary_per", "salary_hours"),
                    ("rule_pack", "workweek_starts_on"),
                    "law",
                ],
                "classes": ["tab"],
            },
        ),
        (
            gettext_lazy("Deferred"),
            {
                "fields": [
                    ("holdback_bp", "holdback_days"),
                    "cap_micros",
                    ("draw_micros", "is_draw_recoverable", "draw_recovery_bp"),
                    "clawback_bp",
                ],
                "classes": ["tab"],
            },
        ),
        (gettext_lazy("Versions"), {"fields": ["differences"], "classes": ["tab"]}),
        (gettext_lazy("Findings"), {"fields": ["lint"], "classes": ["tab"]}),
        (gettext_lazy("History"), {"fields": ["changes"], "classes": ["tab"]}),
    ]

    @display(description=gettext_lazy("Worked example"))
    def example(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Save it once, and an example month is computed here.")
        return render_to_string("admin/contracts/example.html", {"example": plan_example.find_example(version=version)})

    @display(description=gettext_lazy("What the law says"))
    def law(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Save it once, and the numbers of its rule pack stand here.")
        try:
            pack = rule_packs.load_rule_pack(code=version.rule_pack, on=version.effective_from)
        except errors.InvalidInput as refused:
            return told(refused.message)
        return render_to_string("admin/contracts/law.html", {"packs": [law_words.describe_pack(pack=pack)], "used": None})

    def describe(self, version: Any) -> list[str]:
        return words.describe_plan_version(version=version)

    @action(description=gettext_lazy("Back-test on a real month"))
    def back_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Open the portal's page that pays a real month again as this version would."""
        return redirect(f"/plans/versions/{object_id}/back-test/")
