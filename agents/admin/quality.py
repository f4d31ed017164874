"""What answers to surveys mean, and surveys and reviews that wait."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from agents import models as work
from agents.admin.base import Explained, ReadOnlyAdmin, TellsItsMessage
from agents.operations.deliveries import credit_waiting
from contracts import clock
from contracts.translation import gettext_lazy


@admin.register(work.SurveyScale)
class SurveyScaleAdmin(Explained, ModelAdmin):
    help_texts = {
        "source": gettext_lazy("Whose answers are read like this."),
    }
    list_display = ["source", "favorable", "other"]
    list_select_related = ["source"]
    search_fields = ["source__name", "source__code"]
    autocomplete_fields = ["source"]


@admin.register(work.HeldAnswer)
class HeldAnswerAdmin(TellsItsMessage, ReadOnlyAdmin):
    list_display = ["key", "kind", "case_key", "reason", "told_message", "received_at", "released_at"]
    list_filter = ["kind", "reason", ("released_at", admin.EmptyFieldListFilter), "source"]
    search_fields = ["key", "case_key"]
    list_select_related = ["source"]
    exclude = ["message"]
    readonly_fields = ["told_message"]
    actions = ["try_again"]

    @admin.action(description=gettext_lazy("Try everything that waits again"))
    def try_again(self, request: HttpRequest, queryset: Any) -> None:
        outcomes = credit_waiting.credit_waiting_answers(as_of=clock.now())
        count = sum(outcome.status == "accepted" for outcome in outcomes)
        messages.success(request, _("%(count)s of %(outcomes)s are credited now.") % {"count": count, "outcomes": len(outcomes)})
