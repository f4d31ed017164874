"""The first page of the administration: what is active, what is draft, what would change, and what waits for somebody."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from contracts import clock
from contracts.models import VersionStatus
from ppr_portal import administration_kinds, administration_todos
from ppr_portal.pages import viewer
from ppr_portal.templatetags import times

ROWS_MAX = 12
TODOS_MAX = 7


@dataclass(frozen=True, kw_only=True)
class Part:
    """One version: what it is called, when it counts, its page, and the page that tries it out; empty for one in force."""

    name: str
    days: str
    url: str
    try_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One contract or plan with its versions."""

    name: str
    note: str
    url: str
    active: tuple[Part, ...]
    drafts: tuple[Part, ...]


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the index what a contract admin needs first; what somebody may not read is left out."""
    today, found = clock.now().date(), viewer.viewer_of(request)
    kinds = [kind for kind in administration_kinds.KINDS if administration_kinds.may(request, "view", kind.version)]
    todos = administration_todos.list_todos(request, kinds=kinds, today=today)
    return {
        **context,
        "title": _("Contracts, plans and what waits"),
        "tables": [_table(request, kind, today) for kind in kinds],
        "todos": todos[:TODOS_MAX],
        "more_todos": todos[TODOS_MAX:],
        "places": [place for place in found.places if place.route != "admin:index"] if found else [],
        "sections": _sections(context),
    }


def _table(request: HttpRequest, kind: administration_kinds.Kind, today: date) -> dict[str, Any]:
    may_add = administration_kinds.may(request, "add", kind.parent)
    return {
        "title": kind.title,
        "all_words": kind.all_words,
        "lines": [_line(kind, row) for row in _read(kind, today)],
        "all_url": administration_kinds.url_of(kind.parent, "changelist"),
        "add_url": administration_kinds.url_of(kind.parent, "add") if may_add else "",
    }


def _read(kind: administration_kinds.Kind, today: date) -> list[Any]:
    """Return contracts or plans with their drafts and what is or will be in force, those with a draft first, in two queries."""
    drafts = kind.version.objects.filter(status=VersionStatus.DRAFT, **{kind.field: OuterRef("pk")})
    # What was ended, or followed by another, is in force up to its last day.
    is_open = Q(status=VersionStatus.DRAFT) | Q(effective_to=None) | Q(effective_to__gt=today)
    open_versions = kind.version.objects.filter(is_open).order_by("effective_from", "number")
    found = kind.parent.objects.select_related(*kind.related) if kind.related else kind.parent.objects.all()
    return list(
        found.annotate(has_draft=Exists(drafts))
        .prefetch_related(Prefetch("versions", queryset=open_versions, to_attr="open_versions"))
        .order_by("-has_draft", *kind.order)[:ROWS_MAX]
    )


def _line(kind: administration_kinds.Kind, row: Any) -> Line:
    standing = [one for one in row.open_versions if one.status != VersionStatus.DRAFT]
    return Line(
        name=row.name,
        note=kind.note(row),
        url=administration_kinds.url_of(kind.parent, "change", row.pk),
        active=tuple(_part(kind, one) for one in standing),
        drafts=tuple(_part(kind, one) for one in row.open_versions if one.status == VersionStatus.DRAFT),
    )


def _part(kind: administration_kinds.Kind, version: Any) -> Part:
    is_draft = version.status == VersionStatus.DRAFT
    return Part(
        name=_("Version %(number)s") % {"number": version.number},
        days=_days(version),
        url=administration_kinds.url_of(kind.version, "change", version.pk),
        try_url=reverse(kind.try_route, args=[version.pk]) if is_draft else "",
    )


def _days(version: Any) -> str:
    first = times.dated(version.effective_from)
    if version.effective_to is None:
        return _("from %(first)s") % {"first": first}
    return _("%(first)s to %(last)s") % {"first": first, "last": times.dated(version.effective_to - timedelta(days=1))}


def _sections(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lists that somebody may open, in the order of the sidebar, each with the way to add a row where they may."""
    adding = {model["admin_url"]: model["add_url"] for app in context.get("app_list", ()) for model in app["models"]}
    sections = []
    for group in context.get("sidebar_navigation", ()):
        items = [
            {"title": item["title"], "url": str(item["link"]), "add_url": adding.get(str(item["link"])) or ""}
            for item in group["items"]
            if item.get("has_permission")
        ]
        if items:
            sections.append({"title": group["title"], "lists": items})
    return sections
