"""A source: where its records come from, the versions of its mapping, and the way to a new one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agents import access
from agents.models import ImportRun, Source
from agents.queries import import_lists
from contracts.translation import gettext_lazy
from ppr_portal.pages.entry import PortalRequest, portal_page


class SourceForm(forms.ModelForm):
    """What a new source is."""

    class Meta:
        model = Source
        fields = ["name", "code", "vendor", "client", "attribution"]
        widgets = {"attribution": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "client": gettext_lazy("Only where all of its records are of one client."),
            "attribution": gettext_lazy("Whom to credit for the data, and its license."),
        }
        error_messages = {
            "name": {"required": gettext_lazy("Write the name that people know it by.")},
            "code": {"required": gettext_lazy("Write a short name, for example incidents.")},
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["client"].empty_label = _("The records name the client")  # type: ignore[attr-defined]


@require_safe
@portal_page
def source(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a source with the versions of its mapping."""
    found = get_object_or_404(access.sources_for(request.user).select_related("client"), pk=pk)
    used = ImportRun.objects.filter(mapping=OuterRef("pk"))
    mappings = found.mappings.prefetch_related("columns", "values").annotate(was_used=Exists(used)).order_by("-number")
    context = {
        "source": found,
        "line": import_lists.list_sources(source_ids=[found.pk])[0],
        "mappings": list(mappings[:10]),
        "newest": mappings.first(),
        "may_change": access.changes_intake(request.user),
    }
    return render(request, "operations/source.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def source_new(request: PortalRequest) -> HttpResponse:
    """Make a source."""
    if not access.changes_intake(request.user):
        raise Http404
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.save()
        messages.success(request, _("%(made)s can take records now. Upload a file of it to say how it is read.") % {"made": made})
        return redirect("source", pk=made.pk)
    return render(request, "operations/source_new.html", {"form": form}, status=422 if form.errors else 200)
