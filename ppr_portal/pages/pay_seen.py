"""Keep whose pay a page shows while it is made, and write it down before it is shown."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from billing.models import PayRead
from billing.operations.record_pay_reads import record_pay_reads
from contracts import clock

SEEN = "_pay_seen"
FORMS = (
    ("text/csv", PayRead.Form.CSV),
    ("application/vnd.openxml", PayRead.Form.XLSX),
    ("application/pdf", PayRead.Form.PDF),
    ("application/xml", PayRead.Form.XML),
)


def saw(request: HttpRequest, agent_ids: Iterable[int | None]) -> None:
    """Say whose pay the page under way shows; an amount of nobody is nobody's pay."""
    known: set[int] = request.__dict__.setdefault(SEEN, set())
    known.update(agent_id for agent_id in agent_ids if agent_id is not None)


def write_down(request: HttpRequest, response: HttpResponseBase, *, own_agent_id: int | None) -> None:
    """Write down what a page showed of others' pay. Should that fail, the page is not shown either."""
    agent_ids = request.__dict__.get(SEEN, set()) - {own_agent_id}
    if not agent_ids or response.status_code != 200:
        return
    content_type = response.get("Content-Type", "")
    form = next((form for start, form in FORMS if content_type.startswith(start)), PayRead.Form.PAGE)
    match = request.resolver_match
    record_pay_reads(
        person=request.user,  # type: ignore[arg-type]
        agent_ids=agent_ids,
        route=(match.url_name or "") if match else "",
        path=request.get_full_path(),
        form=form,
        read_at=clock.now(),
    )
