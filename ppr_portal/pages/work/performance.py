"""Performance: each metric with score, count, interval, what was expected and its trend, and what quality does to pay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Agent
from agents.queries import handle_times
from agents.rules import score_effects
from billing import access as pay_access
from billing.models import SettlementLine
from billing.queries import class_names, open_period, pay_periods
from billing.queries import performance as scored
from billing.rules import money
from contracts.rules import pay_plans
from contracts.translation import gettext_lazy as _
from ppr_portal.pages import drawings, pay_seen
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.work import performance_drawings as charts
from ppr_portal.pages.work import quality

UNIT_KINDS = ("unit", "tier_uplift")
ABOUT = {
    "csat": _("Favorable answers to the survey after a resolved case."),
    "fcr": _("Solved at the first contact, and nobody came back within the window."),
    "qa": _("Contacts reviewed on a scorecard."),
}


@dataclass(frozen=True, kw_only=True)
class EffectRow:
    """One metric's part of the effect on pay."""

    code: str
    label: str
    weight: Fraction
    score: Fraction
    typical: Fraction
    effect: Fraction
    micros: int


@dataclass(frozen=True, kw_only=True)
class EffectView:
    """What quality does to pay, taken apart."""

    total: Fraction
    micros: int
    unit_micros: int
    currency: str
    composite: Fraction
    typical: Fraction
    typical_effect: Fraction
    typical_micros: int
    rows: tuple[EffectRow, ...]
    protection: Fraction
    protection_micros: int
    reach: score_effects.Reach | None
    curve: pay_plans.QualityTerms
    drawing: charts.CurveDrawing


@dataclass(frozen=True, kw_only=True)
class ClassView:
    """One class of a metric."""

    name: str
    n: int
    successes: int
    reference: Fraction | None
    expected: Fraction | None


@dataclass(frozen=True, kw_only=True)
class MetricCard:
    """One metric as its card shows it."""

    metric: quality.MetricView
    about: str
    weight: Fraction
    is_paid: bool
    difference: Fraction
    trend: charts.TrendDrawing
    url: str
    is_mix: bool


@require_safe
@portal_page
def performance(request: PortalRequest) -> HttpResponse:
    """Show one's own performance, or that of an agent whom this person may see; pay only where they may see that."""
    own_id = request.viewer.person.agent_id or 0
    agent_id = asked_number(request, "agent") if request.GET.get("agent") else own_id
    agent = get_object_or_404(access.agents_for(request.user, on=request.today).select_related("site"), pk=agent_id)
    periods = scored.list_periods(agent_id=agent.pk)
    position = _position(request, periods)
    context: dict[str, Any] = {"agent": agent, "is_own": agent.pk == own_id}
    if position is not None:
        context |= _period_context(request, agent, periods, position)
    return render(request, "agent/performance.html", context)


def _position(request: PortalRequest, periods: Sequence[scored.ScoredPeriod]) -> int | None:
    """Return which period is asked for: the newest by default; a month without a period is no page."""
    asked = request.GET.get("period", "")
    if not asked:
        return 0 if periods else None
    found = next((place for place, period in enumerate(periods) if f"{period.start:%Y-%m}" == asked), None)
    if found is None:
        raise Http404
    return found


def _period_context(request: PortalRequest, agent: Agent, periods: Sequence[scored.ScoredPeriod], position: int) -> dict[str, Any]:
    period = periods[position]
    shown = list(reversed(periods[position : position + scored.PERIODS_SHOWN]))
    scale = _scale(shown)
    view = quality.view_of(score=period.score, scale=scale) if period.score else None
    cards = _cards(request, agent, period, view, shown, scale) if view else ()
    bounds = pay_periods.period_of(site=agent.site, day=period.start)
    line = terms = None
    readable = pay_access.settlements_for(request.user).filter(pk=period.settlement_id)
    if settlement := open_period.with_plan(settlements=readable).only("plan_version").first():
        terms = open_period.plan_of(settlement=settlement).pay.quality
        line = scored.quality_line(settlement_id=period.settlement_id)
        pay_seen.saw(request, [agent.pk])
    mix = next((card for card in cards if card.is_mix), None)
    return {
        "period": period,
        "period_end": min(period.end, request.today + timedelta(days=1)) if period.is_open else period.end,
        "earlier_url": _url(agent, request, periods, position + 1),
        "later_url": _url(agent, request, periods, position - 1),
        "view": view,
        "scale": scale,
        "cards": cards,
        "mix": mix,
        "classes": _classes(agent, period, mix.metric.code) if mix else (),
        "effect": _effect(period, line, terms, _unit_micros(line)) if line and terms else None,
        "handle_time": handle_times.read_handle_time(agent_id=agent.pk, start=bounds.starts_at, end=bounds.ends_at),
    }


