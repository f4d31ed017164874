"""The facts of one agent in a pay document, and their way into the words of the rules."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from agents.rules import scores
from billing.calculator import carried_fields, fields, score
from billing.rules.pay import facts, gather, workweeks
from contracts.rules import errors, pay_plans, quality_curve

ZERO, ONE = Fraction(0), Fraction(1)
PERIOD_DAYS_MAX = 3660


class InvalidFact(errors.InvalidInput):
    """A fact that says too little or too much to be read one way."""


class FactField(fields.Document):
    """An entered fact that checks itself, so that contradictions in several are told together."""

    @abstractmethod
    def to_fact(self) -> object:
        """Return the fact in the words of the rules."""

    @model_validator(mode="after")
    def _check_fact(self) -> Self:
        self.to_fact()
        return self


class PeriodField(fields.Document):
    """The pay period: local days, the end exclusive."""

    start: fields.Day
    end: fields.Day
    timezone: str = "UTC"
    workweek_start: str = "monday 00:00"

    def to_period(self) -> workweeks.PayPeriod:
        """Return the period; a fault says where in it it lies."""
        try:
            weekday, hour = workweeks.read_workweek_start(text=self.workweek_start)
        except errors.InvalidInput as refused:
            raise refused.inside("workweek_start") from refused
        if (self.end - self.start).days > PERIOD_DAYS_MAX:
            raise InvalidFact(
                f"A pay period is at most {PERIOD_DAYS_MAX} days long, ten years; one of its days is mistyped.", path=("end",)
            )
        return workweeks.PayPeriod(start=self.start, end=self.end, timezone=self.timezone, weekday=weekday, hour=hour)


class TimeField(FactField):
    """Hours of a category by week or by day, or exact time from start to end."""

    category: pay_plans.Category
    week: fields.Day | None = None
    day: fields.Day | None = None
    hours: fields.NonNegative | None = None
    start: fields.Instant | None = None
    end: fields.Instant | None = None
    day_type: str | None = None

    def to_fact(self) -> facts.TimeSum | facts.TimeSegment:
        """Return a sum or a segment."""
        if self.start is not None and self.end is not None:
            if not (self.week is None and self.day is None and self.hours is None):
                raise InvalidFact("Exact time has a start and an end, and no week, day or hours.")
            return facts.TimeSegment(category=self.category, starts_at=self.start, ends_at=self.end, day_type=self.day_type)
        if self.start is not None or self.end is not None:
            raise InvalidFact("Exact time has both a start and an end.")
        if self.hours is None or (self.week is None) == (self.day is None):
            raise InvalidFact("Say hours with a week or with a day, or exact time with start and end.")
        return facts.TimeSum(category=self.category, hours=self.hours, week=self.week, day=self.day, day_type=self.day_type)


class CreditField(fields.Document):
    """The agent's part in one resolution; verified_at null is not yet verified, and only accrued."""

    resolution: str
    verified_at: fields.Instant | None = None
    price: fields.NonNegative | None = None
    list_price: fields.NonNegative | None = None
    credit: fields.NonNegative = ONE
    class_code: str | None = Field(default=None, alias="class")
    currency: fields.Currency | None = None

    def to_credit(self) -> facts.Credit:
        """Return the credit."""
        return facts.Credit(
            resolution=self.resolution,
            verified_at=self.verified_at,
            credit=self.credit,
            price=self.price,
            list_price=self.list_price,
            class_code=self.class_code,
            currency=self.currency,
        )


class ClosedWeekField(fields.Document):
    """A workweek that was settled before, with its hours."""

    week: fields.Day
    hours: fields.NonNegative
    overtime_hours: fields.NonNegative = ZERO
    double_time_hours: fields.NonNegative = ZERO


def _tell_week(value: Any) -> str:
    is_open = isinstance(value, Mapping) and value.keys() == {"week"}
    return "closed" if isinstance(value, Mapping | ClosedWeekField) and not is_open else "week"


def _read_open_week(value: Any) -> Any:
    """Take {week} without hours for the week's day: hours are told of closed weeks alone."""
    return value["week"] if isinstance(value, Mapping) else value


