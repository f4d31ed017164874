"""Who changed what and when, read from the history tables that database triggers write."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pghistory.models
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from contracts.translation import gettext_lazy

LABELS = {"insert": gettext_lazy("added"), "update": gettext_lazy("changed"), "delete": gettext_lazy("removed")}
ROWS_MAX = 200


@dataclass(frozen=True)
class Change:
    """One change of one row, in words."""

    at: datetime
    actor: str
    what: str
    change: str
    record: str = ""


def list_changes(*, row: Any) -> list[Change]:
    """Return the latest changes of a row and of the rows that belong to it, newest first; at most 200."""
    events: list[Any] = []
    for rows in ([row], *_rows_with_rows(row)):
        found = pghistory.models.Events.objects.references(*rows)  # type: ignore[no-untyped-call]
        # Who works under a version refers to it too, and belongs to the people and not to the terms.
        found = found.filter(pgh_obj_model__startswith=f"{row._meta.app_label}.")
        events += found.order_by("-pgh_created_at")[:ROWS_MAX]
    # A row of a version refers to it and may be referred to by rows of its own, so it comes twice.
    events = sorted({event.pk: event for event in events}.values(), key=lambda event: event.pgh_created_at, reverse=True)[:ROWS_MAX]
    actors = {context["user"] for event in events if (context := event.pgh_context) and context.get("user")}
    names = {str(user.pk): str(user) for user in get_user_model().objects.filter(pk__in=actors)}
    return [
        Change(
            at=event.pgh_created_at,
            actor=_actor(event.pgh_context, names),
            what=_what(event),
            change=_difference(event),
            record=str(event.pgh_slug),
        )
        for event in events
    ]


def _rows_with_rows(row: Any) -> list[list[Any]]:
    """Return the rows of a version that have rows of their own, by kind: prices with tiers, a policy with overrides."""
    prices = list(row.rate_card_rows.all()) if hasattr(row, "rate_card_rows") else []
    policy = getattr(row, "resolution_policy", None) if prices else None
    return [rows for rows in (prices, [policy] if policy else []) if rows]


def _actor(context: dict[str, Any] | None, names: dict[str, str]) -> str:
    if not context or not context.get("user"):
        return _("a command or job")
    return names.get(str(context["user"]), _("a former user"))


def _what(event: Any) -> str:
    model = apps.get_model(event.pgh_obj_model)
    return f"{model._meta.verbose_name} {LABELS.get(event.pgh_label, event.pgh_label)}"


def _difference(event: Any) -> str:
    model = apps.get_model(event.pgh_obj_model)
    changed = (event.pgh_diff or {}).items()
    return "; ".join(f"{_name(model, field)}: {_value(before)} → {_value(after)}" for field, (before, after) in changed)


def _name(model: Any, column: str) -> str:
    """Name a column as forms name its field; one that is gone since is named by its own words."""
    found = next((field for field in model._meta.concrete_fields if column in (field.column, field.name)), None)
    name = str(found.verbose_name) if found else column
    return name.removesuffix("_id").removesuffix(" micros").removesuffix(" bp").replace("_", " ")


def _value(value: Any) -> str:
    return _("empty") if value in (None, "") else str(value)
