"""Which part of the hold queue an address asks for, and what can be chosen instead."""

from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from agents import access
from agents.operations.deliveries import receive_hook
from agents.operations.holds import holds
from agents.queries import hold_queue
from contracts import clock, row_ids
from contracts.models import Client
from contracts.translation import gettext_lazy
from ppr_portal.pages import list_tools
from ppr_portal.pages.entry import PortalRequest

NAMES = ("kind", "reason", "source", "client", "owner", "age", "find")
AGES = ((7, gettext_lazy("A week or longer")), (30, gettext_lazy("A month or longer")), (90, gettext_lazy("Three months or longer")))


def filters_of(given: QueryDict) -> hold_queue.Filters:
    """Read filters from an address; what makes no sense is passed over."""
    kind, owner = given.get("kind", ""), given.get("owner", "")
    return hold_queue.Filters(
        kind=kind if kind in hold_queue.KINDS else "",
        reason=_text(given, "reason")[:64],
        source_id=row_ids.read_id(given.get("source", "")),
        client_id=row_ids.read_id(given.get("client", "")),
        owner=owner if owner == hold_queue.NOBODY or row_ids.read_id(owner) is not None else "",
        age_days=next((days for days, _other in AGES if str(days) == given.get("age")), 0),
        find=_text(given, "find")[:200],
    )


def query_of(given: QueryDict, **changes: str) -> str:
    """Write the filters of an address again, with some changed."""
    kept = {name: _text(given, name) for name in NAMES if given.get(name)}
    query = urlencode({name: value for name, value in {**kept, **changes}.items() if value})
    return f"?{query}" if query else ""


def kept_fields(given: QueryDict, *names: str) -> list[tuple[str, str]]:
    """Return the filters as hidden fields; of those that are named, or all."""
    return [(name, _text(given, name)) for name in names or NAMES if given.get(name)]


def clocks_now() -> hold_queue.Clocks:
    """Return the clocks that ages are counted by."""
    return hold_queue.Clocks(business=clock.now(), expires_after=holds.EXPIRES_AFTER, kept_for=receive_hook.KEPT_FOR)


def selects_of(request: PortalRequest) -> list[list_tools.Select]:
    """Return the filters with what can be chosen in each, in three queries."""
    sources: list[tuple[object, str]] = list(access.sources_for(request.user).values_list("pk", "name"))
    clients: list[tuple[object, str]] = list(Client.objects.values_list("pk", "name"))
    owners = [(hold_queue.NOBODY, _("Nobody yet")), *((owner.pk, str(owner)) for owner in access.owners_of_holds())]
    rows = (
        ("source", _("Source"), _("Any source"), sources),
        ("client", _("Client"), _("Any client"), clients),
        ("owner", _("Owner"), _("Any owner"), owners),
        ("age", _("Age"), _("Any age"), AGES),
    )
    return list_tools.selects(asked=request.GET, rows=rows)


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\x00", "").strip()


def is_filtered(request: HttpRequest) -> bool:
    """Tell whether an address asks for a part only."""
    return any(request.GET.get(name) for name in NAMES)
