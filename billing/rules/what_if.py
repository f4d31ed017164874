"""What if: an agent's own open period with a few changes, paid by the same pipeline, beside what it is paid now.

Nothing is estimated by another formula. Changes are made to the recorded facts; guardrails clip what nobody should do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from agents.rules import load, scores
from billing.rules import money
from billing.rules.pay import earnings, facts, gather, pipeline, settlements, workweeks
from contracts.rules import errors, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)
DAY = timedelta(days=1)
DAYS_OF_WEEK = 7
# Nobody is offered more than six days of seven: weekly rest comes first.
DAYS_WORKED = Fraction(6, 7)


class InvalidChanges(errors.InvalidInput):
    """Changes that name a class or metric that is not there, or take away more than there is."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is different: resolutions more or less by class, hours more, and successes by metric instead of those counted."""

    resolutions: Mapping[str, int] = field(default_factory=dict)
    hours: Fraction = ZERO
    successes: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything that one agent's pay reads: as the nightly accrual has it."""

    raw: gather.RawFacts
    terms: pay_plans.PayTerms
    pack: rule_packs.RulePack
    period: workweeks.PayPeriod
    currency: str
    as_of: datetime
    rates: tuple[facts.ExchangeRate, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of pay, now and then; `lines` are the lines that it would have then."""

    kind: str
    now: Fraction
    then: Fraction
    lines: tuple[earnings.Line, ...]

    @property
    def difference(self) -> Fraction:
        """What the changes bring."""
        return self.then - self.now


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An agent's pay now and with the changes."""

    now: settlements.AgentPay
    then: settlements.AgentPay
    rows: tuple[Row, ...]


def hours_room(*, decisions: Sequence[load.Decision], limits: load.Limits, as_of: datetime, ends_at: datetime) -> Fraction:
    """Return how many hours the guardrails leave until the end of the period.

    Args:
        decisions: what the limits say now.
        limits: the plan's limits.
        as_of: the instant.
        ends_at: end of the period, exclusive.

    Returns: whole hours, rounded down: the weekly limit for the days that are left, on six days of seven, none while
        new contacts are stopped.
    Source: design.md section 8.

    >>> noon = datetime(2026, 10, 5, 12, tzinfo=UTC)
    >>> hours_room(decisions=(), limits=load.Limits(), as_of=noon, ends_at=noon + 7 * DAY)
    Fraction(48, 1)
    """
    free_at = max([as_of, *(one.until_at or ends_at for one in decisions if "stop_assignment" in one.effects)])
    days = Fraction(max(timedelta(0), ends_at - free_at) // timedelta(seconds=1), DAY // timedelta(seconds=1))
    weekly = limits.limit_of("weekly_hours").act
    daily = limits.limit_of("shift_length").act
    bounds = [days * limit / DAYS_OF_WEEK for limit in (weekly, limits.weekly_hours_absolute) if limit is not None]
    if daily is not None:
        bounds.append(days * DAYS_WORKED * daily)
    return Fraction(min(bounds, default=days * DAYS_WORKED * 8) // 1)


def compare(*, situation: Situation, changes: Changes) -> Comparison:
    """Pay an agent's period as it stands and with the changes, by the same rules.

    Args:
        situation: the agent's recorded facts and terms.
        changes: what is different; hours beyond `hours_room` are the caller's to refuse.

    Returns: both, and one row for each kind of line in the order of the rules.
    Raises: InvalidChanges; InvalidInput of the rule that refuses.
    Source: design.md section 10, "the agent's own what-if".
    """
    now = _pay(situation, situation.raw)
    then = _pay(situation, apply(situation=situation, changes=changes))
    kinds = list(dict.fromkeys(line.kind for line in (*then.lines, *now.lines)))
    ordered = sorted(kinds, key=earnings_order)
    return Comparison(now=now, then=then, rows=tuple(_row(kind, now, then) for kind in ordered))


def apply(*, situation: Situation, changes: Changes) -> gather.RawFacts:
    """Return the agent's facts with the changes made.

    Args:
        situation: what the agent's pay reads now.
        changes: resolutions by class, more or fewer; hours more, zero or more; successes instead of those counted.

    Raises: InvalidChanges.
    Source: design.md section 10, "the agent's own what-if".
    """
    credits = list(situation.raw.credits)
    for class_code, count in changes.resolutions.items():
        credits = _change_class(credits, class_code, count, situation)
    return replace(
        situation.raw,
        credits=tuple(credits),
        time=(*situation.raw.time, *_more_time(changes.hours, situation)),
        metrics=tuple(_change_metric(metric, changes.successes) for metric in situation.raw.metrics),
    )


def earnings_order(kind: str) -> int:
    """Return where a kind stands among the rules."""
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


ORDER = (
    *("unit", "tier_uplift", "quality", "guardrail", "base", "category", "piece", "bonus", "commission", "shift_differential"),
    *("recovery", "rest", "nonproductive", "floor", "overtime", "true_up", "holdback", "release", "reversal", "draw", "draw_recovery"),
    *("cap", "cap_release", "adjustment"),
)


def _pay(situation: Situation, raw: gather.RawFacts) -> settlements.AgentPay:
    gathered = gather.gather_facts(
        raw=raw, terms=situation.terms, pack=situation.pack, period=situation.period, currency=situation.currency, rates=situation.rates
    )
    rounding = money.Round(places=money.currency_places(currency=situation.currency))
    return pipeline.compute_agent(terms=situation.terms, pack=situation.pack, period=situation.period, facts=gathered, rounding=rounding)


def _row(kind: str, now: settlements.AgentPay, then: settlements.AgentPay) -> Row:
    before, after = (tuple(line for line in pay.lines if line.kind == kind) for pay in (now, then))
    return Row(
        kind=kind,
        now=sum((line.amount for line in before), ZERO),
        then=sum((line.amount for line in after), ZERO),
        lines=after,
    )


def _change_class(credits: list[facts.Credit], class_code: str, count: int, situation: Situation) -> list[facts.Credit]:
    """Add units like the latest one of a class, whole and verified now; or leave its latest ones out."""
    of_class = sorted((one for one in credits if one.class_code == class_code and one.verified_at), key=_verified)
    if not of_class:
        raise InvalidChanges(f"You have no resolution of {class_code} in this period, so its price is not known.", path=(class_code,))
    if -count > len(of_class):
        raise InvalidChanges(f"You have {len(of_class)} resolutions of {class_code}; fewer than none cannot be.", path=(class_code,))
    if count < 0:
        dropped = {id(one) for one in of_class[count:]}
        return [one for one in credits if id(one) not in dropped]
    verified_at = min(max(situation.as_of, situation.period.starts_at), situation.period.ends_at - timedelta(microseconds=1))
    latest = of_class[-1]
    more = [
        replace(latest, resolution=f"{latest.resolution} more {number}", verified_at=verified_at, credit=ONE)
        for number in range(1, count + 1)
    ]
    return [*credits, *more]


def _verified(credit: facts.Credit) -> tuple[datetime, str]:
    assert credit.verified_at is not None
    return credit.verified_at.astimezone(UTC), credit.resolution


def _more_time(hours: Fraction, situation: Situation) -> list[facts.TimeSum]:
    """Spread hours evenly over the days that are left, today excluded unless it is the last."""
    if hours < 0:
        raise InvalidChanges("Hours that were clocked are paid; only more of them can be tried.", path=("hours",))
    if hours == 0:
        return []
    today = situation.period.local_day(at=min(situation.as_of, situation.period.ends_at - timedelta(microseconds=1)))
    days = _days(today + DAY, situation.period.end) or [today]
    return [facts.TimeSum(category="productive", day=day, hours=hours / len(days)) for day in days]


def _days(start: date, end: date) -> list[date]:
    return [start + count * DAY for count in range(max(0, (end - start).days))]


def _change_metric(metric: scores.Metric, successes: Mapping[str, Fraction]) -> scores.Metric:
    return replace(metric, successes=successes[metric.code]) if metric.code in successes else metric
