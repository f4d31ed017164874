"""What a settlement's lines rest on, as plain JSON: exact numbers as text, so that nothing is lost."""

import functools
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from types import NoneType
from typing import Any

import pydantic_core

from contracts.rules import exact

PLAIN_TYPES = frozenset((str, bool, int, NoneType))


def write_json(value: Any) -> str:
    """Write plain JSON, which the database brings into the form that it keeps.

    >>> write_json({"b": 1, "a": "é"})
    '{"b":1,"a":"é"}'
    """
    return pydantic_core.to_json(value).decode()


def to_json(value: Any) -> Any:
    """Write frozen values as plain JSON: numbers as exact text, days as ISO text, dataclasses as objects.

    >>> to_json({"multiplier": Fraction(21, 20), "weeks": (date(2016, 3, 7),)})
    {'multiplier': '1.05', 'weeks': ['2016-03-07']}
    """
    # Most values are of these types, and asking a class of numbers or mappings what is an instance of it takes long.
    kind: Any = type(value)
    if kind in PLAIN_TYPES:
        return value
    if kind is Fraction:
        return exact.format_exact(value=value)
    names = _field_names(kind)
    if names is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, tuple | list):
        return [to_json(found) for found in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json(found) for key, found in value.items()}
    return value


@functools.cache
def _field_names(kind: Any) -> tuple[str, ...] | None:
    """Return the names of a dataclass's fields, None of another class; asking for them takes longer than writing them."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None
