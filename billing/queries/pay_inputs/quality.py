"""Quality observations of a period by class, next to the frozen reference rates they are compared with."""

from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction

import polars as pl

from agents.queries import quality
from agents.rules import scores
from billing.queries import instants
from billing.queries.pay_inputs.known import Known
from billing.queries.pay_inputs.scope import Scope
from contracts.rules import errors


class UnableToScore(errors.InvalidInput):
    """Observations of a metric that has no reference rate for the period."""


class Observations:
    """What was observed of some agents, each class with its reference rate."""

    def __init__(self, *, frame: pl.DataFrame, period_name: str) -> None:
        self._period_name = period_name
        self._found: dict[int, dict[str, list[tuple[int, int, int | None, int | None]]]] = defaultdict(lambda: defaultdict(list))
        self._pools: dict[str, Fraction | None] = {}
        self._metrics: dict[tuple[int, tuple[str, ...], Fraction], tuple[scores.Metric, ...]] = {}
        # Classes that share a reference rate expect the same of each observation, so they are one.
        rates = ("pool_n", "pool_successes", "reference_n", "reference_successes")
        summed = frame.group_by("agent_id", "metric", *rates).agg(pl.col("n").sum(), pl.col("successes").sum())
        for agent_id, metric, pool_n, pool, reference_n, reference, n, successes in summed.sort("agent_id", "metric", *rates).iter_rows():
            if metric not in self._pools:
                self._pools[metric] = _rate(pool, pool_n)
            self._found[agent_id][metric].append((n, successes, reference, reference_n))

    def digest(self, *, agent_id: int) -> str:
        """Tell what was observed in few letters, so that two readings can be compared."""
        found = self._found.get(agent_id, {})
        return str([(metric, str(self._pools[metric]), counts) for metric, counts in found.items()])

    def metrics_of(self, *, agent_id: int, codes: Collection[str], prior_strength: Fraction) -> tuple[scores.Metric, ...]:
        """Return an agent's metrics among the plan's codes; a metric that nobody observed is left out, never zero.

        Raises: UnableToScore if a metric was observed but its reference rate for the period is not set.
        """
        # Two plans mostly ask for the same of an agent.
        key = (agent_id, tuple(sorted(codes)), prior_strength)
        if key not in self._metrics:
            found = self._found.get(agent_id, {})
            self._metrics[key] = tuple(self._metric(code, found[code], prior_strength) for code in key[1] if code in found)
        return self._metrics[key]

    def _metric(self, code: str, counts: list[tuple[int, int, int | None, int | None]], prior_strength: Fraction) -> scores.Metric:
        pool = self._pools[code]
        if pool is None:
            raise UnableToScore(
                f"There is no reference rate of {code} for {self._period_name}; freeze the rates of the period and calculate again."
            )
        classes = tuple(
            scores.ClassResult(
                code=f"{reference}/{reference_n}",
                n=Fraction(n),
                successes=Fraction(successes),
                reference=_rate(reference, reference_n) or Fraction(0),
            )
            for n, successes, reference, reference_n in counts
        )
        return scores.metric_of_classes(code=code, classes=classes, pool=pool, prior_strength=prior_strength)


def read_observations(*, scope: Scope, known: Known, rates: pl.DataFrame) -> Observations:
    """Read surveys and QA reviews of a period that are known; first contact results are read already.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        known: what `known.read_known` read of the scope.
        rates: the frozen rates of the period, columns of `quality.RATED`.
    """
    # What happens at the instant itself is known.
    known_until = instants.MICROSECOND + scope.as_of
    in_period = pl.col("verified_us") >= instants.to_microseconds(scope.period.starts_at)
    is_ours = pl.col("resolver_id").is_in(list(scope.agent_ids))
    seen = known.seen.filter(in_period & is_ours).select("resolution_id", "kind", agent_id="resolver_id")
    frame = quality.count_metrics(
        seen=seen,
        kinds=known.kinds,
        agent_ids=scope.agent_ids,
        start=scope.period.starts_at,
        end=min(scope.period.ends_at, known_until),
        rates=rates,
    )
    return Observations(frame=frame, period_name=f"{scope.period.start:%B %Y}")


def _rate(successes: int | None, count: int | None) -> Fraction | None:
    return None if successes is None or count is None else Fraction(successes, count)
