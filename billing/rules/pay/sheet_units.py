"""Unit pay, tier uplift, quality and withheld premium of a sheet: the twins of `unit_pay`, `quality` and `guardrails`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from agents.rules import scores
from billing.rules import money
from billing.rules.pay import quality, sheet_lines, unit_frames, unit_pay
from billing.rules.pay.sheet_lines import Ratio, SheetLine
from contracts.rules import exact, pay_plans

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class UnitColumns:
    """What the units of a plan share. Factors turn a sum's `base` into parts of the scale: the first rate, and what each tier adds.

    `minors` minor units make a major one.
    """

    terms: pay_plans.UnitTerms
    scale: int
    places: int
    minors: int
    width: int
    base: int
    first: Ratio
    first_factor: int
    extra_factors: Sequence[int]
    extras: Sequence[Ratio]
    uplift_label: str
    uplift_details: Mapping[str, str]
    details: dict[str | None, dict[str, str]] = field(default_factory=dict)

    def describe(self, class_code: str | None) -> dict[str, str]:
        """Return `unit_pay.describe` of a class, made once."""
        if class_code not in self.details:
            self.details[class_code] = unit_pay.describe(terms=self.terms, class_code=class_code)
        return self.details[class_code]


@dataclass(kw_only=True)
class UnitPay:
    """One agent's unit lines. By workweek, in parts of the scale: unit pay with uplift, suspended uplift, all suspended pay."""

    lines: list[SheetLine] = field(default_factory=list)
    paid: dict[date, int] = field(default_factory=dict)
    suspended_uplift: dict[date, int] = field(default_factory=dict)
    suspended_pay: dict[date, int] = field(default_factory=dict)


def scale_of(*, terms: pay_plans.UnitTerms) -> int:
    """Return the parts of a major unit that every amount of a plan's units is whole in."""
    return unit_frames.base_scale(terms=terms) * exact.common_denominator(values=[tier.rate for tier in terms.tiers])


def make_columns(*, terms: pay_plans.UnitTerms, places: int, scale: int) -> UnitColumns:
    """Turn the rates of a plan into whole numbers.

    Args:
        terms: tiers, as `unit_frames.can_total_frame` allows.
        places: decimals of the pay currency.
        scale: parts of a major unit; a multiple of `scale_of`.

    Source: docs/adr/0062-pay-in-columns.md.
    """
    base = unit_frames.base_scale(terms=terms)
    extras = [unit_pay.extra_rate(terms=terms, tier=tier) for tier in range(len(terms.tiers))]
    first = terms.tiers[0].rate
    label, details = unit_pay.describe_uplift(terms=terms)
    return UnitColumns(
        terms=terms,
        scale=scale,
        places=places,
        minors=10**places,
        width=unit_frames.width_scale(terms=terms),
        base=base,
        first=first.as_integer_ratio(),
        first_factor=int(first * scale / base),
        extra_factors=[int(extra * scale / base) for extra in extras],
        extras=[extra.as_integer_ratio() for extra in extras],
        uplift_label=label,
        uplift_details=details,
    )


def pay_units(*, columns: UnitColumns, sums: unit_frames.UnitSums, score: scores.QualityScore | None) -> UnitPay:
    """Pay one agent's units, with tiers, quality and what guardrails withhold.

    Args:
        columns: rates of the plan.
        sums: units of the agent, at least one.
        score: the agent's score; None if the plan has no quality.

    Source: formats.md, "pay", "Unit" and "Quality".
    """
    made = UnitPay()
    made.lines += [_earn_each(columns, found) if found.is_counted else _earn_sum(columns, found) for found in sums.classes]
    for part in sums.slices:
        made.paid[part.week] = made.paid.get(part.week, 0) + part.base * (columns.first_factor + columns.extra_factors[part.tier])
    made.lines += _pay_uplift(columns, [part for part in sums.slices if part.tier])
    if score is not None:
        made.lines.append(_pay_quality(columns, made, score))
    _withhold(columns, made, [part for part in sums.slices if part.suspended], score)
    return made


def list_tiers(*, columns: UnitColumns, sums: unit_frames.UnitSums) -> list[tuple[Ratio, Ratio]]:
    """Return what each tier took and paid in all; the twin of `unit_pay.pay_by_tier`."""
    if not columns.terms.is_tiered:
        return []
    quantities, paid = [0] * len(columns.extras), [0] * len(columns.extras)
    for part in sums.slices:
        quantities[part.tier] += part.quantity
        paid[part.tier] += part.base * (columns.first_factor + columns.extra_factors[part.tier])
    return [((quantity, columns.width), (amount, columns.scale)) for quantity, amount in zip(quantities, paid, strict=True)]


def _earn_each(columns: UnitColumns, group: unit_frames.ClassSum) -> SheetLine:
    above, below = columns.first
    credit = (group.credit_micros, money.MICROS)
    count = (group.unit_count, 1)
    amount = (group.base * columns.first_factor, columns.scale)
    details = columns.describe(group.class_code)
    if columns.terms.rate_kind == "share":
        basis = group.basis_micros or 0
        rate = (basis * group.credit_micros * above, money.MICROS * money.MICROS * below)
        numbers = {"basis": (basis, money.MICROS), "share": columns.first, "credit": credit, "count": count}
        rule = "unit.each_share"
    else:
        rate = (group.credit_micros * above, money.MICROS * below)
        numbers = {"unit_amount": columns.first, "credit": credit, "count": count}
        rule = "unit.each_amount"
    week = group.week_first if group.week_first == group.week_last else None
    return _line(columns, group.class_code, rule, week, count, rate, amount, numbers, details)


