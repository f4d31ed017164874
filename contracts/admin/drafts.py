"""Two people editing the same draft: the second is told what changed and by whom, and loses nothing of what she typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from contracts.queries import draft_changes
from contracts.translation import gettext_lazy

CONFLICT = gettext_lazy(
    "This draft was changed after you opened it. Nothing of yours is saved yet, and nothing is lost: your input is "
    "still below. Compare, then save it over the other change, or open the page again to start from what is stored."
)


class SeenForm(forms.ModelForm):
    """A version's form that knows the state which its reader saw when the page was opened."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput, help_text=gettext_lazy("The state that this page was opened with."))
    save_over = forms.BooleanField(
        required=False, label=gettext_lazy("Save mine over it"), help_text=gettext_lazy("What somebody else changed meanwhile is replaced.")
    )

    is_conflict = False
    now = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.now = draft_changes.fingerprint(version=self.instance)
            self.fields["seen"].initial = self.now

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("seen")
        if self.instance.pk and seen and seen.split(" ")[0] != self.now.split(" ")[0] and not self.cleaned_data.get("save_over"):
            self.is_conflict = True
            raise ValidationError(CONFLICT, code="changed_meanwhile")
        return cleaned


class TellsOfChanges:
    """A page of a version that refuses to overwrite in silence what somebody else saved meanwhile."""

    form = SeenForm
    change_form_before_template = "admin/contracts/meanwhile.html"

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> HttpResponse:
        """Add what was changed meanwhile and what differs, where a save was refused for it."""
        form = context["adminform"].form
        if isinstance(form, SeenForm) and form.is_conflict:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["meanwhile"] = draft_changes.list_since(version=form.instance, seen=form.data.get("seen", ""))
            context["differences"] = [*_form_differences(_("This version"), form), *_formset_differences(formsets)]
        return super().render_change_form(request, context, *args, **options)  # type: ignore[misc, no-any-return]


def _formset_differences(formsets: list[Any]) -> list[dict[str, str]]:
    found = []
    for formset in formsets:
        for form in formset.forms:
            name = (
                str(form.instance) if form.instance.pk else _("new %(verbose_name)s") % {"verbose_name": formset.model._meta.verbose_name}
            )
            if not form.has_changed():
                continue
            found += _form_differences(f"{formset.model._meta.verbose_name}: {name}", form)
            found += _formset_differences([nested.formset for nested in getattr(form, "nested_formsets", [])])
    return found


def _form_differences(where: str, form: Any) -> list[dict[str, str]]:
    """Give each field in which the typed value differs from what is stored now, both as people read them."""
    skipped = ("seen", "save_over", "id")
    rows = []
    for name in form.changed_data:
        if name in skipped or name not in form.fields:
            continue
        bound = form[name]
        stored = bound.field.prepare_value(form.get_initial_for_field(bound.field, name))
        told = {"where": where, "field": str(bound.label or name), "stored": _say(bound, stored), "yours": _say(bound, bound.value())}
        if told["stored"] != told["yours"]:
            rows.append(told)
    return rows


def _say(bound: Any, value: Any) -> str:
    if value in (None, "", []):
        return "empty"
    choices = getattr(bound.field, "queryset", None)
    if choices is not None:
        found = choices.filter(pk=getattr(value, "pk", value)).first() if str(getattr(value, "pk", value)).isdigit() else None
        return str(found or value)
    return str(dict(getattr(bound.field, "choices", ())).get(value, value))
