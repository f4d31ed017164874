"""Every table and list that vendors' exports are read in place from is imported by its template, or has a reason why it tells no event."""

import pathlib
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.intake import files, templates
from agents.intake.definitions import MappingDefinition
from agents.models import CaseEvent, HeldRow, Source
from agents.operations.imports.import_cases import ImportReport, import_cases
from agents.operations.mappings.save_mapping import save_mapping
from contracts.models import Contract
from tests.agents import desk

pytestmark = pytest.mark.django_db

ROOT = pathlib.Path(__file__).resolve().parents[4]
PAYLOADS = ROOT.parent / "shared" / "payloads"
RECEIVED = datetime(2030, 1, 1, tzinfo=UTC)

# Tables of what cases are joined with, not of what happened on them.
WITHOUT_EVENTS = {
    "zendesk/fivetran.brand_data.csv": "names of brands",
    "zendesk/fivetran.group_data.csv": "names of groups",
    "zendesk/fivetran.organization_data.csv": "names of the customers' companies",
    "zendesk/fivetran.schedule_data.csv": "business hours",
    "zendesk/fivetran.sla_policy_metric_history_data.csv": "targets, not what was reached",
    "zendesk/fivetran.ticket_tag_data.csv": "tags without the time at which they were given",
    "zendesk/fivetran.user_data.csv": "names and addresses of people",
    "hubspot/fivetran.owner_team_data.csv": "who belongs to which team",
    "hubspot/fivetran.ticket_pipeline_data.csv": "names of pipelines",
    "hubspot/fivetran.ticket_pipeline_stage_data.csv": "names of stages",
    "intercom/fivetran.admin_data.csv": "names of people",
    "intercom/fivetran.team_admin_data.csv": "who belongs to which team",
    "intercom/fivetran.team_data.csv": "names of teams",
}
Counts = tuple[int, int, int]
CHANNELS = {"email": "email", "web": "email", "conversation": "email", "2": "email", "sample_ticket": "email"}
TOPICS = {"incident": "desk/one", "948482e333e299e112732c3c6e6e6de2": "desk/one", "Question": "desk/two"}

# File, template, rows in, new and held; the events by kind; and why rows are held.
IMPORTED: tuple[tuple[str, str, str, Counts, dict[str, int], dict[str, int]], ...] = (
    (
        "zendesk/fivetran.ticket_data.csv",
        "zendesk",
        "",
        (10, 10, 0),
        {"opened": 10, "solution_offered": 1, "closed": 7, "excluded": 2},
        {},
    ),
    ("intercom/fivetran.conversation_history_data.csv", "intercom", "", (9, 9, 0), {"opened": 2, "worked": 7, "closed": 2}, {}),
    # One ticket is dated as closed before it came.
    ("hubspot/fivetran.ticket_data.csv", "hubspot", "", (25, 24, 1), {"opened": 24, "contact": 3, "closed": 22}, {"before_opening": 1}),
    ("zendesk/go-zendesk.GET.tickets.json", "zendesk", "tickets", (2, 2, 0), {"opened": 2, "solution_offered": 2}, {}),
    ("zendesk/zenpy.zendesk.ticket.json", "zendesk", "", (1, 1, 0), {"opened": 1, "worked": 1}, {}),
    ("zammad/docs.tickets.list.json", "zammad", "", (2, 2, 0), {"opened": 2}, {}),
    ("freshdesk/python-freshdesk.v2.all_tickets.json", "freshdesk-api", "", (1, 1, 0), {"opened": 1, "worked": 1}, {}),
    ("helpscout/php-sdk.conversation.json", "helpscout", "", (1, 1, 0), {"opened": 1, "closed": 1}, {}),
    ("front/zulip.webhook.conversation_archived.json", "front", "", (1, 1, 0), {"closed": 1}, {}),
)
# Written by hand in the shape of a vendor's, so that there is one wherever the tests run.
OWN = pathlib.Path(__file__).parent / "data" / "helpscout.conversation.json"
FOUND = [
    (OWN, "helpscout", "", (1, 1, 0), {"opened": 1, "closed": 1}, {}),
    *((PAYLOADS / name, *told) for name, *told in IMPORTED if (PAYLOADS / name).exists()),
]


