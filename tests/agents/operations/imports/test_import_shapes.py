"""Files of every shape become the same events: a ticket a row, other heads, records with numbers or without, contacts and stages."""

import json
import pathlib
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.intake.definitions import MappingDefinition, parse_definition
from agents.intake.errors import UnableToImport
from agents.models import Case, CaseEvent, HeldRow, ImportRun, Mapping, Source, SourceIdentity
from agents.operations.imports.import_cases import ImportReport, import_cases
from agents.operations.mappings.save_mapping import save_mapping
from contracts.models import Contract
from tests.agents import desk
from tests.agents.workbooks import DATE_TIME, TIME, Cell, write_workbook

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2016, 5, 1, 12, tzinfo=UTC)
TICKETS: dict[str, Any] = {
    "date_format": "%Y-%m-%d %H:%M",
    "missing_markers": ["-"],
    "columns": {
        "case": "Ticket",
        "agent": {"column": "Agent", "only_when_resolved": True},
        "customer": "Caller",
        "queue": {"column": "Group", "only_when_resolved": True},
    },
    "events": [
        {"column": "Created", "meaning": "opened"},
        {"column": "Answered", "meaning": "contact", "direction": "out", "medium": "message"},
        {"column": "Solved", "meaning": "solution_offered"},
        {"column": "Closed", "meaning": "closed"},
        {"column": "Closed", "meaning": "stage_time/research", "time_column": "Research", "time_unit": "minutes"},
    ],
}
HEAD = "Ticket,Created,Answered,Solved,Closed,Research,Agent,Caller,Group"


@pytest.fixture
def source() -> Source:
    made = desk.make_desk()
    made.client = Contract.objects.get(code="birch").client
    made.save()
    return made


def use(source: Source, document: dict[str, Any]) -> MappingDefinition:
    definition = parse_definition(document=document)
    save_mapping(source_id=source.pk, definition=definition)
    return definition


def take(path: pathlib.Path, **options: Any) -> ImportReport:
    return import_cases(path=path, source_code=desk.SOURCE, received_at=RECEIVED, **options)


def take_text(folder: pathlib.Path, text: str, name: str = "export.csv") -> ImportReport:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return take(path)


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    assert report.row_count == report.new_count + report.changed_count + report.unchanged_count + report.held_count
    return report.row_count, report.new_count, report.changed_count, report.unchanged_count, report.held_count


def told(case: str) -> list[tuple[object, ...]]:
    found = CaseEvent.objects.filter(case__key=case).order_by("occurred_at", "sequence", "pk")
    return list(found.values_list("type", "code", "occurred_at__hour", "agent_identity__value", "queue", "handle_seconds"))


def test_one_row_tells_the_life_of_a_ticket(source: Source, tmp_path: pathlib.Path) -> None:
    use(source, TICKETS)
    report = take_text(
        tmp_path, f"{HEAD}\nT-1,2016-03-01 08:00,2016-03-01 09:00,2016-03-01 10:00,2016-03-01 11:00,15,Ada,Caller 1,Billing\n"
    )
    assert counts(report) == (1, 1, 0, 0, 0)
    assert told("T-1") == [
        ("opened", "", 8, None, "", None),
        ("contact", "", 9, None, "", None),
        ("solution_offered", "", 10, "Ada", "Billing", None),
        ("stage_time", "research", 11, None, "", 900),
        ("closed", "", 11, "Ada", "Billing", None),
    ]
    contact = CaseEvent.objects.get(type="contact")
    assert (contact.direction, contact.medium, contact.key) == ("out", "message", "T-1/contact/2016-03-01T09:00:00.000000")
    assert Case.objects.get().opened_at == datetime(2016, 3, 1, 8, tzinfo=UTC)
    assert Case.objects.get().customer_hash != ""


def test_a_later_export_adds_what_happened_since_and_changes_nothing(source: Source, tmp_path: pathlib.Path) -> None:
    use(source, TICKETS)
    first = f"{HEAD}\nT-1,2016-03-01 08:00,-,-,-,-,-,Caller 1,Desk\n"
    later = f"{HEAD}\nT-1,2016-03-01 08:00,-,2016-03-02 10:00,-,-,Ada,Caller 1,Billing\n"
    assert counts(take_text(tmp_path, first)) == (1, 1, 0, 0, 0)
    assert counts(take_text(tmp_path, later)) == (1, 1, 0, 0, 0)
    assert counts(take_text(tmp_path, later)) == (1, 0, 0, 1, 0)
    assert [kind for kind, *_ in told("T-1")] == ["opened", "solution_offered"]
    other = later.replace("Ada", "Bob")
    assert counts(take_text(tmp_path, other)) == (1, 0, 1, 0, 0)
    assert "another content (who is credited)" in HeldRow.objects.get().message
    assert SourceIdentity.objects.get(value="Ada") is not None


