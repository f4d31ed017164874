"""Resolutions: the list with its filters, and the life of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Agent, Resolution
from agents.queries import plan_spans, resolution_life, resolution_lists
from billing import access as pay_access
from billing.models import Earning
from billing.queries import pending_pay
from contracts import reading
from contracts.models import Channel, QueryType
from contracts.translation import gettext_lazy
from ppr_portal.pages import exports, pay_seen
from ppr_portal.pages.entry import PortalRequest, asked_number, asked_text, portal_page
from ppr_portal.pages.list_tools import Chip
from ppr_portal.pages.pay import unit_reasons
from ppr_portal.pages.work import fcr_links, resolution_days
from ppr_portal.templatetags import shell

FILTERS = (("", gettext_lazy("All")), *((state, shell.STATES[state]) for state in resolution_lists.STATES))


FIND_LENGTH_MAX = 100
CSV_HEAD = ("case", "client", "agent", "query_type", "channel", "state", "held", "resolved", "window_ends", "verified", "reopened")


@dataclass(frozen=True, kw_only=True)
class ResolutionRow:
    """A resolution as its list shows it; `moment_words` says what the moment is."""

    url: str
    case_key: str
    agent_name: str
    about: str
    client_name: str
    state: str
    is_held: bool
    resolved_at: datetime
    moment_words: str
    moment: datetime | None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a resolution would bring if nobody comes back."""

    amount_micros: int
    currency: str


@require_safe
@portal_page
def resolutions(request: PortalRequest) -> HttpResponse:
    """List the resolutions that this person may see."""
    seen, agent = _narrowed(request)
    seen, drill = fcr_links.narrow(request, seen)
    days = _days(request)
    if days is not None:
        seen = days.narrow(seen)
    state, find = request.GET.get("state", ""), asked_text(request, "find")[:FIND_LENGTH_MAX]
    if find:
        seen = seen.filter(case__key__istartswith=find)
    narrowed = resolution_lists.in_state(resolutions=seen, state=state)
    if request.GET.get("format") == "csv":
        rows = resolution_lists.read_all(resolutions=narrowed)
        name = f"resolutions-{request.today}"
        return exports.csv_response(name=name, head=CSV_HEAD, rows=map(_csv_row, rows), counted=narrowed)
    after = resolution_lists.Position.parse(request.GET.get("after", ""))
    page = resolution_lists.list_page(resolutions=narrowed, after=after)
    is_whole = not state and after is None and page.next_position is None
    counts = resolution_lists.count_rows(rows=page.rows) if is_whole else resolution_lists.count_by_state(resolutions=seen)
    context = {
        "rows": [_row(found) for found in page.rows],
        "chips": _chips(request, counts, state),
        "next_url": _url(request, after=str(page.next_position)) if page.next_position else "",
        "first_url": _url(request) if "after" in request.GET else "",
        "csv_url": _url(request, format="csv"),
        "list_url": reverse("resolutions"),
        "find": find,
        "kept": _kept(request, "state", "agent"),
        "agent": agent,
        "drill": drill,
        "days": days.fields if days is not None else [],
        "shows_agents": _reads_many(request),
    }
    return render(request, "resolutions/_list.html" if request.htmx else "resolutions/list.html", context)


@require_safe
@portal_page
def resolution(request: PortalRequest, pk: int) -> HttpResponse:
    """Tell the life of one resolution, and what it brought where this person may see pay."""
    found = get_object_or_404(
        access.resolutions_for(request.user, on=request.today).select_related(
            "case__contract__client",
            "case__source",
            "query_type",
            "channel",
            "agent",
            "policy_version__contract",
            "price_version__contract",
        ),
        pk=pk,
    )
    earnings = (
        # Earnings are found by agent and resolution, so every agent is asked for theirs.
        Earning.objects.filter(
            resolution=found, agent__in=pay_access.payees_for(request.user), settlement__in=pay_access.settlements_for(request.user)
        )
        .select_related("settlement", "agent", "resolution__price_version")
        .order_by("agent__name")
    )
    shown, is_own = list(earnings), found.agent_id is not None and found.agent_id == request.viewer.person.agent_id
    pay_seen.saw(request, (earning.agent_id for earning in shown))
    context = {
        "life": resolution_life.get_life(resolution=found),
        "about": about(found.query_type, found.channel),
        "brought": unit_reasons.reasons_of(earnings=shown, own_agent_id=request.viewer.person.agent_id),
        "is_own": is_own,
        "would_bring": _would_bring(request, found) if is_own and not shown and found.state == "pending" else None,
        "may_dispute": found.agent is not None and pay_access.may_dispute(request.user, agent=found.agent),
    }
    return render(request, "resolutions/resolution.html", context)


