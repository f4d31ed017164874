"""`POST /hooks/{vendor}/{source}/`: webhooks of help desks, believed only with the vendor's own signature."""

from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.intake.vendors import signatures
from agents.intake.vendors.signatures import BadSignature, Signed
from agents.models import HookSecret, Source
from agents.operations.deliveries import receive_hook
from contracts import clock
from ppr_portal import tasks
from ppr_portal.api import answers, bodies
from ppr_portal.api.throttles import SourceThrottle

BYTES_MAX = 2 * 1024 * 1024
CHALLENGE_HEADER = "x-front-challenge"


class HookView(APIView):
    """Takes in one webhook. 200: understood. 202: kept for somebody to look at. 401: not proven to be the help desk's."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    throttle_classes: list[Any] = []
    source: Source | None = None

    def post(self, request: Request, vendor: str, source: str) -> Response:
        # No source has a zero byte in its code, and the database would refuse to look for one.
        if vendor not in signatures.SCHEMES or "\x00" in source:
            raise Http404
        body = bodies.read_body(request=request, bytes_max=BYTES_MAX)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.source = _proven_source(request, vendor, source, headers, body)
        self._throttle(request)
        report = receive_hook.receive_hook(
            source=self.source,
            vendor=vendor,
            headers=headers,
            body=body,
            content_type=request.META.get("CONTENT_TYPE", ""),
            received_at=clock.now(),
        )
        if report.delivery and report.delivery.changed_case_count:
            transaction.on_commit(tasks.ask_to_take_up, robust=True)
        return _answer(report, headers.get(CHALLENGE_HEADER) if vendor == "front" else None)

    def _throttle(self, request: Request) -> None:
        throttle = SourceThrottle()
        if not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait() or 1.0)


def _proven_source(request: Request, vendor: str, code: str, headers: dict[str, str], body: bytes) -> Source:
    """Return the source that the webhook is proven to be of; a stranger learns nothing of which sources there are."""
    source = Source.objects.select_related("client").filter(code=code, vendor=vendor).first()
    secrets = list(HookSecret.objects.filter(source=source, revoked_at=None).values_list("value", flat=True)) if source else []
    signed = Signed(method=request.method or "POST", url=request.build_absolute_uri(), headers=headers, body=body, now=timezone.now())
    try:
        signatures.verify(vendor=vendor, signed=signed, secrets=secrets)
    except BadSignature as fault:
        raise NotProven(str(fault)) from fault
    if source is None:
        raise NotProven("The signature does not fit this body and any secret of the source.")
    return source


class NotProven(APIException):
    """A webhook without a signature that fits."""

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "not_proven"


def _answer(report: receive_hook.HookReport, challenge: str | None) -> Response:
    if report.delivery is None:
        kept = {"kept": report.kept_reason, "message": report.kept_message}
        return Response(kept, status=status.HTTP_202_ACCEPTED)
    if challenge is not None:
        return Response({"challenge": challenge})
    counts = answers.count_outcomes(outcomes=report.delivery.outcomes)
    return Response({"counts": counts, "ignored": list(report.ignored)})