@pytest.mark.parametrize(
    ("row", "reason", "words"),
    [
        ("T-1,-,-,-,-,-,Ada,C,G", "missing_date", 'none of "Created", "Answered", "Solved", "Closed" holds a date'),
        (
            "T-1,2016-03-02 08:00,-,2016-03-01 08:00,-,-,Ada,C,G",
            "before_opening",
            'column "Solved" says "2016-03-01 08:00", which is before',
        ),
        ("T-1,2016-03-01 08:00,soon,-,-,-,Ada,C,G", "unreadable_date", 'column "Answered" says "soon"'),
        ("T-1,2016-03-01 08:00,-,-,2016-03-01 09:00,0:15,Ada,C,G", "unreadable_number", 'says "0:15", which is no number of minutes'),
        ("-,2016-03-01 08:00,-,-,-,-,Ada,C,G", "missing_case", 'column "Ticket" names no case'),
        (f"{'T' * 120},2016-03-01 08:00,-,-,-,-,Ada,C,G", None, ""),
        (f"{'T' * 121},2016-03-01 08:00,-,-,-,-,Ada,C,G", "too_long", "more than 120 characters"),
    ],
)
def test_a_ticket_that_cannot_be_read_is_held_whole(
    source: Source, tmp_path: pathlib.Path, row: str, reason: str | None, words: str
) -> None:
    use(source, TICKETS)
    report = take_text(tmp_path, f"{HEAD}\n{row}\n")
    assert list(report.held_by_reason) == ([reason] if reason else [])
    assert CaseEvent.objects.exists() is (reason is None)
    assert reason is None or words in HeldRow.objects.get().message


def test_solved_in_the_minute_it_came_is_in_order(source: Source, tmp_path: pathlib.Path) -> None:
    use(source, TICKETS)
    take_text(tmp_path, f"{HEAD}\nT-1,2016-03-01 08:00,-,2016-03-01 08:00,2016-03-01 08:00,-,Ada,C,G\n")
    assert [kind for kind, *_ in told("T-1")] == ["opened", "solution_offered", "closed"]


def test_a_state_beside_dates_tells_only_what_it_means(source: Source, tmp_path: pathlib.Path) -> None:
    columns = {"case": "Ticket", "state": "State", "occurred_at": "Updated"}
    events = [{"column": "Created", "meaning": "opened"}, {"column": "Closed", "meaning": "closed"}]
    values = {"state": {"closed": "none", "open": "none", "spam": "excluded/spam"}}
    use(source, {"columns": columns, "events": events, "values": values})
    report = take_text(
        tmp_path,
        "Ticket,State,Updated,Created,Closed\n"
        "T-1,closed,2016-03-03,2016-03-01,2016-03-02\n"
        "T-2,spam,2016-03-03,2016-03-01,\n"
        "T-3,open,2016-03-03,,\n"
        "T-4,lost,2016-03-03,2016-03-01,\n",
    )
    assert counts(report) == (4, 2, 0, 0, 2)
    assert [kind for kind, *_ in told("T-1")] == ["opened", "closed"]
    assert [(kind, code) for kind, code, *_ in told("T-2")] == [("opened", ""), ("excluded", "spam")]
    assert report.held_by_reason == {"missing_date": 1, "unknown_state": 1}


def test_two_heads_of_one_feed_give_the_same_events(source: Source, tmp_path: pathlib.Path) -> None:
    columns = {**TICKETS["columns"], "agent": {"column": "Agent", "other_heads": ["assignee"], "only_when_resolved": True}}
    events = [
        {"column": "Created", "other_heads": ["created_at"], "meaning": "opened"},
        {"column": "Solved", "meaning": "solution_offered"},
    ]
    use(source, {**TICKETS, "columns": {**columns, "case": {"column": "Ticket", "other_heads": ["id"]}}, "events": events})
    old = "Ticket,Created,Solved,Agent,Caller,Group\nT-1,2016-03-01 08:00,2016-03-01 10:00,Ada,C,G\n"
    new = "id,created_at,Solved,assignee,Caller,Group\nT-1,2016-03-01 08:00,2016-03-01 10:00,Ada,C,G\n"
    assert counts(take_text(tmp_path, old)) == (1, 1, 0, 0, 0)
    assert counts(take_text(tmp_path, new)) == (1, 0, 0, 1, 0)
    assert list(SourceIdentity.objects.values_list("space", "value")) == [("agent", "Ada")]
    with pytest.raises(UnableToImport, match='has "Ticket" and "id", and nothing says which of them counts'):
        take_text(tmp_path, "id,Ticket,Created,Solved,Agent,Caller,Group\n1,2,3,4,5,6,7\n")


