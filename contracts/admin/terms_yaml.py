"""Terms as YAML in the administration: one contract out as a file, a document in after a look at what it would do."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from contracts.operations import import_terms
from contracts.queries import export_terms
from contracts.rules import errors
from contracts.translation import gettext_lazy, told

DOCUMENT_CHARACTERS_MAX = 5_000_000
# Storing what an activation would refuse is for those who may activate.
MAY_ACTIVATE = ("contracts.change_contractversion", "contracts.change_payplanversion")


class TermsForm(forms.Form):
    """A terms document, pasted or uploaded."""

    document = forms.CharField(
        required=False,
        max_length=DOCUMENT_CHARACTERS_MAX,
        widget=UnfoldAdminTextareaWidget,
        help_text=gettext_lazy("Paste YAML as an export writes it. What it does not name stays as it is."),
    )
    file = forms.FileField(
        required=False, label=gettext_lazy("File"), help_text=gettext_lazy("Or choose a file; it counts instead of what is pasted.")
    )

    as_in_force = forms.BooleanField(
        required=False,
        label=gettext_lazy("As in force"),
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy(
            "For the export of another portal: its active and ended versions were in force there. What would stop their activation today, "
            "such as a minimum wage that rose since, is told, and they are stored all the same."
        ),
    )

    def __init__(self, *args: Any, may_activate: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_activate:
            del self.fields["as_in_force"]

    def text(self) -> str:
        """Return the document."""
        uploaded = self.cleaned_data.get("file")
        return uploaded.read().decode("utf-8-sig", "replace") if uploaded else self.cleaned_data["document"]


class TermsAsYaml:
    """The buttons of a contract version for export and import."""

    @action(description=gettext_lazy("Export as YAML"), permissions=["view"])
    def export_yaml(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send the contract of a version, with all its versions, as a file."""
        version = self.model.objects.select_related("contract__client").get(pk=object_id)  # type: ignore[attr-defined]
        return HttpResponse(
            export_terms.export_terms(contract=version.contract),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{version.contract.code.replace("/", "-")}.yaml"'},
        )

    @action(description=gettext_lazy("Import YAML"), permissions=["copy"], url_path="import-yaml")
    def import_yaml(self, request: HttpRequest) -> HttpResponse:
        """Show what a document would do, and do it once somebody says so; a refused one tells every fault with its place."""
        may_activate = request.user.has_perms(MAY_ACTIVATE)  # type: ignore[union-attr]
        form = TermsForm(request.POST or None, request.FILES or None, may_activate=may_activate)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "form": form,
            "title": _("Import terms"),
            "opts": self.model._meta,
        }  # type: ignore[attr-defined]
        if request.method == "POST" and form.is_valid():
            text, as_in_force = form.text(), form.cleaned_data.get("as_in_force", False)
            is_dry = "store" not in request.POST
            try:
                done = import_terms.import_terms(text=text, dry_run=is_dry, as_in_force=as_in_force)
            except import_terms.UnableToImport as refused:
                context["faults"] = _rows(refused.faults)
            else:
                if not is_dry:
                    _tell_stored(request, done)
                    return redirect("admin:contracts_contractversion_changelist")
                context |= {"done": done, "warnings": _rows(done.warnings), "kept_errors": _rows(done.kept_errors)}
            context["form"] = TermsForm(initial={"document": text, "as_in_force": as_in_force}, may_activate=may_activate)
        return TemplateResponse(request, "admin/contracts/import_terms.html", context)


def _rows(faults: Iterable[errors.InvalidInput]) -> list[dict[str, str]]:
    return [{"path": errors.point_to(path=fault.path), "message": told(fault.message)} for fault in faults]


def _tell_stored(request: HttpRequest, done: import_terms.ImportedTerms) -> None:
    words = _("%(created)s created, %(updated)s updated, %(unchanged_count)s unchanged.")
    counts = {"created": len(done.created), "updated": len(done.updated), "unchanged_count": done.unchanged_count}
    messages.success(request, words % counts)
    for kept in done.kept_errors:
        messages.warning(request, _("As in force, though an activation would refuse it: %(fault)s") % {"fault": told(kept.message)})
