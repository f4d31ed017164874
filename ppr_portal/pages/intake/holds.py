"""The hold queue: everything that waits for a person, why, since when, and the money that waits with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access
from agents.queries import hold_queue
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.intake import hold_filters, hold_words
from ppr_portal.pages.list_tools import Chip

ACTS_SHOWN = 5
CSV_HEAD = ("kind", "what", "reason", "message", "source", "owner", "since", "expires", "resolutions", "amount_at_stake", "currency")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing of the list."""

    item: hold_queue.Item
    url: str
    reason_words: str
    amounts: tuple[hold_words.Amount, ...]
    is_late: bool


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """One reason, with what to do about it."""

    group: hold_queue.ReasonGroup
    url: str
    title: str
    remedy: str
    counted: str
    amounts: tuple[hold_words.Amount, ...]


@require_safe
@portal_page
def holds(request: PortalRequest) -> HttpResponse:
    """List what waits, by reason and one by one."""
    if not access.reads_intake(request.user):
        raise Http404
    filters, clocks = hold_filters.filters_of(request.GET), hold_filters.clocks_now()
    if request.GET.get("format") == "csv":
        return exports.csv_response(
            name=f"held-{request.today}",
            head=CSV_HEAD,
            rows=_csv_rows(filters, clocks),
            counted=lambda: hold_queue.total(filters=filters, clocks=clocks).item_count,
        )
    after = hold_queue.Position.parse(request.GET.get("after", ""))
    page = hold_queue.list_page(filters=filters, clocks=clocks, after=after)
    groups = _groups(request, clocks)
    # Without a filter the part that is looked at is the whole, which was counted already.
    total = groups["whole"] if filters == hold_queue.Filters() else hold_queue.total(filters=filters, clocks=clocks)
    context = {
        "rows": [row_of(item, clocks) for item in page.rows],
        "total": total,
        "total_amounts": hold_words.amounts_of(total.amounts),
        "may_act": access.changes_intake(request.user),
        "acts": [(kind, words) for kind, (words, _other) in hold_words.ACTS.items()],
        "find": filters.find,
        **_links(request, page),
    }
    if request.htmx and not request.htmx.boosted:
        return render(request, "operations/_hold_list.html", context | groups)
    latest = access.hold_acts_for(request.user).select_related("actor")[:ACTS_SHOWN]
    return render(request, "operations/holds.html", context | groups | {"latest": latest})


def row_of(item: hold_queue.Item, clocks: hold_queue.Clocks) -> Row:
    """Return a thing as lists show it."""
    return Row(
        item=item,
        url=reverse("held_thing", args=[item.kind, item.pk]),
        reason_words=hold_words.title_of(item.reason),
        amounts=hold_words.amounts_of(item.amounts),
        is_late=is_late(item, clocks),
    )


def is_late(item: hold_queue.Item, clocks: hold_queue.Clocks) -> bool:
    """Say whether the instant has passed up to which something was to wait."""
    return item.expires_at <= clocks.business


def _groups(request: PortalRequest, clocks: hold_queue.Clocks) -> dict[str, Any]:
    everything = hold_queue.Filters()
    groups = hold_queue.group_by_reason(filters=everything, clocks=clocks)
    whole = hold_queue.total(filters=everything, clocks=clocks)
    counts = {kind: sum(group.item_count for group in groups if group.kind == kind) for kind in hold_queue.KINDS}
    chosen = request.GET.get("kind", "")
    chips = [("", _("All"), sum(counts.values())), *((kind, words, counts[kind]) for kind, words in hold_words.KINDS.items())]
    return {
        "groups": [_group_row(group) for group in groups],
        "whole": whole,
        "whole_amounts": hold_words.amounts_of(whole.amounts),
        "reason_words": hold_words.title_of(request.GET["reason"]) if request.GET.get("reason") else "",
        # Their counts are of everything, so they keep nothing else that the list is narrowed by.
        "chips": [
            Chip(
                label=label,
                url=f"{reverse('holds')}{hold_filters.query_of(QueryDict(), kind=kind)}#list",
                count=count,
                is_current=kind == chosen,
            )
            for kind, label, count in chips
        ],
    }


def _group_row(group: hold_queue.ReasonGroup) -> GroupRow:
    return GroupRow(
        group=group,
        url=f"{reverse('holds')}?reason={group.reason}&kind={group.kind}#list",
        title=hold_words.title_of(group.reason),
        remedy=hold_words.remedy_of(group.reason),
        counted=hold_words.count_words(group.kind, group.item_count),
        amounts=hold_words.amounts_of(group.amounts),
    )


def _links(request: PortalRequest, page: hold_queue.Page) -> dict[str, Any]:
    base = reverse("holds")
    return {
        "selects": hold_filters.selects_of(request),
        "tools_kept": hold_filters.kept_fields(request.GET, "kind", "reason"),
        "kept": hold_filters.kept_fields(request.GET),
        "list_url": base,
        "is_filtered": hold_filters.is_filtered(request),
        "csv_url": base + hold_filters.query_of(request.GET, format="csv"),
        "next_url": f"{base}{hold_filters.query_of(request.GET, after=str(page.next_position))}#list" if page.next_position else "",
        "first_url": f"{base}{hold_filters.query_of(request.GET)}#list" if "after" in request.GET else "",
    }


def _csv_rows(filters: hold_queue.Filters, clocks: hold_queue.Clocks) -> Iterator[tuple[object, ...]]:
    """Write each thing, and one line more for each further currency."""
    for item in hold_queue.read_all(filters=filters, clocks=clocks):
        plain = (item.kind, item.title, item.reason, item.message, item.source_name, item.owner_name)
        days = (item.since.isoformat(), item.expires_at.isoformat(), item.unit_count)
        told = [(exports.amount(micros=micros, currency=currency), currency) for currency, micros in item.amounts.items()] or [("", "")]
        for amount, currency in told:
            yield (*plain, *days, amount, currency)
