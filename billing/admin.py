"""Runs, settlements, bookings and corrections, to look things up and to decide."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from stdnum import iban as iban_numbers
from unfold.admin import ModelAdmin
from unfold.decorators import display

from agents.admin.base import Explained, ReadOnlyAdmin, ReadOnlyInline
from billing import models as pay
from billing.pay_read_admin import RecordsPayReads
from contracts.queries import words
from contracts.queries.pairs import show_pairs

RUN_LABELS = {
    "calculating": "info",
    "calculated": "info",
    "in_review": "warning",
    "approved": "success",
    "posted": "success",
    "paid": "success",
}


class ShardInline(ReadOnlyInline):
    model = pay.PayRunShard
    fields = ["number", "status", "failed", "seconds"]
    readonly_fields = ["failed"]

    @display(description=_("Agents that could not be computed"))
    def failed(self, shard: Any) -> SafeString | str:
        return show_pairs(pairs=shard.failures) if shard.failures else str(_("none"))


@admin.register(pay.PayRun)
class PayRunAdmin(ReadOnlyAdmin):
    list_display = ["site", "period_start", "in_status", "as_of", "prepared_by", "approved_by", "paid_on", "seconds"]
    list_filter = ["status", "site", "period_start"]
    list_select_related = ["site", "prepared_by", "approved_by"]
    inlines = [ShardInline]

    @display(description=_("Status"), label=RUN_LABELS, ordering="status")
    def in_status(self, run: Any) -> tuple[str, str]:
        return run.status, str(run.get_status_display())


class LineInline(ReadOnlyInline):
    model = pay.SettlementLine
    fields = ["position", "label", "week", "quantity", "rate", "amount"]
    readonly_fields = ["amount"]

    @display(description=_("Amount"))
    def amount(self, line: Any) -> str:
        return words.money(line.amount_micros)


@admin.register(pay.Settlement)
class SettlementAdmin(RecordsPayReads, ReadOnlyAdmin):
    list_display = ["agent", "period_start", "status", "total", "currency", "resolution_count", "plan_version"]
    list_filter = ["status", "period_start", "agent__site", "plan_version__plan"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "plan_version__plan"]
    inlines = [LineInline]
    exclude = ["evidence", "total_micros"]
    readonly_fields = ["total", "proof"]

    @display(description=_("Total"), ordering="total_micros")
    def total(self, settlement: Any) -> str:
        return words.money(settlement.total_micros)

    @display(description=_("What the lines rest on"))
    def proof(self, settlement: Any) -> SafeString:
        return show_pairs(pairs=settlement.evidence)


@admin.register(pay.BookedLine)
class BookedLineAdmin(ReadOnlyAdmin):
    ordering = ["-pk"]
    list_display = ["resolution", "version", "period_start", "kind", "position", "amount", "reason"]
    list_filter = ["kind", "period_start", "version__contract"]
    search_fields = ["resolution__case__key"]
    list_select_related = ["resolution__case", "version__contract__client"]

    @display(description=_("Amount"), ordering="amount_micros")
    def amount(self, line: Any) -> str:
        return words.money(line.amount_micros)


@admin.register(pay.Dispute)
class DisputeAdmin(RecordsPayReads, ReadOnlyAdmin):
    list_display = ["__str__", "kind", "reason", "status", "opened_at", "due_at", "answered_by"]
    list_filter = ["status", "kind", "reason"]
    search_fields = ["agent__name", "agent__code", "client__name", "words"]
    list_select_related = ["agent", "client", "answered_by"]


@admin.register(pay.DisputeTerms)
class DisputeTermsAdmin(Explained, ModelAdmin):
    help_texts = {"kind": _("Who contests what.")}
    list_display = ["kind", "reply_days", "answer_days", "remind_days", "default_outcome", "decide_days"]


@admin.register(pay.Reversal)
class ReversalAdmin(RecordsPayReads, ReadOnlyAdmin):
    list_display = ["agent", "resolution", "paid", "status", "proposed_at", "decided_by"]
    list_filter = ["status", "period_start"]
    search_fields = ["agent__name", "agent__code", "resolution__case__key"]
    list_select_related = ["agent", "resolution__case", "decided_by"]

    @display(description=_("Paid"), ordering="paid_micros")
    def paid(self, reversal: Any) -> str:
        return f"{words.money(reversal.paid_micros)} {reversal.currency}"


@admin.register(pay.Adjustment)
class AdjustmentAdmin(RecordsPayReads, ReadOnlyAdmin):
    list_display = ["agent", "period_start", "amount", "reason", "entered_by", "approved_by"]
    list_filter = ["period_start"]
    search_fields = ["agent__name", "agent__code", "reason"]
    list_select_related = ["agent", "entered_by", "approved_by"]

    @display(description=_("Amount"), ordering="amount_micros")
    def amount(self, adjustment: Any) -> str:
        return f"{words.money(adjustment.amount_micros)} {adjustment.currency}"


@admin.register(pay.ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    list_display = ["currency", "pay_currency", "starts_on", "rate", "source"]
    list_filter = ["currency", "pay_currency"]
    search_fields = ["currency", "pay_currency", "source"]


@admin.register(pay.VarianceThreshold)
class VarianceThresholdAdmin(ModelAdmin):
    list_display = ["flag", "is_active", "percent_bp", "amount_micros", "count_min"]


@admin.register(pay.NumberSeries)
class NumberSeriesAdmin(ModelAdmin):
    """Numbers that are given once; the next one is set before the first is given, and never after."""

    list_display = ["code", "prefix", "width", "next_number"]
    search_fields = ["code", "prefix"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code", "next_number"] if obj else []


ADDRESS = (
    _("Name and address, as they stand on invoices"),
    {"fields": ["legal_name", "street", ("postcode", "city"), "country", "tax_id", "email"]},
)


@admin.register(pay.Seller)
class SellerAdmin(ModelAdmin):
    list_display = ["legal_name", "city", "country", "tax_id", "payment_days", "grace_days"]
    search_fields = ["legal_name", "code"]
    autocomplete_fields = ["invoice_series", "credit_note_series"]
    fieldsets = [
        (None, {"fields": ["code"]}),
        ADDRESS,
        (_("Numbers and days"), {"fields": [("invoice_series", "credit_note_series"), ("payment_days", "grace_days")]}),
        (_("Account"), {"fields": ["bank_account_holder", ("iban", "bic")]}),
    ]


@admin.register(pay.Buyer)
class BuyerAdmin(ModelAdmin):
    list_display = ["legal_name", "client", "city", "country", "reference", "seller"]
    search_fields = ["legal_name", "client__name"]
    list_select_related = ["client", "seller"]
    autocomplete_fields = ["client", "seller"]
    fieldsets = [(_("Who"), {"fields": [("client", "seller")]}), ADDRESS, (_("For the client"), {"fields": [("attention", "reference")]})]


@admin.register(pay.Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "contract", "period_start", "status", "due", "currency", "due_on"]
    list_filter = ["status", "period_start", "contract__client"]
    search_fields = ["number", "contract__client__name"]
    list_select_related = ["contract__client"]
    exclude = ["taxes", "issues", "counts", "subtotal_micros", "tax_micros", "gross_micros", "credit_micros", "due_micros"]
    readonly_fields = ["due"]

    @display(description=_("Amount due"), ordering="due_micros")
    def due(self, invoice: Any) -> str:
        return words.money(invoice.due_micros)


@admin.register(pay.CreditNote)
class CreditNoteAdmin(ReadOnlyAdmin):
    list_display = ["number", "invoice", "issued_on", "total", "currency", "reason"]
    search_fields = ["number", "invoice__number"]
    list_select_related = ["invoice__contract__client"]

    @display(description=_("Total"), ordering="total_micros")
    def total(self, note: Any) -> str:
        return words.money(note.total_micros)


@admin.register(pay.Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ["received_on", "client", "invoice", "amount", "currency", "reference"]
    search_fields = ["reference", "client__name", "invoice__number"]
    list_select_related = ["client", "invoice__contract__client"]

    @display(description=_("Amount"), ordering="amount_micros")
    def amount(self, payment: Any) -> str:
        return words.money(payment.amount_micros)


@admin.register(pay.ApprovalLimit)
class ApprovalLimitAdmin(Explained, ModelAdmin):
    help_texts = {"currency": _("Of the runs that it holds for, for example USD.")}
    list_display = ["currency", "limit"]

    @display(description=_("One approver is enough up to"), ordering="amount_micros")
    def limit(self, limit: Any) -> str:
        return f"{words.money(limit.amount_micros)} {limit.currency}"


class BankAccountForm(forms.ModelForm):
    def clean_iban(self) -> str:
        return iban_numbers.compact(self.cleaned_data["iban"])

    class Meta:
        model = pay.BankAccount
        fields = ["agent", "holder", "iban", "bic", "effective_from", "effective_to"]


@admin.register(pay.BankAccount)
class BankAccountAdmin(Explained, ModelAdmin):
    """Where pay goes. Only approvers may open it (ppr_portal/roles.py), and lists show the last digits."""

    help_texts = {"agent": _("Whose pay goes there.")}

    form = BankAccountForm
    list_display = ["agent", "holder", "account", "effective_from", "effective_to"]
    search_fields = ["agent__name", "agent__code", "holder"]
    list_select_related = ["agent"]
    autocomplete_fields = ["agent"]

    @display(description=_("Account"))
    def account(self, account: Any) -> str:
        return account.masked


class PayoutItemInline(ReadOnlyInline):
    model = pay.PayoutItem
    fields = ["reference", "settlement", "status", "answered_on", "answer"]


@admin.register(pay.Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = ["message", "run", "currency", "pay_on", "exported_by", "exported_at"]
    list_filter = ["currency", "pay_on"]
    search_fields = ["message"]
    list_select_related = ["run__site", "run__agent", "exported_by"]
    exclude = ["document"]
    inlines = [PayoutItemInline]
