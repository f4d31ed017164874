"""The documents of a body: a JSON array, or one document a line (NDJSON)."""

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
    """Return the documents of a body; a line that is not JSON becomes a rejection, since the others are none the worse for it.

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
    return told


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
            yield from_json(line, allow_inf_nan=False)
        except ValueError as fault:
            yield Rejection(id=None, path="", message=f"line {number} is no JSON ({fault})")
