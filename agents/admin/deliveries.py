"""Keys and secrets of other systems, and webhooks that were not understood."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from agents import models as work
from agents.admin.base import Explained, ReadOnlyAdmin, TellsItsMessage
from agents.operations.deliveries import api_keys
from contracts.translation import gettext_lazy

BODY_CHARACTERS_SHOWN = 20_000


class _NeverEditedAdmin(ModelAdmin):
    """Records that are made once and can be revoked, but never edited or deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.get_fields(request, obj)) if obj else []

    @display(description=gettext_lazy("Valid"), boolean=True)
    def is_valid(self, record: Any) -> bool:
        return record.revoked_at is None

    @admin.action(description=gettext_lazy("Revoke"), permissions=["change"])
    def revoke(self, request: HttpRequest, records: models.QuerySet[Any]) -> None:
        count = self.revoke_all(records)
        messages.success(request, _("%(count)s revoked. They open nothing from now on.") % {"count": count})

    def revoke_all(self, records: models.QuerySet[Any]) -> int:
        return records.filter(revoked_at=None).update(revoked_at=timezone.now())


class ApiKeyForm(forms.ModelForm):
    """What is chosen for a new key."""

    scopes = forms.MultipleChoiceField(
        choices=work.ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("What it may do.")
    )

    class Meta:
        model = work.ApiKey
        fields = ["name", "source", "scopes"]


@admin.register(work.ApiKey)
class ApiKeyAdmin(_NeverEditedAdmin):
    form = ApiKeyForm
    list_display = ["name", "prefix", "source", "is_valid", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["source", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "prefix"]
    list_select_related = ["source"]
    autocomplete_fields = ["source"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        made = ["prefix", "created_at", "created_by", "last_used_at", "revoked_at"]
        return ["name", "source", "scopes", *(made if obj else [])]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            return
        issued = api_keys.issue_api_key(
            name=obj.name, source=obj.source, scopes=obj.scopes, issued_at=timezone.now(), issued_by=request.user
        )
        obj.pk = issued.key.pk
        request.issued_text = issued.text

    def revoke_all(self, records: models.QuerySet[Any]) -> int:
        return api_keys.revoke_api_keys(keys=records, revoked_at=timezone.now())

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the key on the answer itself, so that it is in no cookie, session or message."""
        context = {**self.admin_site.each_context(request), "title": _("A new API key"), "key": obj, "key_text": request.issued_text}
        return TemplateResponse(request, "admin/agents/apikey/issued.html", context)


class HookSecretForm(forms.ModelForm):
    """A secret as the help desk shows it."""

    class Meta:
        model = work.HookSecret
        fields = ["source", "value", "note"]
        widgets = {"value": UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"})}


@admin.register(work.HookSecret)
class HookSecretAdmin(Explained, _NeverEditedAdmin):
    help_texts = {
        "source": gettext_lazy("Whose webhooks carry it."),
    }
    form = HookSecretForm
    list_display = ["source", "note", "is_valid", "created_at", "revoked_at"]
    list_filter = ["source", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["source"]
    autocomplete_fields = ["source"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["source", "note", "created_at", "revoked_at"] if obj else ["source", "value", "note"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = timezone.now()
            super().save_model(request, obj, form, change)


@admin.register(work.RawDelivery)
class RawDeliveryAdmin(TellsItsMessage, ReadOnlyAdmin):
    list_display = ["last_received_at", "source", "reason", "told_message", "delivery_count"]
    list_filter = ["source", "reason"]
    search_fields = ["message"]
    list_select_related = ["source"]
    fields = [
        "source",
        "vendor",
        "reason",
        "told_message",
        "content_type",
        "delivery_count",
        "first_received_at",
        "last_received_at",
        "the_body",
    ]

    @display(description=gettext_lazy("The body as it came"))
    def the_body(self, delivery: Any) -> str:
        return bytes(delivery.body).decode("utf-8", "replace")[:BODY_CHARACTERS_SHOWN]
