"""What lint of stored terms needs to know of the work: last quarter's cases by class, what they cost, and the pools of quality."""

from datetime import timedelta
from fractions import Fraction

from django.db.models import Count

from agents.models import ReferenceRate, Resolution
from agents.models.resolutions import ResolutionState
from agents.queries import unit_costs
from contracts import clock
from contracts.models import ContractVersion, PayPlanVersion
from contracts.queries import lint
from contracts.rules.lint import cards

QUARTER = timedelta(days=92)


def find_evidence(version: ContractVersion | PayPlanVersion) -> lint.Evidence:
    """Return the verified cases of a contract's last quarter and what one cost, or for a plan the latest pool of each metric."""
    if isinstance(version, ContractVersion):
        now = clock.now()
        costs = unit_costs.find_unit_costs(version=version, since=now - QUARTER, until=now)
        return lint.Evidence(counts=_count_classes(version), costs=costs)
    pools = ReferenceRate.objects.filter(query_type=None, channel=None).order_by("metric", "-period_start").distinct("metric")
    return lint.Evidence(pools={pool.metric: Fraction(pool.success_count, pool.observation_count) for pool in pools})


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
