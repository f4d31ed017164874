"""What a client's service was like before, which value reports are held against."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from contracts.models import ValueBaseline


@admin.register(ValueBaseline)
class ValueBaselineAdmin(ModelAdmin):
    list_display = ["contract", "channel", "starts_on", "currency", "contact_micros", "contacts_per_resolution", "source"]
    list_display_links = ["contract"]
    list_filter = ["contract__client", "channel"]
    search_fields = ["contract__name", "contract__client__name", "source"]
    list_select_related = ["contract__client", "channel"]
    date_hierarchy = "starts_on"
    fieldsets = [
        (None, {"fields": [("contract", "channel"), "starts_on", "source"]}),
        (_("Cost"), {"fields": [("currency", "contact_micros"), "contacts_per_resolution", "repeat_micros"]}),
        (_("Quality"), {"fields": [("fcr_bp", "csat_bp")]}),
    ]
