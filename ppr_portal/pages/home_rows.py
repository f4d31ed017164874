"""The agent's home as people read it: what is earned and of what, what is not in that figure yet, and what each day brought."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from billing.models import Settlement, SettlementLine
from billing.queries import open_period, pending_pay
from ppr_portal.pages import drawings, statement_rows
from ppr_portal.templatetags import formats

HOURS = ("base", "category", "rest", "nonproductive", "shift_differential")
CONFIRMED, ASSUMED = "confirmed", "assumed"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One row of what the figure is made of; rows add up to the total."""

    fill: str
    name: str
    how: str
    why: str
    amount_micros: int
    position: int | None


@dataclass(frozen=True, kw_only=True)
class OpenRow:
    """Something that is not in the figure yet: pending or held."""

    fill: str
    name: str
    how: str
    amount_micros: int | None
    count: int
    sentences: tuple[str, ...]
    url: str


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """What one day of the period brought."""

    day: date
    is_today: bool
    seconds: int
    resolution_count: int
    hours_micros: int
    confirmed_micros: int
    assumed_micros: int
    pending_micros: int

    @property
    def earned_micros(self) -> int:
        """What the day brought so far."""
        return self.hours_micros + self.confirmed_micros + self.assumed_micros


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The open period's figure, what it is made of, and what each day brought."""

    rows: tuple[LedgerRow, ...]
    days: tuple[DayRow, ...]

    @property
    def earned_by_day_micros(self) -> int:
        """The sum of the bars."""
        return sum(day.earned_micros for day in self.days)

    @property
    def today(self) -> DayRow | None:
        """Today's row, if today is in the period."""
        return next((day for day in self.days if day.is_today), None)

    @property
    def pending_days(self) -> tuple[DayRow, ...]:
        """The days on which windows end."""
        return tuple(day for day in self.days if day.pending_micros)


def build_ledger(
    *,
    settlement: Settlement,
    lines: Sequence[SettlementLine],
    parts: Sequence[open_period.Part],
    seconds_by_day: Mapping[date, int],
    units: Sequence[pending_pay.OpenUnit],
    today: date,
    zone: ZoneInfo,
) -> Ledger:
    """Put the lines of the open period into rows that add up to its total, and into days."""
    hours_micros = _sum(line.amount_micros for line in lines if line.kind in HOURS)
    by_day = open_period.split_hours(amount_micros=hours_micros, seconds_by_day=dict(seconds_by_day), currency=settlement.currency)
    return Ledger(
        rows=tuple(_rows(lines, parts, hours_micros, sum(seconds_by_day.values()))),
        days=tuple(_days(settlement, parts, by_day, seconds_by_day, units, today, zone)),
    )


def draw_ledger(*, rows: Sequence[LedgerRow], open_rows: Sequence[OpenRow]) -> tuple[drawings.Segment, ...]:
    """Draw how certain the known pay is: hours, confirmed, assumed, the rest, then pending and held."""
    order = ("hours", CONFIRMED, ASSUMED, "quality")
    earned = [(fill, _sum(row.amount_micros for row in rows if row.fill == fill)) for fill in order]
    return drawings.draw_certainty(parts=[*earned, *((row.fill, row.amount_micros or 0) for row in open_rows)])


def open_rows(*, units: Sequence[pending_pay.OpenUnit], currency: str, zone: ZoneInfo, resolutions_url: str) -> tuple[OpenRow, ...]:
    """Return what is pending and what is held, each with its date; nothing where there is none."""
    pending = [unit for unit in units if not unit.is_held]
    held = [unit for unit in units if unit.is_held]
    found = []
    if pending:
        found.append(_pending_row(pending, currency, zone, f"{resolutions_url}?state=pending"))
    if held:
        found.append(_held_row(held, f"{resolutions_url}?state=held"))
    return tuple(found)


def _rows(lines: Sequence[SettlementLine], parts: Sequence[open_period.Part], hours_micros: int, seconds: int) -> Iterable[LedgerRow]:
    paid = [line for line in lines if line.kind in HOURS]
    if paid:
        yield LedgerRow(
            fill="hours", name="Hours worked", how=_hours_words(paid, seconds), amount_micros=hours_micros, position=paid[0].position,
            why="Every clocked hour is paid, waiting for contacts included.",
        )  # fmt: skip
    yield from _unit_rows(lines, parts)
    others = [line for line in lines if line.kind not in HOURS and line.kind != "unit"]
    for line in sorted(others, key=lambda line: (_rank(line.kind), line.position)):
        if line.amount_micros or line.kind in {"quality", "floor"}:
            yield _other_row(line)


