"""A mapping is a document: templates, drafts and stored versions are the same thing, and each problem is a sentence."""

import pytest

from agents.intake import mappings, templates
from agents.intake.definitions import InvalidMapping, MappingDefinition, definition_of, parse_definition
from agents.intake.errors import UnableToImport
from agents.models import Mapping, Source
from agents.operations.mappings.copy_mapping import copy_mapping
from agents.operations.mappings.save_mapping import save_mapping
from contracts.models import Channel, QueryType
from tests.agents import desk

FULL = {
    "file_format": "xlsx",
    "sheet": "Tickets",
    "lines_before_head": 2,
    "records_path": "",
    "date_format": "%m/%d/%y",
    "timezone": "Europe/Berlin",
    "repeated_hour": "second",
    "decimal_mark": ",",
    "grouping_mark": ".",
    "missing_markers": ["?", "N/A"],
    "columns": {
        "case": "Ticket",
        "agent": {"column": "Solved by", "other_heads": ["Solver"], "only_when_resolved": True, "space": "staff"},
        "contract": "Brand",
        "handle_time": {"column": "Time", "unit": "clock"},
        "occurred_at": {"column": "When", "date_format": "epoch seconds"},
        "state": "State",
        "direction": "State",
    },
    "events": [
        {"column": "Created", "other_heads": ["Created at"], "meaning": "opened", "date_format": "iso"},
        {"column": "Closed", "meaning": "stage_time/research", "time_column": "Research", "time_unit": "minutes"},
        {"column": "Answered", "meaning": "contact", "direction": "out", "medium": "message", "content": "answer"},
    ],
    "values": {"state": {"Done": "closed", "Odd": "none"}, "contract": {"A": "alder"}, "direction": {"Done": "out"}},
    "note": "All of it.",
}


@pytest.mark.django_db
def test_a_document_comes_back_from_its_version_unchanged() -> None:
    source = desk.make_desk()
    definition = parse_definition(document=FULL)
    made = save_mapping(source_id=source.pk, definition=definition)
    assert (made.number, definition_of(mapping=made)) == (2, definition)
    assert parse_definition(document=definition.model_dump(mode="json")) == definition
    copied = copy_mapping(mapping=made)
    assert definition_of(mapping=copied) == definition.model_copy(update={"note": "Copied from version 2."})


@pytest.mark.django_db
def test_a_mapping_with_a_problem_is_not_stored() -> None:
    source = desk.make_desk()
    definition = parse_definition(document={**FULL, "values": {**FULL["values"], "contract": {"A": "aspen"}}})  # type: ignore[dict-item]
    with pytest.raises(UnableToImport, match='speaks of contract "aspen", which does not exist'):
        save_mapping(source_id=source.pk, definition=definition)
    assert Mapping.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": {"color": "Red"}}, "columns/color"),
        ({"columns": {"case": ""}}, "columns/case/column"),
        ({"colums": {}}, "colums"),
        ({"decimal_mark": ".", "grouping_mark": "."}, "cannot separate both decimals and thousands"),
        ({"lines_before_head": -1}, "lines_before_head"),
        ({"events": [{"column": "A", "meaning": "closed"}] * 2}, "tells the same event twice"),
        ({"columns": {"agent": {"column": "A", "space": "Staff names"}}}, "columns/agent/space"),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_path(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidMapping, match=words):
        parse_definition(document={**FULL, **changes})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"columns": {}}, "does not say which column holds the case number and the state and when the row happened"),
        (
            {"columns": {"case": "A", "state": "B"}, "events": [{"column": "C", "meaning": "closed"}]},
            "which column holds when the row happened",
        ),
        ({"columns": {"case": {"column": "A", "only_when_resolved": True}}}, "reads case only on solved rows"),
        ({"values": {"direction": {"x": "up"}}}, 'says that direction "x" means "up"; use one of in, out, or none'),
        ({"values": {"state": {"x": "none"}}}, 'means "none", which is no kind of event'),
        ({"events": [{"column": "C", "meaning": "done"}]}, 'says that column "C" means "done", which is no kind of event'),
        ({"events": [{"column": "C", "meaning": "excluded"}]}, 'excludes column "C" without saying why'),
        ({"columns": {"handle_time": "T"}}, 'in which unit column "T" tells how long it took'),
        ({"events": [{"column": "C", "meaning": "stage_time/research", "time_column": "T"}]}, 'in which unit column "T"'),
        ({"date_format": "%d/%m"}, "cannot read dates"),
        ({"columns": {"opened_at": {"column": "O", "date_format": "%Q"}}}, "cannot read dates"),
    ],
)
def test_every_problem_of_a_draft_is_a_clause(document: dict[str, object], words: str) -> None:
    source = desk.make_desk()
    problems = mappings.find_problems(definition=parse_definition(document=document), source=source)
    assert any(words in problem for problem in problems), problems


@pytest.mark.django_db
@pytest.mark.parametrize("template", templates.list_templates(), ids=lambda template: template.code)
def test_every_template_is_a_mapping_that_lacks_only_the_contract(template: templates.Template) -> None:
    assert template.vendor in Source.Vendor.values
    source = Source.objects.create(code="any", name="Any", vendor=template.vendor)
    assert all("which column tells the contract" in said for said in mappings.find_problems(definition=template.definition, source=source))
    source.client = desk.make_contract("alder").contract.client
    source.save()
    made = save_mapping(source_id=source.pk, definition=template.definition)
    assert definition_of(mapping=made) == template.definition
    assert not QueryType.objects.exists()
    assert not Channel.objects.exists()


def test_every_vendor_of_the_issue_has_a_template() -> None:
    vendors = {"servicenow", "zendesk", "freshdesk", "intercom", "zammad", "chatwoot", "hubspot", "helpscout", "front"}
    assert vendors == {template.vendor for template in templates.list_templates()}


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(UnableToImport, match='There is no template "jira"; use one of chatwoot'):
        templates.load_template(code="jira")


def test_a_template_leaves_out_what_a_file_does_not_have() -> None:
    definition = templates.load_template(code="hubspot").definition
    fitted, lacking = templates.fit_definition(definition=definition, heads=["Ticket ID", "Create date", "Ticket owner"])
    assert set(fitted.columns) == {"case", "agent"}
    assert [event.meaning for event in fitted.events] == ["opened"]
    assert "property_closed_date" in lacking
    assert isinstance(fitted, MappingDefinition)
