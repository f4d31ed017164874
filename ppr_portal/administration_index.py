"""The first page of the administration: what is active, what is draft, what would change, and what waits for somebody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import access
from agents.models import Agent, Hold, PlanAssignment, Site, TeamMembership
from agents.queries import jobs
from billing.queries import due_runs
from contracts import clock
from contracts.models import Contract, ContractVersion, PayPlan, PayPlanVersion, VersionStatus
from ppr_portal.pages import hold_words, viewer
from ppr_portal.stored_words import tell
from ppr_portal.templatetags import formats

ROWS_MAX = 12
TODOS_MAX = 7
JOBS_NAMED = 3
# A draft or an end that is so near is worth a word.
SOON = timedelta(days=14)
# What is held for these reasons, a contract admin puts right.
CONTRACT_REASONS = ("no_contract_version", "no_price", "beyond_last_tier", "voice_not_priced", "no_value", "unmapped_identity")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One version: what it is called, when it counts, its page, and the page that tries it out; empty for one in force."""

    name: str
    days: str
    url: str
    try_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One contract or plan with its versions."""

    name: str
    note: str
    url: str
    active: tuple[Part, ...]
    drafts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What waits for somebody: how bad it is, the fact, what to do, and where."""

    shape: str
    title: str
    fact: str
    act: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How versions of contracts and of plans differ."""

    parent: Any
    version: Any
    order: tuple[str, ...]
    related: tuple[str, ...]
    try_route: str


CONTRACTS = Kind(
    parent=Contract, version=ContractVersion, order=("client__name", "name", "pk"), related=("client",), try_route="version_simulation"
)
PLANS = Kind(parent=PayPlan, version=PayPlanVersion, order=("name", "pk"), related=(), try_route="plan_back_test")


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the index what a contract admin needs first; what somebody may not read is left out."""
    today = clock.now().date()
    found = viewer.viewer_of(request)
    tables, todos = [], list(_job_todos(request))
    for kind, title, all_words in ((CONTRACTS, _("Contracts"), _("All contracts")), (PLANS, _("Pay plans"), _("All pay plans"))):
        if not _may_view(request, kind.version):
            continue
        rows = _read(kind, today)
        todos += _version_todos(kind, today)
        tables.append(
            {
                "title": title,
                "all_words": all_words,
                "lines": [_line(kind, row) for row in rows],
                "all_url": _url(kind.parent, "changelist"),
                "add_url": _url(kind.parent, "add") if _may_add(request, kind.parent) else "",
            }
        )
    todos += [*_hold_todos(request), *_people_todos(request, today)]
    todos.sort(key=lambda one: ("stop", "warn", "held").index(one.shape))
    return {
        **context,
        "title": _("Contracts, plans and what waits"),
        "tables": tables,
        "todos": todos[:TODOS_MAX],
        "more_todos": todos[TODOS_MAX:],
        "places": [place for place in found.places if place.route != "admin:index"] if found else [],
        "sections": _sections(context),
    }


def _read(kind: Kind, today: date) -> list[Any]:
    """Return contracts or plans with their drafts and what is or will be in force, those with a draft first, in two queries."""
    drafts = kind.version.objects.filter(status=VersionStatus.DRAFT, **{_field(kind): OuterRef("pk")})
    # What was ended, or followed by another, is in force up to its last day.
    is_open = Q(status=VersionStatus.DRAFT) | Q(effective_to=None) | Q(effective_to__gt=today)
    open_versions = kind.version.objects.filter(is_open).order_by("effective_from", "number")
    found = kind.parent.objects.select_related(*kind.related) if kind.related else kind.parent.objects.all()
    return list(
        found.annotate(has_draft=Exists(drafts))
        .prefetch_related(Prefetch("versions", queryset=open_versions, to_attr="open_versions"))
        .order_by("-has_draft", *kind.order)[:ROWS_MAX]
    )


