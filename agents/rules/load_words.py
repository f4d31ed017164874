"""What each guardrail measures, in words an agent understands."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.rules import sentences

LIMIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "weekly_hours": sentences.sentence(
            "Hours worked a week, on average over the last 17 weeks or since the first known shift; or in the last 7 days."
        ),
        "daily_rest": sentences.sentence("The longest unbroken rest, in hours, within the 24 hours before the last work."),
        "weekly_rest": sentences.sentence("The longest unbroken rest, in hours, within the 7 days before the last work."),
        "consecutive_days": sentences.sentence("Days in a row with a shift."),
        "shift_length": sentences.sentence("Hours since the shift began, breaks included."),
        "break_after": sentences.sentence("Hours on shift since the last break."),
        "occupancy": sentences.sentence("Handling as a share of logged-in time less breaks, in the last 4 hours."),
        "hostile_contacts": sentences.sentence("Contacts in the shift in which the customer was hostile."),
        "pace": sentences.sentence("Resolutions for each hour worked in the shift."),
    }
)
