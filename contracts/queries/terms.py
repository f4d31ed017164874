"""Model rows as the frozen terms that rules read.

Representation: stored micros become exact fractions of the major unit (micros / 1,000,000), stored basis points exact
parts of one (bp / 10,000), stored bounds whole units. Nothing is rounded on the way. Each loader takes all the versions
that a caller needs and reads them in a fixed number of queries.
"""

import zoneinfo
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from contracts import models
from contracts.queries import card_terms, commercial_terms
from contracts.rules import commercials, errors, pay_plans, quality_curve, rate_cards

MICROS = 1_000_000
BASIS_POINTS = 10_000


@dataclass(frozen=True, kw_only=True)
class ContractTerms:
    """What one contract version prices, and the stored row behind each row of its card.

    Args:
        version_id: the contract version.
        label: client, contract and version as people read them.
        currency: of every price.
        zone: days and billing months are counted in it.
        is_voice_priced: whether a voice resolution may have a price at all.
        card: the rate card.
        row_ids: the stored row of each row of the card, in order.
        around: what surrounds the card: commitment, floor, bands, service credits, taxes, the billing calendar.
    """

    version_id: int
    label: str
    currency: str
    zone: zoneinfo.ZoneInfo
    is_voice_priced: bool
    card: rate_cards.RateCard
    row_ids: tuple[int, ...]
    around: commercials.CommercialTerms = commercials.NOTHING_AGREED

    def find_row_id(self, *, query_type: str | None, channel: str | None, outcome: str | None) -> int | None:
        """Return the stored row that prices a resolution of this class, the most specific one, or None."""
        position = self.card.find_row(query_type=query_type, channel=channel, outcome=outcome)
        return None if position is None else self.row_ids[position]

    @property
    def prices(self) -> Mapping[int, rate_cards.Price]:
        """The price of each stored row."""
        return {row_id: row.price for row_id, row in zip(self.row_ids, self.card.rows, strict=True)}

    @property
    def steps(self) -> Mapping[int, rate_cards.PriceSteps]:
        """What surrounds the price of each stored row."""
        return {row_id: row.steps for row_id, row in zip(self.row_ids, self.card.rows, strict=True)}


@dataclass(frozen=True, kw_only=True)
class PlanTerms:
    """What one pay plan version promises, with what a settlement stamps on itself."""

    version_id: int
    label: str
    currency: str
    rule_pack: str
    workweek_starts_on: int
    crediting: str
    basis: str
    pay: pay_plans.PayTerms


def exact_micros(value: int | None) -> Fraction | None:
    """Return stored micros as an exact amount of the major unit; empty stays empty."""
    return None if value is None else Fraction(value, MICROS)


def exact_bp(value: int) -> Fraction:
    """Return stored basis points as an exact part of one."""
    return Fraction(value, BASIS_POINTS)


def load_contract_terms(*, version_ids: Collection[int]) -> dict[int, ContractTerms]:
    """Read contract versions as frozen terms, in a fixed number of queries.

    Raises: InvalidInput, inside the version's label, if stored rows make no valid card.
    """
    versions = commercial_terms.with_commercials(models.ContractVersion.objects.filter(pk__in=version_ids)).order_by("pk")
    rows: dict[int, list[models.RateCardRow]] = defaultdict(list)
    found = models.RateCardRow.objects.filter(version__in=version_ids).select_related("query_type", "channel")
    for row in found.prefetch_related("tiers").order_by("version", "pk"):
        rows[row.version_id].append(row)
    return {version.pk: _contract_terms(version, rows[version.pk]) for version in versions}


def load_plan_terms(*, version_ids: Collection[int]) -> dict[int, PlanTerms]:
    """Read pay plan versions as frozen terms, in four queries.

    Raises: InvalidInput, inside the version's label, if stored numbers make no valid plan.
    """
    versions = models.PayPlanVersion.objects.filter(pk__in=version_ids).select_related("plan").order_by("pk")
    return {version.pk: _plan_terms(version) for version in versions.prefetch_related("tiers", "metrics", "limits")}


def _contract_terms(version: models.ContractVersion, rows: Iterable[models.RateCardRow]) -> ContractTerms:
    rows = list(rows)
    try:
        card = card_terms.freeze_card(rows=rows)
        around = commercial_terms.freeze_commercials(version=version)
    except errors.InvalidInput as refused:
        raise refused.inside(str(version)) from refused
    return ContractTerms(
        version_id=version.pk,
        label=str(version),
        currency=version.currency,
        zone=zoneinfo.ZoneInfo(version.contract.timezone),
        is_voice_priced=version.prices_voice,
        card=card,
        row_ids=tuple(row.pk for row in rows),
        around=around,
    )


def _bound(tier: models.PayPlanTier) -> tuple[bool, int]:
    """Order tiers by their bound, the one without end last."""
    return (tier.up_to is None, tier.up_to or 0)


def _plan_terms(version: models.PayPlanVersion) -> PlanTerms:
    try:
        pay = _pay_terms(version)
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
    )


def _pay_terms(version: models.PayPlanVersion) -> pay_plans.PayTerms:
    return pay_plans.PayTerms(
        version=str(version),
        base_hourly=exact_micros(version.base_hourly_micros),
        guaranteed_hourly=exact_micros(version.guaranteed_hourly_micros),
        unit=_unit_terms(version),
        quality=_quality_terms(version),
        clawback_share=None if version.clawback_bp is None else exact_bp(version.clawback_bp),
        guardrails={
            limit.limit: pay_plans.Limit(warn=None if limit.warn is None else Fraction(limit.warn), act=Fraction(limit.act))
            for limit in version.limits.all()
        },
    )


def _unit_terms(version: models.PayPlanVersion) -> pay_plans.UnitTerms | None:
    tiers = sorted(version.tiers.all(), key=_bound)
    if not tiers:
        return None
    kinds = {"share" if tier.share_bp is not None else "unit_amount" for tier in tiers}
    if len(kinds) != 1:
        raise pay_plans.InvalidPayPlan(
            f"{version} has tiers with a share and tiers with an amount; write all of them the same way.", path=("tiers",)
        )
    return pay_plans.UnitTerms(
        rate_kind="share" if "share" in kinds else "unit_amount",
        tiers=tuple(_pay_tier(tier) for tier in tiers),
        basis="list" if version.basis == version.Basis.LIST else "booked",
        measure="amount" if version.measure == version.Measure.AMOUNT else "count",
        mode="whole" if version.mode == version.Mode.WHOLE else "marginal",
    )


def _pay_tier(tier: models.PayPlanTier) -> pay_plans.PayTier:
    rate = exact_bp(tier.share_bp) if tier.share_bp is not None else Fraction(tier.unit_amount_micros or 0, MICROS)
    return pay_plans.PayTier(up_to=None if tier.up_to is None else Fraction(tier.up_to), rate=rate)


def _quality_terms(version: models.PayPlanVersion) -> pay_plans.QualityTerms | None:
    metrics = list(version.metrics.all())
    if not metrics:
        return None
    curve = quality_curve.Curve(
        low=quality_curve.CurvePoint(score=exact_bp(version.quality_low_score_bp), multiplier=exact_bp(version.quality_low_multiplier_bp)),
        high=quality_curve.CurvePoint(
            score=exact_bp(version.quality_high_score_bp), multiplier=exact_bp(version.quality_high_multiplier_bp)
        ),
    )
    return pay_plans.QualityTerms(
        curve=curve,
        n_min=Fraction(version.quality_n_min),
        prior_strength=Fraction(version.prior_strength),
        weights={metric.metric: exact_bp(metric.weight_bp) for metric in metrics},
    )
