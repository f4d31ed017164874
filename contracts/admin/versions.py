"""What the admin pages of contract versions and plan versions share: a life, words, a history."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from contracts import clock, lint_sentences, reading, row_ids
from contracts.admin.drafts import TellsOfChanges
from contracts.admin.reading import NamesItsCells, ShowsAmounts
from contracts.models import VersionStatus
from contracts.operations import versions
from contracts.queries import history, lint_places, version_changes
from contracts.queries import lint as linting
from contracts.rules.lint import findings
from contracts.translation import gettext_lazy

STATUS_LABELS = {VersionStatus.DRAFT: "info", VersionStatus.ACTIVE: "success", VersionStatus.ENDED: "warning"}


class DraftOnly:
    """What belongs to a version can be edited while that is a draft, and only read afterwards."""

    def version_of(self, obj: Any) -> Any:
        """Return the version that decides; a page and its inlines are asked with the object of the page."""
        return obj

    def is_open(self, obj: Any) -> bool:
        return obj is None or self.version_of(obj).status == VersionStatus.DRAFT

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open(obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open(obj) and super().has_delete_permission(request, obj)  # type: ignore[misc]


class FrozenWithVersion(NamesItsCells, ShowsAmounts, DraftOnly):
    """Rows inside the page of their version."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_open(obj) and super().has_add_permission(request, obj)  # type: ignore[misc]