def test_without_a_number_the_content_tells_one_case_from_another(source: Source, tmp_path: pathlib.Path) -> None:
    use(source, {"case_columns": ["Day", "About"], "events": [{"column": "Day", "meaning": "opened", "date_format": "%m/%d/%Y"}]})
    text = "Day,About,Answer\n7/29/2013,Loan,Closed\n7/29/2013,Loan,Closed\n7/29/2013,Card,Closed\n7/30/2013,Loan,Closed\n,,Closed\n"
    assert counts(take_text(tmp_path, text)) == (5, 3, 0, 1, 1)
    assert counts(take_text(tmp_path, text)) == (5, 0, 0, 4, 1)
    assert sorted(len(key) for key in Case.objects.values_list("key", flat=True)) == [32, 32, 32]
    assert 'the columns "Day", "About" tell no case' in HeldRow.objects.get().message


def test_a_record_with_a_number_of_its_own_is_known_by_it(source: Source, tmp_path: pathlib.Path) -> None:
    columns = {"record": "id", "case": "ticket", "state": "type", "occurred_at": {"column": "at", "date_format": "epoch seconds"}}
    words = {"direction": "type", "automated": "by.kind", "agent": {"column": "by.id", "space": "teammate"}}
    values = {
        "state": {"inbound": "contact", "archive": "closed"},
        "direction": {"inbound": "in", "archive": "none"},
        "automated": {"teammate": "no", "rule": "yes"},
    }
    use(source, {"columns": {**columns, **words}, "values": values})
    records = [
        {"id": "evt_1", "ticket": "T-1", "type": "inbound", "at": 1518307900.5, "by": {"id": "7", "kind": "teammate"}},
        {"id": "evt_2", "ticket": "T-1", "type": "archive", "at": 1518307966.678, "by": {"id": "r1", "kind": "rule"}},
        {"id": "evt_3", "ticket": "T-1", "type": "snooze", "at": 1518307966, "by": {"id": "r1", "kind": "robot"}},
    ]
    text = "\n".join(map(json.dumps, records)) + "\n{oops\n"
    assert counts(take_text(tmp_path, text, "events.ndjson")) == (4, 2, 0, 0, 2)
    found = CaseEvent.objects.order_by("key").values_list("key", "type", "direction", "agent_identity__space", "agent_identity__is_system")
    assert list(found) == [("evt_1", "contact", "in", "teammate", False), ("evt_2", "closed", "", "teammate", True)]
    assert CaseEvent.objects.get(key="evt_2").occurred_at == datetime(2018, 2, 11, 0, 12, 46, 678_000, tzinfo=UTC)
    assert HeldRow.objects.get(reason="unreadable_record").row[""] == ["{oops"]
    assert 'column "type" says "snooze"' in HeldRow.objects.get(reason="unknown_state").message
    assert 'says "robot", of which' in HeldRow.objects.get(reason="unknown_state").message


def test_contacts_and_stage_times_come_from_a_log(source: Source, tmp_path: pathlib.Path) -> None:
    columns = {
        "case": "case",
        "state": "kind",
        "occurred_at": "at",
        "actor": "who",
        "code": "stage",
        "medium": "how",
        "content": "said",
        "qualified": "expert",
        "hostile": "rude",
        "handle_time": {"column": "took", "unit": "minute_clock"},
    }
    values = {
        "state": {"call": "contact", "stage": "stage_time"},
        "code": {"Research": "research"},
        "medium": {"Call": "live"},
        "content": {"Answered": "answer"},
        "qualified": {"Y": "yes", "N": "no"},
        "hostile": {"Y": "yes", "N": "no"},
    }
    use(source, {"columns": columns, "values": values, "missing_markers": ["-"]})
    text = (
        "case,kind,at,who,stage,how,said,expert,rude,took\n"
        "T-1,call,2016-03-01T08:00Z,Ada,-,Call,Answered,Y,N,4:35\n"
        "T-1,stage,2016-03-01T09:00Z,Bob,Research,-,-,N,-,90:00\n"
        "T-1,call,2016-03-01T10:00Z,Ada,-,Fax,-,-,-,4.5\n"
    )
    report = take_text(tmp_path, text)
    assert counts(report) == (3, 2, 0, 0, 1)
    found = CaseEvent.objects.order_by("occurred_at").values_list(
        "type", "code", "medium", "content", "is_qualified", "is_hostile", "handle_seconds", "agent_identity__value"
    )
    assert list(found) == [
        ("contact", "", "live", "answer", True, False, 275, "Ada"),
        ("stage_time", "research", "", "", False, None, 5400, "Bob"),
    ]
    assert 'says "Fax", of which mapping 2 of desk does not say what it means' in report.held["message"][0]


