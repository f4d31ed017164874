"""The agent's inbox: what customers, reviewers and coaches said, and what the agent does with it; and the answers, as leads read them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.models import Feedback
from agents.operations.quality_work import read_feedback
from agents.queries import inbox
from billing.models import Dispute
from contracts import clock
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.person import appearance

KINDS = (
    ("", gettext_lazy("All"), Q()),
    ("new", gettext_lazy("New"), Q(read_at=None)),
    ("customer", gettext_lazy("Customers"), Q(kind="customer")),
    ("qa", gettext_lazy("QA reviews"), Q(kind="qa")),
    ("coaching", gettext_lazy("Coaching"), Q(kind="coaching")),
)
CSV_HEAD = ("from", "given_at", "case", "words", "tags", "score", "read", "acknowledged_at", "answer", "answered_at")
ANSWERS_HEAD = ("agent", "kind", "author", "case", "words", "answer", "answered_at")


@require_safe
@portal_page
def feedback(request: PortalRequest) -> HttpResponse:
    """List what was said, newest first."""
    mine = access.feedback_for(request.user)
    asked = list_tools.read_asked(request, "kind", "find")
    kind, find = asked.get("kind", ""), asked.get("find", "")
    found = mine.filter(next((wanted for name, _label, wanted in KINDS if name == kind), Q()))
    if find:
        found = found.filter(Q(words__icontains=find) | Q(resolution__case__key__icontains=find))
    if request.GET.get("format") == "csv":
        rows = inbox.items_of(rows=inbox.widened(feedback=found).order_by("-given_at", "-pk"))
        return exports.csv_response(name=f"feedback-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = list_tools.cut(request, found=inbox.widened(feedback=found), by="given_at", asked=asked)
    counts = mine.aggregate(**{name or "all": Count("pk", filter=wanted) for name, _label, wanted in KINDS})
    context = {
        "items": _with_disputes(inbox.items_of(rows=page.rows)),
        "new_count": counts["new"],
        "kind": kind,
        "find": find,
        "chips": list_tools.chips(
            name="kind", states=((name, label, counts[name or "all"]) for name, label, _wanted in KINDS), asked=asked
        ),
        **page.links,
    }
    return render(request, "agent/feedback.html", context)


@require_POST
@portal_page
def reading(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark a piece as read, or with `undo` as new again; htmx gets the piece, a form the page it came from."""
    found = get_object_or_404(access.feedback_for(request.user), pk=pk)
    read_feedback.mark_feedback(feedback=found, read_at=None if "undo" in request.POST else clock.now())
    return _piece_or_back(request, pk, was_marked="undo" not in request.POST)


@require_POST
@portal_page
def acknowledgement(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep that the agent has taken a piece in; it is not to agree with it."""
    found = get_object_or_404(access.feedback_for(request.user), pk=pk)
    read_feedback.acknowledge_feedback(feedback=found, as_of=clock.now())
    return _piece_or_back(request, pk)


@require_POST
@portal_page
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep what the agent says to a piece; its author and the agent's lead read it."""
    found = get_object_or_404(access.feedback_for(request.user).select_related("agent"), pk=pk)
    words = str(request.POST.get("words", "")).replace("\x00", "")
    try:
        read_feedback.answer_feedback(feedback=found, words=words, as_of=clock.now())
    except read_feedback.UnableToAnswer as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Sent. Your lead and whoever wrote it read your answer."))
    return _piece_or_back(request, pk)


@require_safe
@portal_page
def answers(request: PortalRequest) -> HttpResponse:
    """List what agents answered to feedback, for its author and their lead."""
    if not request.viewer.person.is_lead:
        raise Http404
    asked = list_tools.read_asked(request, "find")
    find = asked.get("find", "")
    found = inbox.widened(feedback=access.answers_for(request.user, on=request.today).select_related("agent"))
    if find:
        found = found.filter(agent__name__icontains=find)
    if request.GET.get("format") == "csv":
        rows = found.order_by("-answered_at", "-pk").iterator()
        return exports.csv_response(name=f"answers-{request.today}", head=ANSWERS_HEAD, rows=map(_answer_row, rows), counted=found)
    page = list_tools.cut(request, found=found, by="answered_at", asked=asked)
    context = {
        "rows": list(zip([row.agent for row in page.rows], inbox.items_of(rows=page.rows), strict=True)),
        "find": find,
        **page.links,
    }
    return render(request, "lead/answers.html", context)


def _piece_or_back(request: PortalRequest, pk: int, *, was_marked: bool = False) -> HttpResponse:
    if request.htmx:
        seen: QuerySet[Feedback] = access.feedback_for(request.user).filter(pk=pk)
        (item,) = _with_disputes(inbox.list_feedback(feedback=seen))
        return render(request, "agent/_feedback_item.html", {"item": item, "was_marked": was_marked, "is_inbox": True})
    return appearance.way_back(request, otherwise=reverse("feedback"))


def _with_disputes(items: Sequence[inbox.FeedbackItem]) -> tuple[inbox.FeedbackItem, ...]:
    """Say of each review whether it is disputed, or can be: in one query, and in none without reviews."""
    reviews = [item.review_id for item in items if item.review_id]
    if not reviews:
        return tuple(items)
    known = {one.qa_review_id: one for one in Dispute.objects.filter(qa_review__in=reviews).order_by("pk")}
    return tuple(
        replace(
            item,
            dispute_id=one.pk if (one := known.get(item.review_id)) else None,
            dispute_state=str(one.get_status_display()) if one else "",
            may_dispute=item.review_id is not None and (one is None or one.status == Dispute.Status.WITHDRAWN),
        )
        for item in items
    )


def _csv_row(item: inbox.FeedbackItem) -> tuple[object, ...]:
    return (
        item.title,
        item.given_at.isoformat(),
        item.case_key,
        item.words,
        ", ".join(item.tags),
        "" if item.review_score is None else item.review_score,
        "" if item.is_new else "yes",
        exports.moment(item.acknowledged_at),
        item.answer,
        exports.moment(item.answered_at),
    )


def _answer_row(row: Feedback) -> Sequence[Any]:
    assert row.answered_at is not None
    case = row.resolution.case.key if row.resolution else ""
    return (row.agent.name, row.kind, str(row.author or ""), case, row.words, row.answer, row.answered_at.isoformat())
