"""Runs, settlements, bookings and corrections, to look things up and to decide."""

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from agents.admin.base import ReadOnlyAdmin, ReadOnlyInline
from billing import models as pay
from contracts.queries import words
from contracts.queries.pairs import show_pairs

RUN_LABELS = {
    "Calculating": "info",
    "Calculated": "info",
    "In review": "warning",
    "Approved": "success",
    "Posted": "success",
    "Paid": "success",
}


class ShardInline(ReadOnlyInline):
    model = pay.PayRunShard
    fields = ["number", "status", "failed", "seconds"]
    readonly_fields = ["failed"]

    @display(description="Agents that could not be computed")
    def failed(self, shard: Any) -> SafeString | str:
        return show_pairs(pairs=shard.failures) if shard.failures else "none"


@admin.register(pay.PayRun)
class PayRunAdmin(ReadOnlyAdmin):
    list_display = ["site", "period_start", "in_status", "as_of", "prepared_by", "approved_by", "paid_on", "seconds"]
    list_filter = ["status", "site", "period_start"]
    list_select_related = ["site", "prepared_by", "approved_by"]
    inlines = [ShardInline]

    @display(description="Status", label=RUN_LABELS, ordering="status")
    def in_status(self, run: Any) -> str:
        return str(run.get_status_display())


class LineInline(ReadOnlyInline):
    model = pay.SettlementLine
    fields = ["position", "label", "week", "quantity", "rate", "amount"]
    readonly_fields = ["amount"]

    @display(description="Amount")
    def amount(self, line: Any) -> str:
        return words.money(line.amount_micros)


@admin.register(pay.Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    list_display = ["agent", "period_start", "status", "total", "currency", "resolution_count", "plan_version"]
    list_filter = ["status", "period_start", "agent__site", "plan_version__plan"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "plan_version__plan"]
    inlines = [LineInline]
    exclude = ["evidence", "total_micros"]
    readonly_fields = ["total", "proof"]

    @display(description="Total", ordering="total_micros")
    def total(self, settlement: Any) -> str:
        return words.money(settlement.total_micros)

    @display(description="What the lines rest on")
    def proof(self, settlement: Any) -> SafeString:
        return show_pairs(pairs=settlement.evidence)


@admin.register(pay.BookedLine)
class BookedLineAdmin(ReadOnlyAdmin):
    list_display = ["resolution", "version", "period_start", "kind", "position", "amount", "reason"]
    list_filter = ["kind", "period_start", "version__contract"]
    search_fields = ["resolution__case__key"]
    list_select_related = ["resolution__case", "version__contract__client"]

    @display(description="Amount", ordering="amount_micros")
    def amount(self, line: Any) -> str:
        return words.money(line.amount_micros)


@admin.register(pay.Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "line", "status", "opened_at", "due_at", "answered_by"]
    list_filter = ["status"]
    search_fields = ["agent__name", "agent__code", "words"]
    list_select_related = ["agent", "line", "answered_by"]


@admin.register(pay.Reversal)
class ReversalAdmin(ReadOnlyAdmin):
    list_display = ["agent", "resolution", "paid", "status", "proposed_at", "decided_by"]
    list_filter = ["status", "period_start"]
    search_fields = ["agent__name", "agent__code", "resolution__case__key"]
    list_select_related = ["agent", "resolution__case", "decided_by"]

    @display(description="Paid", ordering="paid_micros")
    def paid(self, reversal: Any) -> str:
        return f"{words.money(reversal.paid_micros)} {reversal.currency}"


@admin.register(pay.Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    list_display = ["agent", "period_start", "amount", "reason", "entered_by", "approved_by"]
    list_filter = ["period_start"]
    search_fields = ["agent__name", "agent__code", "reason"]
    list_select_related = ["agent", "entered_by", "approved_by"]

    @display(description="Amount", ordering="amount_micros")
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
