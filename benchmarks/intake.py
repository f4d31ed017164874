"""Events per second through the events API, in batches of 10,000, beside a raw COPY of the same rows in the same run.

A batch is validated, stored, committed and folded into resolutions before its time is up, on a database of its own.
"""

import importlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.measurement import Measurement, timed
from benchmarks.scratch import own_database

BATCH = 10_000
BATCHES = 5
EVENTS_PER_CASE = 4
SINGLES = 200
AGENTS = 50
START = datetime(2016, 3, 1, 9, tzinfo=UTC)


def measure() -> Iterator[Measurement]:
    """Post batches, then single events, then copy the rows of the batches into a bare table with the same indexes."""
    importlib.import_module("ppr_portal.wsgi")
    with own_database():
        key, source_code = make_world()
        stored_seconds = folded_seconds = 0.0
        for number in range(BATCHES):
            batch = [_event(source_code, number * BATCH + index) for index in range(BATCH)]
            with timed() as posted:
                post(key, batch)
            with timed() as folded:
                _fold()
            stored_seconds += posted.seconds
            folded_seconds += posted.seconds + folded.seconds
        rows = _read_rows()
        with timed() as copied:
            _copy_rows(rows)
        yield Measurement(benchmark="intake", case="raw COPY", unit="events", count=BATCHES * BATCH, seconds=copied.seconds)
        yield Measurement(
            benchmark="intake", case="events API, batches of 10,000, stored", unit="events", count=BATCHES * BATCH, seconds=stored_seconds
        )
        yield Measurement(
            benchmark="intake", case="events API, batches of 10,000, folded", unit="events", count=BATCHES * BATCH, seconds=folded_seconds
        )
        with timed() as singly:
            for number in range(SINGLES):
                post(key, [_event(source_code, BATCHES * BATCH + number)])
                _fold()
        yield Measurement(benchmark="intake", case="events API, one by one, folded", unit="events", count=SINGLES, seconds=singly.seconds)


def post(key: str, events: list[dict[str, Any]]) -> None:
    body = json.dumps(events)
    response = Client().post("/api/v1/events/", body, content_type="application/json", headers={"authorization": f"Bearer {key}"})
    accepted = response.json()["counts"]["accepted"] if response.status_code == 207 else 0
    if accepted != len(events):
        raise RuntimeError(f"{accepted} of {len(events)} events were accepted: {response.content[:300]!r}")


def _fold() -> None:
    """Do what the task of a delivery does with its cases."""
    from agents.operations.resolutions import fold_changed_cases

    fold_changed_cases.fold_changed_cases(as_of=timezone.now())


def _event(source_code: str, number: int) -> dict[str, Any]:
    """Write one event: each case is opened, answered, solved, and closed, a minute apart."""
    case, step = divmod(number, EVENTS_PER_CASE)
    kind = ("opened", "contact", "solution_offered", "closed")[step]
    told: dict[str, Any] = {
        "source": source_code,
        "id": f"E-{number}",
        "type": kind,
        "case": f"C-{case}",
        "occurred_at": (START + timedelta(seconds=case, minutes=step)).isoformat(),
        "sequence": step,
        "query_type": "bench/one",
        "channel": "bench-chat",
        "customer": f"customer {case % 40_000}",
    }
    if step:
        told |= {"agent": f"agent {case % AGENTS}"}
    if kind == "contact":
        told |= {"direction": "out", "medium": "message", "content": "answer", "handle_seconds": 240}
    return told


def make_world() -> tuple[str, str]:
    """Make what the events speak of, and a key."""
    from agents import models as work
    from agents.operations.deliveries import api_keys
    from contracts import models as terms

    client = terms.Client.objects.create(code="bench", name="Bench")
    contract = terms.Contract.objects.create(client=client, code="bench", name="Bench", timezone="UTC")
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2015, 1, 1), currency="USD")
    terms.ResolutionPolicy.objects.create(version=version)
    terms.RateCardRow.objects.create(version=version, unit_amount_micros=2_400_000)
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    terms.QueryType.objects.create(code="bench", name="Bench")
    terms.QueryType.objects.create(code="bench/one", name="One")
    terms.Channel.objects.create(code="bench-chat", name="Chat")
    source = work.Source.objects.create(code="bench", name="Bench", client=client)
    site = work.Site.objects.create(code="bench", name="Bench", timezone="UTC")
    for number in range(AGENTS):
        agent = work.Agent.objects.create(code=f"agent-{number}", name=f"Agent {number}", site=site, employed_from=date(2015, 1, 1))
        work.SourceIdentity.objects.create(source=source, space="agent", value=f"agent {number}", agent=agent)
    issued = api_keys.issue_api_key(name="Bench", source=source, scopes=["events:write"], issued_at=timezone.now())
    return issued.text, source.code


def _read_rows() -> bytes:
    with connection.cursor() as cursor, cursor.copy("COPY agents_caseevent TO STDOUT") as copy:
        return b"".join(bytes(block) for block in copy)


def _copy_rows(rows: bytes) -> None:
    """Copy rows into a table with the columns and indexes of events, but without its triggers and references."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_event (LIKE agents_caseevent INCLUDING ALL)")
        with cursor.copy("COPY bare_event FROM STDIN") as copy:
            copy.write(rows)
