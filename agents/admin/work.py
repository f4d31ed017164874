"""Cases, resolutions, holds, quality, hours and guardrails, to look things up."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from agents import models as work
from agents.admin.base import Explained, ReadOnlyAdmin, ReadOnlyInline, TellsItsMessage
from contracts import clock, stored_texts
from contracts.queries import words
from contracts.translation import gettext_lazy

STATE_LABELS = {"confirmed": "success", "assumed": "success", "pending": "info", "reopened": "warning", "void": "danger"}


class EventInline(ReadOnlyInline):
    model = work.CaseEvent
    fields = ["occurred_at", "type", "agent_identity", "query_type", "channel", "queue"]


class ResolutionInline(ReadOnlyInline):
    model = work.Resolution
    fields = ["number", "state", "agent", "resolved_at", "verified_at", "is_payable", "reason"]
    show_change_link = True


@admin.register(work.Case)
class CaseAdmin(ReadOnlyAdmin):
    # By an index that every size has; by the day of opening, millions would be sorted for fifty.
    ordering = ["-pk"]
    list_display = ["key", "contract", "source", "opened_at"]
    list_filter = ["contract", "source"]
    search_fields = ["^key"]
    list_select_related = ["contract__client", "source"]
    inlines = [ResolutionInline, EventInline]
    exclude = ["customer_hash"]


class TransitionInline(ReadOnlyInline):
    model = work.ResolutionTransition
    fields = ["at", "state", "rule", "policy_version", "event"]


@admin.register(work.Resolution)
class ResolutionAdmin(ReadOnlyAdmin):
    list_display = ["case", "number", "agent", "in_state", "resolved_at", "verified_at", "is_payable", "fcr"]
    list_filter = ["state", "is_payable", "fcr", "channel", "policy_version__contract"]
    search_fields = ["case__key", "agent__name", "agent__code"]
    list_select_related = ["case", "agent"]
    inlines = [TransitionInline]

    @display(description=gettext_lazy("State"), label=STATE_LABELS, ordering="state")
    def in_state(self, resolution: Any) -> tuple[str, str]:
        return resolution.state, str(resolution.get_state_display())


@admin.register(work.Hold)
class HoldAdmin(TellsItsMessage, Explained, ModelAdmin):
    help_texts = {
        "release_note": gettext_lazy("Why it is released although the reason still stands; kept with your name."),
    }
    list_display = ["resolution", "why", "at_stake", "owner", "expires_at", "released_at"]
    list_per_page = 50
    list_fullwidth = True
    list_filter = ["reason", ("released_at", admin.EmptyFieldListFilter)]
    search_fields = ["message", "resolution__case__key"]
    list_select_related = ["resolution__case", "owner"]
    readonly_fields = ["resolution", "why", "told_message", "at_stake", "opened_at", "released_at"]
    fields = ["resolution", "why", "told_message", "at_stake", "owner", "expires_at", "opened_at", "released_at", "release_note"]
    autocomplete_fields = ["owner"]
    actions = ["extend_by_a_week"]

    @display(description=gettext_lazy("Reason"), ordering="reason")
    def why(self, hold: Any) -> str:
        return str(stored_texts.tell_reason(hold.reason))

    @display(description=gettext_lazy("At stake"), ordering="amount_micros")
    def at_stake(self, hold: Any) -> str:
        return f"{words.money(hold.amount_micros)} {hold.currency}" if hold.amount_micros is not None else _("cannot be priced yet")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Give the owner a week more"))
    def extend_by_a_week(self, request: HttpRequest, queryset: Any) -> None:
        count = queryset.filter(released_at=None).update(expires_at=clock.now() + timedelta(days=7))
        messages.success(request, _("%(count)s holds expire in a week.") % {"count": count})


@admin.register(work.Survey)
class SurveyAdmin(ReadOnlyAdmin):
    list_display = ["agent", "is_favorable", "answered_at", "source"]
    list_filter = ["is_favorable", "source"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "source"]


@admin.register(work.QaReview)
class QaReviewAdmin(ReadOnlyAdmin):
    list_display = ["agent", "score", "is_passed", "reviewer", "reviewed_at", "source"]
    list_filter = ["is_passed", "source"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "reviewer", "source"]


@admin.register(work.ReferenceRate)
class ReferenceRateAdmin(ReadOnlyAdmin):
    list_display = ["metric", "period_start", "query_type", "channel", "success_count", "observation_count", "basis"]
    list_filter = ["metric", "period_start", "channel"]
    list_select_related = ["query_type", "channel"]


@admin.register(work.Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ["agent", "kind", "given_at", "read_at", "source"]
    list_filter = ["kind", "source"]
    search_fields = ["agent__name", "words"]
    list_select_related = ["agent", "source"]


@admin.register(work.TimeEntry)
class TimeEntryAdmin(Explained, ModelAdmin):
    help_texts = {
        "source": gettext_lazy("Where the entry comes from."),
        "agent": gettext_lazy("Whose time it is."),
        "category": gettext_lazy("What was done; it decides which rate and which legal test counts."),
        "started_at": gettext_lazy("First instant."),
        "ended_at": gettext_lazy("First instant that is no longer in it."),
    }
    list_display = ["agent", "category", "started_at", "ended_at", "source"]
    list_filter = ["category", "source"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "source"]
    autocomplete_fields = ["agent", "source"]
    date_hierarchy = "started_at"
    show_full_result_count = False


@admin.register(work.GuardrailDecision)
class GuardrailDecisionAdmin(ReadOnlyAdmin):
    list_display = ["agent", "limit", "value", "threshold", "level", "effect", "starts_at", "ends_at", "lifted_by"]
    list_filter = ["limit", "level", "effect"]
    search_fields = ["agent__name", "agent__code"]
    list_select_related = ["agent", "lifted_by"]
