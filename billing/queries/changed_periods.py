"""Which billing periods the books have to look at again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from agents.models import CaseEvent, Resolution
from billing.rules import periods
from contracts.queries import terms


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Billing periods of contract versions, as the arrays that a query joins: version, first day, first day no longer in it."""

    version_ids: tuple[int, ...]
    starts: tuple[date, ...]
    ends: tuple[date, ...]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The values that the queries of the bookings ask for."""
        return {"versions": list(self.version_ids), "starts": list(self.starts), "ends": list(self.ends)}


def find_changed_periods(*, case_ids: Collection[int], noted: Collection[tuple[int, date]]) -> Scope:
    """Return the periods in which payable units came, went or changed, and those of some cases whose value may have changed.

    Args:
        case_ids: cases with news; an event that only tells a value changes no resolution, and so leaves no note.
        noted: by contract version, the days of verification on which units changed.
    """
    days = {*noted, *_days_of_values(case_ids)}
    contracts = terms.load_contract_terms(version_ids={version_id for version_id, _ in days})
    found = set()
    for version_id, day in days:
        around = contracts[version_id].around
        period = periods.period_of_day(day=day, calendar=around.calendar, anchor=around.anchor)
        found.add((version_id, period.start_date, period.end_date))
    ordered = sorted(found)
    return Scope(
        version_ids=tuple(version_id for version_id, _, _ in ordered),
        starts=tuple(start for _, start, _ in ordered),
        ends=tuple(end for _, _, end in ordered),
    )


def _days_of_values(case_ids: Collection[int]) -> set[tuple[int, date]]:
    told = Exists(CaseEvent.objects.filter(case=OuterRef("case"), value_micros__isnull=False))
    valued = Resolution.objects.filter(told, case__in=case_ids, is_payable=True, price_version__isnull=False)
    rows = valued.values_list("price_version_id", "verified_at", "price_version__contract__timezone")
    return {
        (version_id, verified_at.astimezone(periods.load_timezone(name=zone)).date())
        for version_id, verified_at, zone in rows
        if version_id is not None and verified_at is not None
    }