def _unit_rows(lines: Sequence[SettlementLine], parts: Sequence[open_period.Part]) -> Iterable[LedgerRow]:
    units = [line for line in lines if line.kind == "unit"]
    if not units:
        return
    position = units[0].position
    confirmed = [part for part in parts if part.state == CONFIRMED]
    assumed = [part for part in parts if part.state != CONFIRMED]
    # Lines whose credits are not known by state stand with the assumed ones, so that the rows still add up.
    rest = _sum(line.amount_micros for line in units) - _sum(part.amount_micros for part in parts)
    yield LedgerRow(
        fill=CONFIRMED, name="Confirmed", how=_resolutions(confirmed), amount_micros=_sum(part.amount_micros for part in confirmed),
        position=position, why="The customer said that it is solved. Price × your credit × your share, added over these resolutions.",
    )  # fmt: skip
    yield LedgerRow(
        fill=ASSUMED, name="Assumed", how=f"{_resolutions(assumed)} after silence", position=position,
        amount_micros=_sum(part.amount_micros for part in assumed) + rest,
        why="The customer did not come back until the window ended. These pay the same as confirmed ones.",
    )  # fmt: skip


OTHERS = {
    "tier_uplift": ("What your higher share adds to the resolutions above the first tier.", ""),
    "recovery": ("A guardrail gave you a paid rest, at your average hour.", ""),
    "overtime": ("Hours beyond the week's limit earn more; this is the part on top of your normal pay.", ""),
    "quality": ("It moves with your score until the period is settled. It can never take away pay for hours.", ""),
    "guardrail": ("While you worked beyond a limit, resolutions earned their base pay and no premium.", ""),
    "floor": ("Your pay is tested against the minimum that your plan and the law promise.", "tested, not needed"),
}


def _rank(kind: str) -> int:
    """Order the rest of the ledger like OTHERS; what is not listed there comes last."""
    return list(OTHERS).index(kind) if kind in OTHERS else len(OTHERS)


def _other_row(line: SettlementLine) -> LedgerRow:
    why, zero = OTHERS.get(line.kind, ("It was entered or corrected by a person, or carried over. The statement tells the reason.", ""))
    how = zero if zero and line.amount_micros == 0 else _how(line)
    name = "Quality so far" if line.kind == "quality" else statement_rows.label_of(line)
    return LedgerRow(fill="hours" if line.kind in {"recovery", "overtime"} else "quality", name=name, how=how, why=why,
                     amount_micros=line.amount_micros, position=line.position)  # fmt: skip


def _how(line: SettlementLine) -> str:
    if line.kind == "quality" and line.rate:
        return f"{formats.signed_percent(line.rate, 2)} until the period is settled"
    if line.kind in {"recovery", "overtime"} and line.quantity:
        return f"{formats.decimal(line.quantity)} h"
    if line.kind == "reversal" and line.inputs.get("resolution"):
        return f"case {statement_rows.case_of(line.inputs['resolution'])}"
    return ""


def _hours_words(paid: Sequence[SettlementLine], seconds: int) -> str:
    if len(paid) == 1 and paid[0].quantity and paid[0].rate:
        return f"{formats.decimal(paid[0].quantity)} h at {formats.decimal(paid[0].rate)}"
    return f"{formats.hours(seconds)} h"


def _resolutions(parts: Iterable[open_period.Part]) -> str:
    total = sum(part.resolution_count for part in parts)
    return f"{formats.count(total)} resolution{'' if total == 1 else 's'}"


