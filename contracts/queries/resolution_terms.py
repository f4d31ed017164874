"""Resolution policies and business calendars of contract versions, as the frozen terms that rules read."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contracts.models import BusinessCalendar, ResolutionPolicy, ResolutionPolicyOverride
from contracts.queries import class_codes
from contracts.rules import business_hours, errors
from contracts.rules import resolution_policy as rules

CHOSEN = (
    "delivery_model",
    "verified_by",
    "silence_clock",
    "reopen_clock",
    "reopen_effect",
    "repeat_scope",
    "repeat_clock",
    "unit_cap",
    "priced_as_of",
)


def with_terms(*, policies: QuerySet[ResolutionPolicy]) -> QuerySet[ResolutionPolicy]:
    """Return policies with all that freezing them reads, in six queries however many there are."""
    return policies.select_related("version__contract", "calendar").prefetch_related(
        "overrides__query_type", "overrides__channel", "calendar__hours", "calendar__holidays"
    )


def freeze_policy(*, policy: ResolutionPolicy, unassisted_channels: frozenset[str] = frozenset()) -> rules.ResolutionPolicy:
    """Read one stored policy with its overrides and its calendar.

    Args:
        policy: best from `with_terms`, which reads many at once.
        unassisted_channels: codes of the channels that no person answers.

    Returns: frozen terms.
    Raises: InvalidPolicy or InvalidBusinessHours if its knobs contradict each other.
    Source: design.md section 4.
    """
    if policy.calendar is not None and policy.calendar.client_id != policy.version.contract.client_id:
        raise rules.InvalidPolicy(
            _('The calendar "%(calendar)s" is another client\'s; choose one of this client.') % {"calendar": policy.calendar},
            path=("hours",),
        )
    windows: dict[str, Any] = {f"{name}_window": timedelta(hours=getattr(policy, f"{name}_window_hours")) for name in rules.WINDOWS}
    return rules.ResolutionPolicy(
        **{name: getattr(policy, name) for name in CHOSEN},
        **windows,
        reduced_price_bp=policy.reduced_price_bp,
        counts_no_further_action=policy.counts_no_further_action,
        hours=None if policy.calendar is None else freeze_calendar(calendar=policy.calendar),
        exclusions=frozenset(policy.exclusions),
        timezone=policy.version.contract.timezone,
        unassisted_channels=unassisted_channels,
        overrides=tuple(_freeze_override(override) for override in policy.overrides.all()),
    )


def freeze_calendar(*, calendar: BusinessCalendar) -> business_hours.BusinessHours:
    """Read one stored calendar.

    Returns: weekly hours and holidays in its time zone.
    Raises: InvalidBusinessHours, naming the calendar, if it never opens or its hours overlap.
    Source: docs/adr/0014-business-calendars.md.
    """
    try:
        return business_hours.BusinessHours(
            timezone=calendar.timezone,
            weekly=tuple(
                business_hours.OpenHours(weekday=row.weekday - 1, start_minute=_minute(row.opens_at), end_minute=_minute(row.closes_at))
                for row in calendar.hours.all()
            ),
            holidays=frozenset(row.day for row in calendar.holidays.all()),
        )
    except errors.InvalidInput as refused:
        raise business_hours.InvalidBusinessHours(
            _('The calendar "%(calendar)s" cannot be read. %(message)s') % {"calendar": calendar, "message": refused.message},
            path=("hours",),
        ) from refused


def _minute(time_of_day: str) -> int:
    hours, _other, minutes = time_of_day.partition(":")
    return int(hours) * 60 + int(minutes)


def _freeze_override(override: ResolutionPolicyOverride) -> rules.PolicyOverride:
    hours = {f"{window}_window": getattr(override, f"{window}_window_hours") for window in rules.WINDOWS}
    changed: dict[str, Any] = {name: timedelta(hours=value) for name, value in hours.items() if value is not None}
    changed |= {name: value for name in CHOSEN if (value := getattr(override, name))}
    return rules.PolicyOverride(
        **class_codes.codes_of(override),
        reduced_price_bp=override.reduced_price_bp,
        counts_no_further_action=override.counts_no_further_action,
        exclusions=frozenset(override.exclusions) if override.exclusions else None,
        **changed,
    )
