"""Back-tests, worked out once and kept for a quarter of an hour: short ones at once, long ones by a worker, watched from the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Sum

from agents.operations.jobs import kept_answers
from billing.models import Settlement
from billing.queries import back_test
from billing.rules import back_test as rules
from billing.rules import money
from contracts import terms_parts
from contracts.models import PayPlanVersion
from contracts.queries import fingerprints
from contracts.rules import exact
from contracts.translation import gettext_lazy

# As many resolutions are worked out while the page is asked for: less than half a second.
UNITS_AT_ONCE_MAX = 50_000
STOPPED = gettext_lazy("An internal error stopped the back-test; its job's record tells which.")
MULTIPLIER_PLACES = 4


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


State = Found | kept_answers.Refused | kept_answers.Waiting


def read_or_start(*, version: PayPlanVersion, month: date, as_of: datetime, start: Callable[[], object]) -> State:
    """Return what came of a back-test, worked out now where that is short.

    Args:
        version: a version in any state.
        month: first day of the month.
        as_of: business instant.
        start: asks a worker for `work_out`.
    """
    return kept_answers.read_or_start(
        key=key_of(version=version, month=month),
        is_short=lambda: count_units(version=version, month=month) <= UNITS_AT_ONCE_MAX,
        work=lambda tell: _run(version, month, as_of, tell),
        start=start,
    )


def work_out(*, version: PayPlanVersion, month: date, as_of: datetime) -> None:
    """Work a back-test out and keep what came of it where the page looks.

    Args:
        version, month, as_of: as for `read_or_start`.
    """
    kept_answers.work_out(key=key_of(version=version, month=month), work=lambda tell: _run(version, month, as_of, tell), stopped=STOPPED)


def key_of(*, version: PayPlanVersion, month: date) -> str:
    """Name a back-test by what it tries: a draft that was changed is another one."""
    return f"back-tested:{version.pk}:{month}:{fingerprints.fingerprint(part=terms_parts.PLAN, pk=version.plan_id)}"


def count_units(*, version: PayPlanVersion, month: date) -> int:
    """Return how many resolutions a plan paid in a month, in one query."""
    paid = Settlement.objects.filter(plan_version__plan=version.plan_id, period_start=month)
    return paid.aggregate(total=Sum("resolution_count"))["total"] or 0


def _run(version: PayPlanVersion, month: date, as_of: datetime, tell: kept_answers.Tell) -> Found:
    found = back_test.run_back_test(version=version, month=month, as_of=as_of, tell=tell)
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
        then_multipliers=tuple(_write(one.then_multiplier) for one in outcomes),
    )


def _write(multiplier: Fraction | None) -> str:
    return "" if multiplier is None else exact.write_rounded(value=multiplier, places=MULTIPLIER_PLACES)
