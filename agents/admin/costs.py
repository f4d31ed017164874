"""What an hour of work costs us, which lint holds against prices."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from agents.models import CostRate


@admin.register(CostRate)
class CostRateAdmin(ModelAdmin):
    list_display = ["site", "currency", "starts_on", "hourly_micros", "source"]
    list_display_links = ["starts_on"]
    list_filter = ["site", "currency"]
    search_fields = ["site__name", "site__code", "source"]
    list_select_related = ["site"]
    autocomplete_fields = ["site"]
    date_hierarchy = "starts_on"
    fieldsets = [(None, {"fields": ["site", ("currency", "hourly_micros"), "starts_on", "source"]})]
