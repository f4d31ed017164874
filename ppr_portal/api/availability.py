"""`GET /api/v1/availability/`: who may be given work, who is stopped, until when and why, for the routing system."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework import status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.models import ApiKey
from agents.queries import availability
from contracts import clock
from ppr_portal.api.authentication import ApiKeyAuthentication, HasScope
from ppr_portal.api.throttles import ApiKeyThrottle


class AvailabilityView(APIView):
    """Answers with every agent at work there; with `since`, only with those whose answer changed after that instant.

    The ETag is of the answer without its instant, so that a router that asks every minute is told 304 until something changes.
    """

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [ApiKeyThrottle]
    scope = ApiKey.Scope.AVAILABILITY_READ

    def get(self, request: Request) -> Response:
        as_of = clock.now()
        since = _since(request)
        found = availability.list_availability(as_of=as_of)
        rows = [_row(one) for one in found if since is None or (one.changed_at is not None and one.changed_at > since)]
        tag = f'"{hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if tag in [part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")]:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return Response({"as_of": as_of.isoformat(), "agents": rows}, headers=headers)


def _since(request: Request) -> datetime | None:
    text = request.query_params.get("since", "")
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ParseError('"since" is an instant with its offset, such as 2026-10-05T14:00:00Z.')
    return found


def _row(one: availability.Availability) -> dict[str, Any]:
    return {
        "agent": one.agent_code,
        "status": "stopped" if one.stops else "available",
        "available": not one.stops,
        "until": one.until.isoformat() if one.until else None,
        "changed_at": one.changed_at.isoformat() if one.changed_at else None,
        "reasons": [
            {
                "limit": stop.limit,
                "effect": stop.effect,
                "value": f"{stop.value.normalize():f}",
                "threshold": f"{stop.threshold.normalize():f}",
                "from": stop.starts_at.isoformat(),
                "until": stop.ends_at.isoformat() if stop.ends_at else None,
                "words": stop.words,
            }
            for stop in one.stops
        ],
    }
