"""Where time goes: discovery, research, collaboration, capture and resolve, by agent, as far as sources tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Self

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from agents.models import Agent, CaseEvent
from contracts import row_ids

STAGES = ("discovery", "research", "collaboration", "capture", "resolve")
PAGE_SIZE = 25


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page of agents ends: the name and id of its last one."""

    name: str
    pk: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a position from an address; anything that is none means the start."""
        name, _, number = text.rpartition("|")
        pk = row_ids.read_id(number)
        return None if pk is None else cls(name=name, pk=pk)

    def __str__(self) -> str:
        return f"{self.name}|{self.pk}"


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


@dataclass(frozen=True, kw_only=True)
class StagePage:
    """Some agents by name, and where the next ones begin; None on the last page."""

    rows: tuple[AgentStages, ...]
    next_position: Position | None


def list_agent_stages(
    *, agents: QuerySet[Agent], start: datetime, end: datetime, after: Position | None = None, size: int = PAGE_SIZE
) -> StagePage:
    """Return the stage times of agents between two instants by name, a page in three queries; time without a length is left out.

    Args:
        agents: whose.
        start: first instant that counts.
        end: first instant that no longer counts.
        after: where the page before ended; None is the start.
        size: how many agents are on a page.
    """
    events = CaseEvent.objects.filter(
        type=CaseEvent.Type.STAGE_TIME, code__in=STAGES, handle_seconds__isnull=False, occurred_at__gte=start, occurred_at__lt=end
    ).order_by()
    if after is not None:
        agents = agents.filter(Q(name__gt=after.name) | Q(name=after.name, pk__gt=after.pk))
    # One event of each agent is enough to know; asked as a join, all of everybody's would be read.
    one = Subquery(events.filter(agent_identity__agent=OuterRef("pk")).values("agent_identity")[:1])
    staged = Agent.objects.filter(pk__in=agents.values("pk")).annotate(staged=one).filter(staged__isnull=False)
    found = list(staged.order_by("name", "pk").values_list("pk", "name")[: size + 1])
    shown = found[:size]
    theirs = events.filter(agent_identity__agent__in=[pk for pk, _ in shown])
    cases = dict(theirs.values_list("agent_identity__agent").annotate(Count("case", distinct=True)))
    seconds: dict[int, dict[str, int]] = {}
    for pk, stage, total in theirs.values_list("agent_identity__agent", "code").annotate(Sum("handle_seconds")):
        seconds.setdefault(pk, {})[stage] = total
    return StagePage(
        rows=tuple(
            AgentStages(agent_id=pk, agent_name=name, seconds=MappingProxyType(seconds[pk]), case_count=cases[pk]) for pk, name in shown
        ),
        next_position=Position(name=shown[-1][1], pk=shown[-1][0]) if len(found) > size else None,
    )
