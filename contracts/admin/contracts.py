"""Clients, contracts, their versions, and the classes that prices hang on."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action, display

from contracts import models as terms
from contracts.admin.commercials import COMMERCIALS
from contracts.admin.keeping import KeepsWhatIsUsed
from contracts.admin.reading import NamesItsCells
from contracts.admin.terms_yaml import TermsAsYaml
from contracts.admin.versions import FrozenRowAdmin, FrozenWithVersion, VersionAdmin, VersionInline
from contracts.operations import versions
from contracts.queries import winning_rows, words


class ContractInline(NamesItsCells, TabularInline):
    model = terms.Contract
    extra = 0
    show_change_link = True
    verbose_name_plural = gettext_lazy("Contracts: open one to start its version")


@admin.register(terms.Client)
class ClientAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code", "contract_count", "is_simulated"]
    search_fields = ["name", "code"]
    inlines = [ContractInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).annotate(contracts_held=models.Count("contracts"))

    @display(description=gettext_lazy("Contracts"), ordering="contracts_held")
    def contract_count(self, client: Any) -> int:
        return int(client.contracts_held)


class ContractVersionInline(VersionInline):
    model = terms.ContractVersion


@admin.register(terms.Contract)
class ContractAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "client", "code", "timezone"]
    list_filter = ["client"]
    search_fields = ["name", "code", "client__name"]
    list_select_related = ["client"]
    autocomplete_fields = ["client"]
    inlines = [ContractVersionInline]
    actions_detail = ["start_version"]

    # The button asks with the id of its row, which Django's own permission methods do not take.
    def has_start_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("contracts.add_contractversion")

    @action(description=gettext_lazy("Start a version"), permissions=["start"])
    def start_version(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Open the form of the contract's next version, with what is known filled in, and say how to begin with an earlier one instead."""
        latest = terms.ContractVersion.objects.filter(contract=object_id).order_by("-number").first()
        if latest is not None:
            messages.info(
                request,
                _("This one starts empty. To begin with everything that %(version)s says, open that one and choose “Copy to a new draft”.")
                % {"version": latest},
            )
        return redirect(f"{reverse('admin:contracts_contractversion_add')}?contract={object_id}")


class ResolutionPolicyInline(FrozenWithVersion, StackedInline):
    model = terms.ResolutionPolicy
    autocomplete_fields = ["calendar"]
    tab = True
    max_num = 1
    verbose_name_plural = gettext_lazy("Resolution policy")


