"""When many marks are a signal: more than chance explains beside everybody else on the same kinds of cases.

An agent is compared with all others, stratum by stratum, so that a hard queue or a busy month end is nobody's fault. The
interval is wide (three standard errors) because every agent is looked at every night.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from agents.rules import metrics
from agents.rules.signals import marks

# One agent in about 700 would be flagged by chance at three standard errors; at the usual two, one in 40.
Z_SIGNAL = Fraction(3)
OBSERVED_MIN = 20
MARKED_MIN = 5
# A stratum in which others have fewer observations is compared with everybody else together.
STRATUM_MIN = 30
ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Count:
    """Observations and marks of one agent in one stratum."""

    kind: marks.Kind
    agent_id: int
    stratum: str
    observed_count: int
    marked_count: int


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """One agent's marks of one kind beside what everybody else's rate would give on the same strata."""

    kind: marks.Kind
    agent_id: int
    observed_count: int
    marked_count: int
    expected: Fraction
    base_observed_count: int
    interval: metrics.Interval
    is_signal: bool

    @property
    def expected_rate(self) -> Fraction:
        """The base rate for this agent's mix."""
        return self.expected / self.observed_count


def count_marks(*, units: Iterable[marks.SignalUnit], starts: Mapping[tuple[int, str], datetime] | None = None) -> tuple[Count, ...]:
    """Count observations and marks by kind, agent and stratum.

    Args:
        units: resolutions as `marks.prepare` returns them.
        starts: by agent and kind, from when on its resolutions count; what a person has decided is not looked at again.

    Returns: counts in order of kind, agent and stratum; strata without observations are left out.
    Source: design.md section 8, "Gaming signals".
    """
    found: dict[tuple[marks.Kind, int, str], tuple[int, int]] = {}
    since = starts or {}
    for unit in units:
        for kind in marks.KINDS:
            start = since.get((unit.agent_id, kind))
            is_marked = marks.mark(kind=kind, unit=unit)
            if is_marked is None or (start is not None and unit.resolved_at < start):
                continue
            key = (kind, unit.agent_id, getattr(unit, marks.STRATA[kind]))
            observed, marked = found.get(key, (0, 0))
            found[key] = (observed + 1, marked + is_marked)
    return tuple(
        Count(kind=kind, agent_id=agent_id, stratum=stratum, observed_count=observed, marked_count=marked)
        for (kind, agent_id, stratum), (observed, marked) in sorted(found.items())
    )


def assess_counts(*, counts: Iterable[Count]) -> tuple[Assessment, ...]:
    """Compare each agent with everybody else, kind by kind.

    Args:
        counts: by kind, agent and stratum, each combination once.

    Returns: one assessment per kind and agent with observations, in that order; none where nobody else was observed.
    Source: design.md section 8; E. B. Wilson (1927) for the interval.

    >>> others = [Count(kind="splitting", agent_id=agent, stratum="a/chat", observed_count=100, marked_count=2) for agent in (1, 2, 3)]
    >>> one = Count(kind="splitting", agent_id=4, stratum="a/chat", observed_count=100, marked_count=15)
    >>> [(found.agent_id, found.is_signal, str(found.expected)) for found in assess_counts(counts=[*others, one])][-1]
    (4, True, '2')
    """
    given = list(counts)
    strata: dict[tuple[str, str], tuple[int, int]] = {}
    pools: dict[str, tuple[int, int]] = {}
    own: dict[tuple[marks.Kind, int], list[Count]] = {}
    for count in given:
        strata[count.kind, count.stratum] = _plus(strata.get((count.kind, count.stratum)), count)
        pools[count.kind] = _plus(pools.get(count.kind), count)
        own.setdefault((count.kind, count.agent_id), []).append(count)
    found = (_assess(kind, agent_id, rows, strata, pools[kind]) for (kind, agent_id), rows in sorted(own.items()))
    return tuple(one for one in found if one is not None)


def _assess(
    kind: marks.Kind, agent_id: int, rows: list[Count], strata: Mapping[tuple[str, str], tuple[int, int]], pool: tuple[int, int]
) -> Assessment | None:
    observed, marked = sum(row.observed_count for row in rows), sum(row.marked_count for row in rows)
    base_observed, base_marked = pool[0] - observed, pool[1] - marked
    if base_observed == 0:
        return None
    expected = ZERO
    for row in rows:
        others, others_marked = strata[kind, row.stratum][0] - row.observed_count, strata[kind, row.stratum][1] - row.marked_count
        rate = Fraction(others_marked, others) if others >= STRATUM_MIN else Fraction(base_marked, base_observed)
        expected += row.observed_count * rate
    interval = metrics.wilson_interval(successes=Fraction(marked), n=Fraction(observed), z=Z_SIGNAL)
    is_enough = observed >= OBSERVED_MIN and marked >= MARKED_MIN
    return Assessment(
        kind=kind,
        agent_id=agent_id,
        observed_count=observed,
        marked_count=marked,
        expected=expected,
        base_observed_count=base_observed,
        interval=interval,
        is_signal=is_enough and interval.low > expected / observed,
    )


def _plus(known: tuple[int, int] | None, count: Count) -> tuple[int, int]:
    observed, marked = known or (0, 0)
    return observed + count.observed_count, marked + count.marked_count
