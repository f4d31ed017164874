"""How a scheduled job and a source of data stand: fine, late, failed or silent, told from when they last came and when they were due."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.rules import errors

Health = Literal["fine", "running", "failed", "late", "never", "off"]

GRACE_MIN = timedelta(minutes=5)
# What comes irregularly is silent only after twice its longest usual pause.
PAUSES = 2
PAUSE_MIN = timedelta(hours=1)
ARRIVALS_MIN = 3


class InvalidHealthFacts(errors.InvalidInput):
    """Instants that cannot be compared."""


@dataclass(frozen=True, kw_only=True)
class JobFacts:
    """What is known of one job: whether it is switched on, its last run and how that ended, and when it was due after that.

    `is_running` says that a run has not ended. `last_at` and `due_at` are None where it never ran or has no next time.
    """

    is_enabled: bool
    is_running: bool = False
    has_failed: bool = False
    last_at: datetime | None = None
    due_at: datetime | None = None


def judge_job(*, facts: JobFacts, now: datetime) -> Health:
    """Tell how a job stands.

    Late is a job that is due since more than five minutes, or since half the time between two runs where that is longer. A
    failed one stays failed until a run ends well.

    Args:
        facts: of the job; its instants have a time zone.
        now: wall clock, with a time zone.

    Returns: off, failed, late, running, never or fine; the first of them that applies.
    Raises: InvalidHealthFacts if an instant has no time zone.
    Source: docs/operations.md, "Jobs and their health".

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> facts = JobFacts(is_enabled=True, last_at=noon - timedelta(hours=3), due_at=noon - timedelta(hours=2))
    >>> judge_job(facts=facts, now=noon)
    'late'
    """
    _check(now, facts.last_at, facts.due_at)
    if not facts.is_enabled:
        return "off"
    if facts.has_failed and not facts.is_running:
        return "failed"
    if facts.due_at is not None and now - facts.due_at > _grace(facts):
        return "late"
    if facts.is_running:
        return "running"
    return "never" if facts.last_at is None else "fine"


def judge_source(*, arrivals: Sequence[datetime], now: datetime) -> Literal["fine", "late", "few", "never"]:
    """Tell whether a source is silent for longer than it usually is.

    Args:
        arrivals: when something last came from it, in any order; a dozen are enough.
        now: wall clock, with a time zone.

    Returns: late after twice the longest of its pauses and at least two hours; few where fewer than three arrivals tell no
        usual pause; never without any.
    Raises: InvalidHealthFacts if an instant has no time zone.
    Source: docs/operations.md, "How fresh data is".

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> judge_source(arrivals=[noon - timedelta(hours=hours) for hours in (9, 11, 13)], now=noon)
    'late'
    """
    _check(now, *arrivals)
    if not arrivals:
        return "never"
    if len(arrivals) < ARRIVALS_MIN:
        return "few"
    ordered = sorted(arrivals)
    pause = max(later - earlier for earlier, later in itertools.pairwise(ordered))
    return "late" if now - ordered[-1] > PAUSES * max(pause, PAUSE_MIN) else "fine"


def _grace(facts: JobFacts) -> timedelta:
    if facts.last_at is None or facts.due_at is None:
        return GRACE_MIN
    return max(GRACE_MIN, (facts.due_at - facts.last_at) / 2)


def _check(*instants: datetime | None) -> None:
    if any(at is not None and at.tzinfo is None for at in instants):
        raise InvalidHealthFacts("An instant without a time zone cannot be compared; give it one.")