_DAY_SCHEMA = {"type": "string", "format": "date"}
_OPEN_WEEK_SCHEMA = {"type": "object", "properties": {"week": _DAY_SCHEMA}, "required": ["week"], "additionalProperties": False}
OpenWeek = Annotated[fields.Day, BeforeValidator(_read_open_week), WithJsonSchema({"anyOf": [_DAY_SCHEMA, _OPEN_WEEK_SCHEMA]})]
AnyWeek = Annotated[Annotated[OpenWeek, Tag("week")] | Annotated[ClosedWeekField, Tag("closed")], Discriminator(_tell_week)]


class AmountField(FactField):
    """An entered amount: of one week, or spread over weeks."""

    kind: facts.AmountKind
    amount: fields.Exact | None = None
    percent: fields.NonNegative | None = None
    week: fields.Day | None = None
    day: fields.Day | None = None
    weeks: tuple[AnyWeek, ...] | None = None
    spread: facts.Spread = "equal_weeks"
    label: str | None = None
    currency: fields.Currency | None = None

    def to_fact(self) -> facts.Amount:
        """Return the amount."""
        needed, other = ("percent", "amount") if self.kind == "percent_bonus" else ("amount", "percent")
        named = self.kind.replace("_", " ")
        if getattr(self, needed) is None:
            raise InvalidFact(f"Say the {needed} of this {named}.", path=(needed,))
        if getattr(self, other) is not None:
            raise InvalidFact(f"This {named} has a {needed}; leave its {other} out.", path=(other,))
        if self.weeks is not None and not (self.week is None and self.day is None and self.weeks):
            raise InvalidFact("An amount belongs to one week or day, or is spread over at least one of weeks.", path=("weeks",))
        if self.week is not None and self.day is not None:
            raise InvalidFact("An amount belongs to a week or to a day; name one of the two.", path=("day",))
        return facts.Amount(
            kind=self.kind,
            amount=self.amount,
            percent=self.percent,
            week=self.week,
            day=self.day,
            weeks=tuple(_to_week(week) for week in self.weeks or ()),
            spread=self.spread,
            label=self.label,
            currency=self.currency,
        )


class DecisionField(FactField):
    """A guardrail decision, as kind guardrails answers it; hourly: what paid recovery was promised to earn."""

    limit: str | None = None
    value: Any = None
    threshold: Any = None
    level: Literal["ok", "warn", "act"] | None = None
    effect: facts.Effect | None = None
    effects: tuple[facts.Effect, ...] | None = None
    starts_at: fields.Instant | None = Field(default=None, alias="from")
    ends_at: fields.Instant | None = Field(default=None, alias="until")
    hourly: fields.NonNegative | None = None

    def to_fact(self) -> list[facts.Decision]:
        """Return one decision for each effect, recovery first; one whose limit is not reached changes nothing."""
        if self.starts_at is not None and self.ends_at is not None and self.ends_at < self.starts_at:
            raise InvalidFact("A decision ends after it begins; correct from or until.", path=("until",))
        said: set[facts.Effect] = {*(self.effects or ()), *(() if self.effect is None else (self.effect,))}
        effects: list[facts.Effect] = ["prompt"] if self.level == "ok" or not said else sorted(said)
        return [facts.Decision(effect=effect, starts_at=self.starts_at, ends_at=self.ends_at, hourly=self.hourly) for effect in effects]


class ReleaseField(fields.Document):
    """A part of the holdback that is paid out."""

    resolution: str
    amount: fields.NonNegative


class ReversalField(FactField):
    """A resolution that fell: what was paid and is held for it, and which part of it fell."""

    resolution: str
    paid: fields.NonNegative = ZERO
    held: fields.NonNegative = ZERO
    fraction: fields.NonNegative = ONE

    def to_fact(self) -> facts.Reversal:
        """Return the reversal."""
        if self.fraction > 1:
            raise InvalidFact("A fraction is a part of the whole, from 0 to 1.", path=("fraction",))
        return facts.Reversal(resolution=self.resolution, paid=self.paid, held=self.held, fraction=self.fraction)


