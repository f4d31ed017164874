"""Stored pay plan versions as the frozen terms that rules read.

Stored micros become exact fractions of the major unit, stored basis points exact parts of one. Nothing is rounded on the way.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from django.db.models import QuerySet

from contracts import models
from contracts.queries import class_codes, kept
from contracts.rules import classes, errors, pay_plans, quality_curve, rate_cards

MICROS = 1_000_000
BASIS_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class PlanTerms:
    """What one pay plan version promises, with what a settlement stamps on itself.

    Args:
        holdback_days: days after verification on which a held part is released; None without a holdback.
        class_amounts: the fixed amounts as a card, so that the most specific class wins; None under another basis.
        stage_weights: the part of each stage in ten-thousandths, where stages decide who shares the credit.
    """

    version_id: int
    label: str
    currency: str
    rule_pack: str
    workweek_starts_on: int
    crediting: str
    basis: str
    pay: pay_plans.PayTerms
    holdback_days: int | None = None
    class_amounts: rate_cards.RateCard | None = None
    stage_weights: Mapping[str, int] = field(default_factory=dict)

    def amount_of_class(self, *, class_code: str) -> Fraction | None:
        """Return the fixed amount of a class such as "billing/refund/chat", of the most specific row; None without one."""
        if self.class_amounts is None:
            return None
        query_type, channel = classes.split_class(code=class_code)
        position = self.class_amounts.find_row(query_type=query_type, channel=channel, outcome=None)
        if position is None:
            return None
        price = self.class_amounts.rows[position].price
        return price.unit_amount if isinstance(price, rate_cards.PerUnit) else None

    def pay_for_classes(self, *, class_codes: Mapping[str, str]) -> pay_plans.PayTerms:
        """Return the terms with the fixed amount of each class written out; a class without one stays out and is refused later.

        Args:
            class_codes: each class as it is credited, with the class whose amount it has.
        """
        unit = self.pay.unit
        if unit is None or unit.basis != "fixed":
            return self.pay
        found = {name: self.amount_of_class(class_code=code) for name, code in class_codes.items()}
        amounts = {name: amount for name, amount in found.items() if amount is not None}
        return replace(self.pay, unit=replace(unit, amounts=amounts)) if amounts else self.pay


def load_plan_terms(*, version_ids: Collection[int], stamps: Mapping[int, str] | None = None) -> dict[int, PlanTerms]:
    """Read pay plan versions as frozen terms: in one query where they are kept, else in a fixed number.

    Args:
        version_ids, stamps: as for `load_plans`.

    Raises: InvalidInput, inside the version's label, if stored numbers make no valid plan.
    """
    found = {}
    for version_id, terms in load_plans(version_ids=version_ids, stamps=stamps).items():
        if isinstance(terms, errors.InvalidInput):
            raise terms
        found[version_id] = terms
    return found


def load_plans(*, version_ids: Collection[int], stamps: Mapping[int, str] | None = None) -> dict[int, PlanTerms | errors.InvalidInput]:
    """Read pay plan versions; one whose stored numbers make no valid plan is a refusal of its own and stops no other.

    Args:
        version_ids: the versions.
        stamps: of those in force, for who has read them already, as `kept.read_stamps` returns them.
    """
    known = kept.read_stamps(of=kept.PLAN_STAMPS, version_ids=version_ids) if stamps is None else stamps
    wanted = {version_id: known[version_id] for version_id in version_ids if version_id in known}
    found: dict[int, PlanTerms | errors.InvalidInput] = {**_terms.find(stamps=wanted)}
    frozen: dict[int, PlanTerms] = {}
    for version in read_versions(version_ids=set(version_ids) - set(found), stamps=known).values():
        try:
            found[version.pk] = frozen[version.pk] = freeze_plan(version=version)
        except errors.InvalidInput as refused:
            found[version.pk] = refused
    _terms.keep(stamps=wanted, entries=frozen)
    return {version_id: found[version_id] for version_id in sorted(found)}


def read_versions(*, version_ids: Collection[int], stamps: Mapping[int, str] | None = None) -> dict[int, models.PayPlanVersion]:
    """Read versions with everything that belongs to them: in one query where they are kept, else in a fixed number.

    Args:
        version_ids: the versions; those that are not there are left out.
        stamps: as for `load_plans`.

    Returns: by version, in the order of their numbers. Those in force are shared with whoever asks next, so nobody changes them.
    """
    if not version_ids:
        return {}
    known = kept.read_stamps(of=kept.PLAN_STAMPS, version_ids=version_ids) if stamps is None else stamps
    wanted = {version_id: known[version_id] for version_id in version_ids if version_id in known}
    found = _versions.find(stamps=wanted)
    missing = set(version_ids) - set(found)
    if missing:
        read = {version.pk: version for version in with_rows(models.PayPlanVersion.objects.filter(pk__in=missing))}
        _versions.keep(stamps=wanted, entries=read)
        found |= read
    return {version_id: found[version_id] for version_id in sorted(found)}


def with_rows(versions: QuerySet[models.PayPlanVersion]) -> Iterable[models.PayPlanVersion]:
    """Read versions with everything that belongs to them."""
    rows = ("tiers", "metrics", "limits", "category_rates", "class_amounts__query_type", "class_amounts__channel", "stage_weights")
    return versions.select_related("plan").order_by("pk").prefetch_related(*rows)


def freeze_plan(*, version: models.PayPlanVersion) -> PlanTerms:
    """Return one version as frozen terms.

    Raises: InvalidInput, inside the version's label.
    """
    try:
        pay = _pay_terms(version)
        card = _class_amounts(version) if version.basis == version.Basis.FIXED else None
    except errors.InvalidInput as refused:
        raise refused.inside(str(version)) from refused
    return PlanTerms(
        version_id=version.pk,
        label=str(version),
        currency=version.currency,
        rule_pack=version.rule_pack,
        workweek_starts_on=version.workweek_starts_on,
        crediting=version.crediting,
        basis=version.basis,
        pay=pay,
        holdback_days=version.holdback_days,
        class_amounts=card,
        stage_weights={row.stage: row.weight_bp for row in version.stage_weights.all()},
    )


def _micros(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value, MICROS)


def _bp(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value, BASIS_POINTS)


def _pay_terms(version: models.PayPlanVersion) -> pay_plans.PayTerms:
    return pay_plans.PayTerms(
        version=str(version),
        base_hourly=_micros(version.base_hourly_micros),
        salary=_salary(version),
        guaranteed_hourly=_micros(version.guaranteed_hourly_micros),
        category_rates={row.category: Fraction(row.hourly_micros, MICROS) for row in version.category_rates.all()},
        unit=_unit_terms(version),
        quality=_quality_terms(version),
        holdback_share=_bp(version.holdback_bp),
        cap_amount=_micros(version.cap_micros),
        draw=_draw(version),
        clawback_share=_bp(version.clawback_bp),
        guardrails={
            limit.limit: pay_plans.Limit(warn=None if limit.warn is None else Fraction(limit.warn), act=Fraction(limit.act))
            for limit in version.limits.all()
        },
    )


def _salary(version: models.PayPlanVersion) -> pay_plans.Salary | None:
    if version.salary_micros is None:
        return None
    hours = None if version.salary_hours is None else Fraction(version.salary_hours)
    return pay_plans.Salary(amount=Fraction(version.salary_micros, MICROS), per=_SALARY_PER[version.salary_per], hours=hours)


def _draw(version: models.PayPlanVersion) -> pay_plans.Draw | None:
    if version.draw_micros is None:
        return None
    return pay_plans.Draw(
        minimum=Fraction(version.draw_micros, MICROS),
        recoverable=version.is_draw_recoverable,
        recovery_share=Fraction(version.draw_recovery_bp, BASIS_POINTS),
    )


def _unit_terms(version: models.PayPlanVersion) -> pay_plans.UnitTerms | None:
    tiers = sorted(version.tiers.all(), key=lambda tier: (tier.up_to is None, tier.up_to or 0))
    if not tiers:
        return None
    kinds = {_rate_kind(tier) for tier in tiers}
    if len(kinds) != 1:
        raise pay_plans.InvalidPayPlan(
            f"{version} has tiers with a share and tiers with an amount; write all of them the same way.", path=("tiers",)
        )
    return pay_plans.UnitTerms(
        rate_kind=kinds.pop(),
        tiers=tuple(_pay_tier(tier) for tier in tiers),
        basis=_BASES[version.basis],
        measure="amount" if version.measure == version.Measure.AMOUNT else "count",
        mode=_MODES[version.mode],
        accumulate=_ACCUMULATES[version.accumulate],
        amounts=_amounts(version) if version.basis == version.Basis.FIXED else {},
    )


def _rate_kind(tier: models.PayPlanTier) -> pay_plans.RateKind:
    if tier.share_bp is not None:
        return "share"
    return "unit_amount" if tier.unit_amount_micros is not None else "amount"


def _pay_tier(tier: models.PayPlanTier) -> pay_plans.PayTier:
    amount = tier.unit_amount_micros if tier.unit_amount_micros is not None else tier.amount_micros
    rate = Fraction(tier.share_bp, BASIS_POINTS) if tier.share_bp is not None else Fraction(amount or 0, MICROS)
    return pay_plans.PayTier(up_to=None if tier.up_to is None else Fraction(tier.up_to), rate=rate)


def _amounts(version: models.PayPlanVersion) -> dict[str, Fraction]:
    """Return the fixed amounts as they are written."""
    return {classes.join_class(**class_codes.codes_of(row)): Fraction(row.amount_micros, MICROS) for row in version.class_amounts.all()}


def _class_amounts(version: models.PayPlanVersion) -> rate_cards.RateCard:
    return rate_cards.RateCard(
        rows=tuple(
            rate_cards.RateCardRow(
                **class_codes.codes_of(row),
                price=rate_cards.PerUnit(unit_amount=Fraction(row.amount_micros, MICROS)),
            )
            for row in version.class_amounts.all()
        )
    )


def _quality_terms(version: models.PayPlanVersion) -> pay_plans.QualityTerms | None:
    metrics = list(version.metrics.all())
    if not metrics:
        return None
    curve = quality_curve.Curve(
        low=_point(version.quality_low_score_bp, version.quality_low_multiplier_bp),
        high=_point(version.quality_high_score_bp, version.quality_high_multiplier_bp),
    )
    return pay_plans.QualityTerms(
        curve=curve,
        n_min=Fraction(version.quality_n_min),
        prior_strength=Fraction(version.prior_strength),
        weights={metric.metric: Fraction(metric.weight_bp, BASIS_POINTS) for metric in metrics},
    )


def _point(score_bp: int, multiplier_bp: int) -> quality_curve.CurvePoint:
    return quality_curve.CurvePoint(score=Fraction(score_bp, BASIS_POINTS), multiplier=Fraction(multiplier_bp, BASIS_POINTS))


_BASES: Mapping[str, pay_plans.Basis] = {"booked": "booked", "list": "list", "fixed": "fixed"}
_MODES: Mapping[str, pay_plans.Mode] = {"marginal": "marginal", "whole": "whole", "interpolated": "interpolated"}
_ACCUMULATES: Mapping[str, pay_plans.Accumulate] = {"period": "period", "transaction": "transaction", "year": "year"}
_SALARY_PER: Mapping[str, pay_plans.SalaryPer] = {
    "week": "week",
    "two_weeks": "two_weeks",
    "half_month": "half_month",
    "month": "month",
}
KEPT_MAX = 256
_versions: kept.Kept[models.PayPlanVersion] = kept.Kept(most=KEPT_MAX)
_terms: kept.Kept[PlanTerms] = kept.Kept(most=KEPT_MAX)
