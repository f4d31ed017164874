"""A pay plan in plain sentences, by part: what its agents read, and what the person who activates it has read."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contracts import models as terms
from contracts import reading, rule_packs
from contracts.queries.commercial_words import money, percent
from contracts.translation import gettext_lazy

PER = {
    "week": gettext_lazy("a workweek"),
    "two_weeks": gettext_lazy("two workweeks"),
    "half_month": gettext_lazy("half a month"),
    "month": gettext_lazy("a month"),
}
STARTS = {
    "period": "",
    "year": gettext_lazy(" The tiers go on through the calendar year and start anew each January."),
    "transaction": gettext_lazy(" The tiers start anew with each resolution."),
}
MODES = {
    "marginal": gettext_lazy("Each resolution is paid at the tier that it falls in."),
    "whole": gettext_lazy("All resolutions are paid at the tier that is reached."),
    "interpolated": gettext_lazy("A tier earns in proportion as it fills."),
}
BASES = {
    "booked": gettext_lazy("the price that the client paid for it"),
    "list": gettext_lazy("the client's first price for such a case, before volume lowers it"),
    "fixed": gettext_lazy("a fixed amount for its class"),
}
CREDITING = {
    "resolver": gettext_lazy("A resolution is credited to the agent who resolved it, all of it."),
    "equal": gettext_lazy("Everyone who worked on a case until it was resolved shares its credit in equal parts."),
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
        (_("Hours"), _hours(version)),
        (_("Resolutions"), _resolutions(version)),
        (_("Quality"), _quality(version)),
        (_("Guardrails"), _guardrails(version)),
        (_("Later"), _later(version)),
        (_("Law and calendar"), _law(version)),
    ]
    return [Part(title=title, sentences=tuple(sentences)) for title, sentences in parts]


def _hours(version: terms.PayPlanVersion) -> list[str]:
    currency, parts = version.currency, []
    if version.base_hourly_micros:
        parts.append(
            _("%(base_hourly)s %(currency)s for every clocked hour")
            % {"base_hourly": money(version.base_hourly_micros), "currency": currency}
        )
    if version.salary_micros is not None:
        covers = (
            _("for all hours")
            if version.salary_hours is None
            else _("for %(normalize)s hours of a workweek") % {"normalize": reading.write_number(f"{version.salary_hours.normalize():f}")}
        )
        parts.append(
            _("a salary of %(salary)s %(currency)s for %(per)s, %(covers)s")
            % {"salary": money(version.salary_micros), "currency": currency, "per": PER[version.salary_per], "covers": covers}
        )
    parts += [
        _("%(hourly)s %(currency)s for an hour of %(lower)s")
        % {"hourly": money(row.hourly_micros), "currency": currency, "lower": row.get_category_display().lower()}
        for row in _rates(version)
    ]
    if version.guaranteed_hourly_micros:
        parts.append(
            _("at least %(guaranteed_hourly)s %(currency)s an hour, lifted where pay is below")
            % {"guaranteed_hourly": money(version.guaranteed_hourly_micros), "currency": currency}
        )
    return [_("Hours: %(parts)s.") % {"parts": "; ".join(parts)} if parts else _("Hours are not paid by themselves.")]


def _rates(version: terms.PayPlanVersion) -> list[terms.PayPlanCategoryRate]:
    return list(version.category_rates.all())


def _resolutions(version: terms.PayPlanVersion) -> list[str]:
    tiers = list(version.tiers.all())
    if not tiers:
        return [_("Resolutions earn nothing by themselves: the plan has no tiers.")]
    sentences, last = [], 0
    for tier in tiers:
        sentences.append(f"{_span(version, last, tier.up_to)}: {_worth(version, tier)}.")
        last = tier.up_to or last
    if len(tiers) > 1:
        sentences.append(f"{MODES[version.mode]}{STARTS[version.accumulate]}")
    if any(tier.share_bp is not None for tier in tiers) and version.basis != "booked":
        sentences.append(_("A share is taken of %(bases)s.") % {"bases": BASES[version.basis]})
    sentences += [f"{_class_name(row)}: {money(row.amount_micros)} {version.currency}." for row in version.class_amounts.all()]
    sentences.append(_crediting(version))
    return sentences


def _span(version: terms.PayPlanVersion, last: int, up_to: int | None) -> str:
    if version.measure == "amount":
        of = _("%(currency)s of the credited prices") % {"currency": version.currency}
        return (
            _("Above %(last)s %(of)s") % {"last": reading.write_number(f"{last:,}"), "of": of}
            if up_to is None
            else _("Above %(last)s up to %(up_to)s %(of)s")
            % {"last": reading.write_number(f"{last:,}"), "up_to": reading.write_number(f"{up_to:,}"), "of": of}
        )
    when = {"period": _(" of a pay period"), "year": _(" of a year"), "transaction": ""}[version.accumulate]
    return (
        _("Resolution %(last)s and every one after it") % {"last": reading.write_number(f"{last + 1:,}")}
        if up_to is None
        else _("Resolutions %(last)s to %(up_to)s%(when)s")
        % {"last": reading.write_number(f"{last + 1:,}"), "up_to": reading.write_number(f"{up_to:,}"), "when": when}
    )


def _worth(version: terms.PayPlanVersion, tier: terms.PayPlanTier) -> str:
    if tier.share_bp is not None:
        words = _("%(share)s of the fixed amount") if version.basis == "fixed" else _("%(share)s of the price")
        return words % {"share": percent(tier.share_bp)}
    if tier.amount_micros is not None:
        return _("%(amount)s %(currency)s for the whole tier") % {"amount": money(tier.amount_micros), "currency": version.currency}
    return f"{money(tier.unit_amount_micros)} {version.currency}"


def _class_name(row: Any) -> str:
    return f"{row.query_type or _('Any query type')}, {row.channel or _('any channel')}"


def _crediting(version: terms.PayPlanVersion) -> str:
    if version.crediting != "stages":
        return str(CREDITING[version.crediting])
    weights = ", ".join(f"{row.get_stage_display().lower()} {percent(row.weight_bp)}" for row in version.stage_weights.all())
    return _(
        "A resolution is shared by the stages of the work on it: %(weights)s. Who worked on a stage shares its part "
        "equally; stages without recorded work are left out."
    ) % {"weights": weights}


def _quality(version: terms.PayPlanVersion) -> list[str]:
    weights = [f"{metric.get_metric_display()} {percent(metric.weight_bp)}" for metric in version.metrics.all() if metric.weight_bp]
    if not weights:
        return [_("Quality does not move pay: the plan counts no metric.")]
    return [
        _(
            "Quality moves resolution pay in a straight line from %(quality_low_multiplier_bp)s at a score of "
            "%(quality_low_score_bp)s to %(quality_high_multiplier_bp)s at %(quality_high_score_bp)s. With fewer than "
            "%(quality_n_min)s results it never lowers pay. The score starts at what is expected, which weighs like "
            "%(prior_strength)s results, and moves as results come in."
        )
        % {
            "quality_low_multiplier_bp": percent(version.quality_low_multiplier_bp),
            "quality_low_score_bp": percent(version.quality_low_score_bp),
            "quality_high_multiplier_bp": percent(version.quality_high_multiplier_bp),
            "quality_high_score_bp": percent(version.quality_high_score_bp),
            "quality_n_min": version.quality_n_min,
            "prior_strength": version.prior_strength,
        },
        _("The score is made of %(weights)s.") % {"weights": ", ".join(weights)},
    ]


def _guardrails(version: terms.PayPlanVersion) -> list[str]:
    own = [
        _("Guardrail: %(lower)s, notice at %(warn)s, acts at %(act)s.")
        % {"lower": limit.get_limit_display().lower(), "warn": _plain(limit.warn), "act": _plain(limit.act)}
        for limit in version.limits.all()
    ]
    return own or [_("The usual limits on hours, rest and busy time apply.")]


def _plain(value: Any) -> str:
    return _("none") if value is None else reading.write_number(f"{value.normalize():f}")


def _later(version: terms.PayPlanVersion) -> list[str]:
    currency, sentences = version.currency, []
    if version.holdback_bp is not None:
        sentences.append(
            _(
                "%(holdback_bp)s of resolution pay is kept, and paid out in the pay period in which %(holdback_days)s days "
                "have passed since the resolution was verified."
            )
            % {"holdback_bp": percent(version.holdback_bp), "holdback_days": version.holdback_days}
        )
    if version.draw_micros is not None:
        repaid = (
            _("it is repaid by %(draw_recovery_bp)s of what later periods bring above that, never below the legal minimum")
            % {"draw_recovery_bp": percent(version.draw_recovery_bp)}
            if version.is_draw_recoverable
            else _("it is never repaid")
        )
        sentences.append(
            _("A pay period brings at least %(draw)s %(currency)s: what lifts it there is a draw; %(repaid)s.")
            % {"draw": money(version.draw_micros), "currency": currency, "repaid": repaid}
        )
    if version.cap_micros is not None:
        sentences.append(
            _(
                "At most %(cap)s %(currency)s of resolution pay and bonuses is paid in a pay period; what is above waits for a "
                "period with room."
            )
            % {"cap": money(version.cap_micros), "currency": currency}
        )
    return [*sentences, _clawback(version)]


def _clawback(version: terms.PayPlanVersion) -> str:
    if not version.clawback_bp:
        return _("What was paid for a resolution stays paid, even when the customer comes back later.")
    return _("When a paid resolution is reopened, up to %(clawback_bp)s of it can be taken back, only if a person approves it.") % {
        "clawback_bp": percent(version.clawback_bp)
    }


def _law(version: terms.PayPlanVersion) -> list[str]:
    return [
        _("Pay law: %(rule_pack)s.") % {"rule_pack": _(rule_packs.title_of(code=version.rule_pack))},
        _("A workweek starts on %(get_workweek_starts_on_display)s.")
        % {"get_workweek_starts_on_display": version.get_workweek_starts_on_display()},
    ]
