"""What a client gets for what it pays, for one contract and one billing period: on a page, on paper and as a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access as work_access
from billing import access
from billing.queries import value_view
from contracts import access as contract_access
from contracts import clock
from contracts.models import Contract
from ppr_portal import papers
from ppr_portal.pages import exports
from ppr_portal.pages.clients import value_rows
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page

CONTRACTS_MAX = 200
PERIODS_SHOWN = 6
CSV_HEAD = (
    *("channel", "resolutions", "paid", "per_resolution", "per_resolution_before", "contacts", "per_contact", "per_contact_before"),
    *("saving", "fcr_yes", "fcr_n", "fcr", "fcr_low", "fcr_high", "fcr_before", "csat_favorable", "csat_n", "csat", "csat_low"),
    *("csat_high", "csat_before", "quality", "return", "currency"),
)


@require_safe
@portal_page
def value(request: PortalRequest) -> HttpResponse:
    """Bring a person to the newest whole period of the contract that they ask for, or of their first one."""
    if not access.reads_value(request.user):
        raise Http404
    contracts = contract_access.contracts_for(request.user)
    if request.GET.get("contract"):
        contracts = contracts.filter(pk=asked_number(request, "contract"))
    counts = access.value_counts_for(request.user).filter(contract__in=contracts)
    whole = counts.filter(period_end__lte=request.today).order_by("-period_start", "contract__client__name", "contract").first()
    newest = whole or counts.order_by("-period_start", "contract__client__name", "contract").first()
    if newest is None:
        if request.GET.get("contract"):
            get_object_or_404(contracts)
        return render(request, "value/none.html", {})
    return redirect("value_report", pk=newest.contract_id, period_start=newest.period_start)


@require_safe
@portal_page
def value_report(request: PortalRequest, pk: int, period_start: date) -> HttpResponse:
    """Show the value report of one period of a contract."""
    read = _read(request, pk, period_start)
    view = read.view
    context = {
        **_context(view),
        "periods": [(period, period.start == period_start) for period in read.periods[:PERIODS_SHOWN]],
        "contracts": _choices(read.contracts, pk),
        "is_open": view.period.end > request.today,
        "accounts_url": _accounts_url(request, view.contract),
        "csv_url": reverse("value_csv", args=[pk, period_start]),
        "pdf_url": "" if papers.missing() else f"{reverse('value_pdf', args=[pk, period_start])}{papers.copy_query()}",
    }
    return render(request, "value/report.html", context)


@require_safe
@portal_page
def value_csv(request: PortalRequest, pk: int, period_start: date) -> HttpResponse:
    """Give out the figures of a report, channel by channel and together."""
    view = _read(request, pk, period_start).view
    return exports.csv_response(name=_file_name(view), head=CSV_HEAD, rows=_cells(view))


@require_safe
@portal_page
def value_pdf(request: PortalRequest, pk: int, period_start: date) -> HttpResponse:
    """Give out a report as PDF, made of what is counted now."""
    view = _read(request, pk, period_start).view
    try:
        with papers.written_in(papers.asked_language(request=request)):
            context = {**_context(view), "page_size": "letter", "last_day": view.period.end - timedelta(days=1)}
            content = papers.render_pdf(template="papers/value.html", context=context, issued_at=clock.now())
    except papers.UnableToRender as refused:
        messages.error(request, str(refused))
        return redirect("value_report", pk=pk, period_start=period_start)
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(view)}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A report, the periods beside it, and the contracts that this person may choose from."""

    view: value_view.ValueView
    periods: tuple[value_view.CountedPeriod, ...]
    contracts: list[Contract]


def _read(request: PortalRequest, pk: int, period_start: date) -> _Read:
    if not access.reads_value(request.user):
        raise Http404
    seen = contract_access.contracts_for(request.user).filter(value_counts__isnull=False).distinct().select_related("client")
    contracts = list(seen.order_by("client__name", "name")[:CONTRACTS_MAX])
    contract = next((found for found in contracts if found.pk == pk), None) or get_object_or_404(seen, pk=pk)
    counts = contract.value_counts.all()
    periods = value_view.list_periods(counts=counts, contract_id=pk)
    asked = [period for period in periods if period.start == period_start] or value_view.list_periods(
        counts=counts.filter(period_start=period_start), contract_id=pk, limit=1
    )
    found = value_view.read_value(contract=contract, period=asked[0]) if asked else None
    if found is None:
        raise Http404
    return _Read(view=found, periods=periods, contracts=contracts)


