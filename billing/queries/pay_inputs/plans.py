"""Which agents a period concerns, and the plan version in force for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from agents.queries import frames, plan_spans
from billing.queries.pay_inputs.scope import Scope
from contracts.queries import terms
from contracts.rules import errors

AGENTS: dict[str, pl.DataType] = {
    "agent_id": pl.Int64(),
    "code": pl.String(),
    "name": pl.String(),
    "employed_from": pl.Date(),
    "employed_to": pl.Date(),
}
SPANS: dict[str, pl.DataType] = {"agent_id": pl.Int64(), "version_id": pl.Int64(), "starts": pl.Date(), "ends": pl.Date()}

# A version whose stored numbers make no valid plan is known by its refusal.
KnownPlans = Mapping[int, terms.PlanTerms | errors.InvalidInput]


class UnableToFindPlan(errors.InvalidInput):
    """An agent without a pay plan, or with more than one in a period."""


class UnableToPayUnits(errors.InvalidInput):
    """Verified resolutions under a plan without tiers."""


@dataclass(frozen=True, kw_only=True)
class Payee:
    """An agent as a pay run names them, and the plan versions in force for them within the period, in order."""

    agent_id: int
    code: str
    name: str
    employed_from: date
    employed_to: date | None
    plan_spans: tuple[tuple[int, date, date], ...]


def read_payees(*, scope: Scope) -> tuple[dict[int, Payee], KnownPlans]:
    """Read the agents of a scope with their plans, in order of agent code, and the terms of those plans.

    Takes ten queries however many agents there are.
    """
    agents = frames.query_frame(
        sql='SELECT id, code, name, employed_from, employed_to FROM agents_agent WHERE id = ANY(%(agents)s) ORDER BY code COLLATE "C"',
        parameters=scope.params,
        schema=AGENTS,
    )
    sql = f"""
        SELECT v.agent_id, v.version_id, lower(v.days * daterange(%(start)s, %(end)s)), upper(v.days * daterange(%(start)s, %(end)s))
        FROM ({plan_spans.VERSIONS.format(agents="= ANY(%(agents)s)")}) v
        WHERE v.days && daterange(%(start)s, %(end)s)
        ORDER BY 1, 3"""  # noqa: S608 (our own text)
    spans: dict[int, list[tuple[int, date, date]]] = {}
    for agent_id, version_id, starts, ends in frames.query_frame(
        sql=sql, parameters={**scope.params, "end": scope.period.end}, schema=SPANS
    ).iter_rows():
        spans.setdefault(agent_id, []).append((version_id, starts, ends))
    plan_terms = terms.load_plans(version_ids={version_id for found in spans.values() for version_id, _, _ in found})
    payees = {row["agent_id"]: Payee(plan_spans=tuple(spans.get(row["agent_id"], ())), **row) for row in agents.iter_rows(named=True)}
    return payees, plan_terms


def find_plan(*, payee: Payee, plan_terms: KnownPlans, period_name: str) -> terms.PlanTerms:
    """Return the one plan version that pays an agent for a period.

    Raises: UnableToFindPlan if there is none, or another one comes into force while the agent works; the refusal of a plan
        whose numbers make no sense.
    """
    if not payee.plan_spans:
        raise UnableToFindPlan(f"{payee.name} has no active pay plan in {period_name}; assign one and calculate again.")
    worked = [span for span in payee.plan_spans if payee.employed_to is None or span[1] < payee.employed_to]
    # What comes in after somebody left is paid by the version nearest to their work.
    used = worked or payee.plan_spans[:1]
    other = next((span for span in used if span[0] != used[0][0]), None)
    chosen = plan_terms[used[0][0]]
    if isinstance(chosen, errors.InvalidInput):
        raise chosen
    if other is not None:
        following = plan_terms[other[0]]
        label = following.path[0] if isinstance(following, errors.InvalidInput) else following.label
        raise UnableToFindPlan(
            f"{payee.name} changes from {chosen.label} to {label} on {other[1]:%B %-d, %Y}, "
            f"within {period_name}; let a new plan or version start with a pay period."
        )
    return chosen


def refuse_unpaid(*, payee: Payee, plan: terms.PlanTerms, credit_count: int) -> None:
    """Refuse to pay nothing for verified resolutions because a plan does not say what they earn.

    Raises: UnableToPayUnits.
    """
    if plan.pay.unit is None and credit_count:
        count = "1 verified resolution" if credit_count == 1 else f"{credit_count} verified resolutions"
        raise UnableToPayUnits(
            f"{payee.name} has {count}, but {plan.label} has no tiers, so nothing says what they earn; "
            "make a version with a tier and put it in force from this pay period on."
        )
