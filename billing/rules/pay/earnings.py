"""What a pay rule returns: exact earnings with their inputs, and what of them belongs to which workweek."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from billing.rules import money
from billing.rules.pay import formulas
from contracts.rules import exact

Kind = Literal[
    "unit",
    "tier_uplift",
    "quality",
    "guardrail",
    "recovery",
    "base",
    "category",
    "rest",
    "nonproductive",
    "piece",
    "bonus",
    "commission",
    "shift_differential",
    "floor",
    "overtime",
    "true_up",
    "holdback",
    "release",
    "draw",
    "draw_recovery",
    "cap",
    "cap_release",
    "adjustment",
    "reversal",
]

# Legal minima round up: half a cent less than the minimum would be less than the minimum.
ROUNDED_UP: tuple[Kind, ...] = ("floor", "nonproductive")


@dataclass(frozen=True, kw_only=True)
class Earning:
    """An exact amount credited by a rule: the rule's name and inputs give the amount again."""

    kind: Kind
    label: str
    rule: str
    exact: Fraction
    source: str
    week: date | None = None
    quantity: Fraction | None = None
    rate: Fraction | None = None
    inputs: Mapping[str, Fraction] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WeekPay:
    """What of a rule's earnings one workweek earned, and whether it enters the regular rate there."""

    week: date | None
    kind: Kind
    amount: Fraction
    in_rate: bool = True


@dataclass(frozen=True, kw_only=True)
class Earned:
    """The result of one rule."""

    earnings: tuple[Earning, ...] = ()
    weekly: tuple[WeekPay, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a settlement: the earning, rounded once. `inputs` alone recompute `exact`."""

    kind: Kind
    label: str
    rule: str
    week: date | None
    quantity: Fraction | None
    rate: Fraction | None
    exact: Fraction
    amount: Fraction
    source: str
    inputs: Mapping[str, str]
    terms_version: str
    pack_version: str
    rule_version: str


def earn(
    *,
    kind: Kind,
    label: str,
    rule: str,
    inputs: Mapping[str, Fraction],
    source: str,
    week: date | None = None,
    quantity: Fraction | None = None,
    rate: Fraction | None = None,
    details: Mapping[str, str] | None = None,
) -> Earning:
    """Credit an amount: what the rule's formula gives for the inputs.

    Args:
        kind: kind of the line.
        label: what the agent reads first.
        rule: name of the formula.
        inputs: exact numbers that the formula reads.
        source: the term or fact that caused it.
        week: workweek it belongs to, None if it belongs to several.
        quantity, rate: what is shown beside the amount.
        details: texts that help a person, such as the class.

    Returns: the earning with its exact amount in the major unit.
    Source: design.md section 6, "Explanation": lines store what is needed to recompute them.

    >>> earn(kind="base", label="Base pay", rule="hours.rate", source="plan/base_hourly",
    ...      inputs={"hours": Fraction(8), "rate": Fraction(15)}).exact
    Fraction(120, 1)
    """
    amount = formulas.climb(rule=rule, inputs=inputs).value
    return Earning(
        kind=kind,
        label=label,
        rule=rule,
        exact=amount,
        source=source,
        week=week,
        quantity=quantity,
        rate=rate,
        inputs=inputs,
        details=details or {},
    )


def _is_minimum(earning: Earning) -> bool:
    """Say whether the law's minimum alone made the amount."""
    is_rest_at_minimum = earning.kind == "rest" and earning.rate is not None and earning.rate == earning.inputs.get("min_wage")
    return earning.kind in ROUNDED_UP or is_rest_at_minimum


def round_earning(*, earning: Earning, rounding: money.Round, terms_version: str = "", pack_version: str = "") -> Line:
    """Round an earning once and stamp it with the versions that made it.

    Args:
        earning: the exact earning.
        rounding: places and mode of the settlement; legal minima round up whatever the mode, rest breaks where the minimum wage decided.
        terms_version, pack_version: plan version and rule pack in force.

    Returns: the line as it is stored.
    Source: design.md section 6, step 11.

    >>> made = earn(kind="floor", label="Top-up", rule="floor", source="rule_pack/min_wage",
    ...             inputs={"required": Fraction(1), "credited": Fraction(999, 1000)})
    >>> round_earning(earning=made, rounding=money.Round(places=2)).amount
    Fraction(1, 100)
    """
    up = money.Round(places=rounding.places, mode="ceiling")
    numbers = {name: exact.format_exact(value=value) for name, value in earning.inputs.items()}
    return Line(
        kind=earning.kind,
        label=earning.label,
        rule=earning.rule,
        week=earning.week,
        quantity=earning.quantity,
        rate=earning.rate,
        exact=earning.exact,
        amount=(up if _is_minimum(earning) else rounding).apply(earning.exact),
        source=earning.source,
        inputs={**earning.details, **numbers},
        terms_version=terms_version,
        pack_version=pack_version,
        rule_version=formulas.RULE_VERSION,
    )