def _scale(shown: Sequence[scored.ScoredPeriod]) -> drawings.Scale:
    return quality.scale_of([period.score for period in shown if period.score])


def _cards(
    request: PortalRequest,
    agent: Agent,
    period: scored.ScoredPeriod,
    view: quality.QualityView,
    shown: Sequence[scored.ScoredPeriod],
    scale: drawings.Scale,
) -> tuple[MetricCard, ...]:
    assert period.score is not None
    weights = {metric.code: metric.weight_share or Fraction(0) for metric in period.score.metrics}
    asked = request.GET.get("mix", "")
    chosen = asked if asked in view.by_code else next(iter(view.by_code), "")
    return tuple(
        MetricCard(
            metric=metric,
            about=ABOUT[metric.code],
            weight=weights[metric.code],
            is_paid=weights[metric.code] > 0,
            difference=metric.successes - metric.expected_successes,
            trend=charts.draw_trend(values=_values(metric.code, shown), slots=[one.start for one in shown], scale=scale),
            url=f"{reverse('performance')}?agent={agent.pk}&period={period.start:%Y-%m}&mix={metric.code}#mix",
            is_mix=metric.code == chosen,
        )
        for metric in view.metrics
    )


def _values(code: str, shown: Sequence[scored.ScoredPeriod]) -> list[charts.TrendValue]:
    found = []
    for period in shown:
        metric = next((one for one in period.score.metrics if one.code == code), None) if period.score else None
        if metric is not None and metric.score is not None and metric.interval is not None:
            found.append(
                charts.TrendValue(
                    start=period.start,
                    is_open=period.is_open,
                    score=metric.score,
                    low=metric.interval.low,
                    high=metric.interval.high,
                    expected=metric.expected / metric.n,
                )
            )
    return found


def _effect(period: scored.ScoredPeriod, line: SettlementLine, terms: pay_plans.QualityTerms, unit_micros: int) -> EffectView | None:
    """Take the stored quality line apart: parts of its exact amount, which they add up to."""
    score = period.score
    split = score_effects.split_effect(score=score, curve=terms.curve) if score else None
    if score is None or split is None or score.composite is None:
        return None
    inputs: Mapping[str, str] = line.inputs
    unit_pay = Fraction(inputs["unit"]) + Fraction(inputs["tier_uplift"])

    def micros(effect: Fraction) -> int:
        return money.to_micros(amount=unit_pay * effect, currency=period.currency)

    reach = score_effects.reach_of(score=score, curve=terms.curve, prior_strength=terms.prior_strength)
    return EffectView(
        total=split.total,
        micros=line.amount_micros,
        unit_micros=unit_micros,
        currency=period.currency,
        composite=score.composite,
        typical=split.typical,
        typical_effect=split.typical_effect,
        typical_micros=micros(split.typical_effect),
        rows=tuple(
            EffectRow(
                code=metric.code,
                label=quality.LABELS[metric.code],
                weight=metric.weight_share,
                score=metric.score,
                typical=metric.pool,
                effect=metric.effect,
                micros=micros(metric.effect),
            )
            for metric in split.metrics
        ),
        protection=split.protection,
        protection_micros=micros(split.protection),
        reach=reach,
        curve=terms,
        drawing=charts.draw_curve(curve=terms.curve, composite=score.composite, multiplier=score.multiplier, reach=reach),
    )


def _unit_micros(line: SettlementLine) -> int:
    """Return what resolutions earned as the statement says it: the sum of its rounded lines."""
    found = SettlementLine.objects.filter(settlement=line.settlement_id, kind__in=UNIT_KINDS).aggregate(
        total=Sum("amount_micros", default=0)
    )
    return int(found["total"])


def _classes(agent: Agent, period: scored.ScoredPeriod, code: str) -> tuple[ClassView, ...]:
    names = class_names.load_class_names()
    return tuple(
        ClassView(name=names.name(code=row.code), n=row.n, successes=row.successes, reference=row.reference, expected=row.expected)
        for row in scored.read_classes(agent=agent, period=period).get(code, ())
    )


def _url(agent: Agent, request: PortalRequest, periods: Sequence[scored.ScoredPeriod], position: int) -> str:
    if not 0 <= position < len(periods):
        return ""
    whose = f"agent={agent.pk}&" if agent.pk != request.viewer.person.agent_id else ""
    return f"{reverse('performance')}?{whose}period={periods[position].start:%Y-%m}"