def _earn_sum(columns: UnitColumns, group: unit_frames.ClassSum) -> SheetLine:
    above, below = columns.first
    summed = (group.credit_sum, money.MICROS)
    rate: Ratio | None = columns.first
    rule, name = "unit.sum_amount", "credit_sum"
    if columns.terms.rate_kind == "share":
        rule, name = "unit.sum_share", "basis_sum"
        rate = None if group.basis_micros is None else (group.basis_micros * above, money.MICROS * below)
    credits = exact.format_ratio(numerator=summed[0], denominator=summed[1])
    details = {**columns.describe(group.class_code), "count": str(group.unit_count), "credits": credits}
    numbers = {name: (group.base, columns.base), columns.terms.rate_kind: columns.first}
    week = group.week_first if group.week_first == group.week_last else None
    amount = (group.base * columns.first_factor, columns.scale)
    return _line(columns, group.class_code, rule, week, summed, rate, amount, numbers, details)


def _line(
    columns: UnitColumns,
    code: str | None,
    rule: str,
    week: date | None,
    quantity: Ratio,
    rate: Ratio | None,
    amount: Ratio,
    numbers: dict[str, Ratio],
    details: dict[str, str],
) -> SheetLine:
    minor = exact.round_ratio(numerator=amount[0] * columns.minors, denominator=amount[1])
    return SheetLine("unit", code or "Resolutions", rule, "plan/unit", week, quantity, rate, amount, minor, numbers, details)


def _pay_uplift(columns: UnitColumns, higher: list[unit_frames.SliceSum]) -> list[SheetLine]:
    if not higher:
        return []
    bases = [0] * max(part.tier for part in higher)
    for part in higher:
        bases[part.tier - 1] += part.base
    weeks = {part.week for part in higher}
    entered = [tier for tier, base in enumerate(bases, start=1) if base]
    amount = (sum(base * factor for base, factor in zip(bases, columns.extra_factors[1:], strict=False)), columns.scale)
    numbers = {f"tier_{tier + 1}_base": (base, columns.base) for tier, base in enumerate(bases, start=1)}
    numbers |= {f"tier_{tier + 1}_extra": columns.extras[tier] for tier in range(1, len(bases) + 1)}
    return [
        SheetLine(
            "tier_uplift",
            columns.uplift_label,
            "tier_uplift",
            "plan/unit/tiers",
            next(iter(weeks)) if len(weeks) == 1 else None,
            (sum(part.quantity for part in higher), columns.width),
            columns.extras[entered[0]] if len(entered) == 1 else None,
            amount,
            sheet_lines.round_line(kind="tier_uplift", amount=amount, places=columns.places),
            numbers,
            columns.uplift_details,
        )
    ]


def _pay_quality(columns: UnitColumns, made: UnitPay, score: scores.QualityScore) -> SheetLine:
    unit = sum(line.exact[0] for line in made.lines if line.kind == "unit")
    uplift = sum(line.exact[0] for line in made.lines if line.kind == "tier_uplift")
    both = (unit + uplift, columns.scale)
    above, below = (score.multiplier - ONE).as_integer_ratio()
    amount = (both[0] * above, both[1] * below)
    numbers = {
        "unit": (unit, columns.scale),
        "tier_uplift": (uplift, columns.scale),
        "multiplier": score.multiplier.as_integer_ratio(),
    }
    return SheetLine(
        "quality",
        "Quality",
        "quality",
        "plan/quality",
        next(iter(made.paid)) if len(made.paid) == 1 else None,
        both,
        (above, below),
        amount,
        sheet_lines.round_line(kind="quality", amount=amount, places=columns.places),
        numbers,
        quality.describe(score=score),
    )


def _withhold(columns: UnitColumns, made: UnitPay, suspended: list[unit_frames.SliceSum], score: scores.QualityScore | None) -> None:
    """Take premium of suspended units back, and keep what of it each workweek lost."""
    if not suspended:
        return
    for part in suspended:
        extra = columns.extra_factors[part.tier] * part.base
        made.suspended_uplift[part.week] = made.suspended_uplift.get(part.week, 0) + max(0, extra)
        made.suspended_pay[part.week] = made.suspended_pay.get(part.week, 0) + columns.first_factor * part.base + extra
    excess = max(ZERO, (score.multiplier if score else ONE) - ONE).as_integer_ratio()
    uplift, paid = sum(made.suspended_uplift.values()), sum(made.suspended_pay.values())
    amount = (-(uplift * excess[1] + paid * excess[0]), columns.scale * excess[1])
    made.lines.append(
        SheetLine(
            "guardrail",
            "Premium suspended",
            "guardrail.premium",
            "agent/guardrails",
            next(iter(made.suspended_pay)) if len(made.suspended_pay) == 1 else None,
            (sum(part.quantity for part in suspended), columns.width),
            None,
            amount,
            sheet_lines.round_line(kind="guardrail", amount=amount, places=columns.places),
            {"uplift": (uplift, columns.scale), "suspended_pay": (paid, columns.scale), "quality_excess": excess},
            {},
        )
    )
