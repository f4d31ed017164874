"""The eight measures of post-sale service, from the accounts that a client's data tells of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from agents import access as work_access
from agents.queries import after_sale as accounts
from agents.rules import after_sale
from billing import access
from billing.rules import money
from contracts.models import Client
from contracts.rules import calendar_months, exact
from contracts.translation import gettext_lazy
from ppr_portal.pages import drawings, exports
from ppr_portal.pages.entry import PortalRequest, asked_month_or_first, asked_number, portal_page
from ppr_portal.templatetags import formats

MONTHS_SHOWN, WINDOW = 12, 3
CLIENTS_MAX = 200
CSV_HEAD = ("measure", "part", "whole", "rate", "low", "high", "accounts", "unknown", "from", "to")
# What each is called, what it counts, and over what.
WORDS = {
    "onboarding": (gettext_lazy("Onboarding"), gettext_lazy("accounts that were due were up and running in time")),
    "adoption": (gettext_lazy("Adoption"), gettext_lazy("paid seats were used")),
    "success": (gettext_lazy("Success"), gettext_lazy("agreed goals were met")),
    "availability": (gettext_lazy("Availability"), gettext_lazy("promised minutes could be used")),
    "engagement": (gettext_lazy("Engagement quality"), gettext_lazy("answers after meetings were favorable")),
    "retention": (gettext_lazy("Retention"), gettext_lazy("renewals that were due were signed")),
    "health": (gettext_lazy("Health"), gettext_lazy("accounts with a score were healthy")),
    "net_revenue": (gettext_lazy("Net recurring revenue"), gettext_lazy("of the revenue of the same accounts before")),
}


@dataclass(frozen=True, kw_only=True)
class MeasureRow:
    """One measure as a card shows it: name, rate, what it counts, and what is not known of it."""

    code: str
    name: str
    rate: Fraction | None
    places: int
    counted: str
    unknown: str
    low: Fraction | None
    high: Fraction | None
    drawing: drawings.IntervalDrawing | None
    trend: drawings.Spark | None


@require_safe
@portal_page
def after_sale_report(request: PortalRequest) -> HttpResponse:
    """Show the measures of a client's accounts up to a month, over that month and the two before it."""
    if not access.reads_value(request.user):
        raise Http404
    clients = list(work_access.account_clients_for(request.user).order_by("name")[:CLIENTS_MAX])
    client = _chosen(request, clients)
    if client is None:
        may_upload = work_access.account_owners_for(request.user).exists()
        return render(request, "value/accounts.html", {"clients": [], "rows": [], "may_upload": may_upload})
    months = work_access.account_months_for(request.user).filter(client=client)
    known = accounts.list_months(months=months)
    last = asked_month_or_first(request, known=known)
    if last is None:
        raise Http404
    first = calendar_months.add_months(day=last, months=1 - WINDOW)
    found = accounts.read_accounts(months=months, last=last, first=calendar_months.add_months(day=last, months=-MONTHS_SHOWN))
    measured = after_sale.measure_after_sale(months=found.rows, first=first, last=last, healthy_from=client.healthy_from)
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"after-sale-{client.code}-{last:%Y-%m}", head=CSV_HEAD, rows=_cells(measured, first, last))
    asked = {"client": str(client.pk)}
    context = {
        "client": client,
        "may_upload": work_access.account_owners_for(request.user).filter(pk=client.pk).exists(),
        "clients": [(each.pk, each.name, each == client) for each in clients] if len(clients) > 1 else [],
        "months": [(month, f"?{urlencode({**asked, 'month': f'{month:%Y-%m}'})}", month == last) for month in known[:6]],
        "first": first,
        "last": last,
        "rows": _rows(measured, found, client, last),
        "found": found,
        "days_to_value": measured.days_to_value,
        "revenue": _revenue(measured, found.currency),
        "csv_url": f"{reverse('after_sale')}?{urlencode({**asked, 'month': f'{last:%Y-%m}', 'format': 'csv'})}",
    }
    return render(request, "value/accounts.html", context)


