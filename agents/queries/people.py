"""Who is looking: name, roles, agent, teams and time zone of somebody who is signed in, read in one query."""

import functools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from agents import access
from agents.access import Role
from agents.models import Agent, Feedback, Notification, SavedFilter, Site, TeamMembership, User


@dataclass(frozen=True, kw_only=True)
class KeptFilter:
    """A filter that somebody saved for a page."""

    pk: int
    page: str
    name: str
    query: str
    is_default: bool


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who is signed in, as pages need to know them."""

    name: str
    email: str
    roles: frozenset[Role]
    is_superuser: bool
    is_staff: bool
    agent_id: int | None
    team_names: tuple[str, ...]
    site_name: str
    zone: ZoneInfo
    payday_rule: int
    unread_count: int
    notice_count: int
    filters: tuple[KeptFilter, ...] = ()

    @property
    def is_agent(self) -> bool:
        """Whether they have an agent of their own whose pay they may read."""
        return self.agent_id is not None and Role.AGENT in self.roles

    @property
    def is_lead(self) -> bool:
        """Whether they lead at least one team."""
        return Role.LEAD in self.roles

    @property
    def reads_everyone(self) -> bool:
        """Whether they read all agents' work and pay."""
        return self.is_superuser or bool(self.roles & {Role.AUDITOR, Role.APPROVER})

    @property
    def reads_teams(self) -> bool:
        """Whether they read the work of teams: of those that they lead, or of all."""
        return self.is_lead or self.reads_everyone

    @property
    def reads_work(self) -> bool:
        """Whether they read the work of any agent: their own, their teams', or everybody's."""
        return self.is_agent or self.reads_teams


def load_user(*, user_id: int) -> User | None:
    """Return a user with everything that `describe` needs, in one query; None if there is none of that id."""
    return load_users(user_ids=[user_id]).first()


def load_users(*, user_ids: Collection[int]) -> QuerySet[User]:
    """Return users with everything that `describe` needs, in one query for all of them."""
    return _described().filter(pk__in=user_ids)


@functools.cache
def _described() -> QuerySet[User]:
    """Put the query together once: every request asks it, and it takes longer to write than the database takes to answer."""
    unread = Feedback.objects.filter(agent__user=OuterRef("pk"), read_at=None).values("agent__user").values(total=Count("pk"))
    new = Notification.objects.filter(person=OuterRef("pk"), read_at=None).values("person").values(total=Count("pk"))
    kept = SavedFilter.objects.filter(person=OuterRef("pk"), deleted_at=None).order_by("name", "pk")
    as_rows = JSONObject(pk="pk", page="page", name="name", query="query", is_default="is_default")
    led, grouped = ~Q(led_teams=None), ~Q(groups=None)
    first_site = Site.objects.order_by("pk")
    return User.objects.select_related("agent__site").annotate(
        role_names=ArrayAgg("groups__name", distinct=True, filter=grouped, default=[]),
        team_names=ArrayAgg("led_teams__name", distinct=True, filter=led, default=[]),
        team_sites=ArrayAgg("led_teams__site__name", distinct=True, filter=led, default=[]),
        team_zones=ArrayAgg("led_teams__site__timezone", distinct=True, filter=led, default=[]),
        unread_total=Coalesce(Subquery(unread), 0),
        notice_total=Coalesce(Subquery(new), 0),
        filter_rows=ArraySubquery(kept.values(row=as_rows)),
        first_site=Subquery(first_site.values("name")[:1]),
        first_zone=Subquery(first_site.values("timezone")[:1]),
    )


def describe(*, user: User) -> Person:
    """Return who is signed in, and keep the roles on the user object so that access asks no second time.

    Days and times are those of the agent's site, else of a led team's, else of the first site. Asks the database only if
    the user was not read by `load_user`.
    """
    found: Any = user if hasattr(user, "role_names") else load_user(user_id=user.pk)
    assert found is not None
    roles = access.roles_named(found.role_names)
    access.remember_roles(user, roles)
    agent = getattr(found, "agent", None)
    return Person(
        name=str(found),
        email=found.email,
        roles=roles,
        is_superuser=found.is_superuser,
        is_staff=found.is_staff,
        agent_id=agent.pk if agent else None,
        team_names=tuple(found.team_names),
        site_name=agent.site.name if agent else next(iter(found.team_sites), found.first_site or ""),
        zone=ZoneInfo(agent.site.timezone if agent else next(iter(found.team_zones), found.first_zone or "UTC")),
        payday_rule=agent.site.payday_rule if agent else 0,
        unread_count=found.unread_total,
        notice_count=found.notice_total,
        filters=tuple(KeptFilter(**row) for row in found.filter_rows),
    )


PAGE_SIZE = 100


@dataclass(frozen=True, kw_only=True)
class AgentPage:
    """One page of agents by name, and the name that the next one begins after; empty on the last page."""

    rows: tuple[Agent, ...]
    next_after: str


def list_agents(*, agents: QuerySet[Agent], find: str, after: str, on: date) -> AgentPage:
    """Return agents by name whose name or code holds a text, with their team of a day, in one query.

    `after` is "name|code" of the last row that was shown, so a page stays right when agents come or go.
    """
    team = TeamMembership.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=on), agent=OuterRef("pk"), effective_from__lte=on
    ).values("team__name")[:1]
    if find:
        agents = agents.filter(Q(name__icontains=find) | Q(code__icontains=find))
    name, _, code = after.partition("|")
    if code:
        agents = agents.filter(Q(name__gt=name) | Q(name=name, code__gt=code))
    found = list(agents.select_related("site").annotate(team_name=Subquery(team)).order_by("name", "code")[: PAGE_SIZE + 1])
    rows = found[:PAGE_SIZE]
    return AgentPage(rows=tuple(rows), next_after=f"{rows[-1].name}|{rows[-1].code}" if len(found) > PAGE_SIZE else "")
