"""Acts on what waits: confirmed with count and money, carried out with visible progress, and taken back as a whole."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from agents import access
from agents.models import HoldAct
from agents.operations.holds import hold_act_kinds
from agents.operations.holds import hold_acts as operations
from agents.operations.jobs import lost_work
from agents.queries import hold_queue
from contracts import clock, reading
from ppr_portal import tasks
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.intake import hold_filters, hold_forms, hold_words, holds

# A person waits for so many; more of them run as a job, and the page shows how far it is.
AT_ONCE_MAX = 25
PAGE_SIZE = 50
SHOWN = 8


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def hold_act_new(request: PortalRequest) -> HttpResponse:
    """Show what an act would be about, with count and money, and carry it out when it is confirmed."""
    if not access.changes_intake(request.user):
        raise Http404
    kind = request.GET.get("do", "")
    if kind not in HoldAct.Kind.values:
        raise Http404
    filters, clocks = _picked(request), hold_filters.clocks_now()
    ids = hold_queue.item_ids(filters=filters, clocks=clocks)
    items = {name: ids[name] for name in hold_act_kinds.KINDS[kind].about}
    count = sum(map(len, items.values()))
    left_count = sum(map(len, ids.values())) - count
    picked = tuple((name, pk) for name, pks in items.items() for pk in pks)
    total = hold_queue.total(filters=hold_queue.Filters(items=picked), clocks=clocks)
    form = hold_forms.ActForm(request.POST or None, kind=kind, items=items)
    if request.method == "POST" and count and form.is_valid():
        if str(count) != request.POST.get("count"):
            form.add_error(
                None,
                _("While you looked, other things came in or went: it is about %(count)s now. Look again and confirm.")
                % {"count": reading.write_number(f"{count:,}")},
            )
        elif act := _asked(request, form, total):
            return redirect("hold_act", pk=act.pk)
    context = _confirmation(total, form, count, left_count) | {"rows": _examples(picked, clocks)}
    return render(request, "operations/hold_act_new.html", context, status=422 if form.errors else 200)


@require_safe
@portal_page
def hold_act(request: PortalRequest, pk: int) -> HttpResponse:
    """Show an act: how far it is, what came of it, and the way back."""
    act = get_object_or_404(access.hold_acts_for(request.user).select_related("actor", "undone_by"), pk=pk)
    is_open = act.state in lost_work.ACTS_OPEN
    context = {
        "act": act,
        "is_open": is_open,
        "is_failed": act.state == HoldAct.State.FAILED,
        "is_undone": act.state == HoldAct.State.UNDONE,
        "done_count": tasks.act_progress(act_id=act.pk) if is_open else act.done_count,
        "amounts": hold_words.amounts_of(act.amounts),
        "can_undo": operations.is_undoable(act=act) and access.changes_intake(request.user),
        "stays": operations.is_for_good(act=act),
    }
    return render(request, "operations/_hold_act.html" if request.htmx else "operations/hold_act.html", context)


@require_safe
@portal_page
def hold_acts(request: PortalRequest) -> HttpResponse:
    """List what people did about what waits, newest first."""
    if not access.reads_intake(request.user):
        raise Http404
    acts = access.hold_acts_for(request.user).select_related("actor", "undone_by")
    before = asked_number(request, "before")
    found = list((acts.filter(pk__lt=before) if before else acts)[: PAGE_SIZE + 1])
    rows = found[:PAGE_SIZE]
    next_url = f"{reverse('hold_acts')}?before={rows[-1].pk}" if len(found) > PAGE_SIZE else ""
    return render(request, "operations/hold_acts.html", {"acts": rows, "next_url": next_url, "first_url": before and reverse("hold_acts")})


@require_POST
@portal_page
def hold_act_undoing(request: PortalRequest, pk: int) -> HttpResponse:
    """Take an act back as a whole."""
    if not access.changes_intake(request.user):
        raise Http404
    act = get_object_or_404(access.hold_acts_for(request.user), pk=pk)
    try:
        if not _left_to_worker(operations.request_undo(act_id=act.pk, person=request.user), tasks.take_hold_act_back):
            operations.carry_out_undo(act_id=act.pk, as_of=clock.now())
            transaction.on_commit(tasks.take_up_changes.delay, robust=True)
    except operations.UnableToAct as refusal:
        messages.error(request, str(refusal))
    return redirect("hold_act", pk=pk)


def _picked(request: PortalRequest) -> hold_queue.Filters:
    """Return what was picked one by one, or the whole filter where that was pressed."""
    if request.GET.get("all"):
        return hold_filters.filters_of(request.GET)
    return hold_queue.Filters(items=hold_queue.parse_codes(codes=request.GET.getlist("item")))


def _asked(request: PortalRequest, form: hold_forms.ActForm, total: hold_queue.Total) -> HoldAct | None:
    try:
        act = operations.request_act(wish=form.wish(amounts=total.amounts), actor=request.user, as_of=clock.now())
    except operations.UnableToAct as refusal:
        form.add_error(None, str(refusal))
        return None
    if not _left_to_worker(act, tasks.carry_out_hold_act):
        operations.carry_out_act(act_id=act.pk, as_of=clock.now())
        transaction.on_commit(tasks.take_up_changes.delay, robust=True)
    return act


def _left_to_worker(act: HoldAct, task: Any) -> bool:
    """Tell a worker of what takes long; where no worker can be told, it is done here and now."""
    try:
        if act.item_count > AT_ONCE_MAX:
            task.delay(act_id=act.pk)
            return True
    except OperationalError:
        pass
    return False


def _confirmation(total: hold_queue.Total, form: hold_forms.ActForm, count: int, left_count: int) -> dict[str, Any]:
    counted = [hold_words.count_words(name, len(ids)) for name, ids in form.items.items() if ids]
    return {
        "form": form,
        "total": total,
        "amounts": hold_words.amounts_of(total.amounts),
        "count": count,
        "counted": _(" and ").join(map(str, counted)) or _("nothing"),
        "left_count": left_count,
        "is_job": count > AT_ONCE_MAX,
        "can_go_on": count > 0 and not form.is_empty_choice,
    }


def _examples(picked: tuple[tuple[str, int], ...], clocks: hold_queue.Clocks) -> list[Any]:
    page = hold_queue.list_page(filters=hold_queue.Filters(items=picked), clocks=clocks, after=None, limit=SHOWN)
    return [holds.row_of(item, clocks) for item in page.rows]
