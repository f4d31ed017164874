"""The faults of a document in plain words: where each is, and what to write there instead."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.rules import errors

# A longer name than this is no slip of the pen.
NAME_MAX = 60

# What the field library says in its own words, said as a person would need it; by the beginning of its code.
PLAIN = (
    ("int_", "write a whole number here, without quotes and without a decimal point"),
    ("bool_", "write true or false here, without quotes"),
    ("string_", "write a text here, between quotes"),
    ("timezone_", "write the instant with its offset, such as 2026-10-06T14:03:00-04:00 or 2026-10-06T18:03:00Z"),
    ("datetime_", "write an instant as ISO 8601 text with an offset, such as 2026-10-06T14:03:00-04:00"),
    ("date_", "write a day of the calendar as YYYY-MM-DD, such as 2026-10-06"),
)


def tell_fault(*, error: Any, document: Any, names: Iterable[str] = ()) -> dict[str, str]:
    """Say where a document is wrong, and what to write there instead.

    Args:
        error: one error of the field library.
        document: the parsed content in which it was found.
        names: every field that this kind of document has somewhere.

    Returns: `path`, a JSON pointer, and `message`.
    Source: formats.md, "Calculator".
    """
    context = error.get("ctx", {})
    cause = context.get("error")
    inner: tuple[str | int, ...] = cause.path if isinstance(cause, errors.InvalidInput) else ()
    message = str(cause) if isinstance(cause, Exception) else _in_plain_words(error)
    if error["type"] == "extra_forbidden":
        message = _say_unknown(str(error["loc"][-1]), names)
    elif error["type"] == "missing":
        message = "this field is required"
    elif error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        message = "write an object here: fields between { and }"
    elif error["type"] in ("list_type", "tuple_type"):
        message = "write a list here: values between [ and ]"
    elif error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        inner = (context["discriminator"].strip("'"),)
        message = f"choose one of {context['expected_tags']}" if "expected_tags" in context else "this field is required"
    place = _located(error["loc"], document, is_missing=error["type"] == "missing")
    return {"path": errors.point_to(path=(*place, *inner)), "message": message}


def _in_plain_words(error: Any) -> str:
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        return f"choose one of {context['expected'].replace(' or ', ', ')}"
    if error["type"] in ("less_than_equal", "greater_than_equal"):
        return f"must be {'at most' if 'le' in context else 'at least'} {context.get('le', context.get('ge'))}"
    return next((words for begins, words in PLAIN if error["type"].startswith(begins)), error["msg"])


def _say_unknown(name: str, names: Iterable[str]) -> str:
    """Name the field that was probably meant; most unknown ones are slips of the pen."""
    page = "see docs/calculator.md for the fields of this kind"
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.75) if len(name) <= NAME_MAX else []
    if not close:
        return f"there is no such field here; {page}"
    if close[0] == name:
        return f'there is no such field here; "{name}" belongs to another part or shape, {page}'
    return f'there is no such field here; did you mean "{close[0]}"? If not, {page}'


def _located(location: tuple[str | int, ...], document: Any, *, is_missing: bool) -> list[str | int]:
    """Drop the parts that name a branch of a union: the person who wrote the document never saw them."""
    kept: list[str | int] = []
    here: Any = document
    for position, part in enumerate(location):
        is_last = position == len(location) - 1
        # A field may be missing, or written by another name; a branch is named by one of the values that stand here.
        if isinstance(here, Mapping) and (part in here or (is_last and (is_missing or part not in here.values()))):
            kept.append(part)
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            kept.append(part)
            here = here[part]
    return kept
