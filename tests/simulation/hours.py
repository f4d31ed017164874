"""How an agent who wants nothing but pay plans her weeks, under the real guardrails and the real pay pipeline.

She tries every schedule of a grid. Before each shift and through it the guardrails are asked; a stop ends the shift and keeps
her at home until it ends. What she then worked is paid by `pipeline.compute_agent`. Assumed, and told in docs/fairness.md:
hours between breaks tire, so each hour since the last break yields `tired` less; a rest of 15 minutes is paid base pay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import product

from agents.rules import load, worked_time
from billing.rules import money
from billing.rules.pay import facts, gather, pipeline, workweeks
from contracts import rule_packs
from tests.simulation import plans

HOUR = timedelta(hours=1)
FIRST = datetime(2016, 2, 29, 9, tzinfo=UTC)
WEEKS = 5
# The last four of the five weeks are paid, so that a schedule that borrows from the first one shows.
PERIOD = workweeks.PayPeriod(start=date(2016, 3, 7), end=date(2016, 4, 4))
REST = timedelta(minutes=15)
MEAL = timedelta(minutes=30)
TIRED = Fraction(3, 100)
SHIFT_HOURS = (4, 6, 8, 9, 10, 11, 12, 14, 16)
DAYS = (4, 5, 6, 7)
Segment = tuple[str, datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What she plans: hours on shift, days a week, and whether she takes her breaks."""

    shift_hours: int
    days: int
    takes_breaks: bool


@dataclass(kw_only=True)
class Worked:
    """What came of it: shifts, the time in them by category, and what the guardrails decided."""

    shifts: list[worked_time.Shift] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    suspensions: list[facts.Decision] = field(default_factory=list)
    stop_count: int = 0

    @property
    def hours_by_week(self) -> list[Fraction]:
        """Hours worked in each of the five weeks."""
        line = worked_time.build_timeline(shifts=self.shifts, as_of=FIRST + timedelta(weeks=WEEKS + 1))
        starts = [FIRST.replace(hour=0) + timedelta(weeks=week) for week in range(WEEKS)]
        return [worked_time.to_hours(line.worked_between(start, start + timedelta(weeks=1))) for start in starts]


def schedules() -> Iterator[Schedule]:
    """Give every schedule of the grid."""
    for shift_hours, days, takes_breaks in product(SHIFT_HOURS, DAYS, (True, False)):
        yield Schedule(shift_hours=shift_hours, days=days, takes_breaks=takes_breaks)


@cache
def work(schedule: Schedule) -> Worked:
    """Let her work five weeks as planned, as far as the guardrails let her."""
    done = Worked()
    for day in range(WEEKS * 7):
        if day % 7 >= schedule.days:
            continue
        start = FIRST + timedelta(days=day)
        start = max([start, *_stops_until(done.shifts, start)])
        planned = _shift(schedule, start)
        if start.date() != (FIRST + timedelta(days=day)).date() or planned.end is None:
            continue
        end, decided = _stopped_at(done.shifts, planned)
        done.stop_count += end < planned.end
        done.suspensions += [
            facts.Decision(effect="premium_suspended", starts_at=found.from_at, ends_at=found.until_at)
            for found in decided
            if "premium_suspended" in found.effects
        ]
        if end > start:
            shift = _cut(planned, end)
            done.shifts.append(shift)
            done.segments += _segments(shift)
    return done


def pay(*, plan: plans.SimulatedPlan, schedule: Schedule, tired: Fraction = TIRED) -> Fraction:
    """Return what four weeks of a schedule are paid, in the major unit."""
    return _pay(plan.code, schedule, tired)


