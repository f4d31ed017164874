"""One agent's load at an instant: time worked by day, and how far every limit is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from agents.models import CaseEvent, TimeEntry
from agents.models.wellbeing import TimeCategory
from agents.queries import work_facts
from agents.rules import load
from agents.rules.worked_time import Contact

UNWORKED = frozenset({TimeCategory.MEAL_UNPAID, TimeCategory.OFF})


@dataclass(frozen=True, kw_only=True)
class LoadNow:
    """How far each limit is, and whether anything is known that could be measured."""

    decisions: tuple[load.Decision, ...]
    limits: load.Limits
    is_known: bool
    is_on_shift: bool


def list_entries(*, agent_id: int, as_of: datetime) -> list[TimeEntry]:
    """Return an agent's time entries of the weeks that a limit looks back on, in order, in one query."""
    found = TimeEntry.objects.filter(agent=agent_id, started_at__lte=as_of, ended_at__gt=as_of - work_facts.AVERAGE_SPAN)
    return list(found.select_related("source").order_by("started_at"))


def seconds_by_day(*, entries: Sequence[TimeEntry], first: date, end: date, zone: ZoneInfo, as_of: datetime) -> dict[date, int]:
    """Add up worked time by local day, cut at midnight and at the instant, for the days from the first up to, and without, the end."""
    found: dict[date, int] = {}
    for entry in entries:
        if entry.category in UNWORKED:
            continue
        start, stop = entry.started_at.astimezone(zone), min(entry.ended_at, as_of).astimezone(zone)
        while start < stop:
            midnight = datetime.combine(start.date() + timedelta(days=1), time(), tzinfo=zone)
            until = min(stop, midnight)
            if first <= start.date() < end:
                # Instants are subtracted as UTC, so that the day of a clock change has its true length.
                found[start.date()] = found.get(start.date(), 0) + int(until.timestamp() - start.timestamp())
            start = until
    return found


def measure_load(*, agent_id: int, entries: Sequence[TimeEntry], limits: load.Limits, zone: ZoneInfo, as_of: datetime) -> LoadNow:
    """Measure every limit of one agent at an instant, in one query for the contacts of the last two days."""
    worked = [entry for entry in entries if entry.category != TimeCategory.OFF]
    rows = (
        CaseEvent.objects.filter(
            type=CaseEvent.Type.CONTACT,
            agent_identity__agent=agent_id,
            occurred_at__gt=as_of - work_facts.SHIFT_SPAN,
            occurred_at__lte=as_of,
        )
        .order_by("occurred_at", "pk")
        .values_list("occurred_at", "handle_seconds", "is_hostile")
    )
    contacts = [
        Contact(at=at.astimezone(zone), handle_seconds=Fraction(seconds or 0), is_hostile=bool(hostile)) for at, seconds, hostile in rows
    ]
    is_on_shift = any(entry.started_at <= as_of < entry.ended_at for entry in worked[-1:])
    decisions = load.check_load(
        shifts=work_facts.build_shifts(entries=worked, zone=zone), contacts=contacts, as_of=as_of.astimezone(zone), limits=limits
    )
    return LoadNow(decisions=decisions, limits=limits, is_known=bool(worked), is_on_shift=is_on_shift)
