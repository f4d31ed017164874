"""First contact resolution: rates by group, what kept cases from it, and where the time goes. A guide, never pay by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Resolution
from agents.queries import first_contacts, stage_times
from agents.queries.first_contact_report import Group
from agents.rules import fcr_report, inhibitors
from agents.rules.resolution_words import INHIBITOR_WORDS
from contracts.models import Client
from contracts.translation import gettext_lazy as _
from contracts.translation import told
from ppr_portal.pages import drawings, exports
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page
from ppr_portal.pages.work import fcr_links
from ppr_portal.pages.work.fcr_links import Asked
from ppr_portal.templatetags import formats

UNKNOWN = _("Unknown")
INHIBITOR_NAMES = {
    "transfer": _("Transfer"),
    "missing_knowledge": _("Missing knowledge"),
    "missing_access": _("Missing access"),
    "information_requested": _("Request for information"),
    "product_defect": _("Product defect"),
    "policy": _("Policy"),
    "unknown": UNKNOWN,
}
STAGE_NAMES = {
    "discovery": _("Discovery"),
    "research": _("Research"),
    "collaboration": _("Collaboration"),
    "capture": _("Capture"),
    "resolve": _("Resolve"),
}
CSV_HEAD = (
    "group", "delivery_models", "fcr", "low", "high", "n", "yes", "yes_by_status_only", "pending", "exceptions",
    "fcr_with_exceptions_as_no", "left_out", "optimum", "gap",
)  # fmt: skip


# On a phone each group takes a screen; the longest lists of queues have close to a hundred.
ROWS_MAX = 15


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A rate as a bar: its length, the interval, and the stated optimum."""

    width: str
    band_x: str
    band_width: str
    optimum_x: str


@dataclass(frozen=True, kw_only=True)
class GroupWords:
    """The figures of a group as they are written, and what a reader hears of them; made here once, for a page has many groups."""

    rate: str
    interval: str
    bar: str
    whole: str
    yes: str
    no: str
    pending: str
    apart: str
    exceptions: str


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """FCR of one group, ready to be shown, with the way to the cases behind each figure."""

    name: str
    models: str
    found: fcr_report.FcrSummary
    bar: Bar | None
    words: GroupWords
    yes_url: str
    no_url: str
    pending_url: str
    apart_url: str

    @property
    def no_count(self) -> int:
        """Verified, and not at first contact."""
        return self.found.n - self.found.yes_count

    @property
    def gap_points(self) -> str:
        """How many percentage points the rate is below the optimum."""
        return formats.bare_percent(self.found.gap)

    @property
    def apart_count(self) -> int:
        """Exceptions and what is left out."""
        return self.found.exception_count + self.found.left_out_count


@dataclass(frozen=True, kw_only=True)
class InhibitorRow:
    """One bar of the Pareto: its own share, where all so far end, and the way to its cases."""

    name: str
    words: str
    row: inhibitors.ParetoRow
    width: str
    cumulative_x: str
    url: str


@dataclass(frozen=True, kw_only=True)
class StageRow:
    """An agent's time by stage; a stage without a time is None."""

    name: str
    url: str
    cells: tuple[tuple[str, int | None], ...]
    total_seconds: int
    case_count: int


@require_safe
@portal_page
def fcr(request: PortalRequest) -> HttpResponse:
    """Report first contact resolution to leads about their teams, and to those who read everything."""
    if not access.reads_first_contacts(request.user):
        raise Http404
    asked = fcr_links.read_asked(request)
    seen = access.first_contacts_for(request.user, on=request.today)
    counted = fcr_links.count(request, asked, seen)
    groups = _order_groups(asked, counted.groups)
    if request.GET.get("format") == "csv":
        rows = (_csv_row(_group_row(asked, group)) for group in groups)
        return exports.csv_response(name=f"fcr-by-{asked.by}-{asked.last_day}", head=CSV_HEAD, rows=rows)
    stages = stage_times.list_agent_stages(
        agents=access.staged_agents_for(request.user, on=request.today),
        start=asked.start,
        end=asked.end,
        after=stage_times.Position.parse(asked_text(request, "after")),
    )
    stage_names = {stage: str(STAGE_NAMES[stage]) for stage in stage_times.STAGES}
    shown = [_group_row(asked, group) for group in (groups if "all" in request.GET else groups[:ROWS_MAX])]
    context = {
        "asked": asked,
        "rows": shown,
        "more_count": len(groups) - len(shown),
        "all_url": asked.url("fcr", all="1"),
        "total": fcr_report.summarize_tally(tally=fcr_report.add_tallies(tallies=[group.tally for group in counted.groups])),
        "pareto": _pareto(asked, counted.inhibitors),
        "counted_at": counted.counted_at,
        "grouped_at": counted.grouped_at,
        "is_of_all": access.reads_all_first_contacts(request.user),
        "agents": [_stage_row(one, stage_names) for one in stages.rows],
        "next_agents_url": asked.url("fcr", after=str(stages.next_position)) if stages.next_position else "",
        "first_agents_url": asked.url("fcr") if "after" in request.GET else "",
        "sources": sorted(counted.sources, key=lambda one: one.source),
        "stages": list(stage_names.values()),
        "dimensions": [(name, one.label) for name, one in first_contacts.DIMENSIONS.items()],
        "dimension": first_contacts.DIMENSIONS[asked.by].label,
        "clients": _clients(request, asked, seen, counted.groups),
        "csv_url": asked.url("fcr", format="csv"),
        # A contract admin reads the figures, and the resolutions behind them in the administration.
        "may_open": request.viewer.person.reads_teams,
    }
    return render(request, "lead/fcr.html", context)