def _context(view: value_view.ValueView) -> dict[str, Any]:
    worked = view.value
    share = None if worked.saving is None or not worked.cost_before else worked.saving / worked.cost_before
    return {
        "view": view,
        "contract": view.contract,
        "currency": view.period.currency,
        "saving_micros": value_rows.micros_of(view=view, amount=worked.saving),
        "saved_micros": value_rows.micros_of(view=view, amount=None if worked.saving is None else abs(worked.saving)),
        "saved_share": None if share is None else abs(share),
        "is_saving": worked.saving is not None and worked.saving >= 0,
        "before_micros": value_rows.micros_of(view=view, amount=worked.cost_before),
        "paid_micros": value_rows.micros_of(view=view, amount=worked.paid),
        "other_micros": value_rows.micros_of(view=view, amount=worked.other_charges),
        "each_micros": value_rows.micros_of(view=view, amount=worked.per_resolution),
        "contact_micros": value_rows.micros_of(view=view, amount=worked.per_contact),
        "roi": worked.roi,
        "steps": value_rows.list_steps(view=view),
        "rows": value_rows.list_channels(view=view),
        "rates": value_rows.list_rates(view=view),
        "scale": value_rows.scale_of(view=view),
        "baselines": value_rows.list_baselines(view=view),
        "unknown": value_rows.list_unknown(view=view),
    }


def _accounts_url(request: PortalRequest, contract: Contract) -> str:
    """Return where the client's account data is shown; nothing where there is none."""
    is_known = work_access.account_clients_for(request.user).filter(pk=contract.client_id).exists()
    return f"{reverse('after_sale')}?client={contract.client_id}" if is_known else ""


def _choices(contracts: list[Contract], chosen: int) -> list[tuple[int, str, bool]]:
    """Return the contracts to choose from; nothing where there is only one."""
    return [(contract.pk, str(contract), contract.pk == chosen) for contract in contracts] if len(contracts) > 1 else []


def _file_name(view: value_view.ValueView) -> str:
    return f"value-{slugify(view.contract.code)}-{view.period.start:%Y-%m-%d}"


def _cells(view: value_view.ValueView) -> Iterable[tuple[object, ...]]:
    for value in view.value.channels:
        facts, before = value.facts, value.facts.baseline
        contact_before = before.contact_cost if before else None
        yield (
            value_rows.name_of(view=view, code=facts.channel),
            *(facts.resolution_count, _money(view, facts.paid), _money(view, value.per_resolution)),
            *(_money(view, value.before_per_resolution), facts.contact_count, _money(view, value.per_contact)),
            *(_money(view, contact_before), _money(view, value.saving), *_share(value.fcr), *_share(value.csat)),
            *(_money(view, value.quality), "", view.period.currency),
        )
    if view.charges:
        charged = _money(view, view.value.other_charges)
        yield (_("other charges"), "", charged, *("",) * (len(CSV_HEAD) - 4), view.period.currency)
    worked = view.value
    yield (
        *(_("together"), worked.resolution_count, _money(view, worked.paid), _money(view, worked.per_resolution), ""),
        *(worked.contact_count, _money(view, worked.per_contact), "", _money(view, worked.saving)),
        *(*_share(worked.fcr), *_share(worked.csat), _money(view, worked.quality), _number(worked.roi), view.period.currency),
    )


def _money(view: value_view.ValueView, amount: Fraction | None) -> str:
    return exports.amount(micros=value_rows.micros_of(view=view, amount=amount), currency=view.period.currency)


def _share(share: Any) -> tuple[object, ...]:
    low, high = (share.interval.low, share.interval.high) if share.interval else (None, None)
    return (share.count, share.n, *(_number(rate) for rate in (share.rate, low, high, share.before)))


def _number(rate: Fraction | None) -> str:
    return exports.rounded(rate, places=4)
