"""Quality observations of a period by class, next to the frozen reference rates they are compared with."""

from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction

import polars as pl

from agents.queries import quality
from agents.rules import scores
from billing.queries import instants
from billing.queries.pay_inputs.scope import Scope
from contracts.rules import errors


class UnableToScore(errors.InvalidInput):
    """Observations of a metric that has no reference rate for the period."""


class Observations:
    """What was observed of some agents, each class with its reference rate."""

    def __init__(self, *, frame: pl.DataFrame, period_name: str) -> None:
        self._period_name = period_name
        self._found: dict[int, dict[str, list[scores.ClassResult]]] = defaultdict(lambda: defaultdict(list))
        self._pools: dict[str, Fraction | None] = {}
        for row in frame.iter_rows(named=True):
            code = f"{row['query_type'] or 'any'}/{row['channel'] or 'any'}"
            pool = _rate(row["pool_successes"], row["pool_n"])
            reference = _rate(row["reference_successes"], row["reference_n"])
            self._pools[row["metric"]] = pool
            self._found[row["agent_id"]][row["metric"]].append(
                scores.ClassResult(
                    code=code,
                    n=Fraction(row["n"]),
                    successes=Fraction(row["successes"]),
                    reference=Fraction(0) if reference is None else reference,
                )
            )

    def metrics_of(self, *, agent_id: int, codes: Collection[str], prior_strength: Fraction) -> tuple[scores.Metric, ...]:
        """Return an agent's metrics among the plan's codes; a metric that nobody observed is left out, never zero.

        Raises: UnableToScore if a metric was observed but its reference rate for the period is not set.
        """
        found = self._found.get(agent_id, {})
        return tuple(self._metric(code, found[code], prior_strength) for code in sorted(codes) if code in found)

    def _metric(self, code: str, classes: list[scores.ClassResult], prior_strength: Fraction) -> scores.Metric:
        pool = self._pools[code]
        if pool is None:
            raise UnableToScore(
                f"There is no reference rate of {code} for {self._period_name}; freeze the rates of the period and calculate again."
            )
        return scores.metric_of_classes(code=code, classes=tuple(classes), pool=pool, prior_strength=prior_strength)


def read_observations(*, scope: Scope) -> Observations:
    """Read surveys, first contact results and QA reviews of a period that are known, with their reference rates, in one query."""
    # What happens at the instant itself is known.
    known_until = instants.MICROSECOND + scope.as_of
    frame = quality.load_metrics(
        agent_ids=scope.agent_ids,
        start=scope.period.starts_at,
        end=min(scope.period.ends_at, known_until),
        period_start=scope.period.start,
    )
    return Observations(frame=frame, period_name=f"{scope.period.start:%B %Y}")


def _rate(successes: int | None, count: int | None) -> Fraction | None:
    return None if successes is None or count is None else Fraction(successes, count)