class VersionAdmin(ShowsAmounts, DraftOnly, TellsOfChanges, ModelAdmin):
    """What contract versions and plan versions have in common: a life, words, a history."""

    list_filter_submit = True
    warn_unsaved_form = True
    ordering = ["-effective_from"]
    date_hierarchy = "effective_from"
    actions_detail = ["copy_to_draft", "activate", "end_today"]
    readonly_fields = ["status", "in_words", "lint", "differences", "changes"]

    # The buttons of a page ask with the id of its row, which Django's own permission methods do not take.
    def has_copy_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_add_permission(request)

    def has_activate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_decide(request, object_id, VersionStatus.DRAFT)

    def has_end_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._may_decide(request, object_id, VersionStatus.ACTIVE)

    def _may_decide(self, request: HttpRequest, object_id: str | None, status: VersionStatus) -> bool:
        """Offer an act only where it can be done: a draft is activated, an active version is ended."""
        is_fitting = object_id is None or self.model.objects.filter(pk=row_ids.read_id(object_id), status=status).exists()
        return is_fitting and self.has_change_permission(request)

    @display(description=gettext_lazy("Status"), label=STATUS_LABELS, ordering="status")
    def state(self, version: Any) -> tuple[str, str]:
        return version.status, str(version.get_status_display())

    @display(description=gettext_lazy("In force"))
    def in_force(self, version: Any) -> str:
        # The stored end is the first day on which it is not in force any more; people read a span with its last day.
        first = reading.write_brief_day(version.effective_from)
        if version.effective_to is None:
            return _("from %(effective_from)s") % {"effective_from": first}
        return f"{first} – {reading.write_brief_day(version.effective_to - timedelta(days=1))}"

    @display(description=gettext_lazy("History"))
    def changes(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Nothing yet: it is written down from the first save on.")
        return render_to_string("admin/contracts/history.html", {"changes": history.list_changes(row=version)})

    @display(description=gettext_lazy("In words"))
    def in_words(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Save it once, and it is put into words here.")
        return render_to_string("admin/contracts/words.html", {"sentences": self.describe(version)})

    @display(description=gettext_lazy("Findings"))
    def lint(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Save it once, and it is looked through for what would surprise somebody.")
        rows = [
            {
                "is_error": one.severity == "error",
                "what": lint_sentences.tell(one.what),
                "where": lint_places.describe_place(path=one.path),
                "at_stake": ""
                if one.amount is None
                else f"{findings.show_amount(one.amount)} {version.currency}, {lint_sentences.tell(one.amount_of)}",
                "remedy": lint_sentences.tell(one.remedy),
            }
            for one in linting.lint_version(version=version)
        ]
        return render_to_string("admin/contracts/lint.html", {"findings": rows})

    @display(description=gettext_lazy("What it changes"))
    def differences(self, version: Any) -> SafeString | str:
        if not version.pk:
            return _("Save it once, and it is compared here with the version before.")
        before = versions.find_version_before(version=version)
        if before is None:
            return _("This is the first version.")
        changes = version_changes.compare_versions(before=before, after=version)
        return render_to_string("admin/contracts/differences.html", {"before": before, "changes": changes})

    def describe(self, version: Any) -> list[str]:
        """Return the version as sentences; each kind of version has its own."""
        raise TypeError(f"{type(self).__name__} does not say how to describe {version}")

    @action(description=gettext_lazy("Copy to a new draft"), permissions=["copy"])
    def copy_to_draft(self, request: HttpRequest, object_id: int) -> HttpResponse:
        source = self.model.objects.get(pk=object_id)
        draft = versions.clone_version(version=source, effective_from=max(_today(), source.effective_from + timedelta(days=1)))
        messages.success(request, _("%(draft)s is a draft. Nothing changes for anyone until you activate it.") % {"draft": draft})
        return self._open(request, draft)

    @action(
        description=gettext_lazy("Activate"),
        permissions=["activate"],
        dialog={
            "title": gettext_lazy("Activate this version?"),
            "description": gettext_lazy(
                "From its first day on, it decides what is paid. It can never be edited again; a change is a new version. "
                "The version in force before it ends on that day."
            ),
            "form_submit_text": gettext_lazy("Activate"),
        },
    )
    def activate(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        version = self.model.objects.get(pk=object_id)
        try:
            versions.activate_version(version=version)
        except versions.UnableToActivate as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                _("%(version)s is active from %(effective_from)s.")
                % {"version": version, "effective_from": reading.write_day(version.effective_from)},
            )
        return self._open(request, version)

    @action(
        description=gettext_lazy("End today"),
        permissions=["end"],
        dialog={
            "title": gettext_lazy("End this version today?"),
            "description": gettext_lazy("Work after today is held until another version is active. Nothing already counted changes."),
            "form_submit_text": gettext_lazy("End it"),
        },
    )
    def end_today(self, request: HttpRequest, form: Any, object_id: int) -> HttpResponse:
        version = self.model.objects.get(pk=object_id)
        try:
            versions.end_version(version=version, effective_to=_today())
        except versions.UnableToEnd as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("%(version)s ended.") % {"version": version})
        return self._open(request, version)

    def _open(self, request: HttpRequest, version: Any) -> HttpResponse:
        page = reverse(f"admin:{version._meta.app_label}_{version._meta.model_name}_change", args=[version.pk])
        # A confirmation is sent by htmx, which would put the answer into the dialog instead of opening the page.
        return HttpResponseClientRedirect(page) if request.headers.get("HX-Request") else redirect(page)


class VersionInline(TabularInline):
    """The versions of a contract or plan, to open one."""

    extra = 0
    fields = ["number", "status", "effective_from", "effective_to", "currency"]
    readonly_fields = fields
    show_change_link = True
    can_delete = False
    verbose_name_plural = gettext_lazy("Versions: open one to read or edit it")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FrozenRowAdmin(ShowsAmounts, DraftOnly, ModelAdmin):
    """A page of its own for a row of a contract version; only a draft's rows can be changed."""

    autocomplete_fields = ["version"]
    list_select_related = ["version__contract__client"]

    def version_of(self, obj: Any) -> Any:
        return obj.version

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "version":
            options.setdefault("help_text", gettext_lazy("The contract version that this belongs to; only a draft can be edited."))
        return super().formfield_for_foreignkey(db_field, request, **options)


def _today() -> Any:
    return clock.now().date()
