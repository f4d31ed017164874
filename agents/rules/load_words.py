"""What each guardrail measures, in words an agent understands."""

from collections.abc import Mapping
from types import MappingProxyType

LIMIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "weekly_hours": "Hours worked a week, on average over the last 17 weeks or since the first known shift; or in the last 7 days.",
        "daily_rest": "The longest unbroken rest, in hours, within the 24 hours before the last work.",
        "weekly_rest": "The longest unbroken rest, in hours, within the 7 days before the last work.",
        "consecutive_days": "Days in a row with a shift.",
        "shift_length": "Hours since the shift began, breaks included.",
        "break_after": "Hours on shift since the last break.",
        "occupancy": "Handling as a share of logged-in time less breaks, in the last 4 hours.",
        "hostile_contacts": "Contacts in the shift in which the customer was hostile.",
        "pace": "Resolutions for each hour worked in the shift.",
    }
)
