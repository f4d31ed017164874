"""Tickets in = payable + pending + reopened + void + held, at any instant; the sides are counted apart."""

import pathlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from agents.models import Source, SourceIdentity
from agents.operations.imports.import_cases import import_cases
from agents.operations.resolutions.resolve_cases import resolve_cases
from agents.queries.case_counts import CaseCounts, count_cases
from contracts.models import Contract
from tests import factories
from tests.agents import desk

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
DEMO_RECORDS = ROOT / "ppr_portal" / "demo" / "data" / "uci-incidents.csv.gz"
# Every so many-th of its tickets is counted at every instant.
PART_OF_DEMO = 4
SHARED_SAMPLE = ROOT.parent / "shared" / "data" / "uci-incident-event-log" / "incident_event_log.sample200.csv"


def parts(counts: CaseCounts) -> dict[str, int]:
    names = ("payable", "pending_offered", "pending_open", "reopened", "void", "held")
    return {name: getattr(counts, name) for name in names}


def test_every_ticket_is_in_one_place(tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    desk.map_resolver()
    desk.take(
        tmp_path,
        desk.row("payable", "Resolved", "3 08:00", 1),
        desk.row("paid-again", "Resolved", "2 08:00", 1),
        desk.row("paid-again", "Active", "3 08:00", 2),
        desk.row("paid-again", "Resolved", "4 08:00", 3),
        desk.row("pending-offered", "Resolved", "8 08:00", 1),
        desk.row("pending-open", "New", "3 08:00"),
        desk.row("reopened", "Resolved", "3 08:00", 1),
        desk.row("reopened", "Active", "4 08:00", 2),
        desk.row("void", "Resolved", "3 08:00", 1),
        desk.row("void", "Junk", "4 08:00", 2),
        desk.row("void-unsolved", "Junk", "4 08:00", 2),
        desk.row("held-nobody", "Resolved", "3 08:00", 1, resolver="?"),
        desk.row("held-partly-read", "New", "3 08:00"),
        desk.row("held-partly-read", "Lost", "4 08:00", 1),
        desk.row("held-unread", "Lost", "3 08:00"),
        desk.row("held-unread", "Lost", "4 08:00", 1),
        desk.row("?", "New", "3 08:00"),
        desk.row("later", "New", "20 08:00", opened=desk.written("20 08:00")),
    )
    resolve_cases(as_of=desk.instant("10 08:00"))
    assert count_cases(source_code=desk.SOURCE, as_of=desk.instant("10 08:00")) == CaseCounts(
        tickets=10, payable=2, pending_offered=1, pending_open=1, reopened=1, void=2, held=3, unnumbered_rows=1
    )


def test_a_source_without_cases_has_none() -> None:
    desk.make_desk()
    counts = count_cases(source_code=desk.SOURCE, as_of=desk.instant("10 08:00"))
    assert (counts.tickets, sum(parts(counts).values()), counts.unnumbered_rows) == (0, 0, 0)


def real_files() -> Iterator[Path]:
    """The records of the demo, and the sample beside the repository where it is."""
    yield DEMO_RECORDS
    if SHARED_SAMPLE.exists():
        yield SHARED_SAMPLE


@pytest.mark.parametrize("path", list(real_files()), ids=lambda path: path.name)
def test_the_tickets_of_real_records_add_up_at_every_instant(path: Path, tmp_path: pathlib.Path) -> None:
    records = pl.read_csv(path, infer_schema=False)
    if path == DEMO_RECORDS:
        # The demo counts all of them, once.
        records = records.filter(pl.col("number").str.slice(3).cast(pl.Int64) % PART_OF_DEMO == 0)
        path = tmp_path / "incidents.csv"
        records.write_csv(path)
    make_incident_desk(records)
    received_at = datetime.fromisoformat("2016-04-20T20:44:00-04:00")
    first = import_cases(path=path, source_code="incidents", received_at=received_at)
    assert first.row_count == records.height == first.new_count + first.held_count
    assert first.case_count == records["number"].n_unique()
    assert (first.changed_count, first.unchanged_count) == (0, 0)
    again = import_cases(path=path, source_code="incidents", received_at=received_at)
    assert (again.new_count, again.unchanged_count, again.held_count) == (0, first.new_count, first.held_count)

    for as_of in ("2016-03-05T12:00:00-05:00", "2016-04-02T08:00:00-04:00", "2016-04-20T20:44:00-04:00", "2017-06-01T00:00:00-04:00"):
        resolve_cases(as_of=datetime.fromisoformat(as_of))
        counts = count_cases(source_code="incidents", as_of=datetime.fromisoformat(as_of))
        assert counts.tickets == sum(parts(counts).values())
        assert counts.payable > 0
    assert counts.tickets == records["number"].n_unique()
    assert counts.pending_offered == 0


def make_incident_desk(records: pl.DataFrame) -> None:
    """Read the incident log: two contracts by place, its categories as query types, half of its resolvers mapped."""
    desk.make_desk()
    source = Source.objects.create(code="incidents", name="Incidents")
    columns = {
        "case": "number",
        "state": "incident_state",
        "sequence": "sys_mod_count",
        "occurred_at": "sys_updated_at",
        "opened_at": "opened_at",
        "agent": "resolved_by",
        "contract": "location",
        "query_type": "category",
        "channel": "contact_type",
        "customer": "caller_id",
        "queue": "assignment_group",
        "transfer_count": "reassignment_count",
    }
    states = dict.fromkeys(records["incident_state"].unique(), "worked") | {"Resolved": "solution_offered", "Closed": "closed"}
    topics = {name: "desk/one" if number % 2 else "desk/two" for number, name in enumerate(sorted(known(records, "category")))}
    mapping = desk.add_mapping(source=source, number=1, columns=columns, states=states, topics=topics)
    codes = list(Contract.objects.order_by("code").values_list("code", flat=True))
    for number, place in enumerate(sorted(known(records, "location"))):
        mapping.values.create(target="contract", value=place, meaning=codes[number % len(codes)])
    agents = [factories.make_agent() for _ in range(5)]
    SourceIdentity.objects.bulk_create(
        SourceIdentity(source=source, space="resolved_by", value=name, agent=agents[number % 5])
        for number, name in enumerate(sorted(known(records, "resolved_by")))
        if number % 2
    )


def known(records: pl.DataFrame, column: str) -> set[str]:
    return set(records[column].unique()) - {"?"}
