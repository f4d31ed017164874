"""Search over what a person may see: people, cases, invoices, contracts and pages, each through the access of its app.

Every group is one query with a limit, and what nobody may see is not counted either, so that a search tells nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agents import access as work_access
from agents.models import User
from billing import access as pay_access
from billing.queries import references
from contracts import access as contract_access
from contracts.models import ContractVersion, VersionStatus
from ppr_portal.templatetags import times

HITS_MAX = 6
# A shorter beginning of a number fits too many cases to be worth a look.
CASE_LENGTH_MIN = 3
FIND_LENGTH_MAX = 100
DISPUTE = re.compile(r"[dD]-(\d{1,18})")
STATEMENT = re.compile(r"[sS]-\d{4}-\d{2}-0*(\d{1,18})")


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing that was found: what it is called, what tells it from others, and its page."""

    title: str
    note: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Things of one kind; `has_more` says that only the first are here."""

    code: str
    title: str
    hits: tuple[Hit, ...]
    has_more: bool = False


def search(*, user: User, find: str, pages: Iterable[tuple[str, str]], on: date) -> list[Group]:
    """Find what a person may see and a text names.

    Args:
        user: who searches.
        find: a part of a name, the beginning of a number, or a whole reference such as D-12 or S-2016-03-0417.
        pages: label and address of the pages that are open to them.
        on: day on which teams are looked at.

    Returns: groups that hold something, in the order in which they are shown; none for an empty text.
    """
    find = " ".join(find.split())[:FIND_LENGTH_MAX]
    if not find:
        return []
    groups = (
        _references(user, find, on),
        _people(user, find, on),
        _cases(user, find, on),
        _invoices(user, find),
        _contracts(user, find),
        _pages(find, pages),
    )
    return [group for group in groups if group.hits]


def _references(user: User, find: str, on: date) -> Group:
    """Find what is named by its whole reference; one query at most, and only for a text that is a reference."""
    hits: list[Hit] = []
    if named := DISPUTE.fullmatch(find):
        for dispute in pay_access.disputes_for(user, on=on).filter(pk=int(named[1])).select_related("agent", "client"):
            title = f"D-{dispute.pk}"
            hits.append(
                Hit(title=title, note=f"{dispute.party_name}, {dispute.get_status_display()}", url=reverse("dispute", args=[dispute.pk]))
            )
    elif named := STATEMENT.fullmatch(find):
        for settlement in pay_access.settlements_for(user).filter(pk=int(named[1])).select_related("agent").defer("evidence"):
            reference = references.statement_reference(settlement=settlement)
            if reference == find.upper():
                note = f"{settlement.agent}, {times.month_year(settlement.period_start)}"
                url = reverse("statement", args=[settlement.agent_id, settlement.period_start])
                hits.append(Hit(title=reference, note=note, url=url))
    return Group(code="references", title=_("References"), hits=tuple(hits))


def _people(user: User, find: str, on: date) -> Group:
    """Find agents by a part of their name or code; an agent who sees only themselves searches no people."""
    reads_pay = work_access.reads_everyone(user)
    if not (reads_pay or work_access.Role.LEAD in work_access.roles_of(user)):
        return Group(code="people", title=_("People"), hits=())
    found = work_access.agents_for(user, on=on).filter(Q(name__icontains=find) | Q(code__icontains=find))
    rows = list(found.select_related("site").order_by("name", "code")[: HITS_MAX + 1])
    hits = [
        Hit(
            title=agent.name,
            note=f"{agent.code}, {agent.site.name}",
            url=reverse("agent_statements", args=[agent.pk]) if reads_pay else f"{reverse('performance')}?agent={agent.pk}",
        )
        for agent in rows
    ]
    return _cut("people", _("People"), hits)


def _cases(user: User, find: str, on: date) -> Group:
    """Find cases by the beginning of their number, among the resolutions that are open to somebody."""
    if len(find) < CASE_LENGTH_MIN:
        return Group(code="cases", title=_("Cases"), hits=())
    found = work_access.resolutions_for(user, on=on).filter(case__key__istartswith=find)
    rows = list(found.select_related("case", "agent", "query_type", "channel").order_by("case__key", "-pk")[: HITS_MAX + 1])
    hits = [
        Hit(
            title=row.case.key,
            note=", ".join(filter(None, (str(row.query_type or ""), row.agent.name if row.agent else "", times.dated(row.resolved_at)))),
            url=reverse("resolution", args=[row.pk]),
        )
        for row in rows
    ]
    return _cut("cases", _("Cases"), hits)


def _invoices(user: User, find: str) -> Group:
    """Find invoices by a part of their number or of the client's name."""
    if not pay_access.reads_invoices(user):
        return Group(code="invoices", title=_("Invoices"), hits=())
    found = pay_access.invoices_for(user).filter(Q(number__icontains=find) | Q(contract__client__name__icontains=find)).distinct()
    rows = list(found.select_related("contract__client").order_by("-period_start", "-pk")[: HITS_MAX + 1])
    hits = [
        Hit(
            title=invoice.number or _("Draft"),
            note=f"{invoice.contract.client.name}, {times.month_year(invoice.period_start)}",
            url=reverse("invoice", args=[invoice.pk]),
        )
        for invoice in rows
    ]
    return _cut("invoices", _("Invoices"), hits)


def _contracts(user: User, find: str) -> Group:
    """Find contracts by a part of their name or the client's; the newest version that was promised is opened."""
    named = Q(contract__name__icontains=find) | Q(contract__client__name__icontains=find)
    found = ContractVersion.objects.filter(named, contract__in=contract_access.contracts_for(user)).exclude(status=VersionStatus.DRAFT)
    newest = found.order_by("contract__client__name", "contract__name", "contract_id", "-number").distinct(
        "contract__client__name", "contract__name", "contract_id"
    )
    rows = list(newest.select_related("contract__client")[: HITS_MAX + 1])
    hits = [
        Hit(title=str(version.contract.name), note=version.contract.client.name, url=reverse("contract_version", args=[version.pk]))
        for version in rows
    ]
    return _cut("contracts", _("Contracts"), hits)


def _pages(find: str, pages: Iterable[tuple[str, str]]) -> Group:
    hits = [Hit(title=label, note=_("Page"), url=url) for label, url in pages if find.casefold() in label.casefold()]
    return _cut("pages", _("Pages"), hits)


def _cut(code: str, title: str, hits: Sequence[Hit]) -> Group:
    return Group(code=code, title=title, hits=tuple(hits[:HITS_MAX]), has_more=len(hits) > HITS_MAX)