def _days(
    settlement: Settlement,
    parts: Sequence[open_period.Part],
    hours_by_day: Mapping[date, int],
    seconds_by_day: Mapping[date, int],
    units: Sequence[pending_pay.OpenUnit],
    today: date,
    zone: ZoneInfo,
) -> Iterable[DayRow]:
    waiting = [(unit.window_ends_at, unit.amount_micros or 0) for unit in units if not unit.is_held]
    ends = [(at.astimezone(zone).date(), amount) for at, amount in waiting if at is not None]
    for number in range((settlement.period_end - settlement.period_start).days):
        day = settlement.period_start + timedelta(days=number)
        ours = [part for part in parts if part.day == day]
        yield DayRow(
            day=day,
            is_today=day == today,
            seconds=seconds_by_day.get(day, 0),
            resolution_count=sum(part.resolution_count for part in ours),
            hours_micros=hours_by_day.get(day, 0),
            confirmed_micros=_sum(part.amount_micros for part in ours if part.state == CONFIRMED),
            assumed_micros=_sum(part.amount_micros for part in ours if part.state != CONFIRMED),
            pending_micros=_sum(amount for end, amount in ends if max(end, today) == day),
        )


def _pending_row(pending: Sequence[pending_pay.OpenUnit], currency: str, zone: ZoneInfo, url: str) -> OpenRow:
    ends: dict[date, int] = {}
    for unit in pending:
        if unit.window_ends_at is not None:
            day = unit.window_ends_at.astimezone(zone).date()
            ends[day] = ends.get(day, 0) + (unit.amount_micros or 0)
    last = f", until {formats.short_day(max(ends))} at the latest" if ends else ""
    soon = [f"{formats.amount(amount, currency)} on {formats.day(day)}" for day, amount in sorted(ends.items())[:3] if amount]
    sentences = ["The customer has your answer and has not replied."]
    if soon:
        rest = ", the rest after that" if len(ends) > len(soon) else ""
        sentences.append(f"If nobody comes back, this is yours: {', '.join(soon)}{rest}.")
    if any(unit.amount_micros is None for unit in pending):
        sentences.append("Some of them have no price yet and are not in the estimate.")
    return OpenRow(
        fill="pending", name="Pending", how=f"{_units(pending)}{last}", amount_micros=pending_pay.total_micros(pending),
        count=len(pending), sentences=tuple(sentences), url=url,
    )  # fmt: skip


def _held_row(held: Sequence[pending_pay.OpenUnit], url: str) -> OpenRow:
    decided_by, who = min((unit.decided_by, unit.hold_owner) for unit in held if unit.decided_by)
    by = f"{who or 'a person'} decides by {formats.short_day(decided_by)}"
    sentences = [f"Case {unit.case_key}: {unit.hold_message}" for unit in held[:3]]
    if len(held) > len(sentences):
        sentences.append(f"And {len(held) - len(sentences)} more.")
    return OpenRow(
        fill="held", name="Held", how=f"{_units(held)}, {by}", amount_micros=pending_pay.total_micros(held),
        count=len(held), sentences=tuple(sentences), url=url,
    )  # fmt: skip


def _units(units: Sequence[pending_pay.OpenUnit]) -> str:
    return f"{formats.count(len(units))} resolution{'' if len(units) == 1 else 's'}"


def _sum(amounts: Iterable[int]) -> int:
    return sum(amounts)


@dataclass(frozen=True, kw_only=True)
class Week:
    """This week by day, and what it adds up to."""

    first: date
    end: date
    days: tuple[DayRow, ...]

    @property
    def seconds(self) -> int:
        """Seconds worked in the week so far."""
        return sum(day.seconds for day in self.days)

    @property
    def resolution_count(self) -> int:
        """Resolutions verified in the week so far."""
        return sum(day.resolution_count for day in self.days)

    @property
    def earned_micros(self) -> int:
        """What the week brought so far."""
        return sum(day.earned_micros for day in self.days)


def week_of(*, days: Sequence[DayRow], today: date) -> Week:
    """Return the days of this week up to today, Monday first."""
    first = today - timedelta(days=today.weekday())
    return Week(first=first, end=first + timedelta(days=7), days=tuple(day for day in days if first <= day.day <= today))


def greeting(*, name: str, hour: int) -> str:
    """Greet by first name and time of day."""
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {name.split()[0]}"


def days_until(*, day: date, today: date) -> str:
    """Say how far a day is: today, tomorrow, in 15 days."""
    left = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def signed_effect(multiplier: Fraction) -> str:
    """Write what a multiplier adds: +3.28%."""
    return formats.signed_percent(multiplier - 1, 2)
