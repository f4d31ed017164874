"""Count what value reports rest on, so that a report is read and not counted while somebody waits."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from billing.models import ValueCount
from billing.queries import value_counts
from billing.rules import periods
from contracts.models import Contract, ContractVersion, VersionStatus

# What is told late still changes the last periods; older ones stand as they were counted.
PERIODS_RECOUNTED = 3


@dataclass(frozen=True, kw_only=True)
class ValueReport:
    """What a count did: billing periods looked at, and those of which something changed."""

    period_count: int
    changed_count: int


@dataclass(frozen=True, kw_only=True)
class _Period:
    start: date
    end: date
    currency: str


def count_value(*, as_of: datetime, contract_ids: Sequence[int] | None = None) -> ValueReport:
    """Count the open billing period of each contract, the last ones before it, and any that was never counted.

    Args:
        as_of: business instant.
        contract_ids: only these contracts; None is all.

    Returns: counts. A second run changes nothing.
    Source: design.md section 10, "Value to the client"; docs/value.md.
    """
    contracts = Contract.objects.filter(versions__status__in=(VersionStatus.ACTIVE, VersionStatus.ENDED)).distinct().order_by("pk")
    if contract_ids is not None:
        contracts = contracts.filter(pk__in=contract_ids)
    changes = [_count(contract, period, as_of) for contract in contracts for period in _due(contract, as_of)]
    return ValueReport(period_count=len(changes), changed_count=sum(changes))


def _due(contract: Contract, as_of: datetime) -> list[_Period]:
    today = as_of.astimezone(zoneinfo.ZoneInfo(contract.timezone)).date()
    versions = list(ContractVersion.objects.filter(contract=contract).exclude(status=VersionStatus.DRAFT).order_by("effective_from"))
    booked = ContractVersion.objects.filter(contract=contract, booked_lines__isnull=False)
    days = dict.fromkeys(booked.order_by("booked_lines__period_start").values_list("booked_lines__period_start", flat=True).distinct())
    found = {period.start: period for day in (*days, today) if (period := _period_of(versions, day)) is not None and day <= today}
    known = set(ValueCount.objects.filter(contract=contract).values_list("period_start", "currency"))
    recent = sorted(found)[-PERIODS_RECOUNTED:]
    return [period for start, period in sorted(found.items()) if start in recent or (start, period.currency) not in known]


def _period_of(versions: Sequence[ContractVersion], day: date) -> _Period | None:
    """Return the billing period of a day by the version in force on it, or by the next one where none is yet."""
    in_force = [version for version in versions if version.effective_to is None or version.effective_to > day]
    if not in_force:
        return None
    version = in_force[0]
    period = periods.period_of_day(day=day, calendar=version.billing_calendar, anchor=version.billing_anchor)  # type: ignore[arg-type]
    return _Period(start=period.start_date, end=period.end_date, currency=version.currency)


@transaction.atomic
def _count(contract: Contract, period: _Period, as_of: datetime) -> bool:
    # Two counts of one contract wait for each other, so that neither writes a second row.
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    counted = value_counts.count_channels(contract=contract, currency=period.currency, start=period.start, end=period.end)
    stored = ValueCount.objects.filter(contract=contract, period_start=period.start, currency=period.currency)
    fields = [name for name in value_counts.ChannelCounts.__dataclass_fields__ if name != "channel_id"]
    before = {row["channel_id"]: row for row in stored.values("channel_id", *fields)}
    after = {counts.channel_id: asdict(counts) for counts in counted}
    stored.filter(period_end=period.end).update(counted_at=as_of)
    if before == after:
        return False
    stored.delete()
    ValueCount.objects.bulk_create(
        ValueCount(
            contract=contract, period_start=period.start, period_end=period.end, currency=period.currency, counted_at=as_of, **values
        )
        for values in after.values()
    )
    return True
