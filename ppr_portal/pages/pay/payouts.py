"""The payments of a posted run: order them from the bank, give out the files, and read what the bank answers."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import access
from billing.models import BankAnswer, Document, Payout, PayRun, Seller
from billing.operations import bank_answers, export_payout, record_bank_answer
from billing.queries import payments
from billing.queries.payments import Payment
from billing.rules import paydays
from contracts import clock, row_ids
from contracts.translation import gettext_lazy
from ppr_portal import statement_mail
from ppr_portal.pages import exports, list_tools, pay_seen
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.fields import DayField

ROWS_MAX = 50
OPEN_TO_ALL = (PayRun.Status.POSTED, PayRun.Status.PAID)
HEAD = ("agent", "currency", "amount", "account", "state", "reference", "answered_on", "answer")
SHAPES = {"paid": "confirmed", "exported": "assumed", "open": "pending", "returned": "reopened", "no_account": "held", "nothing": "void"}


class OrderForm(forms.Form):
    """Who pays, and when."""

    seller = forms.ModelChoiceField(
        queryset=Seller.objects.exclude(iban="").order_by("legal_name"), label=gettext_lazy("Pay from"), empty_label=None
    )
    pay_on = DayField(label=gettext_lazy("Pay on"))


class AnswerForm(forms.Form):
    """The bank's file."""

    file = forms.FileField(
        label=gettext_lazy("The bank's answer"), help_text=gettext_lazy("CSV with reference, status, date and reason, or pain.002 as XML.")
    )


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def payouts(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the payments of a run with how far each is; an approver orders those that are left."""
    run = _run(request, pk)
    form = _order_form(request, run)
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _order(request, run, form):
            return redirect("payouts", pk=run.pk)
    rows = payments.list_payments(run=run, on=request.today)
    asked, after = list_tools.read_asked(request, "find", "show"), asked_number(request, "after")
    find, show = asked.get("find", ""), asked.get("show", "")
    picked = [row for row in rows if find.lower() in row.name.lower() and (not show or row.state == show)]
    if request.GET.get("format") == "csv":
        pay_seen.saw(request, (row.agent_id for row in picked))
        return exports.csv_response(name=f"payments-{run.site.code}-{run.period_start:%Y-%m}", head=HEAD, rows=map(_cells, picked))
    page = _page(picked, after, asked)
    pay_seen.saw(request, (row.agent_id for row, _shape in page["rows"]))
    context = {
        "run": run,
        "form": form,
        "may_decide": access.may_decide_runs(request.user),
        "answer_form": AnswerForm() if access.may_decide_runs(request.user) else None,
        "find": find,
        "show": show,
        "chips": _chips(rows, asked),
        "left_count": sum(row.can_be_ordered for row in rows),
        "mails": statement_mail.count_mails(run_id=run.pk),
        "missing": [row.name for row in rows if row.state == "no_account"],
        "orders": Payout.objects.filter(run=run).select_related("exported_by", "document").defer("document__content").order_by("pk"),
        "answers": BankAnswer.objects.filter(run=run).select_related("read_by", "document").defer("document__content").order_by("-pk")[:10],
        **page,
    }
    return render(request, "runs/payouts.html", context, status=422 if form and form.errors else 200)


@require_POST
@portal_page
def bank_answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Read the bank's answer; what it says is recorded, what cannot be matched is shown by name."""
    run = _run(request, pk)
    form = AnswerForm(request.POST, request.FILES)
    if not access.may_decide_runs(request.user):
        raise Http404
    if not form.is_valid():
        messages.error(request, _("Choose the file in which the bank answers. An empty file says nothing."))
        return redirect("payouts", pk=run.pk)
    file = form.cleaned_data["file"]
    try:
        content = file.read(record_bank_answer.SIZE_MAX + 1)
        read = record_bank_answer.record_bank_answer(run_id=run.pk, name=file.name, content=content, person=request.user, as_of=clock.now())
    except bank_answers.UnableToReadAnswer as refused:
        messages.error(request, str(refused))
        return redirect("payouts", pk=run.pk)
    tell = messages.warning if read.held else messages.success
    tell(
        request,
        _(
            "Read: %(paid_count)s paid, %(returned_count)s returned, %(waiting_count)s still under way, "
            "%(unchanged_count)s known before, %(held)s held."
        )
        % {
            "paid_count": read.paid_count,
            "returned_count": read.returned_count,
            "waiting_count": read.waiting_count,
            "unchanged_count": read.unchanged_count,
            "held": len(read.held),
        },
    )
    return redirect("payouts", pk=run.pk)


@require_safe
@portal_page
def payout_order(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out an order for the bank. It holds whole account numbers, so only those who order payments get it."""
    if not access.may_decide_runs(request.user):
        raise Http404
    payout = get_object_or_404(Payout.objects.filter(run__in=access.runs_for(request.user)).select_related("document"), pk=pk)
    pay_seen.saw(request, payout.items.values_list("settlement__agent_id", flat=True))
    return _download(payout.document)


@require_safe
@portal_page
def payroll_file(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the payroll file of a posted run."""
    run = _run(request, pk)
    document = export_payout.keep_payroll_file(run=run, as_of=clock.now())
    pay_seen.saw(request, run.settlements.values_list("agent_id", flat=True))
    return _download(document)


def _run(request: PortalRequest, pk: int) -> PayRun:
    found = access.runs_for(request.user).filter(status__in=OPEN_TO_ALL)
    return get_object_or_404(found.select_related("site", "agent"), pk=pk)


def _order_form(request: PortalRequest, run: PayRun) -> OrderForm | None:
    """Return the form of a run that is not paid yet, to those who may order."""
    if run.status != PayRun.Status.POSTED or not access.may_decide_runs(request.user):
        return None
    payday = paydays.find_payday(period_end=run.period_end, working_day=run.site.payday_rule)
    # Final pay does not wait for the payday of the month.
    pay_on = request.today if run.agent_id else max(payday, request.today)
    return OrderForm(request.POST or None, initial={"pay_on": pay_on.isoformat()})


def _order(request: PortalRequest, run: PayRun, form: OrderForm) -> bool:
    """Order what the form asks for and say who was left out; a refusal is told in the form."""
    asked = [agent_id for text in request.POST.getlist("agent") if (agent_id := row_ids.read_id(text)) is not None]
    seller, pay_on = form.cleaned_data["seller"], form.cleaned_data["pay_on"]
    try:
        made = export_payout.export_payout(
            run_id=run.pk, seller_id=seller.pk, pay_on=pay_on, person=request.user, as_of=clock.now(), agent_ids=asked or None
        )
    except export_payout.UnableToExport as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(
        request,
        _("Ordered: %(value)s. Download it below and give it to the bank.")
        % {"value": ", ".join(payout.message for payout in made.payouts)},
    )
    if made.left_out:
        told = " ".join(f"{one.name}: {one.reason}" for one in made.left_out[:10])
        more = _(" And %(left_out)s more.") % {"left_out": len(made.left_out) - 10} if len(made.left_out) > 10 else ""
        messages.warning(request, _("Left out, and still owed: %(agents)s") % {"agents": f"{told}{more}"})
    return True


def _page(picked: Sequence[Payment], after: int, asked: dict[str, str]) -> dict[str, Any]:
    start = next((place for place, row in enumerate(picked, start=1) if row.agent_id == after), 0)
    part = picked[start : start + ROWS_MAX]
    more = len(picked) > start + ROWS_MAX
    rows = [(row, SHAPES[row.state]) for row in part]
    following = str(part[-1].agent_id) if more else ""
    return {"rows": rows, **list_tools.links(asked=asked, after=str(after or ""), next_after=following, part="#payments")}


def _chips(rows: Sequence[Payment], asked: dict[str, str]) -> list[list_tools.Chip]:
    counted = Counter(row.state for row in rows)
    told = {state: (words, counted[state]) for state, words in payments.STATE_WORDS.items() if counted[state]}
    words = {"": (_("Everybody"), len(rows)), **told}
    states = ((state, label, count) for state, (label, count) in words.items())
    return list_tools.chips(name="show", states=states, asked=asked, part="#payments")


def _cells(row: Payment) -> tuple[str | date | None, ...]:
    amount = exports.amount(micros=row.amount_micros, currency=row.currency)
    return row.name, row.currency, amount, row.account, row.words, row.reference, row.answered_on, row.answer


def _download(document: Document) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{document.name}"'}
    return HttpResponse(bytes(document.content), content_type=document.content_type, headers=headers)
