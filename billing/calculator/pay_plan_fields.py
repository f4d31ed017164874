"""The plan and the rule pack of a pay document, and their way into frozen terms."""

import re
from datetime import date, time
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, StrictBool, Tag, WithJsonSchema

from agents.rules import load
from billing.calculator import fields, score
from contracts import rule_packs as shipped
from contracts.rules import errors, pay_plans, quality_curve, rule_packs

ZERO, ONE, HUNDRED = Fraction(0), Fraction(1), Fraction(100)
_LOCAL_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _read_local_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _LOCAL_TIME.fullmatch(value):
        raise ValueError('write the local time with two digits each, such as "22:00"')
    return time.fromisoformat(value)


def _check_minutes(value: Fraction) -> Fraction:
    if value.denominator != 1:
        raise ValueError("write a whole number of minutes, such as 15")
    return value


LocalTime = Annotated[
    time,
    BeforeValidator(_read_local_time),
    WithJsonSchema({"type": "string", "pattern": f"^{_LOCAL_TIME.pattern}$", "examples": ["22:00"]}),
]


class TierField(fields.Document):
    """A tier: (previous up_to, up_to]; up_to null is without end. It has a share, a unit_amount or an amount."""

    up_to: fields.NonNegative | None = None
    share: fields.NonNegative | None = None
    unit_amount: fields.NonNegative | None = None
    amount: fields.NonNegative | None = None


class UnitField(fields.TermsField):
    """What one credited resolution earns: a plain share or unit_amount, or tiers."""

    basis: pay_plans.Basis = "booked"
    measure: pay_plans.Measure = "count"
    mode: pay_plans.Mode = "marginal"
    accumulate: pay_plans.Accumulate = "period"
    share: fields.NonNegative | None = None
    unit_amount: fields.NonNegative | None = None
    tiers: tuple[TierField, ...] | None = None
    amounts: dict[str, fields.NonNegative] = {}

    def to_terms(self) -> pay_plans.UnitTerms:
        """Return the frozen terms."""
        kind, tiers = self._read_tiers() if self.tiers is not None else self._read_plain()
        return pay_plans.UnitTerms(
            rate_kind=kind,
            tiers=tiers,
            is_tiered=self.tiers is not None,
            basis=self.basis,
            measure=self.measure,
            mode=self.mode,
            accumulate=self.accumulate,
            amounts=self.amounts,
        )

    def _read_plain(self) -> tuple[pay_plans.RateKind, tuple[pay_plans.PayTier, ...]]:
        share = ONE if self.basis == "fixed" and self.share is None and self.unit_amount is None else self.share
        kind, rate = _read_rate((("share", share), ("unit_amount", self.unit_amount)), ())
        return kind, (pay_plans.PayTier(up_to=None, rate=rate),)

    def _read_tiers(self) -> tuple[pay_plans.RateKind, tuple[pay_plans.PayTier, ...]]:
        tiers = self.tiers or ()
        for name, said in (("share", self.share), ("unit_amount", self.unit_amount)):
            if said is not None:
                raise pay_plans.InvalidPayPlan(f"The tiers say what a resolution earns; leave {name} out.", path=(name,))
        read = [
            _read_rate((("share", tier.share), ("unit_amount", tier.unit_amount), ("amount", tier.amount)), ("tiers", place))
            for place, tier in enumerate(tiers)
        ]
        for place, (kind, _) in enumerate(read):
            if kind != read[0][0]:
                raise pay_plans.InvalidPayPlan(f"The first tier has a {read[0][0]}, so every tier has one.", path=("tiers", place, kind))
        made = tuple(pay_plans.PayTier(up_to=tier.up_to, rate=rate) for tier, (_, rate) in zip(tiers, read, strict=True))
        return (read[0][0] if read else "share"), made


class QualityField(fields.TermsField):
    """How quality moves unit pay."""

    low: score.LowField
    high: score.HighField
    n_min: fields.NonNegative = quality_curve.N_MIN_DEFAULT
    prior_strength: fields.NonNegative = quality_curve.PRIOR_STRENGTH_DEFAULT
    weights: dict[str, fields.NonNegative] = {}

    def to_terms(self) -> pay_plans.QualityTerms:
        """Return the frozen terms."""
        curve = score.read_curve(low=self.low, high=self.high)
        return pay_plans.QualityTerms(curve=curve, n_min=self.n_min, prior_strength=self.prior_strength, weights=self.weights)


class SalaryField(fields.TermsField):
    """A fixed amount for a stretch of time; hours: how many of a workweek it covers."""

    amount: fields.NonNegative
    per: pay_plans.SalaryPer = "week"
    hours: fields.Positive | None = None

    def to_terms(self) -> pay_plans.Salary:
        """Return the frozen terms."""
        return pay_plans.Salary(amount=self.amount, per=self.per, hours=self.hours)


class PartField(fields.Document):
    """A share of holdback or clawback."""

    share: fields.NonNegative


class CapField(fields.Document):
    """The most variable pay of a period."""

    amount: fields.NonNegative


class DrawField(fields.TermsField):
    """What a total is lifted to, and how a recoverable lift is repaid."""

    minimum: fields.NonNegative
    recoverable: StrictBool = False
    recovery_share: fields.NonNegative = ONE

    def to_terms(self) -> pay_plans.Draw:
        """Return the frozen terms."""
        return pay_plans.Draw(minimum=self.minimum, recoverable=self.recoverable, recovery_share=self.recovery_share)


class LimitField(fields.Document):
    """Where a guardrail warns and acts."""

    warn: fields.NonNegative | None = None
    act: fields.NonNegative | None = None


