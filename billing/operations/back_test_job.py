"""Back-tests, worked out once and kept for a quarter of an hour: short ones at once, long ones by a worker, watched from the page.

Nothing is written to the database; what a worker found and how far it is stand in the shared cache. A worker that stops in
the middle no longer says how far it is, and a minute later the page asks for another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.core.cache import cache
from django.db.models import Sum

from billing.models import Settlement
from billing.queries import back_test
from billing.rules import back_test as rules
from billing.rules import money
from contracts import terms_parts
from contracts.models import PayPlanVersion
from contracts.queries import fingerprints
from contracts.rules import errors, exact

# As many resolutions are worked out while the page is asked for: less than half a second.
UNITS_AT_ONCE_MAX = 50_000
KEPT_SECONDS = 900
SILENT_SECONDS = 60
MULTIPLIER_PLACES = 4


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many agents are paid both ways so far; none of none while no worker has begun."""

    done_count: int = 0
    agent_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why nothing could be worked out."""

    message: str


@dataclass(frozen=True, kw_only=True)
class Agents:
    """Whom both ways pay, in order of name, as columns: a page reads thousands back in a millisecond, and looks at some of them.

    Amounts are micros of the plan's currency, rounded to its minor unit; a multiplier is written with four decimals, or empty.
    """

    ids: tuple[int, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    unit_counts: tuple[int, ...]
    now_micros: tuple[int, ...]
    then_micros: tuple[int, ...]
    then_suspended_micros: tuple[int, ...]
    then_floor_micros: tuple[int, ...]
    then_multipliers: tuple[str, ...]

    def difference_micros(self, place: int) -> int:
        """Return what the agent at a place would have more, or less if it is below zero."""
        return self.then_micros[place] - self.now_micros[place]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was worked out, and when: sums, agents, and who could not be computed."""

    summary: rules.Summary
    agents: Agents
    failures: tuple[back_test.Failed, ...]
    as_of: datetime


State = Progress | Refused | Found


def read_or_start(*, version: PayPlanVersion, month: date, as_of: datetime, start: Callable[[], object]) -> State:
    """Return a back-test: what is kept, else worked out now where that is short, else as far as a worker has come.

    Args:
        version: a version in any state.
        month: first day of the month.
        as_of: business instant.
        start: asks a worker for `work_out`; called once until the worker is done or silent.
    """
    key = _key(version, month)
    kept: State | None = cache.get(key)
    if kept is not None:
        return kept
    if count_units(version=version, month=month) <= UNITS_AT_ONCE_MAX:
        worked_out = _run(version, month, as_of)
        cache.set(key, worked_out, KEPT_SECONDS)
        return worked_out
    if cache.add(key, Progress(), SILENT_SECONDS):
        start()
    # Between the two, what was there may have gone.
    found: State = cache.get(key, Progress())
    return found


def forget(*, version: PayPlanVersion, month: date) -> None:
    """Let the next who asks have a back-test worked out anew; one that a worker is at goes on.

    Args:
        version, month: as for `read_or_start`.
    """
    key = _key(version, month)
    if not isinstance(cache.get(key), Progress):
        cache.delete(key)


def work_out(*, version: PayPlanVersion, month: date, as_of: datetime) -> None:
    """Work a back-test out and keep what came of it where the page looks; a copy that comes late does nothing.

    Args:
        version, month, as_of: as for `read_or_start`.
    """
    key = _key(version, month)
    if isinstance(cache.get(key), Found | Refused):
        return

    def tell(done_count: int, agent_count: int) -> None:
        cache.set(key, Progress(done_count=done_count, agent_count=agent_count), SILENT_SECONDS)

    try:
        cache.set(key, _run(version, month, as_of, tell), KEPT_SECONDS)
    except Exception:
        cache.set(key, Refused(message="An internal error stopped the back-test; its job's record tells which."), SILENT_SECONDS)
        raise


def count_units(*, version: PayPlanVersion, month: date) -> int:
    """Return how many resolutions a plan paid in a month, in one query."""
    paid = Settlement.objects.filter(plan_version__plan=version.plan_id, period_start=month)
    return paid.aggregate(total=Sum("resolution_count"))["total"] or 0


def _run(version: PayPlanVersion, month: date, as_of: datetime, tell: Callable[[int, int], None] | None = None) -> Found | Refused:
    try:
        found = back_test.run_back_test(version=version, month=month, as_of=as_of, tell=tell)
    except errors.InvalidInput as refused:
        return Refused(message=refused.message)
    agents = in_columns(outcomes=found.outcomes, currency=version.currency)
    return Found(summary=found.summary, agents=agents, failures=found.failures, as_of=as_of)


def in_columns(*, outcomes: Sequence[rules.Outcome], currency: str) -> Agents:
    """Write agents as columns of amounts in micros.

    Args:
        outcomes: one per agent, in the order that pages show.
        currency: of the plan.
    """

    def micros(name: str) -> tuple[int, ...]:
        return tuple(money.to_micros(amount=getattr(outcome, name), currency=currency) for outcome in outcomes)

    return Agents(
        ids=tuple(outcome.agent_id for outcome in outcomes),
        codes=tuple(outcome.code for outcome in outcomes),
        names=tuple(outcome.name for outcome in outcomes),
        unit_counts=tuple(outcome.unit_count for outcome in outcomes),
        now_micros=micros("now"),
        then_micros=micros("then"),
        then_suspended_micros=micros("then_suspended"),
        then_floor_micros=micros("then_floor"),
        then_multipliers=tuple("" if one.then_multiplier is None else _four_decimals(one.then_multiplier) for one in outcomes),
    )


def _four_decimals(value: Fraction) -> str:
    rounded = exact.round_exact(value=value, places=MULTIPLIER_PLACES)
    return exact.format_places(value=rounded, places=MULTIPLIER_PLACES)


def _key(version: PayPlanVersion, month: date) -> str:
    """Name a back-test by what it tries: a draft that was changed is another one. What a release before kept has another name too."""
    return f"back-test-in-columns:{version.pk}:{month}:{fingerprints.fingerprint(part=terms_parts.PLAN, pk=version.plan_id)}"
