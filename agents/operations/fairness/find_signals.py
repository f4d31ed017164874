"""Look every night for what chance hardly explains, and put it before a person. Nothing here touches pay for good.

Units whose mark doubts the unit itself are held until a person decides; if nobody does in time, the signal ends and they are paid.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import Q

from agents.models import GamingSignal, Resolution
from agents.operations import history
from agents.operations.holds import holds
from agents.queries import signal_units
from agents.rules.frames import signals
from agents.rules.signals import assess, marks, words
from contracts.rules import exact

LOOK_BACK = timedelta(weeks=4)
DECIDE_WITHIN = holds.EXPIRES_AFTER
HOLD_REASON = "gaming_signal"
Status = GamingSignal.Status
Key = tuple[int, str]


@dataclass(frozen=True, kw_only=True)
class SignalReport:
    """What a night brought: how much was looked at, what is new, what ran out, and what is held."""

    assessed_count: int
    new_count: int
    expired_count: int
    held_count: int
    released_count: int


def find_signals(*, as_of: datetime) -> SignalReport:
    """Assess everybody's last four weeks, open a review item for each new signal, and end those that nobody decided.

    An open item is brought up to date while its signal stands, and keeps its first date; a second run changes nothing.

    Args:
        as_of: business instant.

    Returns: counts.
    Source: design.md section 8, "Gaming signals".
    """
    since = as_of - LOOK_BACK
    with history.act(name="find_signals", as_of=as_of):
        expired_count = _expire(as_of)
        units = signal_units.load_signal_units(since=since, until=as_of)
        marked = signals.mark_frame(units=units, starts=signal_units.load_starts(since=since))
        assessed = assess.assess_counts(counts=signals.count_frame(marked=marked))
        found = [one for one in assessed if one.is_signal]
        new_count = _write(found, _resolutions(marked), since, as_of)
        report = hold_doubtful_units(as_of=as_of)
    return SignalReport(
        assessed_count=len(assessed),
        new_count=new_count,
        expired_count=expired_count,
        held_count=report.opened_count,
        released_count=report.released_count,
    )


def hold_doubtful_units(*, as_of: datetime) -> holds.HoldReport:
    """Hold the units that open or confirmed signals doubt, and release those of dismissed and ended ones.

    Only what is not paid yet is held: pending resolutions, and those verified in the pay period that is open.

    Args:
        as_of: business instant.

    Returns: how many holds were opened and released. A hold that a person released by hand is not opened again.
    """
    doubted = Resolution.objects.filter(
        gaming_signals__status__in=[Status.OPEN, Status.CONFIRMED], gaming_signals__kind__in=marks.HOLDING
    ).filter(Q(state="pending") | Q(is_payable=True))
    rows = doubted.order_by("pk", "gaming_signals__pk").values_list(
        "pk", "case__key", "verified_at", "agent__site__timezone", "gaming_signals__kind", "gaming_signals__status",
        "gaming_signals__expires_at",
    )  # fmt: skip
    held = set(Resolution.objects.filter(holds__reason=HOLD_REASON, holds__released_at=None).values_list("pk", flat=True))
    wanted: dict[int, str] = {}
    for pk, case, verified_at, zone, kind, status, expires_at in rows:
        if pk in held or verified_at is None or _is_open_period(verified_at, as_of, zone):
            wanted.setdefault(pk, _message(case, words.SIGNAL_WORDS[kind].name, status, expires_at))
    frame = pl.DataFrame([(pk, message, None, "") for pk, message in wanted.items()], schema=holds.WANTED_SCHEMA, orient="row")
    return holds.sync_holds(reason=HOLD_REASON, wanted=frame, as_of=as_of)


def _expire(as_of: datetime) -> int:
    """End what nobody decided in time; triggers keep what it was."""
    late = GamingSignal.objects.filter(status=Status.OPEN, expires_at__lte=as_of)
    return late.update(status=Status.EXPIRED)


def _resolutions(marked: pl.DataFrame) -> Mapping[Key, list[int]]:
    rows = marked.filter("is_marked").group_by("agent_id", "kind").agg(pl.col("resolution_id").sort())
    return {(agent_id, kind): ids for agent_id, kind, ids in rows.iter_rows()}


def _write(found: Iterable[assess.Assessment], resolutions: Mapping[Key, list[int]], since: datetime, as_of: datetime) -> int:
    known = {(row.agent_id, row.kind): row for row in GamingSignal.objects.select_for_update().filter(status=Status.OPEN)}
    new_count = 0
    for one in found:
        signal = known.get((one.agent_id, one.kind))
        if signal is None:
            signal = GamingSignal(
                agent_id=one.agent_id, kind=one.kind, since_at=since, found_at=as_of, expires_at=as_of.astimezone(UTC) + DECIDE_WITHIN
            )
            new_count += 1
        elif _facts(signal) == _assessed(one):
            continue
        signal.until_at = as_of
        for name, value in zip(FACTS, _assessed(one), strict=True):
            setattr(signal, name, value)
        signal.save()
        signal.resolutions.set(resolutions[one.agent_id, one.kind])
    return new_count


FACTS = ("observed_count", "marked_count", "expected_count", "base_observed_count", "interval_low", "interval_high")


def _facts(signal: GamingSignal) -> tuple[object, ...]:
    return tuple(getattr(signal, name) for name in FACTS)


def _assessed(one: assess.Assessment) -> tuple[object, ...]:
    return (
        one.observed_count,
        one.marked_count,
        _decimal(one.expected, 4),
        one.base_observed_count,
        _decimal(one.interval.low, 6),
        _decimal(one.interval.high, 6),
    )


def _decimal(value: Fraction, places: int) -> Decimal:
    return Decimal(exact.write_rounded(value=value, places=places))


def _is_open_period(verified_at: datetime, as_of: datetime, zone: str) -> bool:
    local = [at.astimezone(ZoneInfo(zone)) for at in (verified_at, as_of)]
    return (local[0].year, local[0].month) == (local[1].year, local[1].month)


def _message(case: str, name: str, status: str, expires_at: datetime) -> str:
    if status == Status.CONFIRMED:
        return f"Case {case}: a person confirmed the signal “{name}”. Decide about the unit: release it, or exclude the case."
    return f"Case {case}: a signal, “{name}”, is reviewed. If nobody decides by {expires_at:%B %-d, %Y}, it is paid."
