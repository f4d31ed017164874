"""A pay plan in plain sentences, by part: what its agents read, and what the person who activates it has read."""

from dataclasses import dataclass
from typing import Any

from contracts import models as terms
from contracts.queries.commercial_words import money, percent

PER = {"week": "a workweek", "two_weeks": "two workweeks", "half_month": "half a month", "month": "a month"}
STARTS = {
    "period": "",
    "year": " The tiers go on through the calendar year and start anew each January.",
    "transaction": " The tiers start anew with each resolution.",
}
MODES = {
    "marginal": "Each resolution is paid at the tier that it falls in.",
    "whole": "All resolutions are paid at the tier that is reached.",
    "interpolated": "A tier earns in proportion as it fills.",
}
BASES = {
    "booked": "the price that the client paid for it",
    "list": "the first-tier price of the client's rate card",
    "fixed": "a fixed amount for its class",
}
CREDITING = {
    "resolver": "A resolution is credited to the agent who resolved it, all of it.",
    "equal": "Everyone who worked on a case until it was resolved shares its credit in equal parts.",
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a plan, in sentences."""

    title: str
    sentences: tuple[str, ...]


def describe_plan_version(*, version: terms.PayPlanVersion) -> list[str]:
    """Return what the plan pays: hours, shares, quality, guarantees and limits."""
    return [sentence for part in describe_plan_parts(version=version) for sentence in part.sentences]


def describe_plan_parts(*, version: terms.PayPlanVersion) -> list[Part]:
    """Return the plan by part; a part that the plan does not have says so in a sentence."""
    parts = [
        ("Hours", _hours(version)),
        ("Resolutions", _resolutions(version)),
        ("Quality", _quality(version)),
        ("Guardrails", _guardrails(version)),
        ("Later", _later(version)),
        ("Law and calendar", _law(version)),
    ]
    return [Part(title=title, sentences=tuple(sentences)) for title, sentences in parts]


def _hours(version: terms.PayPlanVersion) -> list[str]:
    currency, parts = version.currency, []
    if version.base_hourly_micros:
        parts.append(f"{money(version.base_hourly_micros)} {currency} for every clocked hour")
    if version.salary_micros is not None:
        covers = "for all hours" if version.salary_hours is None else f"for {version.salary_hours.normalize():f} hours of a workweek"
        parts.append(f"a salary of {money(version.salary_micros)} {currency} for {PER[version.salary_per]}, {covers}")
    parts += [f"{money(row.hourly_micros)} {currency} for an hour of {row.get_category_display().lower()}" for row in _rates(version)]
    if version.guaranteed_hourly_micros:
        parts.append(f"at least {money(version.guaranteed_hourly_micros)} {currency} an hour, lifted where pay is below")
    return [f"Hours: {'; '.join(parts)}." if parts else "Hours are not paid by themselves."]


def _rates(version: terms.PayPlanVersion) -> list[terms.PayPlanCategoryRate]:
    return list(version.category_rates.all())


def _resolutions(version: terms.PayPlanVersion) -> list[str]:
    tiers = list(version.tiers.all())
    if not tiers:
        return ["Resolutions earn nothing by themselves: the plan has no tiers."]
    sentences, last = [], 0
    for tier in tiers:
        sentences.append(f"{_span(version, last, tier.up_to)}: {_worth(version, tier)}.")
        last = tier.up_to or last
    if len(tiers) > 1:
        sentences.append(MODES[version.mode] + STARTS[version.accumulate])
    if any(tier.share_bp is not None for tier in tiers) and version.basis != "booked":
        sentences.append(f"A share is taken of {BASES[version.basis]}.")
    sentences += [f"{_class_name(row)}: {money(row.amount_micros)} {version.currency}." for row in version.class_amounts.all()]
    sentences.append(_crediting(version))
    return sentences


def _span(version: terms.PayPlanVersion, last: int, up_to: int | None) -> str:
    if version.measure == "amount":
        of = f"{version.currency} of the credited prices"
        return f"Above {last:,} {of}" if up_to is None else f"Above {last:,} up to {up_to:,} {of}"
    when = {"period": " of a pay period", "year": " of a year", "transaction": ""}[version.accumulate]
    return f"Resolution {last + 1:,} and every one after it" if up_to is None else f"Resolutions {last + 1:,} to {up_to:,}{when}"


def _worth(version: terms.PayPlanVersion, tier: terms.PayPlanTier) -> str:
    if tier.share_bp is not None:
        return f"{percent(tier.share_bp)} of the {'fixed amount' if version.basis == 'fixed' else 'price'}"
    if tier.amount_micros is not None:
        return f"{money(tier.amount_micros)} {version.currency} for the whole tier"
    return f"{money(tier.unit_amount_micros)} {version.currency}"


def _class_name(row: Any) -> str:
    return f"{row.query_type or 'Any query type'}, {row.channel or 'any channel'}"


def _crediting(version: terms.PayPlanVersion) -> str:
    if version.crediting != "stages":
        return CREDITING[version.crediting]
    weights = ", ".join(f"{row.get_stage_display().lower()} {percent(row.weight_bp)}" for row in version.stage_weights.all())
    return (
        f"A resolution is shared by the stages of the work on it: {weights}. Who worked on a stage shares its part equally; "
        "stages without recorded work are left out."
    )


def _quality(version: terms.PayPlanVersion) -> list[str]:
    weights = [f"{metric.get_metric_display()} {percent(metric.weight_bp)}" for metric in version.metrics.all()]
    if not weights:
        return ["Quality does not move pay: the plan counts no metric."]
    return [
        "Quality moves resolution pay in a straight line from "
        f"{percent(version.quality_low_multiplier_bp)} at a score of {percent(version.quality_low_score_bp)} "
        f"to {percent(version.quality_high_multiplier_bp)} at {percent(version.quality_high_score_bp)}. "
        f"With fewer than {version.quality_n_min} results it never lowers pay; "
        f"what is expected counts like {version.prior_strength} results.",
        f"The score is made of {', '.join(weights)}.",
    ]


def _guardrails(version: terms.PayPlanVersion) -> list[str]:
    own = [
        f"Guardrail: {limit.get_limit_display().lower()}, notice at {_plain(limit.warn)}, acts at {_plain(limit.act)}."
        for limit in version.limits.all()
    ]
    return own or ["The usual limits on hours, rest and busy time apply."]


def _plain(value: Any) -> str:
    return "none" if value is None else f"{value.normalize():f}"


def _later(version: terms.PayPlanVersion) -> list[str]:
    currency, sentences = version.currency, []
    if version.holdback_bp is not None:
        sentences.append(
            f"{percent(version.holdback_bp)} of resolution pay is kept, and paid out in the pay period in which "
            f"{version.holdback_days} days have passed since the resolution was verified."
        )
    if version.draw_micros is not None:
        repaid = (
            f"it is repaid by {percent(version.draw_recovery_bp)} of what later periods bring above that, never below the legal minimum"
            if version.is_draw_recoverable
            else "it is never repaid"
        )
        sentences.append(f"A pay period brings at least {money(version.draw_micros)} {currency}: what lifts it there is a draw; {repaid}.")
    if version.cap_micros is not None:
        sentences.append(
            f"At most {money(version.cap_micros)} {currency} of resolution pay and bonuses is paid in a pay period; "
            "what is above waits for a period with room."
        )
    return [*sentences, _clawback(version)]


def _clawback(version: terms.PayPlanVersion) -> str:
    if not version.clawback_bp:
        return "What was paid for a resolution stays paid, even when the customer comes back later."
    return (
        f"When a paid resolution is reopened, up to {percent(version.clawback_bp)} of it can be taken back, only if a person approves it."
    )


def _law(version: terms.PayPlanVersion) -> list[str]:
    return [f"Pay law: {version.rule_pack}.", f"A workweek starts on {version.get_workweek_starts_on_display()}."]
