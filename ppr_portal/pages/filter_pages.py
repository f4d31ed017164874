"""Which list pages have saved filters, what of them a page shows, and which it opens with."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest

from agents.operations.people import saved_filters
from agents.queries.people import KeptFilter
from contracts import row_ids
from ppr_portal.pages import viewer

# List pages whose address has no id; their templates show the component.
PAGES = frozenset(
    {
        "agents",
        "resolutions",
        "disputes",
        "team",
        "fcr",
        "signals",
        "holds",
        "imports",
        "pay_runs",
        "invoices",
        "plan_readers",
        "pay_reads",
        "corrections",
    }
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The saved filters of a page, and which of them is on."""

    page: str
    query: str
    rows: tuple[KeptFilter, ...]
    current: KeptFilter | None
    deleted_id: int

    @property
    def has_default(self) -> bool:
        """Whether the page opens with one of them."""
        return any(row.is_default for row in self.rows)


def shown(request: HttpRequest) -> Shown | None:
    """Return the saved filters of the page under way, which were read with the person; None on a page that has none."""
    page = request.resolver_match.url_name if request.resolver_match else ""
    found = viewer.viewer_of(request)
    if page not in PAGES or found is None:
        return None
    query = saved_filters.clean_query(text=request.GET.urlencode())
    rows = tuple(row for row in found.person.filters if row.page == page)
    current = next((row for row in rows if row.query == query), None)
    return Shown(
        page=page or "",
        query=query,
        rows=rows,
        current=current,
        deleted_id=row_ids.read_id(request.GET.get("deleted", "")) or 0,
    )


def default_address(request: HttpRequest) -> str:
    """Return where a list page that was opened bare goes on with the default filter; nothing where it stays as it is.

    A link of the page itself that takes all filters away is not overruled.
    """
    match = request.resolver_match
    page = match.url_name if match else ""
    is_bare = request.method == "GET" and not request.GET and "HX-Request" not in request.headers
    if page not in PAGES or not is_bare or urlsplit(request.headers.get("Referer", "")).path == request.path:
        return ""
    found = viewer.viewer_of(request)
    default = next((row for row in found.person.filters if row.page == page and row.is_default), None) if found else None
    return f"{request.path}?{default.query}" if default else ""
