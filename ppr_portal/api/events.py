"""`POST /api/v1/events/`: case events from programs, answered one by one."""

import hashlib
from collections.abc import Iterator
from typing import Any, cast

from django.db import transaction
from pydantic_core import from_json
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.intake import delivered
from agents.intake.delivered import DeliveredEvent, Rejection
from agents.models import ApiKey, ImportRun, Source
from agents.operations import receive_events
from contracts import clock
from ppr_portal import tasks
from ppr_portal.api import bodies
from ppr_portal.api.authentication import ApiKeyAuthentication, HasScope
from ppr_portal.api.throttles import ApiKeyThrottle

EVENTS_MAX = 10_000
LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")


class TooManyEvents(APIException):
    """A delivery has more events than are taken at once."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_many_events"


class EventsView(APIView):
    """Takes in a JSON array or NDJSON of events. Answers 207 with a result for each, in order."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [ApiKeyThrottle]
    scope = ApiKey.Scope.EVENTS_WRITE

    def post(self, request: Request) -> Response:
        key = cast(ApiKey, request.auth)
        body = bodies.read_body(request=request)
        content = bodies.unpack(request=request, body=body)
        read = [_of_source(event, key.source) for event in _read(content, request.content_type or "")]
        report = receive_events.receive_events(
            source=key.source,
            origin=ImportRun.Origin.API,
            deliverer=f"Events API, {key}",
            body_sha256=hashlib.sha256(body).hexdigest(),
            read=read,
            received_at=clock.now(),
        )
        if report.changed_case_count:
            transaction.on_commit(tasks.ask_to_take_up, robust=True)
        return Response(_answer(report), status=status.HTTP_207_MULTI_STATUS)


def _read(content: bytes, content_type: str) -> list[DeliveredEvent | Rejection]:
    """Read a body; a line that is not JSON becomes a rejection, since the others are none the worse for it."""
    stripped = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if content_type.split(";")[0].strip().lower() in LINES or not stripped.startswith(b"["):
        documents = list(_lines(content))
        if not documents:
            raise ParseError("The body is empty. Send a JSON array of events, or one event a line (NDJSON).")
        return [_read_one(document) for document in documents]
    events = delivered.read_array(content=stripped)
    if events is None:
        try:
            told = from_json(stripped, allow_inf_nan=False)
        except ValueError as fault:
            raise ParseError(f"The body is no JSON array ({fault}). Nothing was stored; correct it and send it again.") from fault
        _refuse_too_many(len(told))
        return [_read_one(document) for document in told]
    _refuse_too_many(len(events))
    return events


def _lines(content: bytes) -> Iterator[Any]:
    count = 0
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not line.strip():
            continue
        count += 1
        _refuse_too_many(count)
        try:
            yield from_json(line, allow_inf_nan=False)
        except ValueError as fault:
            yield Rejection(id=None, path="", message=f"line {number} is no JSON ({fault})")


def _refuse_too_many(count: int) -> None:
    if count > EVENTS_MAX:
        raise TooManyEvents(f"More than {EVENTS_MAX:,} events came at once. Nothing was stored; send them in parts.")


def _read_one(document: Any) -> DeliveredEvent | Rejection:
    return document if isinstance(document, Rejection) else delivered.read_event(document=document)


def _of_source(event: DeliveredEvent | Rejection, source: Source) -> DeliveredEvent | Rejection:
    if isinstance(event, DeliveredEvent) and event.source != source.code:
        return Rejection(id=event.id, path="source", message=f'is "{event.source}", but this key speaks for "{source.code}" only')
    return event


def _answer(report: receive_events.DeliveryReport) -> dict[str, Any]:
    counts = dict.fromkeys(("accepted", "duplicate", "held", "rejected"), 0)
    results = []
    for outcome in report.outcomes:
        counts[outcome.status] += 1
        result: dict[str, Any] = {"id": outcome.id, "status": outcome.status}
        if outcome.status == "held":
            result |= {"reason": outcome.reason, "message": outcome.message}
        elif outcome.status == "rejected":
            result |= {"path": outcome.path, "message": outcome.message}
        results.append(result)
    return {"counts": counts, "results": results}
