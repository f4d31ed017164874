"""Where time goes: discovery, research, collaboration, capture and resolve, by agent, as far as sources tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from agents.models import Agent, CaseEvent, Resolution

STAGES = ("discovery", "research", "collaboration", "capture", "resolve")


@dataclass(frozen=True, kw_only=True)
class AgentStages:
    """An agent's time by stage in seconds, over how many cases; a stage that is missing was not recorded."""

    agent_id: int
    agent_name: str
    seconds: Mapping[str, int]
    case_count: int

    @property
    def total_seconds(self) -> int:
        """The time recorded over all stages."""
        return sum(self.seconds.values())


@dataclass(frozen=True, kw_only=True)
class SourceStages:
    """How many cases of a source have stage times, of how many."""

    source: str
    staged_count: int
    case_count: int


def list_agent_stages(*, agents: QuerySet[Agent], start: datetime, end: datetime) -> tuple[AgentStages, ...]:
    """Return the stage times of agents between two instants by name, in two queries; time without a length is left out.

    Args:
        agents: whose.
        start: first instant that counts.
        end: first instant that no longer counts.
    """
    events = CaseEvent.objects.filter(
        type=CaseEvent.Type.STAGE_TIME,
        code__in=STAGES,
        handle_seconds__isnull=False,
        occurred_at__gte=start,
        occurred_at__lt=end,
        agent_identity__agent__in=agents.order_by().values("pk"),
    ).order_by()
    who = ("agent_identity__agent", "agent_identity__agent__name")
    cases = {row[0]: row[1] for row in events.values_list(who[0]).annotate(Count("case", distinct=True))}
    found: dict[tuple[str, int], dict[str, int]] = {}
    for agent_id, name, stage, seconds in events.values_list(*who, "code").annotate(Sum("handle_seconds")):
        found.setdefault((name, agent_id), {})[stage] = seconds
    return tuple(
        AgentStages(agent_id=agent_id, agent_name=name, seconds=MappingProxyType(seconds), case_count=cases[agent_id])
        for (name, agent_id), seconds in sorted(found.items())
    )


def list_source_stages(*, resolutions: QuerySet[Resolution]) -> tuple[SourceStages, ...]:
    """Return for each source how many of its cases have stage times, in one query; a source without any says nothing of time."""
    staged = CaseEvent.objects.filter(case=OuterRef("case"), type=CaseEvent.Type.STAGE_TIME, handle_seconds__isnull=False)
    rows = (
        resolutions.order_by()
        .annotate(is_staged=Exists(staged))
        .values_list("case__source__name")
        .annotate(total=Count("case", distinct=True), told=Count("case", distinct=True, filter=Q(is_staged=True)))
        .order_by("case__source__name")
    )
    return tuple(SourceStages(source=name, staged_count=told, case_count=total) for name, total, told in rows)
