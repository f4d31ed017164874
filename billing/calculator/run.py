"""Answer calculator documents: find the kind, check the document, compute, and say what is wrong where.

A kind is a module with `Document`, a pydantic model, and `answer(document) -> dict`.
"""

import contextlib
import functools
import importlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, cast

from pydantic import BaseModel, ValidationError

from billing.calculator import faults, json_documents
from contracts.rules import errors

logger = logging.getLogger(__name__)

KINDS = {
    "price": "billing.calculator.price",
    "rate_card": "billing.calculator.rate_card",
    "commitment": "billing.calculator.commitment",
    "service_credit": "billing.calculator.service_credit",
    "prorate": "billing.calculator.prorate",
    "invoice": "billing.calculator.invoice",
    "credit_note": "billing.calculator.credit_note",
    "allocate": "billing.calculator.allocate",
    "periods": "billing.calculator.periods",
    "fair_piece_rate": "billing.calculator.fair_piece_rate",
    "thirteenth_month": "billing.calculator.thirteenth_month",
    "resolution": "billing.calculator.resolution",
    "score": "billing.calculator.score",
    "guardrails": "billing.calculator.guardrails",
    "pay": "billing.calculator.pay",
}


# A quoted text longer than anybody means to write, by its beginning.
QUOTED = re.compile(r'"([^"]{60})[^"]{60,}"')


class Kind(Protocol):
    """What a module of this package offers."""

    Document: type[BaseModel]

    def answer(self, document: Any) -> dict[str, Any]:
        """Compute the answer to one checked document."""
        ...


class UnableToCalculate(ValueError):
    """A document that was refused, with every fault and its place. What a message quotes of the document is cut to be read."""

    def __init__(self, found: list[dict[str, str]]) -> None:
        self.faults = [{**fault, "message": QUOTED.sub(r'"\1…"', fault["message"])} for fault in found]
        super().__init__("; ".join(f"{fault['path'] or '/'}: {fault['message']}" for fault in self.faults))


def find_kind(*, name: str) -> Kind:
    """Return the module that answers a kind of document.

    Raises: UnableToCalculate if there is no such kind.
    """
    if name not in KINDS:
        raise UnableToCalculate([{"path": "/kind", "message": f'there is no kind "{name}"; choose one of {", ".join(KINDS)}'}])
    return cast(Kind, importlib.import_module(KINDS[name]))


def answer_one(*, document: Any) -> dict[str, Any]:
    """Answer one calculator document.

    Args:
        document: parsed JSON; an object with `kind`.

    Returns: the answer as plain JSON values.
    Raises: UnableToCalculate with a path and a message for every fault.
    Source: formats.md, "Calculator".
    """
    refuse_marked(document=document)
    if not isinstance(document, Mapping):
        raise UnableToCalculate([{"path": "", "message": 'a document is an object with a "kind"'}])
    if not isinstance(document.get("kind"), str):
        raise UnableToCalculate([{"path": "/kind", "message": f"say which kind of document this is: one of {', '.join(KINDS)}"}])
    kind = find_kind(name=document["kind"])
    fields = {key: value for key, value in document.items() if key != "kind"}
    with telling_faults(document=fields, names=lambda: list_fields(name=document["kind"])):
        return kind.answer(kind.Document.model_validate(fields))


def refuse_marked(*, document: Any) -> None:
    """Refuse parsed content in which a field is written twice, or a number is none.

    Args:
        document: as `json_documents.read_documents` returns it.

    Raises: UnableToCalculate with a path and a message for every such value.
    """
    marked = json_documents.find_refused(document=document)
    if marked:
        raise UnableToCalculate([{"path": errors.point_to(path=place), "message": message} for place, message in marked])


@contextlib.contextmanager
def telling_faults(*, document: Any, names: Callable[[], Iterable[str]] = tuple) -> Iterator[None]:
    """Turn whatever refuses a document inside the block into faults with their places in it.

    Args:
        document: the parsed content that the block reads.
        names: gives the fields that such a document has, to name the one that was probably meant.

    Raises: UnableToCalculate with a path and a message for every fault.
    """
    try:
        yield
    except ValidationError as refused:
        known = names()
        found = [faults.tell_fault(error=error, document=document, names=known) for error in refused.errors(include_url=False)]
        raise UnableToCalculate(found) from refused
    except errors.InvalidInput as refused:
        raise UnableToCalculate([{"path": errors.point_to(path=refused.path), "message": refused.message}]) from refused
    except OverflowError as refused:
        raise UnableToCalculate([{"path": "", "message": TOO_FAR}]) from refused
    except UnicodeEncodeError as refused:
        raise UnableToCalculate([{"path": "", "message": json_documents.HALF}]) from refused


# Days from year 1 to 9999 may be named, as an end that nobody expects, but not everything can be reckoned from them.
TOO_FAR = "a day, an instant or a length of time lies beyond what a calendar holds (years 1 to 9999); write the one that is meant"

UNFORESEEN = (
    "this document could not be computed: it asks for a division by zero or the like, which should have been refused where it is written; "
    "look for hours or quantities of zero, and report it together with the document"
)


def answer_all(*, documents: list[Any]) -> list[dict[str, Any]]:
    """Answer a list of documents; one that fails becomes its faults, and the others are still computed."""
    answers: list[dict[str, Any]] = []
    for document in documents:
        try:
            answers.append(answer_one(document=document))
        except UnableToCalculate as refused:
            answers.append({"error": refused.faults})
        except ArithmeticError:
            # A fault of ours in one document must not lose the answers to the others.
            logger.exception("a %s document of a list could not be computed", document.get("kind"))
            answers.append({"error": [{"path": "", "message": UNFORESEEN}]})
    return answers


def describe(*, name: str) -> dict[str, Any]:
    """Return the JSON Schema (Draft 2020-12) of a kind of document."""
    schema = find_kind(name=name).Document.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        _allow_null(part)
    properties = {"kind": {"const": name}, **schema.pop("properties", {})}
    required = ["kind", *schema.pop("required", [])]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "properties": properties, "required": required}


@functools.cache
def list_fields(*, name: str) -> frozenset[str]:
    """Return the names of every field that a kind of document has, in any of its parts."""
    schema = describe(name=name)
    return frozenset(field for part in (schema, *schema.get("$defs", {}).values()) for field in part.get("properties", {}))


def _allow_null(schema: dict[str, Any]) -> None:
    """Let every optional field of an object be null, as documents may: it means the default."""
    for name, field in schema.get("properties", {}).items():
        if name not in schema.get("required", []) and {"type": "null"} not in field.get("anyOf", []):
            schema["properties"][name] = {"anyOf": [field, {"type": "null"}]}
