"""One thing that waits: what is held, why, since when, the money with it, and what can be done."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access
from agents.models import HeldRow, HoldAct, ImportRun
from agents.operations.holds import holds as hold_operations
from agents.queries import hold_queue
from contracts import reading
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.intake import held_cells, hold_filters, hold_forms, hold_words, holds

UNITS_SHOWN = 50


@require_safe
@portal_page
def held_thing(request: PortalRequest, kind: str, pk: int) -> HttpResponse:
    """Show one thing of the queue; one that waits no longer is shown as it was."""
    if kind not in hold_queue.KINDS:
        raise Http404
    found = READERS[kind](request, pk)
    if isinstance(found, HttpResponse):
        return found
    clocks = hold_filters.clocks_now()
    page = hold_queue.list_page(filters=hold_queue.Filters(items=((kind, pk),)), clocks=clocks, after=None)
    item = page.rows[0] if page.rows else None
    acts = hold_words.acts_for(item, is_file=bool(found.get("is_file"))) if item else ()
    may_act = item is not None and access.changes_intake(request.user)
    context = {
        "item": item,
        "kind": kind,
        "reason_words": hold_words.title_of(item.reason) if item else "",
        "is_late": item is not None and holds.is_late(item, clocks),
        "is_of_dates": item is not None and item.kind == "row" and item.reason in hold_words.OF_DATES,
        "remedy": hold_words.remedy_of(item.reason) if item else "",
        "amounts": hold_words.amounts_of(item.amounts) if item else (),
        "forms": hold_forms.forms_for(acts=acts, items={kind: [pk]}) if may_act else (),
        "assign_form": hold_forms.ActForm(kind=HoldAct.Kind.ASSIGN, items={kind: [pk]}, initial=_owner(found)) if may_act else None,
        **found,
    }
    return render(request, "operations/held_thing.html", context)


def _owner(found: dict[str, Any]) -> dict[str, int | None]:
    """Return whose it is now, for the form that gives it to somebody; nobody where its resolutions have several owners."""
    held = [found[name] for name in ("hold", "row", "delivery") if name in found] or found.get("units", [])
    owners = {one.owner_id for one in held}
    return {"owner": owners.pop() if len(owners) == 1 else None}


def _name(request: PortalRequest, pk: int) -> dict[str, Any] | HttpResponse:
    identity = get_object_or_404(access.names_for(request.user).select_related("source", "agent"), pk=pk)
    held = access.held_resolutions_for(request.user).filter(
        released_at=None, reason=hold_operations.UNMAPPED_IDENTITY, resolution__identity=identity
    )
    units = held.select_related("resolution__case", "resolution__query_type", "resolution__channel").order_by(
        "resolution__resolved_at", "pk"
    )
    return {
        "title": identity.value,
        "identity": identity,
        "source": identity.source,
        "units": list(units[:UNITS_SHOWN]),
        "units_max": UNITS_SHOWN,
    }


def _resolution(request: PortalRequest, pk: int) -> dict[str, Any] | HttpResponse:
    held = get_object_or_404(
        access.held_resolutions_for(request.user).select_related(
            "owner", "resolution__case__source", "resolution__case__contract__client", "resolution__identity", "resolution__agent"
        ),
        pk=pk,
    )
    if held.reason == hold_operations.UNMAPPED_IDENTITY and held.resolution.identity_id and held.released_at is None:
        return redirect("held_thing", "name", held.resolution.identity_id)
    rows = access.held_rows_for(request.user).filter(
        source=held.resolution.case.source_id, case_key=held.resolution.case.key, released_at=None
    )
    return {
        "title": _("Case %(key)s") % {"key": held.resolution.case.key},
        "hold": held,
        "source": held.resolution.case.source,
        "held_rows": list(rows.order_by("pk")[:UNITS_SHOWN]) if held.reason == hold_operations.ROWS_HELD else [],
        "released_at": held.released_at,
        "release_note": held.release_note,
    }


def _row(request: PortalRequest, pk: int) -> dict[str, Any] | HttpResponse:
    row: HeldRow = get_object_or_404(access.held_rows_for(request.user).select_related("source", "run", "owner"), pk=pk)
    mapping = row.source.mappings.prefetch_related("columns").order_by("-number").first()
    return {
        "title": _("Row %(row_number)s") % {"row_number": reading.write_number(f"{row.row_number:,}")}
        + (_(" of case %(case_key)s") % {"case_key": row.case_key} if row.case_key else ""),
        "row": row,
        "source": row.source,
        "cells": held_cells.cells_of(row=row, mapping=mapping),
        "is_file": row.run.origin == ImportRun.Origin.FILE,
        "released_at": row.released_at,
        "release_note": row.release_note,
    }


def _delivery(request: PortalRequest, pk: int) -> dict[str, Any] | HttpResponse:
    delivery = get_object_or_404(access.deliveries_for(request.user).select_related("source", "owner"), pk=pk)
    return {
        "title": _("Delivery of %(source)s") % {"source": delivery.source},
        "delivery": delivery,
        "source": delivery.source,
        "body": held_cells.body_of(delivery=delivery),
        "released_at": delivery.released_at,
        "release_note": delivery.release_note,
    }


READERS: dict[str, Callable[[PortalRequest, int], dict[str, Any] | HttpResponse]] = {
    "name": _name,
    "resolution": _resolution,
    "row": _row,
    "delivery": _delivery,
}
