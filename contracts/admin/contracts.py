"""Clients, contracts, their versions, and the classes that prices hang on."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import display

from contracts import models as terms
from contracts.admin.versions import FrozenRowAdmin, FrozenWithVersion, VersionAdmin, VersionInline
from contracts.queries import words


class ContractInline(TabularInline):
    model = terms.Contract
    extra = 0
    show_change_link = True


@admin.register(terms.Client)
class ClientAdmin(ModelAdmin):
    list_display = ["name", "code", "contract_count", "is_simulated"]
    search_fields = ["name", "code"]
    inlines = [ContractInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).annotate(contracts_held=models.Count("contracts"))

    @display(description="Contracts", ordering="contracts_held")
    def contract_count(self, client: Any) -> int:
        return int(client.contracts_held)


class ContractVersionInline(VersionInline):
    model = terms.ContractVersion


@admin.register(terms.Contract)
class ContractAdmin(ModelAdmin):
    list_display = ["name", "client", "code", "timezone"]
    list_filter = ["client"]
    search_fields = ["name", "code", "client__name"]
    list_select_related = ["client"]
    autocomplete_fields = ["client"]
    inlines = [ContractVersionInline]


class ResolutionPolicyInline(FrozenWithVersion, StackedInline):
    model = terms.ResolutionPolicy
    autocomplete_fields = ["calendar"]
    tab = True
    max_num = 1


class RateCardRowInline(FrozenWithVersion, TabularInline):
    model = terms.RateCardRow
    tab = True
    autocomplete_fields = ["query_type", "channel"]
    show_change_link = True


@admin.register(terms.ContractVersion)
class ContractVersionAdmin(VersionAdmin):
    list_display = ["contract", "number", "state", "in_force", "currency"]
    list_filter = ["status", "contract__client", "currency"]
    search_fields = ["contract__name", "contract__code", "contract__client__name", "note"]
    list_select_related = ["contract__client"]
    autocomplete_fields = ["contract"]
    inlines = [ResolutionPolicyInline, RateCardRowInline]
    fieldsets = [
        ("In words", {"fields": ["in_words"]}),
        ("Lint", {"fields": ["lint"], "classes": ["tab"]}),
        (
            "This version",
            {"fields": ["contract", ("number", "status"), ("effective_from", "effective_to"), ("currency", "prices_voice"), "note"]},
        ),
        ("History", {"fields": ["changes"], "classes": ["tab"]}),
    ]

    def describe(self, version: Any) -> list[str]:
        return words.describe_contract_version(version=version)


class RateTierInline(TabularInline):
    model = terms.RateTier
    extra = 0


@admin.register(terms.RateCardRow)
class RateCardRowAdmin(FrozenRowAdmin):
    list_display = ["version", "query_type", "channel", "outcome", "shape", "price"]
    list_filter = ["version__contract", "shape", "channel"]
    search_fields = ["query_type__name", "query_type__code", "version__contract__name"]
    list_select_related = ["version__contract__client", "query_type", "channel"]
    autocomplete_fields = ["version", "query_type", "channel"]
    inlines = [RateTierInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("tiers")

    @display(description="Price")
    def price(self, row: Any) -> str:
        return words.describe_price(row=row)


class OverrideInline(StackedInline):
    model = terms.ResolutionPolicyOverride
    extra = 0
    autocomplete_fields = ["query_type", "channel"]


@admin.register(terms.ResolutionPolicy)
class ResolutionPolicyAdmin(FrozenRowAdmin):
    list_display = ["version", "delivery_model", "verified_by", "silence_window_hours", "reopen_window_hours", "repeat_scope"]
    autocomplete_fields = ["version", "calendar"]
    list_filter = ["delivery_model", "verified_by", "version__contract"]
    search_fields = ["version__contract__name", "version__contract__client__name"]
    inlines = [OverrideInline]


@admin.register(terms.QueryType)
class QueryTypeAdmin(ModelAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]


@admin.register(terms.Channel)
class ChannelAdmin(ModelAdmin):
    list_display = ["name", "code", "is_assisted", "is_digital", "is_voice"]
    list_filter = ["is_assisted", "is_voice"]
    search_fields = ["name", "code"]