class CardTierInline(FrozenWithVersion, TabularInline):
    """The tiers of a row, inside the grid of the card."""

    model = terms.RateTier
    verbose_name_plural = gettext_lazy("Tiers of this row: only for graduated, volume and graduated percentage")

    def is_open(self, obj: Any) -> bool:
        # Inside the grid it is asked with the row that it hangs on; a row just typed in belongs to the draft of the page.
        if isinstance(obj, terms.RateCardRow):
            return obj.version_id is None or super().is_open(obj.version)
        return super().is_open(obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave the grid of tiers out where nothing can be typed: the row says its price in words, tiers included."""
        return self.is_open(obj) and super().has_view_permission(request, obj)


class RateCardRowInline(FrozenWithVersion, TabularInline):
    """The card as a grid: the shape decides which price fields are filled in; the row's own page has the rest."""

    model = terms.RateCardRow
    tab = True
    verbose_name_plural = gettext_lazy("Rate card")
    autocomplete_fields = ["query_type", "channel"]
    show_change_link = True
    inlines = [CardTierInline]
    fields = [
        "query_type",
        "channel",
        "outcome",
        "shape",
        "unit_amount_micros",
        "package_size",
        "package_amount_micros",
        "rate_ppm",
        "minimum_micros",
    ]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Give a grid to type in for a draft, and a table to read for what is agreed."""
        return self.fields if self.has_change_permission(request, obj) else ["query_type", "channel", "outcome", "in_words"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        given = list(super().get_readonly_fields(request, obj))
        return given if self.has_change_permission(request, obj) else [*given, "in_words"]

    @display(description=gettext_lazy("Price"))
    def in_words(self, row: Any) -> str:
        return words.describe_price(row=row)

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        formset = super().get_formset(request, obj, **options)
        # The buttons beside each choice would take the room of the prices; classes have pages of their own.
        for name in ("query_type", "channel"):
            if name in formset.form.base_fields:
                widget = formset.form.base_fields[name].widget
                widget.can_add_related = widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
        return formset


@admin.register(terms.ContractVersion)
class ContractVersionAdmin(TermsAsYaml, VersionAdmin):
    actions_list = ["import_yaml"]
    actions_detail = [*VersionAdmin.actions_detail, "simulate", "export_yaml"]
    list_display = ["contract", "number", "state", "in_force", "currency"]
    list_filter = ["status", "contract__client", "currency", "billing_calendar"]
    search_fields = ["contract__name", "contract__code", "contract__client__name", "note"]
    list_select_related = ["contract__client"]
    autocomplete_fields = ["contract"]
    inlines = [ResolutionPolicyInline, RateCardRowInline, *COMMERCIALS]
    own_fields = (
        "contract",
        ("number", "status"),
        ("effective_from", "effective_to"),
        ("currency", "prices_voice"),
        ("billing_calendar", "billing_anchor"),
        "prepaid_expiry_months",
        "note",
    )
    fieldsets = [
        (gettext_lazy("Summary"), {"fields": ["in_words"], "classes": ["tab"]}),
        (gettext_lazy("This version"), {"fields": own_fields, "classes": ["tab"]}),
        (gettext_lazy("Findings"), {"fields": ["lint"], "classes": ["tab"]}),
        (gettext_lazy("Which row wins"), {"fields": ["winners"], "classes": ["tab"]}),
        (gettext_lazy("Versions"), {"fields": ["differences"], "classes": ["tab"]}),
        (gettext_lazy("History"), {"fields": ["changes"], "classes": ["tab"]}),
    ]
    readonly_fields = [*VersionAdmin.readonly_fields, "winners"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask a new version for what it needs; there is nothing to read of it yet."""
        if obj is None:
            return [(_("This version"), {"fields": [*self.own_fields[:1], "number", *self.own_fields[2:]]})]
        return super().get_fieldsets(request, obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in what the contract already tells: the next number, and the currency of its version before."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        contract = terms.Contract.objects.filter(pk=given["contract"]).first() if str(given.get("contract", "")).isdigit() else None
        if contract is not None:
            given.setdefault("number", versions.next_number(version=terms.ContractVersion(contract=contract)))
            latest = contract.versions.order_by("-number").first()
            given.setdefault("currency", latest.currency if latest else "")
        return given

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give a new version the house's resolution policy, if nobody filled in another one: without it nothing could count."""
        super().save_related(request, form, formsets, change)
        if not change:
            terms.ResolutionPolicy.objects.get_or_create(version=form.instance)

    @display(description=gettext_lazy("Which row wins"))
    def winners(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Save it once, and each class is shown with the row that prices it.")
        return render_to_string("admin/contracts/winners.html", {"classes": winning_rows.list_winners(version=version)})

    def describe(self, version: Any) -> list[str]:
        return words.describe_contract_version(version=version)

    @action(description=gettext_lazy("Simulate on real months"))
    def simulate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Open the portal's page that bills and pays real months again as this version would."""
        return redirect(f"/contracts/versions/{object_id}/simulation/")


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
    fieldsets = [
        (None, {"fields": ["version", ("query_type", "channel", "outcome"), "shape"]}),
        (gettext_lazy("Per unit"), {"fields": ["unit_amount_micros"]}),
        (gettext_lazy("Package"), {"fields": [("package_size", "package_amount_micros", "free_units")]}),
        (
            gettext_lazy("Percentage of the value"),
            {
                "fields": [
                    ("rate_ppm", "fixed_amount_micros"),
                    ("free_events", "free_amount_micros"),
                    ("per_event_min_micros", "per_event_max_micros"),
                ]
            },
        ),
        (
            gettext_lazy("Steps around the price"),
            {"fields": [("usage_discount", "percent_discount_bp"), ("maximum_micros", "minimum_micros")]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("tiers")

    @display(description=gettext_lazy("Price"))
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
class QueryTypeAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]


@admin.register(terms.Channel)
class ChannelAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code", "is_assisted", "is_digital", "is_voice"]
    list_filter = ["is_assisted", "is_voice"]
    search_fields = ["name", "code"]
