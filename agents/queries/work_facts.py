"""What agents worked, handled and resolved, as the values that guardrails are checked with."""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from agents.models import Agent, CaseEvent, Resolution, TimeEntry
from agents.models.wellbeing import TimeCategory
from agents.queries import plan_spans
from agents.rules.load import InvalidLimits, Limits
from agents.rules.worked_time import Break, Contact, Shift
from contracts.queries import terms
from contracts.rules import errors

BREAKS = frozenset({TimeCategory.REST_BREAK, TimeCategory.MEAL_UNPAID})
# A gap up to this long inside a working day is a break that nobody recorded; a longer one ends the shift.
GAP_INSIDE_SHIFT_MAX = timedelta(hours=1)
AVERAGE_SPAN = timedelta(weeks=17)
SHIFT_SPAN = timedelta(days=2)
PRESENT_SPAN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class WorkFacts:
    """What is known of one agent at an instant; all instants in the time zone of the agent's site."""

    agent_id: int
    zone: ZoneInfo
    plan_version_id: int | None
    limits: Limits
    shifts: tuple[Shift, ...]
    contacts: tuple[Contact, ...] = ()
    units: tuple[datetime, ...] = field(default=())


def load_work_facts(*, as_of: datetime, agent_ids: Collection[int] | None = None) -> tuple[WorkFacts, ...]:
    """Load everything about the agents who worked, or handled a contact, in the day before an instant.

    Nothing new can be decided about the others, for every limit is reached by work.

    Args:
        as_of: business instant.
        agent_ids: only these; None means everybody.

    Returns: one per agent, by id, in six queries.
    """
    as_of = as_of.astimezone(UTC)
    zones = find_present(as_of=as_of, agent_ids=agent_ids)
    present = list(zones)
    entries: dict[int, list[TimeEntry]] = defaultdict(list)
    recorded = TimeEntry.objects.filter(agent__in=present, started_at__lte=as_of, ended_at__gt=as_of - AVERAGE_SPAN)
    for entry in recorded.exclude(category=TimeCategory.OFF).order_by("agent", "started_at"):
        entries[entry.agent_id].append(entry)
    contacts, units = _contacts(present, zones, as_of), _units(present, zones, as_of)
    versions = _plan_versions(present, zones, as_of)
    plans = terms.load_plans(version_ids=set(versions.values()))
    return tuple(
        WorkFacts(
            agent_id=agent_id,
            zone=zone,
            plan_version_id=versions.get(agent_id),
            limits=limits_of(plan=plans.get(versions.get(agent_id, 0))),
            shifts=build_shifts(entries=entries[agent_id], zone=zone),
            contacts=tuple(contacts[agent_id]),
            units=tuple(units[agent_id]),
        )
        for agent_id, zone in sorted(zones.items())
    )


def find_present(*, as_of: datetime, agent_ids: Collection[int] | None = None) -> dict[int, ZoneInfo]:
    """Return the time zone of each agent who worked, or handled a contact, in the day before an instant, by id, in one query."""
    since = as_of - PRESENT_SPAN
    working = TimeEntry.objects.filter(started_at__lte=as_of, ended_at__gt=since).values("agent")
    handling = CaseEvent.objects.filter(
        type=CaseEvent.Type.CONTACT, occurred_at__gt=since, occurred_at__lte=as_of, agent_identity__agent__isnull=False
    ).values("agent_identity__agent")
    present = Agent.objects.filter(pk__in=working.union(handling).values_list("agent", flat=True))
    if agent_ids is not None:
        present = present.filter(pk__in=agent_ids)
    return {pk: ZoneInfo(zone) for pk, zone in present.order_by("pk").values_list("pk", "site__timezone")}


def limits_of_versions(*, version_ids: Collection[int]) -> dict[int, Limits]:
    """Return the limits of plan versions; under 0 those of nobody's plan."""
    plans = terms.load_plans(version_ids=set(version_ids))
    return {0: Limits(), **{version_id: limits_of(plan=plans.get(version_id)) for version_id in version_ids}}