def _would_bring(request: PortalRequest, found: Resolution) -> Expected | None:
    """Return what a pending resolution of one's own would bring, as the home page adds it up; None where that is not known yet."""
    assert found.agent_id is not None
    plan = plan_spans.terms_in_force(agent_id=found.agent_id, on=request.today)
    units = pending_pay.list_open_units(resolutions=Resolution.objects.filter(pk=found.pk), plan=plan)
    micros = pending_pay.total_micros(units)
    return None if plan is None or micros is None else Expected(amount_micros=micros, currency=plan.currency)


def about(query_type: QueryType | None, channel: Channel | None) -> str:
    """Write a class as people read it: Network outage, chat."""
    return f"{query_type or _('Unknown query type')}, {reading.inside_a_sentence(str(channel or _('unknown channel')))}"


def _narrowed(request: PortalRequest) -> tuple[QuerySet[Resolution], Agent | None]:
    """Return what this person may see, of one agent where the address asks for one that they may see."""
    seen = access.resolutions_for(request.user, on=request.today)
    if not request.GET.get("agent"):
        return seen, None
    agent = get_object_or_404(access.agents_for(request.user, on=request.today), pk=asked_number(request, "agent"))
    return seen.filter(agent=agent), agent


def _reads_many(request: PortalRequest) -> bool:
    """Tell whether the list is of more than one's own."""
    return not request.viewer.person.is_agent or request.viewer.person.is_lead


def _days(request: PortalRequest) -> resolution_days.Days | None:
    """Return the days that can be chosen: none in a list of one's own, or of a report that has days of its own."""
    return resolution_days.read_days(request) if _reads_many(request) and not fcr_links.kept_query(request) else None


def _row(found: Resolution) -> ResolutionRow:
    words, moment = {
        "pending": (_("Window ends"), found.window_ends_at),
        "confirmed": (_("Customer said yes"), found.verified_at),
        "assumed": (_("Window passed"), found.verified_at),
        "reopened": (_("Customer came back"), found.reopened_at),
    }.get(found.state, ("", None))
    return ResolutionRow(
        url=reverse("resolution", args=[found.pk]),
        case_key=found.case.key,
        agent_name=found.agent.name if found.agent else _("Nobody mapped yet"),
        about=about(found.query_type, found.channel),
        client_name=found.case.contract.client.name,
        state=found.state,
        is_held=bool(getattr(found, "is_held", False)),
        resolved_at=found.resolved_at,
        moment_words=words,
        moment=moment,
    )


def _csv_row(found: tuple[Any, ...]) -> tuple[object, ...]:
    """Write a row of resolution_lists.FILE_COLUMNS."""
    return (*found[:6], "yes" if found[6] else "no", *found[7:])


def _chips(request: PortalRequest, counts: Mapping[str, int], current: str) -> list[Chip]:
    most = resolution_lists.COUNT_MAX
    return [
        Chip(
            label=label,
            url=_url(request, state=state),
            count=min(counts[state or "all"], most),
            is_current=state == current,
            is_more=counts[state or "all"] > most,
        )
        for state, label in FILTERS
    ]


def _kept(request: PortalRequest, *names: str) -> list[tuple[str, str]]:
    """Return what the address narrows the list by."""
    return [*fcr_links.kept_query(request).items(), *((name, asked_text(request, name)) for name in names if asked_text(request, name))]


def _url(request: PortalRequest, **changes: str) -> str:
    days = _days(request)
    kept = {**dict(_kept(request, "state", "agent", "find")), **(days.query if days is not None else {}), **changes}
    query = urlencode({name: value for name, value in kept.items() if value or name == "key"})
    return f"{reverse('resolutions')}?{query}" if query else reverse("resolutions")