class BalancesField(fields.Document):
    """What stands over from earlier periods."""

    draw: fields.NonNegative = ZERO
    holdback: fields.NonNegative = ZERO
    cap: fields.NonNegative = ZERO
    reversal: fields.NonNegative = ZERO
    tier_position: fields.NonNegative = ZERO

    def to_balances(self) -> facts.Balances:
        """Return the balances."""
        return facts.Balances(
            draw=self.draw, holdback=self.holdback, cap=self.cap, reversal=self.reversal, tier_position=self.tier_position
        )


class EmployedField(fields.Document):
    """First day of employment, and the first day after it."""

    starts_on: fields.Day | None = Field(default=None, alias="from")
    ends_on: fields.Day | None = Field(default=None, alias="until")


class ExchangeRateField(fields.Document):
    """From a day on, one unit of the currency is rate units of the document's."""

    currency: fields.Currency
    starts_on: fields.Day = Field(alias="from")
    rate: fields.Positive

    def to_rate(self) -> facts.ExchangeRate:
        """Return the rate."""
        return facts.ExchangeRate(currency=self.currency, starts_on=self.starts_on, rate=self.rate)


class AgentField(fields.Document):
    """Everything known of one agent."""

    agent: str
    scores: tuple[score.MetricField, ...] = ()
    time: tuple[TimeField, ...] = ()
    credits: tuple[CreditField, ...] = ()
    amounts: tuple[AmountField, ...] = ()
    guardrails: tuple[DecisionField, ...] = ()
    releases: tuple[ReleaseField, ...] = ()
    reversals: tuple[ReversalField, ...] = ()
    balances: BalancesField = BalancesField()
    employed: EmployedField = EmployedField()
    carried_weeks: tuple[carried_fields.CarriedWeekField, ...] = ()
    carried_day: carried_fields.CarriedDayField | None = None

    def to_raw(self, *, prior_strength: Fraction) -> gather.RawFacts:
        """Return the facts; a metric without a prior strength of its own has the plan's."""
        return gather.RawFacts(
            agent=self.agent,
            credits=[credit.to_credit() for credit in self.credits],
            time=[entry.to_fact() for entry in self.time],
            decisions=_in_place([decision.to_fact() for decision in self.guardrails]),
            metrics=tuple(_to_metric(metric, prior_strength) for metric in self.scores),
            amounts=[amount.to_fact() for amount in self.amounts],
            releases=tuple(facts.Release(resolution=release.resolution, amount=release.amount) for release in self.releases),
            reversals=tuple(reversal.to_fact() for reversal in self.reversals),
            balances=self.balances.to_balances(),
            carried=tuple(_read_all("carried_weeks", self.carried_weeks, carried_fields.CarriedWeekField.to_week)),
            carried_day=self.carried_day.to_day() if self.carried_day else None,
        )


def _in_place(decided: list[list[facts.Decision]]) -> list[facts.Decision]:
    """Keep the first effect of each decision at its place, where a fault looks for it; the others follow."""
    return [*(effects[0] for effects in decided), *(effect for effects in decided for effect in effects[1:])]


def _to_week(week: date | ClosedWeekField) -> date | facts.ClosedWeek:
    return facts.ClosedWeek(**dict(week)) if isinstance(week, ClosedWeekField) else week


def _to_metric(metric: score.MetricField, prior_strength: Fraction) -> scores.Metric:
    if metric.prior_strength is None and metric.beta is None:
        return metric.model_copy(update={"prior_strength": prior_strength}).to_terms()
    return metric.to_terms()


def _read_all(place: str, given: Any, read: Any) -> list[Any]:
    """Read a list; a fault says which item it lies in."""
    made = []
    for position, item in enumerate(given):
        try:
            made.append(read(item))
        except errors.InvalidInput as refused:
            raise refused.inside(place, position) from refused
    return made


PRIOR_STRENGTH_DEFAULT = quality_curve.PRIOR_STRENGTH_DEFAULT