def _chosen(request: PortalRequest, clients: list[Client]) -> Client | None:
    if request.GET.get("client"):
        return get_object_or_404(work_access.account_clients_for(request.user), pk=asked_number(request, "client"))
    return clients[0] if clients else None


def _rows(measured: after_sale.AfterSale, found: accounts.KnownAccounts, client: Client, last: date) -> list[MeasureRow]:
    year = calendar_months.list_months(first=calendar_months.add_months(day=last, months=1 - MONTHS_SHOWN), last=last)
    trends = after_sale.trace_rates(months=found.rows, over=year, healthy_from=client.healthy_from)
    scale = drawings.Scale(low=Fraction(0))
    return [_row(measure, trends.get(measure.code), scale, found.currency) for measure in measured.measures]


def _row(measure: after_sale.Measure, trend: Sequence[Fraction | None] | None, scale: drawings.Scale, currency: str) -> MeasureRow:
    name, words = WORDS[measure.code]
    low, high = (measure.interval.low, measure.interval.high) if measure.interval else (None, None)
    return MeasureRow(
        code=measure.code,
        name=str(name),
        rate=measure.rate,
        places=3 if measure.code == "availability" else 1,
        counted=_counted(measure, str(words), currency) if measure.whole else _("Nothing was told, so there is no rate; it is not zero."),
        unknown=_unknown(measure),
        low=low,
        high=high,
        drawing=None
        if measure.rate is None or low is None or high is None
        else drawings.draw_interval(score=measure.rate, low=low, high=high, expected=measure.rate, counted=measure.rate, scale=scale),
        trend=None if trend is None else drawings.draw_spark(rates=trend, expected=None),
    )


def _counted(measure: after_sale.Measure, words: str, currency: str) -> str:
    if measure.code == "net_revenue":
        part, whole = (formats.money(money.to_micros(amount=value, currency=currency), currency) for value in (measure.part, measure.whole))
    else:
        part, whole = formats.count(int(measure.part)), formats.count(int(measure.whole))
    counted = _("%(part)s of %(whole)s %(words)s") % {"part": part, "whole": whole, "words": words}
    if measure.code == "net_revenue":
        counted = _("%(part)s now, %(whole)s from the same accounts before") % {"part": part, "whole": whole}
    accounts_words = ngettext("%(count)s account", "%(count)s accounts", measure.account_count)
    return f"{counted} ({accounts_words % {'count': formats.count(measure.account_count)}})"


def _unknown(measure: after_sale.Measure) -> str:
    if not measure.unknown_count:
        return ""
    words = ngettext(
        "%(count)s account did not tell and is left out.",
        "%(count)s accounts did not tell and are left out.",
        measure.unknown_count,
    )
    return words % {"count": formats.count(measure.unknown_count)}


def _revenue(measured: after_sale.AfterSale, currency: str) -> dict[str, Any] | None:
    found = measured.revenue
    if found is None or not found.base:
        return None
    names = ("base", "expansion", "contraction", "lost", "now")
    micros = {name: money.to_micros(amount=getattr(found, name), currency=currency) for name in names}
    return {**micros, "since": found.base_month, "gross_rate": found.gross_rate, "currency": currency}


def _cells(measured: after_sale.AfterSale, first: date, last: date) -> Iterable[tuple[object, ...]]:
    for measure in measured.measures:
        ends = (measure.interval.low, measure.interval.high) if measure.interval else (None, None)
        rates = (exports.rounded(rate, places=6) for rate in (measure.rate, *ends))
        counts = (exact.format_exact(value=measure.part), exact.format_exact(value=measure.whole))
        yield (measure.code, *counts, *rates, measure.account_count, measure.unknown_count, f"{first:%Y-%m}", f"{last:%Y-%m}")