class PlanField(fields.TermsField):
    """A pay plan; what is missing is no such rule."""

    version: str = ""
    base_hourly: fields.NonNegative | None = None
    salary: SalaryField | None = None
    guaranteed_hourly: fields.NonNegative | None = None
    category_rates: dict[str, fields.NonNegative] = {}
    unit: UnitField | None = None
    quality: QualityField | None = None
    holdback: PartField | None = None
    cap: CapField | None = None
    draw: DrawField | None = None
    clawback: PartField | None = None
    guardrails: dict[str, LimitField] = {}

    def to_terms(self) -> pay_plans.PayTerms:
        """Return the frozen terms."""
        unit, quality, salary, draw = self.unit, self.quality, self.salary, self.draw
        return pay_plans.PayTerms(
            version=self.version,
            base_hourly=self.base_hourly,
            salary=salary.to_terms() if salary else None,
            guaranteed_hourly=self.guaranteed_hourly,
            category_rates=self.category_rates,
            unit=unit.to_terms() if unit else None,
            quality=quality.to_terms() if quality else None,
            holdback_share=self.holdback.share if self.holdback else None,
            cap_amount=self.cap.amount if self.cap else None,
            draw=draw.to_terms() if draw else None,
            clawback_share=self.clawback.share if self.clawback else None,
            guardrails=self._read_limits(),
        )

    def _read_limits(self) -> dict[str, pay_plans.Limit]:
        limits = {code: pay_plans.Limit(warn=limit.warn, act=limit.act) for code, limit in self.guardrails.items()}
        try:
            load.Limits(by_code=limits)
        except load.InvalidLimits as refused:
            raise load.InvalidLimits(refused.message, path=("guardrails", *refused.path[1:])) from refused
        return limits


class PackField(fields.Document):
    """A rule pack given as numbers. holiday_pct is percent of hours worked, such as 12.07; 1 or less is read as a share."""

    min_wage: fields.NonNegative | None = None
    floor_mode: rule_packs.FloorMode = "workweek_average"
    ot_week: fields.NonNegative | None = None
    ot_day: fields.NonNegative | None = None
    dt_day: fields.NonNegative | None = None
    dt_seventh_day: fields.NonNegative | None = None
    ot_mult: fields.NonNegative = rule_packs.OT_MULT_DEFAULT
    dt_mult: fields.NonNegative = rule_packs.DT_MULT_DEFAULT
    flat_sum_divisor: rule_packs.FlatSumDivisor = "all_hours"
    rest_pay: rule_packs.RestPay = "included"
    workday: rule_packs.Workday = "site"
    salary_covers: rule_packs.SalaryCovers = "all_hours"
    day_mults: dict[str, fields.NonNegative] = {}
    ot_day_mults: dict[str, fields.NonNegative] = {}
    night_share: fields.NonNegative | None = None
    night_start: LocalTime = Field(default=f"{rule_packs.NIGHT_START_DEFAULT:%H:%M}", validate_default=True)
    night_end: LocalTime = Field(default=f"{rule_packs.NIGHT_END_DEFAULT:%H:%M}", validate_default=True)
    holiday_pct: fields.NonNegative | None = None
    time_rounding_minutes: Annotated[fields.Positive, AfterValidator(_check_minutes)] | None = None

    def to_pack(self) -> rule_packs.RulePack:
        """Return the frozen pack."""
        wages = () if self.min_wage is None else (rule_packs.DatedRate(starts_on=date.min, rate=self.min_wage),)
        holiday = self.holiday_pct
        return rule_packs.RulePack(
            code="document",
            min_wages=wages,
            floor_mode=self.floor_mode,
            ot_week=self.ot_week,
            ot_day=self.ot_day,
            dt_day=self.dt_day,
            dt_seventh_day=self.dt_seventh_day,
            ot_mult=self.ot_mult,
            dt_mult=self.dt_mult,
            flat_sum_divisor=self.flat_sum_divisor,
            rest_pay=self.rest_pay,
            workday=self.workday,
            salary_covers=self.salary_covers,
            day_mults=self.day_mults,
            ot_day_mults=self.ot_day_mults,
            night_share=self.night_share,
            night_start=self.night_start,
            night_end=self.night_end,
            holiday_share=None if holiday is None else holiday / HUNDRED if holiday > 1 else holiday,
            time_rounding_minutes=None if self.time_rounding_minutes is None else int(self.time_rounding_minutes),
        )


def _tell_pack(value: Any) -> str:
    return "code" if isinstance(value, str) else "numbers"


AnyPack = Annotated[Annotated[str, Tag("code")] | Annotated[PackField, Tag("numbers")], Discriminator(_tell_pack)]


def read_pack(*, given: str | PackField | None, on: date) -> rule_packs.RulePack:
    """Return the pack of a document: shipped, given as numbers, or none; a fault says where it lies."""
    try:
        if isinstance(given, str):
            return shipped.load_rule_pack(code=given, on=on)
        return given.to_pack() if given else rule_packs.RulePack()
    except errors.InvalidInput as refused:
        raise refused.inside("rule_pack") from refused


def _read_rate(
    rates: tuple[tuple[pay_plans.RateKind, Fraction | None], ...], path: tuple[str | int, ...]
) -> tuple[pay_plans.RateKind, Fraction]:
    """Return the one rate that is said."""
    said = [(kind, rate) for kind, rate in rates if rate is not None]
    if len(said) != 1:
        names = " or ".join(kind for kind, _ in rates)
        raise pay_plans.InvalidPayPlan(f"Say {names}: exactly one, and 0 where nothing is paid.", path=path)
    return said[0]
