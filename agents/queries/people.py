"""Who is looking: name, roles, agent, teams and time zone of somebody who is signed in, read in one query."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from agents import access
from agents.access import Role
from agents.models import Agent, Feedback, TeamMembership, User


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
    unread_count: int

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


def find_person(*, user: User) -> Person:
    """Return who is signed in, and keep the roles on the user object so that access asks no second time."""
    unread = Feedback.objects.filter(agent__user=OuterRef("pk"), read_at=None).values("agent__user").values(total=Count("pk"))
    found = (
        User.objects.select_related("agent__site")
        .annotate(
            role_names=ArrayAgg("groups__name", distinct=True, filter=~Q(groups=None), default=[]),
            team_names=ArrayAgg("led_teams__name", distinct=True, filter=~Q(led_teams=None), default=[]),
            team_sites=ArrayAgg("led_teams__site__name", distinct=True, filter=~Q(led_teams=None), default=[]),
            team_zones=ArrayAgg("led_teams__site__timezone", distinct=True, filter=~Q(led_teams=None), default=[]),
            unread_total=Coalesce(Subquery(unread), 0),
        )
        .get(pk=user.pk)
    )
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
        site_name=agent.site.name if agent else next(iter(found.team_sites), ""),
        zone=ZoneInfo(agent.site.timezone if agent else next(iter(found.team_zones), "UTC")),
        unread_count=found.unread_total,
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