def _clients(request: PortalRequest, asked: Asked, seen: QuerySet[Resolution], groups: Iterable[Group]) -> list[tuple[str, str]]:
    """Return code and name of the clients to choose from: all whose cases were claimed, or those of a lead's teams in these days."""
    if access.reads_all_first_contacts(request.user):
        known = Client.objects.filter(Exists(seen.filter(case__contract__client=OuterRef("pk"))))
    elif asked.by == "client" and not asked.client:
        return sorted(((group.key, group.name) for group in groups), key=lambda one: one[1])
    else:
        in_days = seen.filter(resolved_at__gte=asked.start, resolved_at__lt=asked.end)
        known = Client.objects.filter(pk__in=in_days.values("case__contract__client"))
    return list(known.order_by("name").values_list("code", "name"))


def _stage_row(found: stage_times.AgentStages, names: Mapping[str, str]) -> StageRow:
    return StageRow(
        name=found.agent_name,
        url=f"{reverse('resolutions')}?agent={found.agent_id}",
        cells=tuple((name, found.seconds.get(stage)) for stage, name in names.items()),
        total_seconds=found.total_seconds,
        case_count=found.case_count,
    )


def _order_groups(asked: Asked, groups: Iterable[Group]) -> list[Group]:
    """Return the groups with the most verified cases first, and what is not known last."""
    named = [(_name(asked, group), group) for group in groups]
    ordered = sorted(named, key=lambda one: (one[0] == str(UNKNOWN), -one[1].tally.yes_count - one[1].tally.no_count, one[0]))
    return [group for _, group in ordered]


def _name(asked: Asked, group: Group) -> str:
    return fcr_links.model_name(asked.by, group.name) or str(UNKNOWN)


def _group_row(asked: Asked, group: Group) -> GroupRow:
    found = fcr_report.summarize_tally(tally=group.tally)
    cases_url = asked.url("resolutions", key=group.key)
    urls = {answer: f"{cases_url}&fcr={answer}" for answer in fcr_links.ANSWERS}
    models = sorted({fcr_links.model_name("model", model) or str(UNKNOWN) for model in group.delivery_models})
    name = _name(asked, group)
    return GroupRow(
        name=name,
        models=", ".join(models),
        found=found,
        bar=_bar(found),
        words=_group_words(name, found),
        yes_url=urls["yes"],
        no_url=urls["no"],
        pending_url=urls["pending"],
        apart_url=urls["not_applicable"],
    )


def _group_words(name: str, found: fcr_report.FcrSummary) -> GroupWords:
    n, rate = formats.count(found.n), formats.percent(found.rate)
    interval = bar = ""
    if found.interval is not None:
        low, high = formats.percent(found.interval.low), formats.percent(found.interval.high)
        interval = gettext("%(low)s to %(high)s") % {"low": formats.bare_percent(found.interval.low), "high": high}
        figures = {"name": name, "rate": rate, "n": n, "low": low, "high": high, "optimum": formats.percent(found.optimum)}
        bar = (
            gettext("%(name)s: %(rate)s of %(n)s, interval %(low)s to %(high)s.")
            if found.optimum is None
            else gettext("%(name)s: %(rate)s of %(n)s, interval %(low)s to %(high)s, optimum %(optimum)s.")
        ) % figures
    exceptions = ngettext("%(exception_count)s exception", "%(exception_count)s exceptions", found.exception_count)
    return GroupWords(
        rate=rate,
        interval=interval,
        bar=bar,
        whole=gettext("of %(n)s") % {"n": n},
        yes=gettext("resolved at first contact, %(name)s") % {"name": name},
        no=gettext("not resolved at first contact, %(name)s") % {"name": name},
        pending=gettext("pending, %(name)s") % {"name": name},
        apart=gettext("counted apart, %(name)s") % {"name": name},
        exceptions=exceptions % {"exception_count": formats.count(found.exception_count)},
    )


def _bar(found: fcr_report.FcrSummary) -> Bar | None:
    if found.rate is None or found.interval is None:
        return None
    return Bar(
        width=drawings.percent_of(found.rate),
        band_x=drawings.percent_of(found.interval.low),
        band_width=drawings.percent_of(found.interval.high - found.interval.low),
        optimum_x="" if found.optimum is None else drawings.percent_of(found.optimum),
    )


def _pareto(asked: Asked, counts: Mapping[str, int]) -> list[InhibitorRow]:
    return [
        InhibitorRow(
            name=INHIBITOR_NAMES[row.inhibitor],
            words=told(INHIBITOR_WORDS[row.inhibitor]),
            row=row,
            width=drawings.percent_of(row.share),
            cumulative_x=drawings.percent_of(row.cumulative),
            url=asked.url("resolutions", fcr="no", inhibitor=row.inhibitor),
        )
        for row in inhibitors.list_pareto(counts=counts)
    ]


def _csv_row(row: GroupRow) -> tuple[object, ...]:
    found = row.found
    interval = (None, None) if found.interval is None else (found.interval.low, found.interval.high)
    return (
        row.name,
        row.models,
        *(exports.rounded(rate, places=4) for rate in (found.rate, *interval)),
        found.n,
        found.yes_count,
        found.status_only_count,
        found.pending_count,
        found.exception_count,
        exports.rounded(found.strict_rate, places=4),
        found.left_out_count,
        exports.rounded(found.optimum, places=4),
        exports.rounded(found.gap, places=4),
    )
