"""What a lead sees of each agent besides quality: work of the week, what is pending, and where load stands. No pay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Greatest, Least, TruncWeek

from agents.models import Agent, GuardrailDecision, Resolution, TeamMembership, TimeEntry
from agents.models.wellbeing import TimeCategory

UNWORKED = (TimeCategory.MEAL_UNPAID, TimeCategory.OFF)


@dataclass(frozen=True, kw_only=True)
class Member:
    """An agent in a team on a day."""

    agent: Agent
    team_id: int
    team_name: str
    pending_count: int = 0


@dataclass(frozen=True, kw_only=True)
class WeekRate:
    """First contact results of one agent in one week."""

    week: date
    successes: int
    n: int


def list_members(*, agents: QuerySet[Agent], team_ids: Collection[int], on: date, counts_pending: bool = False) -> tuple[Member, ...]:
    """Return the members of some teams on a day, by name, with how many pending resolutions each has if asked for, in one query."""
    pending = Resolution.objects.filter(agent=OuterRef("agent"), state="pending").order_by().values("agent")
    found = (
        TeamMembership.objects.filter(
            Q(effective_to=None) | Q(effective_to__gt=on), agent__in=agents, team__in=team_ids, effective_from__lte=on
        )
        .select_related("agent__site", "team")
        .order_by("agent__name", "agent__code")
    )
    if counts_pending:
        found = found.annotate(pending=Subquery(pending.annotate(total=Count("pk")).values("total")))
    return tuple(
        Member(agent=row.agent, team_id=row.team_id, team_name=row.team.name, pending_count=getattr(row, "pending", 0) or 0)
        for row in found
    )


def worked_seconds(*, agent_ids: Collection[int], start: datetime, end: datetime) -> dict[int, int]:
    """Return the seconds that each agent worked between two instants, in one query."""
    inside = ExpressionWrapper(
        Least(F("ended_at"), Value(end, DateTimeField())) - Greatest(F("started_at"), Value(start, DateTimeField())), DurationField()
    )
    rows = (
        TimeEntry.objects.filter(agent__in=agent_ids, ended_at__gt=start, started_at__lt=end)
        .exclude(category__in=UNWORKED)
        .order_by()
        .values("agent")
        .annotate(worked=Sum(inside))
    )
    return {row["agent"]: int(row["worked"].total_seconds()) for row in rows}


def active_decisions(*, decisions: QuerySet[GuardrailDecision], at: datetime) -> dict[int, tuple[GuardrailDecision, ...]]:
    """Return the guardrail decisions in force at an instant by agent, the gravest first, in one query."""
    gravity = Case(When(level="act", then=0), default=1)
    rows = (
        decisions.filter(Q(ends_at=None) | Q(ends_at__gt=at), Q(lifted_at=None) | Q(lifted_at__gt=at), starts_at__lte=at)
        .order_by(gravity, "-starts_at")
        .select_related("agent", "plan_version__plan")
    )
    found: dict[int, tuple[GuardrailDecision, ...]] = {}
    for row in rows:
        found[row.agent_id] = (*found.get(row.agent_id, ()), row)
    return found


def weekly_first_contact(
    *, agent_ids: Collection[int], weeks: Sequence[date], start: datetime, zone: object
) -> dict[int, tuple[WeekRate, ...]]:
    """Return first contact results by agent and week of verification since an instant, in one query; weeks start on Monday."""
    rows = (
        Resolution.objects.filter(agent__in=agent_ids, verified_at__gte=start, fcr__in=("yes", "no"))
        .order_by()
        .annotate(week=TruncWeek("verified_at", tzinfo=zone))
        .values("agent", "week")
        .annotate(n=Count("pk"), successes=Count("pk", filter=Q(fcr="yes")))
    )
    found: dict[int, dict[date, WeekRate]] = {}
    for row in rows:
        week = row["week"].date()
        found.setdefault(row["agent"], {})[week] = WeekRate(week=week, successes=row["successes"], n=row["n"])
    return {agent: tuple(by_week.get(week, WeekRate(week=week, successes=0, n=0)) for week in weeks) for agent, by_week in found.items()}