def test_every_table_is_imported_or_named() -> None:
    tables = {path.relative_to(PAYLOADS).as_posix() for path in PAYLOADS.glob("*/*.csv")}
    assert tables <= set(WITHOUT_EVENTS) | {name for name, *_ in IMPORTED}
    assert not set(WITHOUT_EVENTS) & {name for name, *_ in IMPORTED}


def _take(path: pathlib.Path, template: str, records_path: str) -> tuple[ImportReport, MappingDefinition]:
    source = desk.make_desk()
    Source.objects.filter(pk=source.pk).update(client=Contract.objects.get(code="birch").client)
    definition = templates.load_template(code=template).definition
    table = files.read_file(path=path, layout=files.Layout(file_format=definition.file_format, records_path=records_path))
    values = {**definition.values, "channel": CHANNELS, "query_type": TOPICS}
    changes: dict[str, Any] = {"records_path": records_path, "values": values}
    fitted, _ = templates.fit_definition(definition=definition.model_copy(update=changes), heads=table.columns)
    save_mapping(source_id=source.pk, definition=fitted)
    return import_cases(path=path, source_code=desk.SOURCE, received_at=RECEIVED), fitted


@pytest.mark.parametrize(("path", "template", "records_path", "counts", "kinds", "reasons"), FOUND, ids=[told[0].name for told in FOUND])
def test_an_export_becomes_these_events(
    path: pathlib.Path, template: str, records_path: str, counts: Counts, kinds: dict[str, int], reasons: dict[str, int]
) -> None:
    report, _ = _take(path, template, records_path)
    assert (report.row_count, report.new_count, report.held_count) == counts
    assert dict(report.held_by_reason) == reasons
    found: dict[str, int] = {}
    for kind in CaseEvent.objects.values_list("type", flat=True):
        found[kind] = found.get(kind, 0) + 1
    assert found == kinds
    again = import_cases(path=path, source_code=desk.SOURCE, received_at=RECEIVED)
    assert (again.new_count, again.unchanged_count, again.changed_count) == (0, report.new_count, 0)


MADE: dict[str, tuple[str, str]] = {
    "servicenow": (
        "incidents.csv",
        "number,opened_at,resolved_at,closed_at,resolved_by,caller_id\n"
        "INC1,2016-03-01 08:00:00,2016-03-01 09:00:00,2016-03-03 09:00:00,Ada,C\n",
    ),
    "servicenow-history": (
        "history.csv",
        "number,sys_mod_count,incident_state,sys_updated_at,opened_at,resolved_by\n"
        "INC1,0,New,1/3/2016 08:00,1/3/2016 08:00,Ada\nINC1,1,Resolved,1/3/2016 09:00,1/3/2016 08:00,Ada\n"
        "INC1,2,Closed,3/3/2016 9:00,1/3/2016 08:00,Ada\n",
    ),
    "freshdesk": (
        "tickets.csv",
        "Ticket ID,Created time,Resolved time,Closed time,Agent\n1,2016-03-01 08:00:00,2016-03-01 09:00:00,2016-03-03 09:00:00,Ada\n",
    ),
    "chatwoot": (
        "conversations.json",
        '{"data": {"meta": {}, "payload": [{"id": 1, "status": "resolved", "created_at": 1456819200, "updated_at": 1456822800.5, '
        '"meta": {"assignee": {"id": 7}}}]}}',
    ),
}


@pytest.mark.parametrize("template", MADE)
def test_a_template_without_an_example_among_the_payloads_reads_one_of_ours(tmp_path: pathlib.Path, template: str) -> None:
    name, text = MADE[template]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    report, _ = _take(path, template, templates.load_template(code=template).definition.records_path)
    assert (report.held_count, HeldRow.objects.count()) == (0, 0)
    kinds = set(CaseEvent.objects.values_list("type", flat=True))
    assert {"opened", "solution_offered"} <= kinds
    assert CaseEvent.objects.get(type="solution_offered").agent_identity.value in ("Ada", "7")


def test_every_template_is_shown_on_a_file() -> None:
    assert {template for _, template, *_ in IMPORTED} | set(MADE) == {template.code for template in templates.list_templates()}
