"""`POST /api/v1/surveys/` and `/api/v1/qa-reviews/`: what customers and reviewers said, answered one by one."""

from typing import Any, cast

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.intake import delivered_quality
from agents.intake.delivered import Rejection
from agents.intake.delivered_quality import Judgment, Kind
from agents.models import ApiKey
from agents.operations.deliveries import receive_quality
from contracts import clock
from ppr_portal.api import answers, bodies, documents
from ppr_portal.api.authentication import ApiKeyAuthentication, HasScope
from ppr_portal.api.throttles import ApiKeyThrottle


class QualityView(APIView):
    """Takes in a JSON array or NDJSON of surveys or QA reviews. Answers 207 with a result for each, in order."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = [ApiKeyThrottle]
    scope = ApiKey.Scope.QUALITY_WRITE
    kind: Kind = "survey"

    def post(self, request: Request) -> Response:
        key = cast(ApiKey, request.auth)
        content = bodies.unpack(request=request, body=bodies.read_body(request=request))
        told = documents.read_documents(content=content, content_type=request.content_type or "")
        report = receive_quality.receive_quality(
            source=key.source, kind=self.kind, read=[self._read(document, key.source.code) for document in told], received_at=clock.now()
        )
        return Response(answers.answer_one_by_one(outcomes=report.outcomes), status=status.HTTP_207_MULTI_STATUS)

    def _read(self, document: Any, source: str) -> Judgment | Rejection:
        if isinstance(document, Rejection):
            return document
        return delivered_quality.read_judgment(kind=self.kind, document=document, source=source)
