"""What stands on a statement beside its lines: the year so far, balances, workweeks, and whether the plan was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from agents.models import PlanAcknowledgement
from billing.models import Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.rules import money
from contracts.rules import exact
from contracts.translation import gettext_lazy as _

FIXED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)
KIND_WORDS: Mapping[str, str] = {
    "base": _("Base pay"),
    "category": _("Pay by kind of time"),
    "recovery": _("Paid recovery"),
    "rest": _("Rest breaks"),
    "nonproductive": _("Non-productive time"),
    "shift_differential": _("Shift differentials"),
    "overtime": _("Overtime premium"),
    "true_up": _("True-ups of earlier weeks"),
    "unit": _("Resolutions"),
    "tier_uplift": _("Higher tiers"),
    "piece": _("Other piece pay"),
    "quality": _("Quality"),
    "guardrail": _("Premium withheld by guardrails"),
    "bonus": _("Bonuses"),
    "commission": _("Commission"),
    "floor": _("Minimum pay top-up"),
    "holdback": _("Held back"),
    "release": _("Released holdback"),
    "draw": _("Advances given"),
    "draw_recovery": _("Advances paid back"),
    "cap": _("Above the cap, deferred"),
    "cap_release": _("Deferred pay released"),
    "adjustment": _("Corrections"),
    "reversal": _("Taken back"),
}
BALANCE_WORDS: Mapping[str, str] = {
    "draw": _("Advances that you still pay back"),
    "holdback": _("Held back, paid when its window ends"),
    "cap": _("Above the cap, paid later"),
    "reversal": _("To be taken back from later pay"),
}


@dataclass(frozen=True, kw_only=True)
class YearRow:
    """What one kind of line came to in the calendar year so far."""

    kind: str
    label: str
    amount_micros: int


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What stands between an agent and the company after a settlement, in micros; zero is left out."""

    name: str
    label: str
    amount_micros: int


@dataclass(frozen=True, kw_only=True)
class Workweek:
    """One workweek: exact hours, and the regular rate that its overtime rests on; None without hours."""

    week: date
    hours: Fraction
    overtime_hours: Fraction
    regular_rate: Fraction | None


@dataclass(frozen=True, kw_only=True)
class StatementFacts:
    """Everything on a statement that is not a line of it."""

    year: int
    year_rows: tuple[YearRow, ...]
    year_total_micros: int
    balances: tuple[Balance, ...]
    weeks: tuple[Workweek, ...]
    holiday_hours: Fraction | None
    acknowledged_at: datetime | None


def read_facts(*, settlement: Settlement) -> StatementFacts:
    """Return what stands beside a settlement's lines, in two queries.

    The year so far adds this settlement to the approved ones of the same calendar year and currency before it.
    """
    rows = _year_rows(settlement)
    read = PlanAcknowledgement.objects.filter(agent=settlement.agent_id, version=settlement.plan_version_id)
    evidence: Mapping[str, Any] = settlement.evidence
    return StatementFacts(
        year=settlement.period_start.year,
        year_rows=rows,
        year_total_micros=sum(row.amount_micros for row in rows),
        balances=_balances(evidence.get("balances") or {}),
        weeks=tuple(_week(week) for week in sorted(evidence.get("weeks") or (), key=lambda week: str(week["week"]))),
        holiday_hours=_number(evidence.get("holiday_hours")),
        acknowledged_at=read.order_by("acknowledged_at").values_list("acknowledged_at", flat=True).first(),
    )


def _year_rows(settlement: Settlement) -> tuple[YearRow, ...]:
    year = settlement.period_start.replace(month=1, day=1)
    earlier = Settlement.objects.filter(
        agent=settlement.agent_id,
        currency=settlement.currency,
        period_start__gte=year,
        period_start__lt=settlement.period_start,
        status__in=FIXED,
    )
    counted = [*earlier.values_list("pk", flat=True), settlement.pk]
    sums = dict(
        SettlementLine.objects.filter(settlement__in=counted)
        .order_by()
        .values_list("kind")
        .annotate(total=Sum("amount_micros"))
        .exclude(total=0)
    )
    order = {kind: place for place, kind in enumerate(KIND_WORDS)}
    kinds = sorted(sums, key=lambda kind: (order.get(kind, len(order)), kind))
    return tuple(YearRow(kind=kind, label=KIND_WORDS.get(kind, kind), amount_micros=int(sums[kind])) for kind in kinds)


def _balances(left: Mapping[str, str]) -> tuple[Balance, ...]:
    amounts = {name: exact.parse_exact(text=left[name]) for name in BALANCE_WORDS if left.get(name)}
    return tuple(
        Balance(name=name, label=BALANCE_WORDS[name], amount_micros=int(amount * money.MICROS))
        for name, amount in amounts.items()
        if amount
    )


def _week(week: Mapping[str, Any]) -> Workweek:
    return Workweek(
        week=date.fromisoformat(week["week"]),
        hours=Fraction(week["hours"]),
        overtime_hours=Fraction(week["overtime_hours"]) + Fraction(week.get("double_time_hours") or 0),
        regular_rate=_number(week.get("regular_rate")),
    )


def _number(text: str | None) -> Fraction | None:
    return exact.parse_exact(text=text) if text else None
