"""What the settlement before a period hands on: balances, where the tiers of the year stand, the workweek and the workday that are cut."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from billing.rules import periods
from billing.rules.pay import facts, workweeks
from contracts.queries import terms
from contracts.rules import errors, exact

ZERO = Fraction(0)
LATEST = """
    SELECT DISTINCT ON (s.agent_id) s.agent_id, s.period_start, s.currency, v.measure, v.salary_micros IS NOT NULL AS salaried, s.evidence,
        CASE WHEN s.period_end = %(start)s THEN t.timezone END AS timezone
    FROM billing_settlement s JOIN contracts_payplanversion v ON v.id = s.plan_version_id
    LEFT JOIN billing_payrun r ON r.id = s.run_id LEFT JOIN agents_site t ON t.id = r.site_id
    WHERE s.agent_id = ANY(%(agents)s) AND s.period_start < %(start)s
    ORDER BY s.agent_id, s.period_start DESC"""


class UnableToHandOn(errors.InvalidInput):
    """Balances in another currency than the plan pays now."""


@dataclass(frozen=True, kw_only=True)
class HandedOn:
    """What the settlement before left, as it stands there. `measure` is what its tiers counted.

    `timezone` is that of the run that holds it, where it ends as the period begins; None: its hours end where these begin.
    """

    period_start: date | None = None
    currency: str = ""
    measure: str = ""
    balances: facts.Balances = field(default_factory=facts.Balances)
    weeks: tuple[facts.CarriedWeek, ...] = ()
    open_day: facts.CarriedDay | None = None
    timezone: str | None = None

    @property
    def owes(self) -> bool:
        """Whether money waits or is owed."""
        return self.balances.owes

    def balances_for(self, *, plan: terms.PlanTerms, start: date) -> facts.Balances:
        """Return the balances that a period under a plan starts with; tiers start anew with the calendar year or another measure.

        Raises: UnableToHandOn if money stands over in another currency.
        """
        if self.owes and self.currency != plan.currency:
            amounts = {"draw": self.balances.draw, "holdback": self.balances.holdback, "deferred": self.balances.cap}
            told = ", ".join(f"{name} {exact.format_exact(value=value)}" for name, value in amounts.items() if value)
            raise UnableToHandOn(
                f"The settlement before hands on {told or 'a reversal'} in {self.currency}, but {plan.label} pays in {plan.currency}; "
                f"keep a plan that pays in {self.currency} until this is settled.",
                path=("balances",),
            )
        counted = "" if plan.pay.unit is None else plan.pay.unit.measure
        goes_on = self.period_start is not None and self.period_start.year == start.year and self.measure == counted
        return self.balances if goes_on else replace(self.balances, tier_position=ZERO)

    def carried_into(self, *, period: workweeks.PayPeriod) -> tuple[facts.CarriedWeek, ...]:
        """Return the parts of workweeks that go on in a period."""
        return tuple(week for week in self.weeks if period.holds_week(week=week.week))

    def day_into(self, *, period: workweeks.PayPeriod) -> facts.CarriedDay | None:
        """Return the workday that goes on in a period: none where another period lies between."""
        return self.open_day if self.open_day and self.open_day.day >= period.start - workweeks.DAY else None


def handed_on_of(*, rows: Iterable[Mapping[str, Any]]) -> dict[int, HandedOn | errors.InvalidInput]:
    """Return what each agent's settlement before a period hands on; one that cannot be read is a refusal of its own.

    Args:
        rows: of LATEST.
    """
    return {row["agent_id"]: _hand_on_or_refusal(row, date.fromisoformat(row["period_start"]), row["evidence"]) for row in rows}


def starts_of(*, handed: Mapping[int, HandedOn | errors.InvalidInput], period: workweeks.PayPeriod) -> dict[int, datetime]:
    """Return the instant from which on the hours of a period count for who was paid in another time zone before, by agent.

    Where the month before ended later or earlier than this one begins, hours between the two are paid once, by one of them.

    Args:
        handed: what the settlements before hand on.
        period: in the time zone of the site now.
    """
    zones = {agent_id: found.timezone for agent_id, found in handed.items() if isinstance(found, HandedOn)}
    ends = {zone: replace(period, timezone=zone).starts_at for zone in set(zones.values()) if zone}
    return {agent_id: ends[zone] for agent_id, zone in zones.items() if zone and ends[zone] != period.starts_at}


def refuse_clock(*, start: date, refused: periods.InvalidPeriod) -> errors.InvalidInput:
    """Return the refusal of an agent whose settlement was counted by a clock that nobody can read.

    Args:
        start: first day of the settlement's period.
        refused: why it cannot be read.
    """
    return errors.InvalidInput(
        f"The clock of the site that paid the period from {start} cannot be read: {refused.message} Mend the site, then calculate again.",
        path=("evidence",),
    )


def _hand_on_or_refusal(row: Mapping[str, Any], start: date, evidence: Mapping[str, Any]) -> HandedOn | errors.InvalidInput:
    try:
        if row["timezone"] is not None:
            periods.load_timezone(name=row["timezone"])
        balances = {name: Fraction(value) for name, value in evidence.get("balances", {}).items()}
        cut_week, open_day = evidence.get("cut_week"), evidence.get("open_day")
        weeks = tuple(replace(_week(week, cut_week), salaried=row["salaried"]) for week in evidence.get("weeks", ()))
        return HandedOn(
            period_start=start,
            currency=row["currency"],
            measure=row["measure"],
            balances=facts.Balances(**balances),
            weeks=weeks,
            open_day=_day(open_day) if open_day else None,
            timezone=row["timezone"],
        )
    except periods.InvalidPeriod as refused:
        return refuse_clock(start=start, refused=refused)
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as fault:
        return errors.InvalidInput(
            f"What the settlement of the period from {start} hands on cannot be read ({type(fault).__name__}: {fault}); "
            "restore its evidence from a backup, then calculate again.",
            path=("evidence",),
        )


def _week(week: Mapping[str, Any], cut_week: Mapping[str, Any] | None) -> facts.CarriedWeek:
    sums = facts.CarriedWeek(
        week=date.fromisoformat(week["week"]),
        hours=Fraction(week["hours"]),
        overtime_hours=Fraction(week["overtime_hours"]),
        double_time_hours=Fraction(week["double_time_hours"]),
        pay=Fraction(week["pay"]),
        overtime=Fraction(week["premium"]),
        # Settlements of before this was kept do not say it.
        day_count=int(week.get("day_count", 0)),
    )
    return _join_details(sums, cut_week) if cut_week and cut_week["week"] == week["week"] else sums


def _join_details(sums: facts.CarriedWeek, told: Mapping[str, Any]) -> facts.CarriedWeek:
    """Join what a settlement tells of the workweek that its period cut, where its sums do not tell all."""
    return replace(
        sums,
        time=tuple(
            facts.HourSlice(
                week=sums.week,
                day=None if part["day"] is None else date.fromisoformat(part["day"]),
                category=part["category"],
                hours=Fraction(part["hours"]),
                day_type=part["day_type"],
            )
            for part in told["time"]
        ),
        earned=tuple(facts.CarriedPay(kind=one["kind"], amount=Fraction(one["amount"]), in_rate=one["in_rate"]) for one in told["earned"]),
        recoveries=tuple(
            facts.Recovery(week=sums.week, hours=Fraction(one["hours"]), hourly=None if one["hourly"] is None else Fraction(one["hourly"]))
            for one in told["recoveries"]
        ),
        shares=tuple(
            facts.CarriedShare(kind=one["kind"], multiplier=Fraction(one["multiplier"]), hours=Fraction(one["hours"]))
            for one in told["shares"]
        ),
        flat_sum=Fraction(told["flat_sum"]),
    )


def _day(told: Mapping[str, Any]) -> facts.CarriedDay:
    starts_at = told["starts_at"]
    return facts.CarriedDay(
        day=date.fromisoformat(told["day"]),
        hours=Fraction(told["hours"]),
        starts_at=None if starts_at is None else datetime.fromisoformat(starts_at),
    )
