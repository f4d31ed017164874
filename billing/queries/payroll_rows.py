"""The payroll file: one row an agent, with hours, units, overtime by workweek, and gross pay by kind of line."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, get_args

from django.db.models import Sum

from billing.models import PayRun, Settlement, SettlementLine
from billing.queries import references
from billing.rules import money
from billing.rules.pay import earnings
from contracts.rules import exact

# Every kind of line has a column, so that the columns add up to gross.
KINDS: tuple[str, ...] = get_args(earnings.Kind)
# A calendar month touches six workweeks at most.
WEEKS_MAX = 6
FIRST = ("reference", "agent", "name", "period_start", "period_end", "currency", "hours", "rest_hours", "recovery_hours", "resolutions")
WEEK = ("week_{n}", "week_{n}_hours", "week_{n}_overtime_hours", "week_{n}_double_time_hours", "week_{n}_regular_rate")
HOURS_PLACES, RATE_PLACES = 4, 6
SECONDS_PER_HOUR = 3600

HEAD = (
    *FIRST,
    *(f"{kind}_amount" for kind in KINDS),
    "gross",
    *(name.format(n=number) for number in range(1, WEEKS_MAX + 1) for name in WEEK),
)


def list_payroll_rows(*, run: PayRun) -> Iterable[tuple[str, ...]]:
    """Give one row an agent in order of code, as HEAD names its columns; agents who are owed nothing are among them."""
    settlements = Settlement.objects.filter(run=run).select_related("agent").order_by("agent__code")
    amounts, hours = _sums(run)
    for found in settlements:
        yield _row(found, amounts.get(found.pk, {}), hours.get(found.pk, {}))


def _sums(run: PayRun) -> tuple[dict[int, dict[str, int]], dict[int, dict[str, Fraction]]]:
    """Return the amount of each kind, and the hours of rest and recovery, by settlement."""
    amounts: dict[int, dict[str, int]] = {}
    lines = SettlementLine.objects.filter(settlement__run=run).order_by()
    for pk, kind, micros in lines.values_list("settlement", "kind").annotate(Sum("amount_micros")):
        amounts.setdefault(pk, {})[kind] = int(micros)
    hours: dict[int, dict[str, Fraction]] = {}
    for pk, kind, quantity in lines.filter(kind__in=("rest", "recovery")).values_list("settlement", "kind", "quantity"):
        of_kind = hours.setdefault(pk, {})
        of_kind[kind] = of_kind.get(kind, Fraction(0)) + Fraction(quantity or 0)
    return amounts, hours


def _row(found: Settlement, amounts: Mapping[str, int], hours: Mapping[str, Fraction]) -> tuple[str, ...]:
    places = money.currency_places(currency=found.currency)

    def write(micros: int) -> str:
        return exact.format_places(value=money.from_micros(micros=micros), places=places)

    return (
        references.statement_reference(settlement=found),
        found.agent.code,
        found.agent.name,
        found.period_start.isoformat(),
        found.period_end.isoformat(),
        found.currency,
        _number(Fraction(found.paid_seconds, SECONDS_PER_HOUR), HOURS_PLACES),
        *(_number(hours.get(kind, Fraction(0)), HOURS_PLACES) for kind in ("rest", "recovery")),
        str(found.resolution_count),
        *(write(amounts.get(kind, 0)) for kind in KINDS),
        write(found.total_micros),
        *_weeks(found.evidence),
    )


def _weeks(evidence: Mapping[str, Any]) -> list[str]:
    weeks = sorted(evidence.get("weeks") or (), key=lambda week: str(week["week"]))
    cells: list[str] = []
    for week in weeks[:WEEKS_MAX]:
        cells.append(str(week["week"]))
        cells += [_number(Fraction(week[name]), HOURS_PLACES) for name in ("hours", "overtime_hours", "double_time_hours")]
        cells.append(_number(Fraction(week["regular_rate"]), RATE_PLACES) if week.get("regular_rate") else "")
    return cells + [""] * (len(WEEK) * WEEKS_MAX - len(cells))


def _number(value: Fraction, places: int) -> str:
    return exact.format_exact(value=exact.round_exact(value=value, places=places))
