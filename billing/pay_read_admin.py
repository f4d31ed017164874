"""Admin pages that show what somebody is paid: whoever opens one is written down, as on the pages of the portal."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from billing.models import PayRead
from billing.operations.record_pay_reads import record_pay_reads
from contracts import clock


class RecordsPayReads:
    """Writes down, before a list, a record or its history is shown, whose pay stands on it; one's own is left out."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        response: HttpResponseBase = super().changelist_view(request, extra_context)  # type: ignore[misc]
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None:
            _write(request, (row.agent_id for row in shown.result_list))
        return response

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        response: HttpResponseBase = super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]
        self._write_one(request, response, object_id)
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponseBase:
        response: HttpResponseBase = super().history_view(request, object_id, extra_context)  # type: ignore[misc]
        self._write_one(request, response, object_id)
        return response

    def _write_one(self, request: HttpRequest, response: HttpResponseBase, object_id: str | None) -> None:
        found = self.get_object(request, object_id) if object_id and response.status_code == 200 else None  # type: ignore[attr-defined]
        if found is not None:
            _write(request, [found.agent_id])


def _write(request: HttpRequest, agent_ids: Iterable[int | None]) -> None:
    own = getattr(getattr(request.user, "agent", None), "pk", None)
    others = {agent_id for agent_id in agent_ids if agent_id is not None} - {own}
    match = request.resolver_match
    record_pay_reads(
        person=request.user,  # type: ignore[arg-type]
        agent_ids=others,
        route=f"admin:{match.url_name}"[:60] if match else "admin",
        path=request.get_full_path(),
        form=PayRead.Form.PAGE,
        read_at=clock.now(),
    )
