"""What waits for somebody who keeps the administration: drafts, ends, failed jobs, held work and agents without a plan."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents import access
from agents.models import Agent, Hold, PlanAssignment, Site, TeamMembership
from agents.queries import jobs
from billing.queries import due_runs
from contracts.models import VersionStatus
from ppr_portal import administration_kinds
from ppr_portal.pages.intake import hold_words
from ppr_portal.pages.todos import Todo
from ppr_portal.stored_words import tell
from ppr_portal.templatetags import formats, times

JOBS_NAMED = 3
# A draft or an end that is so near is worth a word.
SOON = timedelta(days=14)
# What is held for these reasons, a contract admin puts right.
CONTRACT_REASONS = ("no_contract_version", "no_price", "beyond_last_tier", "voice_not_priced", "no_value", "unmapped_identity")
# The worst first.
LOOKS = ("stop", "warn", "held")


def list_todos(request: HttpRequest, *, kinds: Iterable[administration_kinds.Kind], today: date) -> list[Todo]:
    """Return what waits, the worst first; what somebody may not read is left out.

    Args:
        request: of who looks.
        kinds: those of contracts and plans that they may view.
        today: the business day.
    """
    found = [*_job_todos(request)]
    for kind in kinds:
        found += _version_todos(kind, today)
    found += [*_hold_todos(request), *_people_todos(request, today)]
    return sorted(found, key=lambda todo: LOOKS.index(todo.look))


def _job_todos(request: HttpRequest) -> Iterable[Todo]:
    user: Any = request.user
    if not access.reads_jobs(user):
        return
    names = [due_runs.job_name(site=site) for site in Site.objects.order_by("code")]
    lines = jobs.list_jobs(now=timezone.now(), runs_of_starters={"billing.start_pay_runs": names})
    failed, late = ([line for line in lines if line.health == health] for health in ("failed", "late"))
    if failed:
        title = ngettext("%(count)s job failed", "%(count)s jobs failed", len(failed)) % {"count": len(failed)}
        yield Todo(look="stop", title=title, fact=_name_jobs(failed), act=_("See the jobs"), url=reverse("jobs"))
    if late:
        title = ngettext("%(count)s job is late", "%(count)s jobs are late", len(late)) % {"count": len(late)}
        yield Todo(look="warn", title=title, fact=_name_jobs(late), act=_("See the jobs"), url=reverse("jobs"))


def _name_jobs(lines: Sequence[jobs.JobLine]) -> str:
    """Name a few jobs; a list of all is one press away."""
    named = ", ".join(tell(line.task.name) for line in lines[:JOBS_NAMED])
    more = len(lines) - JOBS_NAMED
    return _("%(jobs)s and %(more)s more.") % {"jobs": named, "more": more} if more > 0 else f"{named}."


def _version_todos(kind: administration_kinds.Kind, today: date) -> Iterable[Todo]:
    for version in _read_waiting(kind, today):
        parent = getattr(version, kind.field)
        if version.status == VersionStatus.DRAFT:
            yield _draft_todo(kind, version, str(parent), today)
        else:
            yield _end_todo(kind, version, parent, today)


def _read_waiting(kind: administration_kinds.Kind, today: date) -> Iterable[Any]:
    """Return the drafts and the ends that are near or past and that wait for somebody, of every contract or plan, in one query.

    An end waits where nothing is in force on its day: for two weeks after it, or until the next version begins.
    """
    field = kind.field
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


def _draft_todo(kind: administration_kinds.Kind, draft: Any, name: str, today: date) -> Todo:
    day = times.full_day(draft.effective_from)
    is_past = draft.effective_from <= today
    return Todo(
        look="warn",
        title=_("%(name)s: version %(number)s is a draft") % {"name": name, "number": draft.number},
        fact=_("It was to begin on %(day)s. Until it is active, the version before goes on.") % {"day": day}
        if is_past
        else _("It is to begin on %(day)s.") % {"day": day},
        act=_("Finish or activate it"),
        url=administration_kinds.url_of(kind.version, "change", draft.pk),
    )


def _end_todo(kind: administration_kinds.Kind, version: Any, parent: Any, today: date) -> Todo:
    last = times.full_day(version.effective_to - timedelta(days=1))
    if version.next_from is not None:
        fact = _("Nothing is in force between %(day)s, its last day, and %(next)s, when the next version begins; work between is held.") % {
            "day": last,
            "next": times.full_day(version.next_from),
        }
    elif version.effective_to > today:
        fact = _("Its last version ends on %(day)s and nothing follows; work after that day is held.") % {"day": last}
    else:
        fact = _("Its last version ended on %(day)s and nothing follows; work after that day is held.") % {"day": last}
    return Todo(
        look="warn",
        title=str(parent),
        fact=fact,
        act=_("See its versions"),
        url=administration_kinds.url_of(kind.parent, "change", parent.pk),
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
            look="held",
            title=counted,
            fact=" ".join(
                (
                    f"{hold_words.title_of(found['reason'])}.",
                    str(hold_words.remedy_of(found["reason"])),
                    _("Oldest since %(day)s.") % {"day": times.dated(found["since"])},
                )
            ),
            act=_("Look at them"),
            url=f"{reverse('holds')}?reason={found['reason']}&kind={kind}#list",
        )


def _people_todos(request: HttpRequest, today: date) -> Iterable[Todo]:
    if not administration_kinds.may(request, "view", PlanAssignment):
        return
    on_today = Q(effective_from__lte=today) & (Q(effective_to=None) | Q(effective_to__gt=today))
    own = PlanAssignment.objects.filter(on_today, agent=OuterRef("pk"))
    of_team = PlanAssignment.objects.filter(on_today, team=OuterRef("team"))
    in_team = TeamMembership.objects.filter(on_today, Exists(of_team), agent=OuterRef("pk"))
    here = Agent.objects.filter(Q(employed_to=None) | Q(employed_to__gt=today), employed_from__lte=today)
    if number := here.exclude(Exists(own)).exclude(Exists(in_team)).count():
        yield Todo(
            look="stop",
            title=ngettext("%(count)s agent has no pay plan", "%(count)s agents have no pay plan", number)
            % {"count": formats.count(number)},
            fact=_("Without a plan of their own or of their team, a pay run cannot compute them."),
            act=_("Say whose plan it is"),
            url=administration_kinds.url_of(PlanAssignment, "changelist"),
        )
