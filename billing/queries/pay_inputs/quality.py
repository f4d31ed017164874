"""Quality observations of a period by class, next to the frozen reference rates they are compared with."""

from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction

import polars as pl

from agents.rules import scores
from billing.queries import frames
from billing.queries.pay_inputs.scope import Scope
from contracts.rules import errors

OBSERVED = {"agent_id": pl.Int64, "metric": pl.String, "class_code": pl.String, "n": pl.Int64, "successes": pl.Int64}
REFERENCES = {"metric": pl.String, "class_code": pl.String, "successes": pl.Int64, "n": pl.Int64}
POOL = "any/any"
CLASS = "coalesce(q.code, 'any') || '/' || coalesce(ch.code, 'any')"
NAMED = "LEFT JOIN contracts_querytype q ON q.id = r.query_type_id LEFT JOIN contracts_channel ch ON ch.id = r.channel_id"
KNOWN = "agent_id = ANY(%(agents)s) AND {at} >= %(start_at)s AND {at} < %(end_at)s AND {at} <= %(as_of)s"


class UnableToScore(errors.InvalidInput):
    """Observations of a metric that has no reference rate for the period."""


class Observations:
    """What was observed of some agents, and the reference rates of the period."""

    def __init__(self, *, observed: pl.DataFrame, references: pl.DataFrame, period_name: str) -> None:
        self._observed: dict[int, dict[str, list[tuple[str, int, int]]]] = defaultdict(lambda: defaultdict(list))
        for agent_id, metric, class_code, n, successes in observed.iter_rows():
            self._observed[agent_id][metric].append((class_code, n, successes))
        self._rates = {(metric, class_code): Fraction(successes, n) for metric, class_code, successes, n in references.iter_rows()}
        self._period_name = period_name

    def metrics_of(self, *, agent_id: int, codes: Collection[str], prior_strength: Fraction) -> tuple[scores.Metric, ...]:
        """Return an agent's metrics among the plan's codes; a metric that nobody observed is left out, never zero.

        Raises: UnableToScore if a metric was observed but its reference rate for the period is not set.
        """
        observed = self._observed.get(agent_id, {})
        return tuple(self._metric(code, observed[code], prior_strength) for code in sorted(codes) if code in observed)

    def _metric(self, code: str, classes: list[tuple[str, int, int]], prior_strength: Fraction) -> scores.Metric:
        pool = self._rates.get((code, POOL))
        if pool is None:
            raise UnableToScore(
                f"There is no reference rate of {code} for {self._period_name}; freeze the rates of the period and calculate again."
            )
        return scores.metric_of_classes(
            code=code,
            classes=tuple(
                scores.ClassResult(
                    code=class_code,
                    n=Fraction(n),
                    successes=Fraction(successes),
                    reference=self._rates.get((code, class_code), pool),
                )
                for class_code, n, successes in classes
            ),
            pool=pool,
            prior_strength=prior_strength,
        )


def read_observations(*, scope: Scope) -> Observations:
    """Read surveys, first contact results and QA reviews of a period, and its reference rates, in two queries.

    A survey counts when it was answered, a QA review when it was made, first contact when the resolution was verified.
    """
    sql = f"""
        SELECT o.agent_id, 'csat', {CLASS}, count(*), count(*) FILTER (WHERE o.is_favorable)
        FROM agents_survey o JOIN agents_resolution r ON r.id = o.resolution_id {NAMED}
        WHERE o.{KNOWN.format(at="o.answered_at")} GROUP BY 1, 3
        UNION ALL
        SELECT o.agent_id, 'qa', {CLASS}, count(*), count(*) FILTER (WHERE o.is_passed)
        FROM agents_qareview o JOIN agents_resolution r ON r.id = o.resolution_id {NAMED}
        WHERE o.{KNOWN.format(at="o.reviewed_at")} GROUP BY 1, 3
        UNION ALL
        SELECT r.agent_id, 'fcr', {CLASS}, count(*), count(*) FILTER (WHERE r.fcr = 'yes')
        FROM agents_resolution r {NAMED}
        WHERE r.{KNOWN.format(at="r.verified_at")} AND r.fcr IN ('yes', 'no') GROUP BY 1, 3
        ORDER BY 1, 2, 3"""  # noqa: S608 (our own text)
    references = f"""
        SELECT o.metric, {CLASS.replace("r.", "o.")}, o.success_count, o.observation_count
        FROM agents_referencerate o
        LEFT JOIN contracts_querytype q ON q.id = o.query_type_id LEFT JOIN contracts_channel ch ON ch.id = o.channel_id
        WHERE o.period_start = %(start)s"""  # noqa: S608 (our own text)
    return Observations(
        observed=frames.read_frame(sql=sql, params=scope.params, schema=OBSERVED),
        references=frames.read_frame(sql=references, params=scope.params, schema=REFERENCES),
        period_name=f"{scope.period.start:%B %Y}",
    )
