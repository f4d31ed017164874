"""Calculator documents as JSON: what a reader of JSON lets pass and pay must not is marked where it stands; a list loses only that item."""

import json
from dataclasses import dataclass
from typing import Any

HALF = "a text holds half of a character (a lone surrogate, such as \\ud800); write the whole character"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """In the place of a value that no document may hold: why not."""

    message: str


def read_documents(*, written: bytes) -> Any:
    """Read one document or a list of them.

    Args:
        written: JSON in UTF-8, with or without a mark, or in UTF-16 or UTF-32.

    Returns: the parsed content; a field that is written twice, NaN and the infinities are `Refused` at their places.
    Raises: ValueError or RecursionError if this is not JSON.

    >>> read_documents(written=b'{"a": 1, "a": 2}')["a"].message
    'the field "a" is written twice in one object; keep one of them'
    """
    return json.loads(written, object_pairs_hook=_mark_repeats, parse_constant=_mark_constant)


def find_refused(*, document: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """List what a document may not hold, each with its place and why, in the order of the document.

    >>> find_refused(document={"a": [read_documents(written=b"NaN")]})
    [(('a', 0), 'NaN is not a number that money can have')]
    """
    found = []
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, Refused):
            found.append((place, value.message))
        elif isinstance(value, str) and not _is_whole(value):
            found.append((place, HALF))
        elif isinstance(value, dict):
            found += [(place, f"the name of a field is no text: {HALF}") for key in value if isinstance(key, str) and not _is_whole(key)]
            waiting += [((*place, key), inner) for key, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*place, position), value[position]) for position in reversed(range(len(value)))]
    return found


def _is_whole(text: str) -> bool:
    """Say whether a text is made of whole characters; JSON may write half of a pair alone."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _mark_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = value if key not in found else Refused(message=f'the field "{key}" is written twice in one object; keep one of them')
    return found


def _mark_constant(name: str) -> Refused:
    return Refused(message=f"{name} is not a number that money can have")
