"""An agent's pay periods as their home page reads them: the open one with what each day brought, and the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.functions import TruncDate

from billing.models import Earning, Settlement, SettlementLine
from billing.rules import allocation, money
from contracts.queries import kept, terms


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The credits of one local day and state that one line pays: how many, and how much of the line they are."""

    day: date
    state: str
    line_position: int
    resolution_count: int
    weight: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one day and state brought of the unit lines, in micros; the parts add up to the lines."""

    day: date
    state: str
    resolution_count: int
    amount_micros: int


def latest_settlements(*, settlements: QuerySet[Settlement], agent_id: int, count: int) -> list[Settlement]:
    """Return an agent's latest settlements, newest first, in one query, each ready for `plan_of`."""
    found = settlements.filter(agent=agent_id).select_related("plan_version__plan", "run").order_by("-period_start")
    return list(with_plan(settlements=found)[:count])


def with_plan(*, settlements: QuerySet[Settlement]) -> QuerySet[Settlement]:
    """Let settlements be read with the stamp of their plan version, as `plan_of` wants it."""
    return settlements.annotate(plan_stamp=kept.stamp_of(of=kept.PLAN_STAMPS, version="plan_version"))


def plan_of(*, settlement: Settlement) -> terms.PlanTerms:
    """Return the terms that a settlement was paid by, without a query where they are kept.

    Args:
        settlement: as `with_plan` has it read.

    Raises: InvalidInput if the stored numbers make no valid plan.
    """
    version_id = settlement.plan_version_id
    stamp: str | None = settlement.plan_stamp  # type: ignore[attr-defined]
    return terms.load_plan_terms(version_ids=[version_id], stamps={version_id: stamp} if stamp else {})[version_id]


def read_cells(*, settlement: Settlement, zone: ZoneInfo) -> list[Cell]:
    """Return a settlement's credits by local day of verification, state and line, in one query."""
    credited = ExpressionWrapper(F("price_micros") * F("credit_micros"), output_field=BigIntegerField())
    rows = (
        Earning.objects.filter(agent=settlement.agent_id, settlement=settlement)
        .order_by()
        .annotate(day=TruncDate("verified_at", tzinfo=zone))
        .values("day", "line_position", state=F("resolution__state"))
        .annotate(resolution_count=Count("resolution"), priced=Sum(credited), credits=Sum("credit_micros"))
        .order_by("day", "state", "line_position")
    )
    return [
        Cell(
            day=row["day"],
            state=row["state"],
            line_position=row["line_position"],
            resolution_count=row["resolution_count"],
            weight=int(row["priced"] or row["credits"]),
        )
        for row in rows
    ]


def split_units(*, lines: Sequence[SettlementLine], cells: Sequence[Cell], currency: str) -> list[Part]:
    """Split each unit line over the days and states that it pays, so that no cent is lost.

    Args:
        lines: the settlement's lines; those that pay no units are passed over.
        cells: as `read_cells` returns them.
        currency: its minor unit is the smallest part.

    Returns: one part per cell; the parts of a line add up to its rounded amount.
    """
    rounding = money.Round(places=money.currency_places(currency=currency))
    found: list[Part] = []
    for line in lines:
        members = [cell for cell in cells if cell.line_position == line.position]
        if line.kind != "unit" or not members:
            continue
        weights = [Fraction(cell.weight) for cell in members]
        split = allocation.allocate_amount(
            amount=money.from_micros(micros=line.amount_micros),
            weights=weights if any(weights) else [Fraction(cell.resolution_count) for cell in members],
            rounding=rounding,
        )
        found += [
            Part(day=cell.day, state=cell.state, resolution_count=cell.resolution_count, amount_micros=int(part * money.MICROS))
            for cell, part in zip(members, split.parts, strict=True)
        ]
    return found


def split_hours(*, amount_micros: int, seconds_by_day: dict[date, int], currency: str) -> dict[date, int]:
    """Split what the hours earned over the days by the seconds worked, so that no cent is lost; nothing without hours."""
    days = [day for day, seconds in sorted(seconds_by_day.items()) if seconds > 0]
    if not days:
        return {}
    split = allocation.allocate_amount(
        amount=money.from_micros(micros=amount_micros),
        weights=[Fraction(seconds_by_day[day]) for day in days],
        rounding=money.Round(places=money.currency_places(currency=currency)),
    )
    return {day: int(part * money.MICROS) for day, part in zip(days, split.parts, strict=True)}
