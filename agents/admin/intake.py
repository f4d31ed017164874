"""Sources, their mappings, imports and what they held."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from agents import models as work
from agents.admin.base import Explained, ReadOnlyAdmin, TellsItsMessage
from agents.operations.deliveries import receive_events
from agents.operations.mappings import copy_mapping, map_identity
from contracts import clock
from contracts.admin.keeping import KeepsWhatIsUsed
from contracts.queries.pairs import show_pairs
from contracts.translation import gettext_lazy


@admin.register(work.Source)
class SourceAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code", "vendor", "client", "is_made_up"]
    list_filter = ["vendor"]
    search_fields = ["name", "code"]
    list_select_related = ["client"]
    autocomplete_fields = ["client"]

    @display(description=gettext_lazy("Simulated"), boolean=True)
    def is_made_up(self, source: Any) -> bool:
        return bool(source.is_simulated)


@admin.register(work.SourceIdentity)
class SourceIdentityAdmin(ModelAdmin):
    list_display = ["value", "space", "source", "agent", "is_system", "resolution_count"]
    list_filter = [("agent", admin.EmptyFieldListFilter), "is_system", "source", "space"]
    search_fields = ["value", "agent__name", "agent__code"]
    list_select_related = ["source", "agent"]
    readonly_fields = ["source", "space", "value"]
    autocomplete_fields = ["agent"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).annotate(resolved=models.Count("resolutions"))

    @display(description=gettext_lazy("Resolutions"), ordering="resolved")
    def resolution_count(self, identity: Any) -> int:
        return int(identity.resolved)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # A mark that goes, goes first, and one that comes, comes last: a system user stands for no agent in between either.
        is_marked = "is_system" in form.changed_data
        if is_marked and not obj.is_system:
            map_identity.mark_system(identity_id=obj.pk, is_system=False, as_of=clock.now())
        if "agent" in form.changed_data:
            map_identity.map_identity(identity_id=obj.pk, agent_id=obj.agent_id, as_of=clock.now())
            messages.success(
                request,
                _("What %(value)s resolved now counts for %(agent)s.")
                % {"value": obj.value, "agent": obj.agent or _("nobody and is held")},
            )
        if is_marked and obj.is_system:
            map_identity.mark_system(identity_id=obj.pk, is_system=True, as_of=clock.now())
        if is_marked:
            said = _("is a system user now: what it closed is no resolution") if obj.is_system else _("is no system user any more")
            messages.success(request, f"{obj.value} {said}.")


class ColumnInline(TabularInline):
    model = work.MappingColumn
    extra = 0
    tab = True


class EventInline(Explained, TabularInline):
    help_texts = {
        "direction": gettext_lazy("Of a contact: who spoke. Empty: the file does not tell."),
        "medium": gettext_lazy("Of a contact: spoken live, written, or left as a voicemail. Empty: not told."),
        "content": gettext_lazy("Of a contact: an answer, a request for more, or other. Empty: not told."),
    }
    model = work.MappingEvent
    extra = 0
    tab = True


class ValueInline(TabularInline):
    model = work.MappingValue
    extra = 0
    tab = True
    per_page = 50


@admin.register(work.Mapping)
class MappingAdmin(KeepsWhatIsUsed, Explained, ModelAdmin):
    help_texts = {
        "source": gettext_lazy("Whose files are read by it."),
    }
    list_display = ["source", "number", "date_format", "timezone", "was_used"]
    list_filter = ["source"]
    search_fields = ["source__name", "note"]
    list_select_related = ["source"]
    inlines = [ColumnInline, EventInline, ValueInline]
    actions_detail = ["copy_to_next"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        used = work.ImportRun.objects.filter(mapping=models.OuterRef("pk"))
        return super().get_queryset(request).annotate(used=models.Exists(used))

    @display(description=gettext_lazy("Used by an import"), boolean=True)
    def was_used(self, mapping: Any) -> bool:
        return bool(mapping.used)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or not obj.used) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # One that goes with its source was not read by this page, which knows nothing of its use.
        return (obj is None or not getattr(obj, "used", True)) and super().has_delete_permission(request, obj)

    def has_copy_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_add_permission(request)

    @action(description=gettext_lazy("Copy to the next version"), permissions=["copy"])
    def copy_to_next(self, request: HttpRequest, object_id: int) -> HttpResponse:
        made = copy_mapping.copy_mapping(mapping=work.Mapping.objects.get(pk=object_id))
        messages.success(request, _("%(made)s can be edited. Imports use it from now on.") % {"made": made})
        return redirect(reverse("admin:agents_mapping_change", args=[made.pk]))


@admin.register(work.ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = [
        "file_name",
        "source",
        "started_at",
        "row_count",
        "new_count",
        "changed_count",
        "unchanged_count",
        "held_count",
        "seconds",
    ]
    list_filter = ["source"]
    search_fields = ["file_name"]
    list_select_related = ["source"]


@admin.register(work.HeldRow)
class HeldRowAdmin(TellsItsMessage, ReadOnlyAdmin):
    list_display = ["case_key", "row_number", "told_message", "source", "run", "released_at"]
    list_filter = ["reason", "source", ("released_at", admin.EmptyFieldListFilter)]
    search_fields = ["case_key", "message"]
    list_select_related = ["source", "run"]
    fields = ["source", "run", "row_number", "case_key", "reason", "told_message", "the_row", "released_at"]
    actions = ["try_again"]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a held row; whoever may change one may let it in."""
        return request.user.has_perm("agents.change_heldrow")

    @admin.action(description=gettext_lazy("Try delivered events again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, rows: models.QuerySet[Any]) -> None:
        held_ids = list(rows.values_list("pk", flat=True))
        outcomes = receive_events.retry_held_events(held_ids=held_ids, as_of=clock.now()).outcomes
        waiting = [outcome for outcome in outcomes if outcome.status in ("held", "rejected")]
        if len(outcomes) > len(waiting):
            messages.success(request, _("%(outcomes)s let in. Pay follows within minutes.") % {"outcomes": len(outcomes) - len(waiting)})
        for message in dict.fromkeys(outcome.message for outcome in waiting):
            messages.warning(request, f"Still held: {message}")
        if len(held_ids) > len(outcomes):
            left = _("Rows of files come in when the file is imported again under a corrected mapping; released ones are in already.")
            messages.info(request, f"{len(held_ids) - len(outcomes)} left as they are. {left}")

    @display(description=gettext_lazy("The row as it came"))
    def the_row(self, held: Any) -> SafeString:
        return show_pairs(pairs=held.row)
