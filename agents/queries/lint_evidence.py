"""What lint of stored terms needs of the work: the last quarter by class with what one cost, the pools of quality, and faults of limits."""

from datetime import timedelta
from fractions import Fraction

from django.db.models import Count
from django.utils.translation import gettext as _

from agents.models import ReferenceRate, Resolution
from agents.models.resolutions import ResolutionState
from agents.queries import unit_costs
from agents.rules.load import InvalidLimits, Limits
from contracts import clock
from contracts.models import ContractVersion, PayPlanVersion
from contracts.queries import lint, terms
from contracts.rules import errors
from contracts.rules.lint import cards, findings

QUARTER = timedelta(days=92)


def find_evidence(version: ContractVersion | PayPlanVersion) -> lint.Evidence:
    """Return the verified cases of a contract's last quarter and what one cost, or for a plan the latest pool of each metric and
    what is wrong with its limits."""
    if isinstance(version, ContractVersion):
        now = clock.now()
        costs = unit_costs.find_unit_costs(version=version, since=now - QUARTER, until=now)
        return lint.Evidence(counts=_count_classes(version), costs=costs)
    pools = ReferenceRate.objects.filter(query_type=None, channel=None).order_by("metric", "-period_start").distinct("metric")
    return lint.Evidence(
        pools={pool.metric: Fraction(pool.success_count, pool.observation_count) for pool in pools}, faults=_find_faults(version)
    )


def _find_faults(version: PayPlanVersion) -> tuple[findings.Finding, ...]:
    """Return what makes the limits of a plan impossible to keep; terms that cannot be read are lint's own finding."""
    try:
        Limits(by_code=terms.load_plan_terms(version_ids=[version.pk])[version.pk].pay.guardrails)
    except InvalidLimits as refused:
        return (
            findings.Finding(
                code="impossible_limit",
                severity="error",
                path=("guardrails", *refused.path[1:]),
                what=refused.message,
                remedy=_("Correct the limit, or take it out."),
            ),
        )
    except errors.InvalidInput:
        return ()
    return ()


def _count_classes(version: ContractVersion) -> tuple[cards.ClassCount, ...]:
    now = clock.now()
    verified = Resolution.objects.filter(
        case__contract=version.contract_id,
        state__in=[ResolutionState.CONFIRMED, ResolutionState.ASSUMED],
        is_payable=True,
        verified_at__gt=now - QUARTER,
        verified_at__lte=now,
    )
    classes = verified.values_list("query_type__code", "channel__code", "state").annotate(count=Count("pk"))
    return tuple(
        cards.ClassCount(query_type=query_type, channel=channel, outcome=state, count=Fraction(count))
        for query_type, channel, state, count in classes.order_by("query_type__code", "channel__code", "state")
    )
