"""Pay plans and their versions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from contracts import models as terms
from contracts.admin.versions import FrozenWithVersion, VersionAdmin, VersionInline
from contracts.queries import words


class PlanVersionInline(VersionInline):
    model = terms.PayPlanVersion


@admin.register(terms.PayPlan)
class PayPlanAdmin(ModelAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
    inlines = [PlanVersionInline]


class PlanTierInline(FrozenWithVersion, TabularInline):
    model = terms.PayPlanTier
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
    inlines = [PlanTierInline, PlanMetricInline, PlanLimitInline]
    actions_detail = [*VersionAdmin.actions_detail, "back_test"]
    fieldsets = [
        ("In words", {"fields": ["in_words"]}),
        ("Lint", {"fields": ["lint"], "classes": ["tab"]}),
        ("This version", {"fields": ["plan", ("number", "status"), ("effective_from", "effective_to"), ("currency", "rule_pack"), "note"]}),
        (
            "Hours and resolutions",
            {
                "fields": [
                    ("base_hourly_micros", "guaranteed_hourly_micros"),
                    ("basis", "crediting"),
                    ("measure", "mode"),
                    ("workweek_starts_on", "clawback_bp"),
                ]
            },
        ),
        (
            "Quality",
            {
                "fields": [
                    ("quality_low_score_bp", "quality_low_multiplier_bp"),
                    ("quality_high_score_bp", "quality_high_multiplier_bp"),
                    ("quality_n_min", "prior_strength"),
                ]
            },
        ),
        ("History", {"fields": ["changes"], "classes": ["tab"]}),
    ]

    def describe(self, version: Any) -> list[str]:
        return words.describe_plan_version(version=version)

    @action(description="Back-test on a real month")
    def back_test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Open the portal's page that pays a real month again as this version would."""
        return redirect(f"/plans/versions/{object_id}/back-test/")