@cache
def _pay(code: str, schedule: Schedule, tired: Fraction) -> Fraction:
    """Plans hold mappings and cannot be a key, so their code stands for them."""
    plan = next(plan for plan in plans.demo_plans() if plan.code == code)
    worked = work(schedule)
    pack = rule_packs.load_rule_pack(code=plans.RULE_PACK, on=PERIOD.start)
    raw = gather.RawFacts(
        agent="A-1",
        credits=[_credit(number, at, plan) for number, at in enumerate(_units(worked, plan.units_per_hour, tired))],
        time=[facts.TimeSegment(category=category, starts_at=start, ends_at=end) for category, start, end in worked.segments],  # type: ignore[arg-type]
        decisions=worked.suspensions,
    )
    gathered = gather.gather_facts(raw=raw, terms=plan.terms, pack=pack, period=PERIOD, currency="USD")
    done = pipeline.compute_agent(terms=plan.terms, pack=pack, period=PERIOD, facts=gathered, rounding=money.Round(places=2))
    return done.total


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The schedule that pays most, what it pays, and what she then really worked."""

    schedule: Schedule
    pay: Fraction
    worked: Worked


def choose(*, plan: plans.SimulatedPlan, tired: Fraction = TIRED) -> Choice:
    """Return the schedule that pays most; of equal ones that with the fewest hours."""
    found = (Choice(schedule=one, pay=pay(plan=plan, schedule=one, tired=tired), worked=work(one)) for one in schedules())
    return max(found, key=lambda choice: (choice.pay, -sum(choice.worked.hours_by_week)))


def harms(worked: Worked) -> list[str]:
    """Return the healthy limits that the worked weeks really broke, by their codes; those of the law, not of the plan."""
    broken = set()
    for shift in worked.shifts:
        assert shift.end is not None
        for found in load.check_load(shifts=worked.shifts, contacts=[], as_of=shift.end):
            is_beyond = found.threshold is not None and (
                found.value < found.threshold if found.limit in load.RESTS else found.value > found.threshold
            )
            if found.level == "act" and is_beyond:
                broken.add(found.limit)
    return sorted(broken)


def _stops_until(shifts: list[worked_time.Shift], at: datetime) -> list[datetime]:
    decided = load.check_load(shifts=shifts, contacts=[], as_of=at)
    return [found.until_at for found in decided if "stop_assignment" in found.effects and found.until_at is not None]


def _stopped_at(shifts: list[worked_time.Shift], planned: worked_time.Shift) -> tuple[datetime, tuple[load.Decision, ...]]:
    """Return when the first stop of a shift begins, or its end; guardrails look every few minutes, so no stop hides an earlier one."""
    assert planned.end is not None
    end, decided = planned.end, load.check_load(shifts=[*shifts, planned], contacts=[], as_of=planned.end)
    while True:
        before = end - timedelta(seconds=1)
        earlier = load.check_load(shifts=[*shifts, planned], contacts=[], as_of=before) if before > planned.start else ()
        stops = [found.from_at for found in (*decided, *earlier) if "stop_assignment" in found.effects and found.from_at is not None]
        if not stops or min(stops) >= end:
            return end, decided
        end = max(min(stops), planned.start)
        decided = load.check_load(shifts=[*shifts, planned], contacts=[], as_of=end)


def _shift(schedule: Schedule, start: datetime) -> worked_time.Shift:
    """Plan a shift; with breaks, a meal every four hours of it and a rest between."""
    end = start + schedule.shift_hours * HOUR
    if not schedule.takes_breaks:
        return worked_time.Shift(start=start, end=end)
    marks = [start + step * HOUR for step in range(2, schedule.shift_hours, 2)]
    breaks = [worked_time.Break(start=at, end=at + (MEAL if number % 2 else REST)) for number, at in enumerate(marks)]
    return worked_time.Shift(start=start, end=end, breaks=tuple(breaks))


def _cut(shift: worked_time.Shift, end: datetime) -> worked_time.Shift:
    kept = tuple(pause for pause in shift.breaks if pause.end is not None and pause.end < end)
    return worked_time.Shift(start=shift.start, end=end, breaks=kept)


def _segments(shift: worked_time.Shift) -> list[Segment]:
    assert shift.end is not None
    found, start = [], shift.start
    for pause in shift.breaks:
        assert pause.end is not None
        found.append(("productive", start, pause.start))
        found.append(("meal_unpaid" if pause.end - pause.start == MEAL else "rest_break", pause.start, pause.end))
        start = pause.end
    return [*found, ("productive", start, shift.end)]


def _units(worked: Worked, per_hour: Fraction, tired: Fraction) -> Iterator[datetime]:
    """Give when a resolution is verified: the work of each stretch adds up, less what tiredness takes."""
    stock = Fraction(0)
    for category, start, end in worked.segments:
        if category != "productive":
            continue
        hours = worked_time.to_hours(end - start)
        stock += per_hour * max(Fraction(0), hours - tired * hours * hours / 2)
        while stock >= 1:
            stock -= 1
            yield end - timedelta(seconds=1)


def _credit(number: int, at: datetime, plan: plans.SimulatedPlan) -> facts.Credit:
    return facts.Credit(
        resolution=f"R-{number}", verified_at=at, price=plan.price, list_price=plan.price, class_code="refund/chat", currency="USD"
    )
