"""Scorecards in versions, and courses: what leads review and train with."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from agents.models import Course, Scorecard, ScorecardItem, ScorecardVersion
from agents.operations.quality_work import activate_scorecard
from contracts import row_ids
from contracts.admin.keeping import KeepsWhatIsUsed
from contracts.admin.reading import NamesItsCells
from contracts.admin.versions import DraftOnly
from contracts.models import VersionStatus
from contracts.translation import gettext_lazy


@admin.register(Scorecard)
class ScorecardAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "code", "owner"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["owner"]
    list_select_related = ["owner"]


class ScorecardItemInline(NamesItsCells, DraftOnly, TabularInline):
    model = ScorecardItem
    extra = 0
    fields = ["position", "section", "title", "help", "weight_bp", "is_critical"]

    def has_add_permission(self, request: HttpRequest, obj: ScorecardVersion | None = None) -> bool:
        return self.is_open(obj) and super().has_add_permission(request, obj)


@admin.register(ScorecardVersion)
class ScorecardVersionAdmin(KeepsWhatIsUsed, DraftOnly, ModelAdmin):
    list_display = ["scorecard", "number", "status", "effective_from", "effective_to", "pass_score"]
    list_display_links = ["number"]
    list_filter = ["status", "scorecard"]
    list_select_related = ["scorecard"]
    autocomplete_fields = ["scorecard"]
    readonly_fields = ["status", "effective_to"]
    fieldsets = [(None, {"fields": ["scorecard", "number", "status", ("effective_from", "effective_to"), "pass_score", "note"]})]
    inlines = [ScorecardItemInline]
    actions_detail = ["activate"]

    def has_activate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        is_draft = object_id is None or ScorecardVersion.objects.filter(pk=row_ids.read_id(object_id), status=VersionStatus.DRAFT).exists()
        return is_draft and self.has_change_permission(request)

    @action(description=gettext_lazy("Activate"), permissions=["activate"])
    def activate(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Bring the version into force; it cannot be edited afterwards."""
        try:
            version = activate_scorecard.activate_scorecard(version_id=object_id)
        except activate_scorecard.UnableToActivateScorecard as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("%(version)s is active. New draws use it from its first day on.") % {"version": version})
        return redirect(reverse("admin:agents_scorecardversion_change", args=[object_id]))


@admin.register(Course)
class CourseAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["title", "code", "minutes", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["title", "code"]

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **options: Any) -> Any:
        """An address without a scheme is a secure one."""
        return super().formfield_for_dbfield(db_field, request, **({"assume_scheme": "https"} if db_field.name == "url" else {}), **options)
