"""`POST /api/v1/events/`: case events from programs, answered one by one."""

import hashlib
from typing import Any, cast

from django.db import transaction
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.intake import delivered
from agents.intake.delivered import DeliveredEvent, Rejection
from agents.models import ApiKey, ImportRun, Source
from agents.operations.deliveries import receive_events
from contracts import clock
from ppr_portal import tasks
from ppr_portal.api import answers, bodies, documents
from ppr_portal.api.authentication import ApiKeyAuthentication, HasScope
from ppr_portal.api.throttles import ApiKeyThrottle


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
        return Response(answers.answer_one_by_one(outcomes=report.outcomes), status=status.HTTP_207_MULTI_STATUS)


def _read(content: bytes, content_type: str) -> list[DeliveredEvent | Rejection]:
    """Read a body: an array without faults at once, anything else document by document."""
    if documents.is_array(content=content, content_type=content_type):
        events = delivered.read_array(content=content.lstrip(documents.SPACE))
        if events is not None and not documents.has_repeats(content=content):
            documents.refuse_too_many(count=len(events))
            return events
    return [_read_one(document) for document in documents.read_documents(content=content, content_type=content_type)]


def _read_one(document: Any) -> DeliveredEvent | Rejection:
    return document if isinstance(document, Rejection) else delivered.read_event(document=document)


def _of_source(event: DeliveredEvent | Rejection, source: Source) -> DeliveredEvent | Rejection:
    if isinstance(event, DeliveredEvent) and event.source != source.code:
        return Rejection(id=event.id, path="source", message=f'is "{event.source}", but this key speaks for "{source.code}" only')
    return event
