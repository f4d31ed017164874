"""The documents of a body: a JSON array, or one document a line (NDJSON)."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError

from agents.intake.delivered import Rejection

DOCUMENTS_MAX = 10_000
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
SPACE = b"\xef\xbb\xbf \t\r\n"


class TooMany(APIException):
    """A delivery has more documents than are taken at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_many_events"


def is_array(*, content: bytes, content_type: str) -> bool:
    """Say whether a body is a JSON array, or lines."""
    return content_type.split(";")[0].strip().lower() not in LINES and content.lstrip(SPACE).startswith(b"[")


def read_documents(*, content: bytes, content_type: str) -> list[Any]:
    """Return the documents of a body; one that tells a name twice, or a line that is not JSON, becomes a rejection.

    Raises: ParseError if nothing can be read; TooMany.
    """
    if not is_array(content=content, content_type=content_type):
        documents = list(_lines(content))
        if not documents:
            raise ParseError("The body is empty. Send a JSON array, or one document a line (NDJSON).")
        return documents
    try:
        told: list[Any] = from_json(content.lstrip(SPACE), allow_inf_nan=False)
    except ValueError as fault:
        raise ParseError(f"The body is no JSON array ({fault}). Nothing was stored; correct it and send it again.") from fault
    refuse_too_many(count=len(told))
    if has_repeats(content=content):
        told = json.loads(content.lstrip(SPACE), object_pairs_hook=_as_object)
    return told


def has_repeats(*, content: bytes) -> bool:
    """Say whether an object in a body, which is JSON, tells a name twice: readers of JSON take the last one, which is a guess.

    >>> has_repeats(content=b'[{"type": "closed", "type": "opened"}]')
    True
    """
    try:
        json.loads(content.lstrip(SPACE), object_pairs_hook=_refuse_repeats)
    except _RepeatError:
        return True
    return False


def refuse_too_many(*, count: int) -> None:
    """Refuse a delivery that is larger than what is taken at once.

    Raises: TooMany.
    """
    if count > DOCUMENTS_MAX:
        raise TooMany(f"More than {DOCUMENTS_MAX:,} came at once. Nothing was stored; send them in parts.")


def _lines(content: bytes) -> Iterator[Any]:
    count = 0
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not line.strip():
            continue
        count += 1
        refuse_too_many(count=count)
        try:
            told = from_json(line, allow_inf_nan=False)
            yield json.loads(line, object_pairs_hook=_as_object) if has_repeats(content=line) else told
        except ValueError as fault:
            yield Rejection(id=None, path="", message=f"line {number} is no JSON ({fault})")


class _RepeatError(Exception):
    """A name stands twice in one object."""


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RepeatError
    return found


def _as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Rejection:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            event_id = dict(pairs).get("id")
            message = "stands there twice; keep the one that is meant"
            return Rejection(id=event_id[:200] if isinstance(event_id, str) else None, path=name[:200], message=message)
        found[name] = value
    return found
