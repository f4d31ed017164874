"""A plan version on real history: everybody whom its plan paid in a month, paid again as the version would. Nothing is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from agents.models import Agent, Site
from billing.models import PayRun, Settlement
from billing.operations import settle_agents
from billing.operations.pay_run_shards import Failure
from billing.operations.settled import Settled
from billing.queries import pay_periods, read_ahead
from billing.queries.pay_inputs import prices, raw
from billing.queries.pay_inputs.scope import Scope
from billing.rules import back_test
from contracts.models import PayPlanVersion
from contracts.queries import plan_terms

MONTHS_SHOWN = 24
# Agents who are paid together, while as many others are read.
AGENTS_AT_ONCE = 250


@dataclass(frozen=True, kw_only=True)
class Failed:
    """An agent who could not be paid by one of the two, and why."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class BackTest:
    """A version on one month: sums, agents in order of name, and those who could not be computed."""

    summary: back_test.Summary
    outcomes: tuple[back_test.Outcome, ...]
    failures: tuple[Failed, ...]


def list_months(*, plan_id: int) -> list[date]:
    """Return the months in which a plan paid somebody, the newest first, in one query."""
    found = Settlement.objects.filter(plan_version__plan=plan_id).order_by("-period_start").values_list("period_start", flat=True)
    return list(found.distinct()[:MONTHS_SHOWN])


def run_back_test(*, version: PayPlanVersion, month: date, as_of: datetime, tell: Callable[[int, int], None] | None = None) -> BackTest:
    """Pay a month again as a version would, beside how it is paid.

    Args:
        version: a version in any state, also a draft. Everybody whom another version of its plan pays in the month is tried.
        month: first day of the month.
        as_of: business instant; of a month with a pay run, what that run knew counts.
        tell: is told how many of how many agents were looked at, part by part.

    Returns: both payments compared; by the same rules and the same facts, so that only the terms differ.
    Raises: InvalidInput if the version itself cannot be read.
    Source: design.md section 10, "What-if and back-test".
    """
    tried = plan_terms.load_plan_terms(version_ids=[version.pk])[version.pk]
    siblings = PayPlanVersion.objects.filter(plan=version.plan_id, status__in=("active", "ended")).values_list("pk", flat=True)
    instead = dict.fromkeys(siblings, tried)
    outcomes: list[back_test.Outcome] = []
    failures: list[Failed] = []
    scopes, done_count = list_scopes(month=month, as_of=as_of), 0

    def load(scope: Scope) -> tuple[raw.Loaded, raw.Loaded]:
        return raw.load_beside(scope=scope, instead=instead)

    with settle_agents.without_collector():
        for scope, loaded in read_ahead.read_ahead(asked=scopes, read=load):
            found, failed = compare_scope(*loaded)
            outcomes += found
            failures += failed
            done_count += len(scope.agent_ids)
            if tell is not None:
                tell(done_count, sum(len(one.agent_ids) for one in scopes))
    prices.forget()
    ordered = sorted(outcomes, key=lambda outcome: (outcome.name, outcome.code))
    return BackTest(summary=back_test.summarize(outcomes=ordered), outcomes=tuple(ordered), failures=tuple(failures))


def compare_scope(now: raw.Loaded, then: raw.Loaded) -> tuple[list[back_test.Outcome], list[Failed]]:
    """Pay the agents of a scope both ways, units column by column.

    Args:
        now: as they are paid; agents who are not tried are left out.
        then: as the version tried would pay them.
    """
    wanted = {inputs.payee.agent_id for inputs in then.agents}
    books = settle_agents.Books(loaded=now)
    before, failed = settle_loaded(loaded=now, wanted=wanted, books=books)
    after, more = settle_loaded(loaded=then, wanted=wanted, books=books)
    outcomes = [
        back_test.outcome_of(
            agent_id=agent_id,
            code=settled.inputs.payee.code,
            name=settled.inputs.payee.name,
            now=_figures(before[agent_id]),
            then=_figures(settled),
            unit_count=settled.resolution_count,
        )
        for agent_id, settled in after.items()
        if agent_id in before
    ]
    return outcomes, [*failed, *more]


def settle_loaded(
    *, loaded: raw.Loaded, wanted: set[int], books: settle_agents.Books | None = None
) -> tuple[Mapping[int, Settled], list[Failed]]:
    """Pay some agents of what was read; nothing is written.

    Args:
        loaded: what their pay rests on.
        wanted: the agents.
        books: those of the same reading, where its agents are paid in more than one way.

    Returns: settlements by agent, and those that could not be made, with why.
    """
    agents = [inputs for inputs in loaded.agents if isinstance(inputs, raw.AgentInputs) and inputs.payee.agent_id in wanted]
    failures = [_failed(one) for one in loaded.agents if isinstance(one, raw.Refused) and one.payee.agent_id in wanted]
    found: dict[int, Settled] = {}
    for settled in settle_agents.settle(agents=agents, loaded=loaded, books=books):
        if isinstance(settled, Failure):
            failures.append(Failed(name=settled.name, reason=settled.message))
        else:
            found[settled.inputs.payee.agent_id] = settled
    return found, failures


def _failed(refused: raw.Refused) -> Failed:
    return Failed(name=refused.payee.name, reason=refused.reason.message)


def _figures(settled: Settled) -> back_test.Figures:
    return back_test.Figures(
        total=settled.total,
        suspended=settled.sum_of(kind="guardrail"),
        floor=settled.sum_of(kind="floor"),
        multiplier=settled.multiplier,
    )


def list_scopes(*, month: date, as_of: datetime) -> Sequence[Scope]:
    """Return the parts in which a month is read: each site, some agents at a time, with what its run knew."""
    known = dict(PayRun.objects.filter(period_start=month).values_list("site", "as_of"))
    found = []
    for site in Site.objects.order_by("code"):
        period = pay_periods.period_of(site=site, day=month)
        agents = Agent.objects.filter(site=site, employed_from__lt=period.end).values_list("code", "pk")
        ids = [pk for _, pk in sorted(agents)]
        known_at = known.get(site.pk, as_of)
        parts = (ids[start : start + AGENTS_AT_ONCE] for start in range(0, len(ids), AGENTS_AT_ONCE))
        found += [Scope(site=site, agent_ids=part, period=period, as_of=known_at) for part in parts]
    return found
