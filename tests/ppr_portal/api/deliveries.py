"""A program that delivers events, for tests."""

import json
from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.utils import timezone

from agents import models as work
from agents.operations.deliveries import api_keys
from tests import factories
from tests.agents import desk

Event = Mapping[str, Any]
EVENTS = "/api/v1/events/"


def make_program(*, source: work.Source, scopes: tuple[str, ...] = ("events:write",)) -> str:
    """Issue a key for a source and return its text."""
    return api_keys.issue_api_key(name="Dialer", source=source, scopes=scopes, issued_at=timezone.now()).text


def make_source(*, code: str = "desk", vendor: str = "other", contract: str = "alder") -> work.Source:
    """Make a source whose client has exactly one contract, a query type and two channels."""
    version = desk.make_contract(contract)
    factories.make_query_type(code="desk/one", name="One")
    for channel in ("chat", "email"):
        factories.make_channel(code=channel, name=channel.title())
    return work.Source.objects.create(code=code, name="The desk", vendor=vendor, client=version.contract.client)


def event(id: str, type: str = "closed", case: str = "C-1", at: str = "2016-03-07T09:30:00-05:00", **fields: Any) -> Event:
    """Write one event of the desk."""
    return {"source": "desk", "id": id, "type": type, "case": case, "occurred_at": at, **fields}


def deliver(key: str, body: Any, *, content_type: str = "application/json", **headers: str) -> Any:
    """Post a body, as JSON unless it is bytes, and return the response."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(EVENTS, content, content_type=content_type, headers={"authorization": f"Bearer {key}", **headers})


def statuses(response: Any) -> list[str]:
    """Return what became of each event."""
    assert response.status_code == 207, response.content
    return [result["status"] for result in response.json()["results"]]


def stored() -> list[tuple[str, str, str]]:
    """List the stored events: key, type, case."""
    return list(work.CaseEvent.objects.order_by("key").values_list("key", "type", "case__key"))
