"""The ledger: the trial balance of a period, the entries of an account, and what agents and clients stand at on a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from agents.models import Agent
from billing import access
from billing.models import Account, CreditNote, LedgerEntry, Payment, Settlement
from billing.queries import ledger as balances
from contracts.models import Client
from ppr_portal.pages import exports, keyset, list_tools, pay_seen
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page, read_day

PARTY_ROWS = 100
ENTRY_ROWS = 50
TRIAL_HEAD = ("account", "currency", "before", "debits", "credits", "after")
ENTRY_HEAD = ("day", "what", "party", "amount", "currency", "transaction")
PARTY_HEAD = ("party", "account", "currency", "balance")
# What an entry of the ledger can come from, by the beginning of its transaction's key.
SOURCES = ("invoice", "settlement", "payment", "credit_note")
PARTIES: dict[str, Any] = {"agent": Agent, "client": Client}


@require_safe
@portal_page
def ledger(request: PortalRequest) -> HttpResponse:
    """Show the trial balance of a period by currency; each currency adds up to zero. `by` shows agents or clients on its last day."""
    if not access.reads_ledger(request.user):
        raise Http404
    first, last = _period(request)
    asked = {"from": first.isoformat(), "to": last.isoformat()}
    by = request.GET.get("by", "")
    if by in PARTIES:
        return _parties(request, by, first, last)
    rows = balances.trial_balance(first=first, last=last)
    if request.GET.get("format") == "csv":
        cells = ((row.account, row.currency, *(_write(micros, row.currency) for micros in _sums(row))) for row in rows)
        return exports.csv_response(name=f"trial-balance-{first}-{last}", head=TRIAL_HEAD, rows=cells)
    context = {
        "asked": urlencode(asked),
        "currencies": [_currency(currency, rows) for currency in sorted({row.currency for row in rows})],
        **_tools("", first, last),
    }
    return render(request, "ledger/ledger.html", context)


@require_safe
@portal_page
def account(request: PortalRequest, account: str, currency: str) -> HttpResponse:
    """List the entries of one account in a period, newest first."""
    if not access.reads_ledger(request.user) or account not in Account.values or len(currency) != 3:
        raise Http404
    first, last = _period(request)
    entries = LedgerEntry.objects.filter(account=account, currency=currency, on__gte=first, on__lte=last)
    entries = entries.select_related("transaction", "agent", "client").order_by("-on", "-pk")
    asked = {"from": first.isoformat(), "to": last.isoformat()}
    if request.GET.get("format") == "csv":
        pay_seen.saw(request, entries.order_by().values_list("agent_id", flat=True).distinct())
        return exports.csv_response(
            name=f"ledger-{account}-{currency}-{first}-{last}", head=ENTRY_HEAD, rows=map(_cells, entries.iterator()), counted=entries
        )
    page = keyset.cut_page(found=entries, by="on", after=asked_text(request, "after"), size=ENTRY_ROWS)
    pay_seen.saw(request, (row.agent_id for row in page.rows))
    context = {
        "account": Account(account),
        "currency": currency,
        "first": first,
        "last": last,
        "asked": urlencode(asked),
        "rows": _with_sources(page.rows),
        "next_url": f"?{urlencode({**asked, 'after': page.next_after})}" if page.next_after else "",
        **_tools("", first, last),
    }
    return render(request, "ledger/account.html", context)


def _with_sources(rows: Sequence[LedgerEntry]) -> list[tuple[LedgerEntry, str]]:
    """Return entries with the address of what each came from: a statement or an invoice, also that of a payment or a credit note."""
    keys = [row.transaction.key for row in rows]
    pks = {kind: [int(pk) for found, _, pk in (key.partition(":") for key in keys) if found == kind and pk.isdigit()] for kind in SOURCES}
    found = {f"invoice:{pk}": reverse("invoice", args=[pk]) for pk in pks["invoice"]}
    if pks["settlement"]:
        settled = Settlement.objects.filter(pk__in=pks["settlement"]).values_list("pk", "agent_id", "period_start")
        found |= {f"settlement:{pk}": reverse("statement", args=[agent_id, start]) for pk, agent_id, start in settled}
    for kind, model in (("payment", Payment), ("credit_note", CreditNote)):
        if pks[kind]:
            billed = model.objects.filter(pk__in=pks[kind], invoice__isnull=False).values_list("pk", "invoice_id")
            found |= {f"{kind}:{pk}": reverse("invoice", args=[invoice_id]) for pk, invoice_id in billed}
    return [(row, found.get(key, "")) for row, key in zip(rows, keys, strict=True)]


def _parties(request: PortalRequest, by: str, first: date, on: date) -> HttpResponse:
    """Show what each agent or client stands at on a day, by name, one page after the other."""
    asked = {"from": first.isoformat(), "to": on.isoformat()}
    people: QuerySet[Any] = PARTIES[by].objects.filter(ledger_entries__on__lte=on).distinct().order_by("name", "pk")
    if find := asked_text(request, "find"):
        people = people.filter(name__icontains=find)
    if request.GET.get("format") == "csv":
        everybody = list(people)
        pay_seen.saw(request, (person.pk for person in everybody if by == "agent"))
        return exports.csv_response(name=f"balances-by-{by}-{on}", head=PARTY_HEAD, rows=_party_cells(by, on, everybody))
    page = keyset.cut_page(found=people, by="name", after=asked_text(request, "after"), ascending=True, size=PARTY_ROWS)
    pay_seen.saw(request, (person.pk for person in page.rows if by == "agent"))
    context = {
        "by": by,
        "on": on,
        "find": find,
        "rows": _party_rows(by, on, page.rows),
        **_tools(by, first, on),
        "csv_url": f"?{urlencode({**asked, 'by': by, 'find': find, 'format': 'csv'})}",
        "next_url": f"?{urlencode({**asked, 'by': by, 'find': find, 'after': page.next_after})}" if page.next_after else "",
    }
    return render(request, "ledger/parties.html", context)


def _party_rows(by: str, on: date, people: list[Any]) -> list[dict[str, Any]]:
    found = balances.party_balances(party=by, on=on, ids=[person.pk for person in people])
    rows = []
    for person in people:
        held = sorted(found.get(person.pk, {}).items())
        parts = [{"label": Account(account).label, "currency": currency, "micros": micros} for (account, currency), micros in held]
        rows.append({"name": person.name, "parts": parts})
    return rows


def _party_cells(by: str, on: date, people: list[Any]) -> list[tuple[str, ...]]:
    return [
        (row["name"], part["label"], part["currency"], _write(part["micros"], part["currency"]))
        for row in _party_rows(by, on, people)
        for part in row["parts"]
    ]


def _period(request: PortalRequest) -> tuple[date, date]:
    """Return the days asked for; without them, this month up to today."""
    last = read_day(request.GET.get("to", "")) or request.today
    first = read_day(request.GET.get("from", "")) or last.replace(day=1)
    return min(first, last), last


def _currency(currency: str, rows: list[balances.TrialRow]) -> dict[str, Any]:
    own = [row for row in rows if row.currency == currency]
    totals = [sum(column) for column in zip(*(_sums(row) for row in own), strict=True)]
    return {"code": currency, "rows": own, "totals": totals, "is_balanced": totals[0] == totals[3] == 0}


def _sums(row: balances.TrialRow) -> tuple[int, int, int, int]:
    return row.before, row.debits, row.credits, row.after


def _tools(by: str, first: date, last: date) -> dict[str, Any]:
    """Return what stands above each table: agents and clients have balances on one day, accounts what was posted between two."""
    asked = {"from": first.isoformat(), "to": last.isoformat()}
    states = (("", _("Accounts"), None), ("agent", _("Agents"), None), ("client", _("Clients"), None))
    until = list_tools.ListDay(name="to", label=_("On") if by else pgettext("last day", "To"), value=last)
    return {
        "views": list_tools.chips(name="by", states=states, asked={**asked, "by": by}, keeps=True),
        "days": [until] if by else [list_tools.ListDay(name="from", label=_("From"), value=first), until],
        # The first day is kept for the way back to the accounts.
        "kept": [("by", by), ("from", asked["from"])] if by else [],
        "csv_url": f"?{urlencode({**asked, **({'by': by} if by else {}), 'format': 'csv'})}",
    }


def _cells(entry: LedgerEntry) -> tuple[object, ...]:
    party = entry.agent or entry.client
    amount = _write(entry.amount_micros, entry.currency)
    return entry.on, entry.transaction.words, str(party or ""), amount, entry.currency, entry.transaction.key


def _write(micros: int, currency: str) -> str:
    return exports.amount(micros=micros, currency=currency)
