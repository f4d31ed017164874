"""Watch agents' load: record what a guardrail decided, from when until when, and by whose limit."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from agents.models import GuardrailDecision
from agents.operations import history
from agents.queries import work_facts
from agents.queries.work_facts import PRESENT_SPAN, WorkFacts
from agents.rules import load
from contracts.rules import exact

PLACES = 4
Key = tuple[int, str, str, str]


@dataclass(frozen=True, kw_only=True)
class WatchReport:
    """How many agents were looked at, and how many decisions are new or have moved."""

    agent_count: int
    new_count: int
    moved_count: int


def watch_guardrails(*, as_of: datetime, agent_ids: Collection[int] | None = None) -> WatchReport:
    """Check everybody who worked in the last 24 hours and record what the limits decide; a second run writes nothing.

    Limits are checked now, and at the ends of the last day's shifts and before its breaks, for there they are highest. A
    decision that goes on keeps its start, and its end moves; one that a person lifted is left alone.

    Args:
        as_of: business instant.
        agent_ids: only these agents; None means everybody.

    Returns: counts.
    Source: design.md section 8.
    """
    with history.act(name="watch_guardrails", as_of=as_of):
        facts = work_facts.load_work_facts(as_of=as_of, agent_ids=agent_ids)
        known = _known(facts, as_of)
        new: list[GuardrailDecision] = []
        moved: list[GuardrailDecision] = []
        for found in _join(decision for agent in facts for decision in _decide(agent, as_of)):
            same = _same(known.get(_key(found), ()), found)
            if same is None:
                new.append(found)
            elif same.lifted_at is None and _take_over(same, found):
                moved.append(same)
        GuardrailDecision.objects.bulk_create(new, ignore_conflicts=True)
        GuardrailDecision.objects.bulk_update(moved, ["value", "threshold", "ends_at", "plan_version"])
    return WatchReport(agent_count=len(facts), new_count=len(new), moved_count=len(moved))


def _known(facts: Iterable[WorkFacts], as_of: datetime) -> dict[Key, list[GuardrailDecision]]:
    """Lock the decisions that may still go on, so that a second watcher waits."""
    rows = GuardrailDecision.objects.select_for_update().filter(agent__in=[agent.agent_id for agent in facts], starts_at__lte=as_of)
    known: dict[Key, list[GuardrailDecision]] = {}
    for row in rows.filter(Q(ends_at=None) | Q(ends_at__gte=as_of.astimezone(UTC) - 2 * PRESENT_SPAN)).order_by("starts_at"):
        known.setdefault(_key(row), []).append(row)
    return known


def _key(row: GuardrailDecision) -> Key:
    return row.agent_id, row.limit, row.level, row.effect


def _join(decisions: Iterable[GuardrailDecision]) -> list[GuardrailDecision]:
    """Join what was decided at several instants about one stretch; the latest instant knows most."""
    joined: dict[Key, list[GuardrailDecision]] = {}
    for found in decisions:
        rows = joined.setdefault(_key(found), [])
        same = _same(rows, found)
        if same is None:
            rows.append(found)
        else:
            _take_over(same, found)
    return [row for rows in joined.values() for row in rows]


def _decide(agent: WorkFacts, as_of: datetime) -> Iterator[GuardrailDecision]:
    for instant in _instants(agent, as_of):
        decisions = load.check_load(shifts=agent.shifts, contacts=agent.contacts, as_of=instant, limits=agent.limits, units=agent.units)
        for decision in decisions:
            for effect in decision.effects:
                yield GuardrailDecision(
                    agent_id=agent.agent_id,
                    limit=decision.limit,
                    value=_decimal(decision.value),
                    threshold=_decimal(decision.threshold or Fraction(0)),
                    level=decision.level,
                    effect=effect,
                    plan_version_id=agent.plan_version_id,
                    starts_at=decision.from_at or instant,
                    ends_at=decision.until_at,
                    decided_at=as_of,
                )


def _instants(agent: WorkFacts, as_of: datetime) -> list[datetime]:
    now, since = as_of.astimezone(agent.zone), as_of.astimezone(UTC) - PRESENT_SPAN
    ends = [shift.end for shift in agent.shifts if shift.end is not None]
    pauses = [pause.start for shift in agent.shifts for pause in shift.breaks]
    return sorted({at for at in (*ends, *pauses) if since < at < now} | {now})


def _same(known: Iterable[GuardrailDecision], found: GuardrailDecision) -> GuardrailDecision | None:
    """Find the decision that this one continues: it began before, and had not ended when this one begins."""
    for row in known:
        if row.starts_at == found.starts_at or (
            row.starts_at < found.starts_at and (row.ends_at is None or row.ends_at >= found.starts_at)
        ):
            return row
    return None


def _take_over(row: GuardrailDecision, found: GuardrailDecision) -> bool:
    """Let a decision go on as far as is known now; tell whether anything changed."""
    now = (found.value, found.threshold, found.ends_at, found.plan_version_id)
    if (row.value, row.threshold, row.ends_at, row.plan_version_id) == now:
        return False
    row.value, row.threshold, row.ends_at, row.plan_version_id = now
    return True


def _decimal(value: Fraction) -> Decimal:
    return Decimal(exact.format_places(value=exact.round_exact(value=value, places=PLACES), places=PLACES))
