"""What a client pays for: their contracts in plain sentences."""

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agents.access import Role
from contracts import access
from contracts.models import ContractVersion, VersionStatus
from contracts.queries import words
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, portal_page

CSV_HEAD = ("client", "contract", "version", "from", "until", "status", "currency")
READERS = frozenset({Role.CLIENT, Role.CONTRACT_ADMIN, Role.APPROVER, Role.AUDITOR})


@require_safe
@portal_page
def contracts(request: PortalRequest) -> HttpResponse:
    """List the versions of a client's contracts, newest first; drafts are not promised and not shown."""
    if not (request.viewer.person.roles & READERS or request.viewer.person.is_superuser):
        raise Http404
    asked = list_tools.read_asked(request, "find")
    found = _versions(request)
    if find := asked.get("find"):
        found = found.filter(Q(contract__name__icontains=find) | Q(contract__client__name__icontains=find))
    if request.GET.get("format") == "csv":
        rows = map(_cells, found.order_by("-effective_from", "-pk").iterator())
        return exports.csv_response(name=f"contracts-{request.today}", head=CSV_HEAD, rows=rows)
    page = list_tools.cut(request, found=found, by="effective_from", asked=asked)
    context = {"versions": page.rows, **asked, **page.links}
    return render(request, "client/contracts.html", context)


@require_safe
@portal_page
def contract_version(request: PortalRequest, pk: int) -> HttpResponse:
    """Say in plain sentences what one version pays for, and when a resolution counts."""
    version = get_object_or_404(_versions(request).select_related("resolution_policy"), pk=pk)
    context = {
        "version": version,
        "counted": words.describe_what_counts(version=version),
        # Each tier and each step of a price stands on a line of its own.
        "prices": [(name, price.split("; ")) for name, price in words.describe_prices(version=version)],
        "billed": words.describe_commercials(version=version),
    }
    return render(request, "client/contract_version.html", context)


def _versions(request: PortalRequest) -> QuerySet[ContractVersion]:
    found = ContractVersion.objects.filter(contract__in=access.contracts_for(request.user)).exclude(status=VersionStatus.DRAFT)
    return found.select_related("contract__client")


def _cells(version: ContractVersion) -> tuple[object, ...]:
    """Write a version; `until` is the first day on which it no longer holds."""
    contract = version.contract
    days = (version.effective_from, version.effective_to)
    return contract.client.name, contract.name, version.number, *days, version.status, version.currency
