"""Whose pay plan is whose, who has read theirs, and the days that pay law treats apart."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from agents import models as people
from agents.admin.base import ReadOnlyAdmin


@admin.register(people.PlanAssignment)
class PlanAssignmentAdmin(ModelAdmin):
    list_display = ["__str__", "agent", "team", "plan", "effective_from", "effective_to"]
    list_filter = ["plan", "team"]
    search_fields = ["agent__name", "agent__code", "team__name", "plan__name"]
    list_select_related = ["agent", "team", "plan"]
    autocomplete_fields = ["agent", "team", "plan"]


@admin.register(people.PlanAcknowledgement)
class PlanAcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ["agent", "version", "acknowledged_at"]
    list_filter = ["version__plan"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "version__plan"]


@admin.register(people.SpecialDay)
class SpecialDayAdmin(ModelAdmin):
    list_display = ["day", "site", "agent", "day_type", "name"]
    list_filter = ["site", "day_type"]
    search_fields = ["name", "agent__name"]
    list_select_related = ["site", "agent"]
    autocomplete_fields = ["site", "agent"]
