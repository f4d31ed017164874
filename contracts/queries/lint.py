"""Lint of stored versions: their terms as they stand in the database, checked before they may pay or bill anybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contracts import clock
from contracts import models as terms
from contracts import rule_packs as shipped
from contracts.queries import terms as loaded
from contracts.rules import commercials as around_rules
from contracts.rules import errors, rate_cards
from contracts.rules.lint import cards, commercials, dates, findings, plan_coverage, plan_units, plans


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the apps above know: pools of the quality metrics, resolved cases of the last quarter by class, what one cost, and faults of
    terms that only they apply."""

    pools: Mapping[str, Fraction] = field(default_factory=dict)
    counts: tuple[cards.ClassCount, ...] = ()
    costs: rate_cards.RateCard = field(default_factory=lambda: rate_cards.RateCard(rows=()))
    faults: tuple[findings.Finding, ...] = ()


NOTHING_KNOWN = Evidence()
PERIODS_OF_A_QUARTER = {"month": 3, "half_month": 6, "two_weeks": 6, "week": 13}
_sources: list[Callable[[terms.ContractVersion | terms.PayPlanVersion], Evidence]] = []


def register_evidence(*, source: Callable[[terms.ContractVersion | terms.PayPlanVersion], Evidence]) -> None:
    """Name the one who knows the work. This app imports no other, so the portal brings the two together when it starts."""
    _sources[:] = [source]


def lint_version(*, version: terms.ContractVersion | terms.PayPlanVersion, evidence: Evidence | None = None) -> list[findings.Finding]:
    """Return what would surprise somebody in a stored version, errors first.

    Args:
        version: a contract version or pay plan version, usually a draft.
        evidence: what is known of the work; None asks whoever was registered.

    Returns: findings; stored numbers that make no valid terms are one error.
    """
    known = evidence if evidence is not None else (_sources[0](version) if _sources else NOTHING_KNOWN)
    try:
        found = _lint_contract(version, known) if isinstance(version, terms.ContractVersion) else _lint_plan(version, known)
    except errors.InvalidInput as refused:
        # The path begins with the version's own name, which whoever looks at it knows.
        return [
            findings.Finding(
                code="invalid",
                severity="error",
                path=refused.path[1:],
                what=refused.message,
                remedy=_("Correct it; nothing can be computed."),
            )
        ]
    return sorted([*found, *known.faults], key=lambda one: one.severity != "error")


def _lint_contract(version: terms.ContractVersion, known: Evidence) -> list[findings.Finding]:
    agreed = loaded.load_contract_terms(version_ids=[version.pk])[version.pk]
    card = agreed.card
    voice = frozenset(terms.Channel.objects.filter(is_voice=True).values_list("code", flat=True))
    counted = {(one.query_type, one.channel) for one in known.counts}
    others = tuple(one for one in _list_classes(version) if (one.query_type, one.channel) not in counted)
    facts = cards.CardFacts(
        counts=(*known.counts, *others),
        period="quarter" if known.counts else "period",
        period_count=PERIODS_OF_A_QUARTER[agreed.around.calendar] if known.counts else 1,
        is_typical=bool(known.counts),
        costs=known.costs,
        is_voice_priced=version.prices_voice,
        voice_channels=voice,
    )
    around = _lint_around(version, agreed) + _lint_calendar_change(version, agreed)
    return cards.lint_rate_card(card=card, facts=facts) + around + _lint_dates(version) + _lint_calendar(version)


def _lint_around(version: terms.ContractVersion, agreed: loaded.ContractTerms) -> list[findings.Finding]:
    around = agreed.around
    unused = {
        "volume_bands": 0 if around.volume_bands else version.volume_bands.count(),
        "service_levels": 0 if around.service_credits else version.service_levels.count(),
        "forecasts": 0 if around.forecast_floor else version.forecasts.count(),
    }
    days = list(version.forecasts.values_list("period_start", flat=True)) if around.forecast_floor else []
    return commercials.lint_commercials(terms=around, unused=unused, forecasts=days)


def _lint_calendar_change(version: terms.ContractVersion, agreed: loaded.ContractTerms) -> list[findings.Finding]:
    """Compare the billing calendar of a draft with that of the version in force before it."""
    if version.status != terms.VersionStatus.DRAFT:
        return []
    earlier = version.contract.versions.exclude(status=terms.VersionStatus.DRAFT).filter(effective_from__lt=version.effective_from)
    before = earlier.order_by("effective_from").last()
    if before is None:
        return []
    return commercials.lint_calendar_change(
        terms=agreed.around,
        before=around_rules.CommercialTerms(calendar=before.billing_calendar, anchor=before.billing_anchor),  # type: ignore[arg-type]
        ended_on=before.effective_to,
        effective_from=version.effective_from,
    )


def _lint_dates(version: terms.ContractVersion) -> list[findings.Finding]:
    """Find versions of the same contract in force that a draft would overlap without ending them by starting after them."""
    if version.status != terms.VersionStatus.DRAFT:
        return []
    later = version.contract.versions.exclude(status=terms.VersionStatus.DRAFT).filter(effective_from__gte=version.effective_from)
    spans = [
        dates.Span(
            label=_("version %(number)s") % {"number": one.number},
            path=(),
            effective_from=one.effective_from,
            effective_to=one.effective_to,
        )
        for one in (version, *later)
    ]
    return dates.lint_spans(spans=spans)


def _lint_calendar(version: terms.ContractVersion) -> list[findings.Finding]:
    policy = terms.ResolutionPolicy.objects.filter(version=version).select_related("calendar").first()
    if policy is None or policy.calendar is None:
        return []
    today = clock.now().astimezone(ZoneInfo(policy.calendar.timezone)).date()
    return dates.lint_holidays(calendar=str(policy.calendar), holidays_until=policy.calendar.holidays_until, on=today)


def _list_classes(version: terms.ContractVersion) -> list[cards.ClassCount]:
    """Return every class that a case of this version could have."""
    channels = terms.Channel.objects.filter(is_assisted=True)
    if not version.prices_voice:
        channels = channels.filter(is_voice=False)
    outcomes: list[Any] = ["confirmed", "assumed"] if version.rate_card_rows.exclude(outcome="").exists() else [None]
    codes = list(channels.order_by("code").values_list("code", flat=True))
    return [
        cards.ClassCount(query_type=query_type, channel=channel, outcome=outcome)
        for query_type in terms.QueryType.objects.order_by("code").values_list("code", flat=True)
        for channel in codes
        for outcome in outcomes
    ]


def _lint_plan(version: terms.PayPlanVersion, known: Evidence) -> list[findings.Finding]:
    loaded_terms = loaded.load_plan_terms(version_ids=[version.pk])[version.pk]
    try:
        pack = shipped.load_rule_pack(code=version.rule_pack, on=version.effective_from)
    except errors.InvalidInput as refused:
        raise refused.inside(str(version), "rule_pack") from refused
    metrics = loaded_terms.pay.quality.weights if loaded_terms.pay.quality else {}
    facts = plan_units.PlanFacts(
        pack=pack,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        pools={code: pool for code, pool in known.pools.items() if code in metrics},
    )
    return plans.lint_pay_plan(terms=loaded_terms.pay, facts=facts) + plan_coverage.lint_classes(terms=loaded_terms.pay)
