"""The words of design.md, section 4, for whoever writes a resolution document in them instead of the fields' names."""

import re
from collections.abc import Mapping
from typing import Any

from contracts.rules import errors

# A knob as the table of design.md calls it, and the field that it is.
FIELDS = {
    "who_may_verify": "verified_by",
    "silence_window": "silence_window_hours",
    "reopen_window": "reopen_window_hours",
    "repeat_window": "repeat_window_hours",
    "repeat_contact": "repeat_scope",
    "unit_and_cap": "unit_cap",
    "no_further_action_possible": "counts_no_further_action",
    "which_facts_price_it": "priced_as_of",
}
CHOICES = (
    *("delivery_model", "verified_by", "silence_clock", "reopen_clock", "repeat_clock"),
    *("reopen_effect", "repeat_scope", "unit_cap", "priced_as_of", "counts_no_further_action"),
)
WORDS: dict[str, str | bool] = {
    "own_channel_only": "own_channel",
    "as_of_resolution": "resolution",
    "as_of_opening": "opening",
    "as_of_verification": "verification",
    "calendar_hours": "calendar",
    "business_hours": "business",
    "counts": True,
    "does_not_count": False,
}
DIRECTIONS = {"inbound": "in", "incoming": "in", "outbound": "out", "outgoing": "out"}
_WINDOW = re.compile(r"\s*(\d{1,9})\s*(h|hours?|d|days?)\s*", re.ASCII)


def read_knobs(data: Any) -> Any:
    """Name every knob by its field, and every choice by its code; what is neither stays as it is, to be refused by name.

    Raises: InvalidInput where a knob is said under both of its names, or a window without its unit.
    """
    if not isinstance(data, Mapping):
        return data
    read: dict[Any, Any] = {}
    for name, value in data.items():
        field = FIELDS.get(name, name) if isinstance(name, str) else name
        if field in read or (field != name and field in data):
            raise errors.InvalidInput(f"{name} and {field} are the same knob; keep one of them.", path=(name,))
        if field != name and field.endswith("_hours"):
            read[field] = _read_window(name, value)
        else:
            read[field] = _read_choice(value) if field in CHOICES else value
    if isinstance(read.get("exclusions"), list | tuple):
        read["exclusions"] = [to_code(code) if isinstance(code, str) else code for code in read["exclusions"]]
    return read


def read_event(data: Any) -> Any:
    """Write the type of an event and what excludes it as codes, and inbound and outbound as in and out."""
    if not isinstance(data, Mapping):
        return data
    event = {**data}
    if isinstance(event.get("type"), str):
        event["type"] = to_code(event["type"])
    if event.get("type") == "excluded" and isinstance(event.get("code"), str):
        event["code"] = to_code(event["code"])
    if isinstance(event.get("direction"), str):
        event["direction"] = DIRECTIONS.get(event["direction"].lower(), event["direction"])
    return event


def to_code(words: str) -> str:
    """Write words as a code: "front-line triage" is front_line_triage.

    >>> to_code("QA sample"), to_code("front-line triage"), to_code("customer_only")
    ('qa_sample', 'front_line_triage', 'customer_only')
    """
    return words.strip().lower().replace(" ", "_").replace("-", "_")


def _read_choice(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    code = to_code(value)
    return WORDS.get(code, code)


def _read_window(name: str, value: Any) -> Any:
    if value is None:
        return None
    found = _WINDOW.fullmatch(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise errors.InvalidInput(f'Say a window with its unit, such as "72 h" or "7 days", or in hours as {FIELDS[name]}.', path=(name,))
    return str(int(found[1]) * (24 if found[2].startswith("d") else 1))
