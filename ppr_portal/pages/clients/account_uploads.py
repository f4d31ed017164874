"""Account data that a client or an admin uploads: tried, told row by row, imported as a whole, and taken back as a whole."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents import access
from agents.intake import account_files
from agents.intake.account_files import AccountReading
from agents.intake.errors import UnableToImport
from agents.models import AccountMonth, Upload
from agents.operations.imports import keep_uploads, undo_accounts, upload_accounts
from contracts import clock
from contracts.models import Client
from contracts.translation import gettext_lazy
from ppr_portal import stored_sentences
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.intake import hold_words

HELD_SHOWN, UPLOADS_SHOWN = 50, 10
CSV_HEAD = ("row", "account", "reason", "message")
CURRENCY = re.compile(r"[A-Z]{3}")
NO_COLUMN = ("", gettext_lazy("Not in this file"))
DATE_FORMATS = (
    ("iso", "2016-03-31"),
    ("%d/%m/%Y", "31/03/2016"),
    ("%m/%d/%Y", "03/31/2016"),
    ("%d.%m.%Y", "31.03.2016"),
    ("excel", gettext_lazy("Dates of a workbook")),
)


class AccountFileForm(forms.Form):
    """Whose accounts a file tells of, and how its dates and amounts are written."""

    client = forms.ModelChoiceField(label=gettext_lazy("Client"), queryset=Client.objects.none(), empty_label=None)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, XLSX or NDJSON with a row for each account and month; 20 MB at most. It is deleted after 14 days."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.xlsx,.ndjson,.jsonl"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )
    date_format = forms.ChoiceField(label=gettext_lazy("How days are written"), choices=DATE_FORMATS)
    currency = forms.CharField(
        label=gettext_lazy("Currency of revenue"),
        max_length=3,
        required=False,
        help_text=gettext_lazy("Three capital letters, such as USD. Only where no column says it."),
    )

    def __init__(self, *args: Any, clients: QuerySet[Client], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["client"].queryset = clients.order_by("name")  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        """Refuse what is no currency."""
        text = str(self.cleaned_data["currency"])
        if text and not CURRENCY.fullmatch(text):
            raise forms.ValidationError(_("Write three capital letters, like USD."))
        return text


class ColumnsForm(forms.Form):
    """Which column of the file holds which field."""

    def __init__(self, *args: Any, heads: tuple[str, ...], reading: AccountReading, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [NO_COLUMN, *((head, head) for head in heads)]
        for name in account_files.FIELDS:
            self.fields[name] = forms.ChoiceField(
                label=_label(name), choices=choices, required=name in ("account", "month"), initial=reading.columns.get(name, "")
            )
        self.fields["date_format"] = forms.ChoiceField(label=_("How days are written"), choices=DATE_FORMATS, initial=reading.date_format)
        self.fields["file_currency"] = forms.RegexField(
            regex=CURRENCY, label=_("Currency of revenue"), required=False, max_length=3, initial=reading.currency
        )

    def reading(self) -> AccountReading:
        """Return what was said."""
        told = self.cleaned_data
        columns = {name: told[name] for name in account_files.FIELDS if told[name]}
        return AccountReading(columns=columns, date_format=told["date_format"], currency=told["file_currency"])


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def account_upload_new(request: PortalRequest) -> HttpResponse:
    """Take in a file of account data, and try it at once."""
    clients = access.account_owners_for(request.user)
    if not clients.exists():
        raise Http404
    asked = asked_number(request, "client")
    form = AccountFileForm(request.POST or None, request.FILES or None, clients=clients, initial={"client": asked} if asked else {})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            kept = upload_accounts.keep_account_file(
                client=given["client"],
                content=given["file"],
                name=given["file"].name,
                reading=AccountReading(date_format=given["date_format"], currency=given["currency"]),
                person=request.user,
                now=timezone.now(),
            )
            _try_first(kept)
            return redirect("account_upload", pk=kept.pk)
        except keep_uploads.UnableToUpload as refusal:
            form.add_error("file", str(refusal))
    recent = access.account_uploads_for(request.user).select_related("uploaded_by", "run", "source__client").order_by("-pk")
    context = {"form": form, "recent": recent[:UPLOADS_SHOWN], "fields": _fields()}
    return render(request, "value/account_upload_new.html", context, status=422 if form.errors else 200)


@require_safe
@portal_page
def account_upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what a file would bring, or brought: counts, what could not be read row by row, and what can be done now."""
    found = _found(request, pk)
    held = [
        [number, key, hold_words.title_of(reason), stored_sentences.tell(words)]
        for number, key, reason, words in found.report.get("held", [])
    ]
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"held-{found.pk}", head=CSV_HEAD, rows=found.report.get("held", []))
    return render(request, "value/account_upload.html", _shown(request, found) | {"held": held[:HELD_SHOWN]})