def _read_waiting(kind: Kind, today: date) -> Iterable[Any]:
    """Return the drafts and the ends that are near or past and that wait for somebody, of every contract or plan, in one query.

    An end waits where nothing is in force on its day: for two weeks after it, or until the next version begins.
    """
    field = _field(kind)
    standing = kind.version.objects.exclude(status=VersionStatus.DRAFT).filter(**{field: OuterRef(field)})
    goes_on = Q(effective_from__lte=OuterRef("effective_to")) & (Q(effective_to=None) | Q(effective_to__gt=OuterRef("effective_to")))
    later = standing.filter(effective_from__gt=OuterRef("effective_to")).order_by("effective_from").values("effective_from")
    is_draft = Q(status=VersionStatus.DRAFT, effective_from__lte=today + SOON)
    has_gap = Q(next_from__gt=today) | Q(next_from=None, effective_to__gte=today - SOON)
    is_end = ~Q(status=VersionStatus.DRAFT) & Q(effective_to__lte=today + SOON) & has_gap & ~Exists(standing.filter(goes_on))
    return (
        kind.version.objects.annotate(next_from=Subquery(later[:1]))
        .filter(is_draft | is_end)
        .select_related("__".join((field, *kind.related)))
        .order_by("effective_from", "pk")
    )


def _field(kind: Kind) -> str:
    return "contract" if kind is CONTRACTS else "plan"


def _line(kind: Kind, row: Any) -> Line:
    standing = [one for one in row.open_versions if one.status != VersionStatus.DRAFT]
    return Line(
        name=row.name,
        note=row.client.name if kind is CONTRACTS else row.code,
        url=_url(kind.parent, "change", row.pk),
        active=tuple(_part(kind, one) for one in standing),
        drafts=tuple(_part(kind, one) for one in row.open_versions if one.status == VersionStatus.DRAFT),
    )


def _part(kind: Kind, version: Any) -> Part:
    is_draft = version.status == VersionStatus.DRAFT
    return Part(
        name=_("Version %(number)s") % {"number": version.number},
        days=_days(version),
        url=_url(kind.version, "change", version.pk),
        try_url=reverse(kind.try_route, args=[version.pk]) if is_draft else "",
    )


def _days(version: Any) -> str:
    first = formats.dated(version.effective_from)
    if version.effective_to is None:
        return _("from %(first)s") % {"first": first}
    return _("%(first)s to %(last)s") % {"first": first, "last": formats.dated(version.effective_to - timedelta(days=1))}


def _job_todos(request: HttpRequest) -> Iterable[Todo]:
    user: Any = request.user
    if not access.reads_jobs(user):
        return
    names = [due_runs.job_name(site=site) for site in Site.objects.order_by("code")]
    lines = jobs.list_jobs(now=timezone.now(), runs_of_starters={"billing.start_pay_runs": names})
    failed, late = ([line for line in lines if line.health == health] for health in ("failed", "late"))
    if failed:
        title = ngettext("%(count)s job failed", "%(count)s jobs failed", len(failed)) % {"count": len(failed)}
        yield Todo(shape="stop", title=title, fact=_name_jobs(failed), act=_("See the jobs"), url=reverse("jobs"))
    if late:
        title = ngettext("%(count)s job is late", "%(count)s jobs are late", len(late)) % {"count": len(late)}
        yield Todo(shape="warn", title=title, fact=_name_jobs(late), act=_("See the jobs"), url=reverse("jobs"))


def _name_jobs(lines: Sequence[jobs.JobLine]) -> str:
    """Name a few jobs; a list of all is one press away."""
    named = ", ".join(tell(line.task.name) for line in lines[:JOBS_NAMED])
    more = len(lines) - JOBS_NAMED
    return _("%(jobs)s and %(more)s more.") % {"jobs": named, "more": more} if more > 0 else f"{named}."


def _version_todos(kind: Kind, today: date) -> Iterable[Todo]:
    for version in _read_waiting(kind, today):
        parent = getattr(version, _field(kind))
        if version.status == VersionStatus.DRAFT:
            yield _draft_todo(kind, version, str(parent), today)
        else:
            yield _end_todo(kind, version, parent, today)