def test_a_workbook_gives_the_same_events_as_text(source: Source, tmp_path: pathlib.Path) -> None:
    document = {
        **TICKETS,
        "sheet": "Tickets",
        "lines_before_head": 1,
        "date_format": "excel",
        "events": [
            {"column": "Created", "meaning": "opened"},
            {"column": "Closed", "meaning": "stage_time/research", "time_column": "Research", "time_unit": "clock"},
        ],
    }
    use(source, document)
    rows = [
        ["Tickets of March"],
        ["Ticket", "Created", "Closed", "Research", "Agent", "Caller", "Group"],
        [17, Cell("42429.0527777778", DATE_TIME), 42429.5, Cell("0.0104166666666667", TIME), "Ada", "C", "G"],
        [18, "29/2/2016", Cell("#REF!", is_error=True), None, "Ada", "C", "G"],
    ]
    path = tmp_path / "book.xlsx"
    path.write_bytes(write_workbook(sheets={"Overview": [["x"], ["Total"], [1]], "Tickets": rows}))
    report = take(path)
    assert counts(report) == (2, 1, 0, 0, 1)
    opened, research = CaseEvent.objects.order_by("occurred_at")
    assert (opened.case.key, opened.occurred_at) == ("17", datetime(2016, 2, 29, 1, 16, tzinfo=UTC))
    assert (research.occurred_at, research.handle_seconds) == (datetime(2016, 2, 29, 12, tzinfo=UTC), 900)
    assert "#REF!" in HeldRow.objects.get().message
    assert ImportRun.objects.get().file_name == "book.xlsx, sheet Tickets"
    with pytest.raises(UnableToImport, match="lacks columns"):
        take(path, sheet="Overview")


def test_a_log_of_processes_is_imported_by_its_own_names(source: Source, tmp_path: pathlib.Path) -> None:
    columns = {"case": "case:concept:name", "state": "concept:name", "occurred_at": "time:timestamp", "agent": "org:resource"}
    use(source, {"columns": columns, "values": {"state": {"Resolve": "solution_offered"}}})
    text = (
        '<log><trace><string key="concept:name" value="C-1"/><event><string key="concept:name" value="Resolve"/>'
        '<date key="time:timestamp" value="2016-03-02T08:00:00.000+05:30"/><string key="org:resource" value="Ada"/></event></trace></log>'
    )
    assert counts(take_text(tmp_path, text, "log.xes")) == (1, 1, 0, 0, 0)
    assert CaseEvent.objects.get().occurred_at == datetime(2016, 3, 2, 2, 30, tzinfo=UTC)
    assert SourceIdentity.objects.get().space == "org_resource"


def test_sources_that_share_customers_know_them_by_one_hash(source: Source, tmp_path: pathlib.Path) -> None:
    other = Source.objects.create(code="mail", name="Mail", client=source.client, customer_space="customers")
    Source.objects.filter(pk=source.pk).update(customer_space="customers")
    text = f"{HEAD}\nT-1,2016-03-01 08:00,-,-,-,-,-,ada@example.com,-\n"
    for found in (source, other):
        save_mapping(source_id=found.pk, definition=parse_definition(document=TICKETS))
        path = tmp_path / f"{found.code}.csv"
        path.write_text(text, encoding="utf-8")
        import_cases(path=path, source_code=found.code, received_at=RECEIVED)
    assert len(set(Case.objects.values_list("customer_hash", flat=True))) == 1
    assert Case.objects.count() == 2


def test_a_draft_can_be_tried_and_not_imported_with(source: Source, tmp_path: pathlib.Path) -> None:
    draft = parse_definition(document=TICKETS)
    path = tmp_path / "export.csv"
    path.write_text(f"{HEAD}\nT-1,2016-03-01 08:00,-,-,-,-,-,C,-\nT-2,soon,-,-,-,-,-,C,-\n", encoding="utf-8")
    report = take(path, definition=draft, dry_run=True)
    assert (counts(report), report.run_id) == ((2, 1, 0, 0, 1), None)
    assert "a date written as YYYY-MM-DD HH:MM, for example 2016-02-29 16:05" in report.held["message"][0].replace("no date", "a date")
    with pytest.raises(UnableToImport, match="This draft is not stored yet"):
        take(path, definition=draft)
    assert [model.objects.count() for model in (CaseEvent, ImportRun, HeldRow)] == [0, 0, 0]
    assert Mapping.objects.count() == 1


def test_a_sentence_about_a_cell_leads_to_nobody(source: Source, tmp_path: pathlib.Path) -> None:
    use(source, TICKETS)
    take_text(tmp_path, f"{HEAD}\nT-1,jane.doe@example.com,-,-,-,-,-,C,-\nT-2,call +1 555 123 4567,-,-,-,-,-,C,-\n")
    messages = list(HeldRow.objects.order_by("row_number").values_list("message", flat=True))
    assert [message.partition(",")[0] for message in messages] == [
        'Row 1: column "Created" says "•••"',
        'Row 2: column "Created" says "call •••"',
    ]