@require_POST
@portal_page
def account_upload_act(request: PortalRequest, pk: int) -> HttpResponse:
    """Try a file with other columns, import it, or take its import back."""
    found = _found(request, pk)
    if not _may_change(request, found):
        raise Http404
    do = request.POST.get("do", "")
    try:
        if do == "import":
            upload_accounts.import_account_file(upload_id=pk, as_of=clock.now())
        elif do == "undo" and found.run_id:
            run = undo_accounts.undo_accounts(run_id=found.run_id, person=request.user, as_of=clock.now())
            messages.success(request, _("%(file)s is taken back; every account is as it was before.") % {"file": run.file_name})
        elif do == "try":
            form = ColumnsForm(request.POST, heads=upload_accounts.heads_of(upload=found), reading=upload_accounts.reading_of(upload=found))
            if not form.is_valid():
                return render(request, "value/account_upload.html", _shown(request, found) | {"form": form}, status=422)
            upload_accounts.try_account_file(upload_id=pk, reading=form.reading(), as_of=clock.now())
    except (UnableToImport, upload_accounts.UnableToReadUpload, undo_accounts.UnableToUndo) as refusal:
        messages.error(request, str(refusal))
    return redirect("account_upload", pk=pk)


def _try_first(kept: Upload) -> None:
    """Try a file by the columns that name themselves; one that cannot be read at all is told by the try."""
    reading = upload_accounts.reading_of(upload=kept)
    try:
        columns = upload_accounts.guess_columns(heads=upload_accounts.heads_of(upload=kept))
    except UnableToImport:
        columns = {}
    told = AccountReading(columns=columns, date_format=reading.date_format, currency=reading.currency)
    upload_accounts.try_account_file(upload_id=kept.pk, reading=told, as_of=clock.now())


def _found(request: PortalRequest, pk: int) -> Upload:
    wanted = access.account_uploads_for(request.user).select_related("source__client", "uploaded_by", "run__undone_by")
    return get_object_or_404(wanted, pk=pk)


def _may_change(request: PortalRequest, found: Upload) -> bool:
    return access.account_owners_for(request.user).filter(pk=found.source.client_id or 0).exists()


def _shown(request: PortalRequest, found: Upload) -> dict[str, Any]:
    state, run = found.state, found.run
    may_change = _may_change(request, found)
    may_try = may_change and not found.deleted_at and state != Upload.State.IMPORTED
    report = found.report
    counts = {"ready": report.get("new", 0) + report.get("changed", 0) + report.get("unchanged", 0)} if report else {}
    return {
        "upload": found,
        "client": found.source.client,
        "report": report,
        "ready_count": counts.get("ready", 0),
        "message": stored_sentences.tell(found.message),
        "is_checked": state == Upload.State.CHECKED,
        "is_failed": state == Upload.State.FAILED,
        "is_imported": state == Upload.State.IMPORTED and run is not None and run.undone_at is None,
        "is_undone": run is not None and run.undone_at is not None,
        "may_change": may_change,
        "may_try": may_try,
        "may_import": may_try and state == Upload.State.CHECKED and counts.get("ready", 0) > 0,
        "form": _columns_form(found) if may_try else None,
        "held_more": max(report.get("held_count", 0) - HELD_SHOWN, 0),
        "csv_url": f"{reverse('account_upload', args=[found.pk])}?format=csv",
    }


def _columns_form(found: Upload) -> ColumnsForm | None:
    try:
        return ColumnsForm(heads=upload_accounts.heads_of(upload=found), reading=upload_accounts.reading_of(upload=found))
    except UnableToImport:
        return None


def _label(name: str) -> str:
    return LABELS[name]


def _fields() -> list[tuple[str, str]]:
    """Return the heads that a file may have, and what each means."""
    told = {field.name: str(field.help_text) for field in AccountMonth._meta.get_fields() if hasattr(field, "help_text")}
    told |= {"recurring": told["recurring_micros"]}
    return [(name, told[name]) for name in account_files.FIELDS]


LABELS = {
    "account": gettext_lazy("Account"),
    "month": gettext_lazy("Month"),
    "started_on": gettext_lazy("Contract began on"),
    "onboarding_due_on": gettext_lazy("Due to be running on"),
    "onboarded_on": gettext_lazy("Up and running on"),
    "ended_on": gettext_lazy("Left on"),
    "seat_count": gettext_lazy("Paid seats"),
    "active_count": gettext_lazy("Used seats"),
    "goal_count": gettext_lazy("Goals due"),
    "goal_met_count": gettext_lazy("Goals met"),
    "service_minutes": gettext_lazy("Promised minutes"),
    "available_minutes": gettext_lazy("Available minutes"),
    "answer_count": gettext_lazy("Answers"),
    "favorable_count": gettext_lazy("Favorable answers"),
    "health_score": gettext_lazy("Health score"),
    "renewal_due": gettext_lazy("Renewal due"),
    "renewed": gettext_lazy("Renewed"),
    "recurring": gettext_lazy("Recurring revenue"),
    "currency": gettext_lazy("Currency"),
}
