"""Watch agents' load: record what a guardrail decided, from when until when, and by whose limit."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from agents.models import GuardrailDecision, LoadLook
from agents.operations import history
from agents.operations.fairness import tell_decisions
from agents.queries import work_facts, work_frames
from agents.queries.work_facts import PRESENT_SPAN, WorkFacts
from agents.rules import load
from contracts.rules import exact

PLACES = 4
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[int, str, str, str]


@dataclass(frozen=True, kw_only=True)
class WatchReport:
    """How many agents were looked at, and how many decisions are new or have moved."""

    agent_count: int
    new_count: int
    moved_count: int


def watch_guardrails(*, as_of: datetime, agent_ids: Collection[int] | None = None) -> WatchReport:
    """Check everybody who worked in the last 24 hours and record what the limits decide; a second run writes nothing.

    Limits are checked now, and at the ends of the last day's shifts and before its breaks, for there they are highest. Columns
    find who has reached one; for those the scalar rule decides. A decision that goes on keeps its start, and its end moves;
    one that a person lifted is left alone. Without news nobody is looked at before a limit can be reached, but everybody once a
    day.

    Args:
        as_of: business instant.
        agent_ids: look at these, news or not; None means everybody for whom it is time.

    Returns: counts.
    Source: design.md section 8.
    """
    with history.act(name="watch_guardrails", as_of=as_of):
        at = as_of.astimezone(UTC)
        present = work_frames.read_present(as_of=at, agent_ids=agent_ids)
        wanted = sorted(present.zones) if agent_ids is not None else _find_due(present, at)
        if not wanted:
            return WatchReport(agent_count=0, new_count=0, moved_count=0)
        sieved = work_frames.sieve_load(present=present, agent_ids=wanted, as_of=at)
        report = _record(sieved.reached, as_of)
        _remember(present, wanted, sieved, at)
    return WatchReport(agent_count=len(wanted), new_count=report[0], moved_count=report[1])


def _find_due(present: work_frames.Present, at: datetime) -> list[int]:
    """Return those with news, those whom time alone may have brought to a limit, and those not looked at for a day."""
    looks = {look.agent_id: look for look in LoadLook.objects.filter(agent__in=list(present.zones))}

    def is_due(agent_id: int) -> bool:
        look = looks.get(agent_id)
        return (
            look is None
            or look.digest != present.digests[agent_id]
            or look.due_at <= at
            or not look.looked_at <= at < look.looked_at + PRESENT_SPAN
        )

    return [agent_id for agent_id in sorted(present.zones) if is_due(agent_id)]


def _remember(present: work_frames.Present, wanted: Collection[int], sieved: work_frames.Sieved, at: datetime) -> None:
    looks = [
        LoadLook(
            agent_id=agent_id, digest=present.digests[agent_id], looked_at=at, due_at=EPOCH + timedelta(microseconds=sieved.due[agent_id])
        )
        for agent_id in wanted
    ]
    LoadLook.objects.bulk_create(
        looks, update_conflicts=True, unique_fields=["agent"], update_fields=["digest", "looked_at", "due_at"], batch_size=1000
    )


def _record(agent_ids: Collection[int], as_of: datetime) -> tuple[int, int]:
    """Let the scalar rule decide for the agents who have reached a limit; return how many decisions are new and how many moved."""
    if not agent_ids:
        return 0, 0
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
    tell_decisions.tell_decisions(decisions=new, as_of=as_of)
    return len(new), len(moved)


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
    return Decimal(exact.write_rounded(value=value, places=PLACES))
