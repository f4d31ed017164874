"""Quality pay: what the multiplier adds to or takes from unit pay, on its own line."""

from fractions import Fraction

from agents.rules import scores
from billing.rules.pay import book, earnings
from contracts.rules import exact, pay_plans

ONE = Fraction(1)


def score_agent(*, metrics: tuple[scores.Metric, ...], terms: pay_plans.QualityTerms | None) -> scores.QualityScore | None:
    """Score an agent's metrics with the plan's weights and curve.

    Args:
        metrics: observations of the period; each carries the prior strength that its plan gives it.
        terms: None if quality moves no pay.

    Returns: composite, multiplier and whether it is provisional; None without quality terms.
    Source: design.md section 7.
    """
    if terms is None:
        return None
    return scores.score_quality(metrics=metrics, weights=terms.weights, curve=terms.curve, n_min=terms.n_min)


def pay_quality(*, paid: book.Book, score: scores.QualityScore | None) -> earnings.Earned:
    """Pay (unit pay + tier uplift) × (multiplier − 1).

    Args:
        paid: what was earned so far.
        score: the agent's score, None if the plan has no quality.

    Returns: one earning, also when it is zero; none without quality terms or without units.
    Source: formats.md, "pay", "Quality".
    """
    unit_pay = paid.weekly_of("unit", "tier_uplift")
    if score is None or not paid.has("unit"):
        return earnings.Earned()
    excess = score.multiplier - ONE
    unit, uplift = paid.exact_of("unit"), paid.exact_of("tier_uplift")
    earning = earnings.earn(
        kind="quality",
        label="Quality",
        rule="quality",
        source="plan/quality",
        week=next(iter(unit_pay)) if len(unit_pay) == 1 else None,
        quantity=unit + uplift,
        rate=excess,
        inputs={"unit": unit, "tier_uplift": uplift, "multiplier": score.multiplier},
        details=describe(score=score),
    )
    weekly = tuple(earnings.WeekPay(week=week, kind="quality", amount=amount * excess) for week, amount in unit_pay.items())
    return earnings.Earned(earnings=(earning,), weekly=weekly)


def describe(*, score: scores.QualityScore) -> dict[str, str]:
    """Return the texts that help a person read a quality line: the composite score, and how much it rests on."""
    composite = {} if score.composite is None else {"composite": exact.format_exact(value=score.composite)}
    return {**composite, "provisional": "yes" if score.provisional else "no", "n": exact.format_exact(value=score.n)}