def limits_of(*, plan: terms.PlanTerms | errors.InvalidInput | None) -> Limits:
    """Return a plan's limits; without a plan, or with one whose numbers make no sense, the usual ones protect the agent.

    Args:
        plan: terms as they were loaded, why they could not be read, or None for nobody's plan.
    """
    try:
        return Limits(by_code=plan.pay.guardrails) if isinstance(plan, terms.PlanTerms) else Limits()
    except InvalidLimits:
        return Limits()


def build_shifts(*, entries: Iterable[TimeEntry], zone: ZoneInfo) -> tuple[Shift, ...]:
    """Join the time entries of one agent to shifts.

    Args:
        entries: of one agent, in order, without overlap and without time off.
        zone: of the agent's site; a shift belongs to the day it starts on there.

    Returns: shifts in order; rest and meals are breaks of them, and so is a gap of at most an hour.
    """
    blocks: list[list[TimeEntry]] = []
    for entry in entries:
        if blocks and entry.started_at - blocks[-1][-1].ended_at <= GAP_INSIDE_SHIFT_MAX:
            blocks[-1].append(entry)
        else:
            blocks.append([entry])
    return tuple(_shift(worked, zone) for block in blocks if (worked := _trim(block)))


def _trim(block: list[TimeEntry]) -> list[TimeEntry]:
    """Leave out breaks before the first and after the last work."""
    at_work = [position for position, entry in enumerate(block) if entry.category not in BREAKS]
    return block[at_work[0] : at_work[-1] + 1] if at_work else []


def _shift(block: list[TimeEntry], zone: ZoneInfo) -> Shift:
    pauses = [(entry.started_at, entry.ended_at) for entry in block if entry.category in BREAKS]
    pauses += [(before.ended_at, after.started_at) for before, after in itertools.pairwise(block) if before.ended_at < after.started_at]
    return Shift(
        start=block[0].started_at.astimezone(zone),
        end=block[-1].ended_at.astimezone(zone),
        breaks=tuple(Break(start=start.astimezone(zone), end=end.astimezone(zone)) for start, end in sorted(pauses)),
    )


def _contacts(agent_ids: list[int], zones: dict[int, ZoneInfo], as_of: datetime) -> dict[int, list[Contact]]:
    found: dict[int, list[Contact]] = defaultdict(list)
    events = CaseEvent.objects.filter(
        type=CaseEvent.Type.CONTACT, agent_identity__agent__in=agent_ids, occurred_at__gt=as_of - SHIFT_SPAN, occurred_at__lte=as_of
    )
    rows = events.order_by("occurred_at", "pk").values_list("agent_identity__agent", "occurred_at", "handle_seconds", "is_hostile")
    for agent_id, at, seconds, is_hostile in rows:
        contact = Contact(at=at.astimezone(zones[agent_id]), handle_seconds=Fraction(seconds or 0), is_hostile=bool(is_hostile))
        found[agent_id].append(contact)
    return found


def _units(agent_ids: list[int], zones: dict[int, ZoneInfo], as_of: datetime) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    solved = Resolution.objects.filter(agent__in=agent_ids, resolved_at__gt=as_of - SHIFT_SPAN, resolved_at__lte=as_of)
    for agent_id, at in solved.exclude(state="void").order_by("resolved_at").values_list("agent", "resolved_at"):
        found[agent_id].append(at.astimezone(zones[agent_id]))
    return found


def _plan_versions(agent_ids: list[int], zones: dict[int, ZoneInfo], as_of: datetime) -> dict[int, int]:
    """Find each agent's plan version on the day that it is at the agent's site."""
    days = {agent_id: as_of.astimezone(zones[agent_id]).date() for agent_id in agent_ids}
    return plan_spans.versions_in_force(days=days)
