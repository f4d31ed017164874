"""What of people and terms first contacts are grouped by, and the days that change with it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from agents.models import Agent, ShiftBand, Site, TeamMembership
from contracts.models import Channel, Contract, QueryType, ResolutionPolicy

Days = tuple[date, date]
# A change of one of these moves resolutions of any day to another group.
KINDS = ("sites", "agents", "channels", "query_types", "contracts", "optima")


def load_facts() -> dict[str, Any]:
    """Return what resolutions are grouped by besides themselves, by id, in eight queries; as JSON keeps it."""
    return {
        "sites": _by_id(Site.objects.values_list("pk", "timezone")),
        "agents": _by_id(Agent.objects.values_list("pk", "site")),
        "channels": _by_id(Channel.objects.values_list("pk", "is_assisted")),
        "query_types": _by_id(QueryType.objects.values_list("pk", "code")),
        "contracts": _by_id(Contract.objects.values_list("pk", "client")),
        "optima": _by_id(ResolutionPolicy.objects.values_list("version", "fcr_optimum_bp")),
        "bands": [[site, name, str(starts_at)] for site, name, starts_at in _bands()],
        "memberships": {
            str(pk): [agent, team, starts.isoformat(), ends.isoformat() if ends else None]
            for pk, agent, team, starts, ends in TeamMembership.objects.values_list("pk", "agent", "team", "effective_from", "effective_to")
        },
    }


def list_changed_days(*, before: Mapping[str, Any], after: Mapping[str, Any], until: date) -> list[Days] | None:
    """Return the days, from one to another, whose groups are others now; None are all days.

    What is new and was not there before changes nothing: no resolution was grouped by it.

    Args:
        before, after: as load_facts returns them.
        until: a membership without an end lasts up to this day.
    """
    if before["bands"] != after["bands"]:
        return None
    for kind in KINDS:
        if any(after[kind].get(pk) != value for pk, value in before[kind].items()):
            return None
    old, new = before["memberships"], after["memberships"]
    return [_moved(old.get(pk), new.get(pk), until) for pk in sorted({*old, *new}) if old.get(pk) != new.get(pk)]


def _moved(old: list[Any] | None, new: list[Any] | None, until: date) -> Days:
    spans = [(date.fromisoformat(one[2]), date.fromisoformat(one[3]) if one[3] else until) for one in (old, new) if one]
    if old and new and old[:3] == new[:3]:
        return min(end for _, end in spans), max(end for _, end in spans)
    return min(start for start, _ in spans), max(end for _, end in spans)


def _bands() -> Any:
    return ShiftBand.objects.order_by("site", "starts_at", "name").values_list("site", "name", "starts_at")


def _by_id(rows: Any) -> dict[str, Any]:
    return {str(pk): value for pk, value in rows}
