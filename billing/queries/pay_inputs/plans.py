"""Which agents a period concerns, and the plan version in force for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agents.queries import frames, plan_spans
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import workweeks
from contracts import rule_packs as shipped_packs
from contracts.queries import kept, terms
from contracts.queries import plan_terms as plan_queries
from contracts.rules import errors

# One row per agent and plan version in force within the period, and one for who has none, in order of agent code.
STATEMENT = f"""
    SELECT a.id AS agent_id, a.code, a.name, a.employed_from, a.employed_to, v.version_id, s.stamp,
        lower(v.days * daterange(%(start)s, %(end)s)) AS starts, upper(v.days * daterange(%(start)s, %(end)s)) AS ends
    FROM agents_agent a
    LEFT JOIN ({plan_spans.VERSIONS.format(agents="= ANY(%(agents)s)")}) v
        ON v.agent_id = a.id AND v.days && daterange(%(start)s, %(end)s)
    LEFT JOIN ({kept.PLAN_STAMPS}) s ON s.version_id = v.version_id
    WHERE a.id = ANY(%(agents)s)
    ORDER BY a.code COLLATE "C", 8"""  # noqa: S608 (our own text)

# A version whose stored numbers make no valid plan is known by its refusal.
KnownPlans = Mapping[int, terms.PlanTerms | errors.InvalidInput]


class UnableToFindPlan(errors.InvalidInput):
    """An agent without a pay plan, or with more than one in a period."""


class UnableToPayUnits(errors.InvalidInput):
    """Verified resolutions under a plan without tiers."""


class NotEmployedYet(errors.InvalidInput):
    """Work or decided amounts of a period that ends before an agent's first day."""


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

    Takes one query however many agents there are, and a few more for plans that are not kept.
    """
    people: dict[int, dict[str, Any]] = {}
    spans: dict[int, list[tuple[int, date, date]]] = {}
    stamps: dict[int, str] = {}
    found = frames.query_together(parts={"payees": STATEMENT}, parameters={**scope.params, "end": scope.period.end})
    for row in found["payees"]:
        version_id, stamp, starts, ends = (row.pop(name) for name in ("version_id", "stamp", "starts", "ends"))
        people[row["agent_id"]] = {**row, **{name: _day(row[name]) for name in ("employed_from", "employed_to")}}
        if version_id is not None:
            spans.setdefault(row["agent_id"], []).append((version_id, date.fromisoformat(starts), date.fromisoformat(ends)))
            stamps[version_id] = stamp
    plan_terms = plan_queries.load_plans(version_ids=stamps, stamps=stamps)
    return {agent_id: Payee(plan_spans=tuple(spans.get(agent_id, ())), **person) for agent_id, person in people.items()}, plan_terms


def find_plan(*, payee: Payee, plan_terms: KnownPlans, period: workweeks.PayPeriod, paid_in: date | None = None) -> terms.PlanTerms:
    """Return the one plan version that pays an agent who has something of a period.

    Args:
        payee: the agent.
        plan_terms: of all plans in force within the period.
        period: the month.
        paid_in: first day of the last earlier period that paid them; who was paid for the month before was hired again since.

    Raises: NotEmployedYet if the period ends before the agent's first day: one of the two is wrong; UnableToFindPlan if there is no plan,
        or another one comes into force while the agent works; the refusal of a plan whose numbers make no sense.
    """
    period_name = f"{period.start:%B %Y}"
    is_hired_again = paid_in == (period.start - workweeks.DAY).replace(day=1)
    if payee.employed_from >= period.end and not is_hired_again:
        raise NotEmployedYet(
            f"{payee.name} has hours, cases or decided amounts of {period_name}, but is employed from "
            f"{payee.employed_from:%B %-d, %Y} on; correct the first day or what is recorded, then calculate again. Who was hired again "
            "gets the new first day once this month is approved."
        )
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


def list_paid_by_night(
    *, payees: Mapping[int, Payee], plan_terms: KnownPlans, instead: Mapping[int, terms.PlanTerms], start: date
) -> set[int]:
    """Return the agents whose pay law pays for the night, now or as it is tried: their time is read to the second.

    Args:
        payees: agents with the plan versions in force for them.
        plan_terms: of these versions.
        instead: by plan version in force, the terms that are tried in its place.
        start: first day of the period.
    """
    found: dict[int, list[terms.PlanTerms]] = {
        version_id: [plan for plan in (stored, instead.get(version_id)) if isinstance(plan, terms.PlanTerms)]
        for version_id, stored in plan_terms.items()
    }
    nightly = {version_id for version_id, plans_of in found.items() if any(_pays_nights(plan, start) for plan in plans_of)}
    return {payee.agent_id for payee in payees.values() if any(version_id in nightly for version_id, _, _ in payee.plan_spans)}


def _pays_nights(plan: terms.PlanTerms, start: date) -> bool:
    try:
        return shipped_packs.load_rule_pack(code=plan.rule_pack, on=start).night_share is not None
    except errors.InvalidInput:
        # Whoever is paid under this pack is refused by name where pay is computed.
        return False


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


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