def _end_todo(kind: Kind, version: Any, parent: Any, today: date) -> Todo:
    last = formats.full_day(version.effective_to - timedelta(days=1))
    if version.next_from is not None:
        fact = _("Nothing is in force between %(day)s, its last day, and %(next)s, when the next version begins; work between is held.") % {
            "day": last,
            "next": formats.full_day(version.next_from),
        }
    elif version.effective_to > today:
        fact = _("Its last version ends on %(day)s and nothing follows; work after that day is held.") % {"day": last}
    else:
        fact = _("Its last version ended on %(day)s and nothing follows; work after that day is held.") % {"day": last}
    return Todo(shape="warn", title=str(parent), fact=fact, act=_("See its versions"), url=_url(kind.parent, "change", parent.pk))


def _draft_todo(kind: Kind, draft: Any, name: str, today: date) -> Todo:
    day = formats.full_day(draft.effective_from)
    is_past = draft.effective_from <= today
    return Todo(
        shape="warn",
        title=_("%(name)s: version %(number)s is a draft") % {"name": name, "number": draft.number},
        fact=_("It was to begin on %(day)s. Until it is active, the version before goes on.") % {"day": day}
        if is_past
        else _("It is to begin on %(day)s.") % {"day": day},
        act=_("Finish or activate it"),
        url=_url(kind.version, "change", draft.pk),
    )


def _hold_todos(request: HttpRequest) -> Iterable[Todo]:
    user: Any = request.user
    if not access.reads_intake(user):
        return
    waiting = Hold.objects.filter(released_at=None, reason__in=CONTRACT_REASONS)
    for found in waiting.values("reason").annotate(total=Count("pk"), since=Min("opened_at")).order_by("-total", "reason"):
        counted = ngettext("%(count)s resolution waits", "%(count)s resolutions wait", found["total"]) % {
            "count": formats.count(found["total"])
        }
        kind = "name" if found["reason"] == "unmapped_identity" else "resolution"
        yield Todo(
            shape="held",
            title=counted,
            fact=" ".join(
                (
                    f"{hold_words.title_of(found['reason'])}.",
                    str(hold_words.remedy_of(found["reason"])),
                    _("Oldest since %(day)s.") % {"day": formats.dated(found["since"])},
                )
            ),
            act=_("Look at them"),
            url=f"{reverse('holds')}?reason={found['reason']}&kind={kind}#list",
        )


def _people_todos(request: HttpRequest, today: date) -> Iterable[Todo]:
    if not _may_view(request, PlanAssignment):
        return
    on_today = Q(effective_from__lte=today) & (Q(effective_to=None) | Q(effective_to__gt=today))
    own = PlanAssignment.objects.filter(on_today, agent=OuterRef("pk"))
    of_team = PlanAssignment.objects.filter(on_today, team=OuterRef("team"))
    in_team = TeamMembership.objects.filter(on_today, Exists(of_team), agent=OuterRef("pk"))
    here = Agent.objects.filter(Q(employed_to=None) | Q(employed_to__gt=today), employed_from__lte=today)
    if number := here.exclude(Exists(own)).exclude(Exists(in_team)).count():
        yield Todo(
            shape="stop",
            title=ngettext("%(count)s agent has no pay plan", "%(count)s agents have no pay plan", number)
            % {"count": formats.count(number)},
            fact=_("Without a plan of their own or of their team, a pay run cannot compute them."),
            act=_("Say whose plan it is"),
            url=_url(PlanAssignment, "changelist"),
        )


def _sections(context: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lists that somebody may open, in the order of the sidebar, each with the way to add a row where they may."""
    adding = {model["admin_url"]: model["add_url"] for app in context.get("app_list", ()) for model in app["models"]}
    sections = []
    for group in context.get("sidebar_navigation", ()):
        items = [
            {"title": item["title"], "url": str(item["link"]), "add_url": adding.get(str(item["link"])) or ""}
            for item in group["items"]
            if item.get("has_permission")
        ]
        if items:
            sections.append({"title": group["title"], "lists": items})
    return sections


def _url(model: Any, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def _may_view(request: HttpRequest, *models: Any) -> bool:
    return _may(request, "view", models)


def _may_add(request: HttpRequest, *models: Any) -> bool:
    return _may(request, "add", models)


def _may(request: HttpRequest, act: str, models: Sequence[Any]) -> bool:
    return all(request.user.has_perm(f"{model._meta.app_label}.{act}_{model._meta.model_name}") for model in models)
