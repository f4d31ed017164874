"""Real records: an incident log that comes in two drops, and complaints about companies that become clients."""

import pathlib
from datetime import UTC, datetime

import polars as pl
import pytest
from django.core.management import call_command
from django.db import transaction

from agents.intake import templates
from agents.intake.definitions import parse_definition
from agents.models import Case, CaseEvent, HeldRow, Resolution, Source
from agents.operations.imports.import_cases import ImportReport, import_cases
from agents.operations.imports.import_clients import name_contracts_of_file
from agents.operations.mappings.save_mapping import save_mapping
from agents.operations.resolutions.resolve_cases import resolve_cases
from contracts.models import Channel, Client, Contract, QueryType
from tests.agents import desk

pytestmark = pytest.mark.django_db

ROOT = pathlib.Path(__file__).resolve().parents[4]
DATA = ROOT.parent / "shared" / "data"
LOGS = (ROOT / "ppr_portal/demo/data/uci-incidents.csv.gz", DATA / "uci-incident-event-log/incident_event_log.first60.csv.gz")
COMPLAINTS = DATA / "cfpb-consumer-complaints"
CUT = datetime(2016, 4, 20, 20, 44)  # noqa: DTZ001
CUT_AT = datetime(2016, 4, 21, 0, 44, tzinfo=UTC)
LATER = datetime(2016, 6, 1, 12, tzinfo=UTC)
# What the log knows only from its end on.
OF_THE_FUTURE = ("resolved_at", "closed_at", "closed_code")


def some_incidents(path: pathlib.Path) -> pl.DataFrame:
    """Take some of all incidents, and more of those that have rows on both sides of the cut."""
    rows = pl.read_csv(path, infer_schema=False).with_columns(
        pl.col("sys_updated_at").str.to_datetime("%d/%m/%Y %H:%M").alias("at"),
        pl.col("number").str.slice(3).cast(pl.Int64).alias("serial"),
    )
    is_cut = ((pl.col("at") <= CUT).any() & (pl.col("at") > CUT).any()).over("number")
    return rows.filter((pl.col("serial") % 200 == 0) | (is_cut & (pl.col("serial") % 16 == 0))).drop("serial")


def use_log(topics: pl.Series) -> Source:
    source = desk.make_desk()
    Source.objects.filter(pk=source.pk).update(client=Contract.objects.get(code="alder").client)
    source.refresh_from_db()
    codes = {topic: f"desk/{position}" for position, topic in enumerate(sorted(set(topics) - {"?"}))}
    QueryType.objects.bulk_create(QueryType(code=code, name=topic) for topic, code in codes.items())
    definition = templates.load_template(code="servicenow-history").definition
    values = {**definition.values, "query_type": codes, "channel": {**desk.CHANNELS, "Self service": "email", "IVR": "phone"}}
    changes = {"values": values, "timezone": desk.NEW_YORK}
    save_mapping(source_id=source.pk, definition=definition.model_copy(update=changes))
    return source


def take(path: pathlib.Path) -> ImportReport:
    return import_cases(path=path, source_code=desk.SOURCE, received_at=LATER)


def everything() -> dict[str, list[object]]:
    """What follows from the rows: cases, events, resolutions with their steps, holds."""
    events = CaseEvent.objects.order_by("key").values_list("key", "body_hash", "type", "occurred_at", "agent_identity__value")
    cases = Case.objects.order_by("key").values_list("key", "contract__code", "customer_hash", "opened_at")
    held = HeldRow.objects.filter(released_at=None).order_by("message").values_list("case_key", "reason", "message")
    steps = [step for key in Case.objects.order_by("key").values_list("key", flat=True) for step in desk.steps(key)]
    fcr = Resolution.objects.order_by("case__key", "number").values_list("case__key", "number", "fcr", "fcr_reason", "verified_at")
    return {
        "events": list(events),
        "cases": list(cases),
        "held rows": [(key, reason) for key, reason, _ in held],
        "resolutions": list(desk.states()),
        "steps": list(steps),
        "FCR": list(fcr),
        "holds": list(desk.open_holds()),
    }


@pytest.mark.parametrize("path", [path for path in LOGS if path.exists()], ids=lambda path: path.name)
def test_two_drops_end_as_one(tmp_path: pathlib.Path, path: pathlib.Path) -> None:
    rows = some_incidents(path)
    use_log(rows["category"])
    is_solved = pl.col("incident_state").is_in(["Resolved", "Closed"])
    early = rows.filter(pl.col("at") <= CUT).drop(OF_THE_FUTURE, "at")
    early = early.with_columns(pl.when(is_solved).then("resolved_by").otherwise(pl.lit("?")).alias("resolved_by"))
    late = rows.filter(pl.col("at") > CUT).drop("at")
    for name, frame in (("whole", rows.drop("at")), ("early", early), ("late", late)):
        frame.write_csv(tmp_path / f"{name}.csv")
    assert early.height > 500
    assert late.height > 200
    with transaction.atomic():
        whole = take(tmp_path / "whole.csv")
        resolve_cases(as_of=LATER)
        expected = everything()
        transaction.set_rollback(True)
    first = take(tmp_path / "early.csv")
    resolve_cases(as_of=CUT_AT)
    second = take(tmp_path / "late.csv")
    resolve_cases(as_of=LATER, case_ids=second.affected_case_ids)
    resolve_cases(as_of=LATER)
    assert first.new_count + second.new_count == whole.new_count
    assert first.held_count + second.held_count == whole.held_count
    found = everything()
    for part, told in expected.items():
        assert found[part] == told, part
    assert len(expected["resolutions"]) > 100


COLUMNS = ("Date received", "Product", "Sub-product", "Issue", "Sub-issue", "Company", "State", "ZIP code", "Consumer consent provided?")
REST = ("Submitted via", "Date sent to company", "Company response to consumer", "Timely response?", "Consumer disputed?")
SUBMITTED = {"Web": "web", "Referral": "referral", "Phone": "phone", "Postal mail": "mail", "Fax": "fax", "Email": "email"}
ANSWERS = {
    "Closed with explanation": "solution_offered",
    "Closed with non-monetary relief": "solution_offered",
    "Closed with monetary relief": "solution_offered",
    "Closed": "closed",
    "Untimely response": "closed/untimely",
    "In progress": "worked",
}


def use_complaints(products: set[str], *, date_format: str = "%m/%d/%Y", case: str = "") -> Source:
    """Make a source whose complaints name their company, which is the client."""
    source = Source.objects.create(code="complaints", name="Complaints")
    codes = {product: f"product/{position}" for position, product in enumerate(sorted(products))}
    QueryType.objects.bulk_create(QueryType(code=code, name=product) for product, code in codes.items())
    Channel.objects.bulk_create(Channel(code=code, name=name) for name, code in SUBMITTED.items())
    columns = {
        "contract": "Company",
        "query_type": "Product",
        "channel": "Submitted via",
        "state": "Company response to consumer",
        "occurred_at": "Date sent to company",
    }
    document = {
        "date_format": date_format,
        "timezone": desk.NEW_YORK,
        "case_columns": [] if case else [*COLUMNS, *REST],
        "columns": {**columns, "case": case} if case else columns,
        "events": [{"column": "Date received", "meaning": "opened"}, {"column": "Date sent to company", "meaning": "transferred"}],
        "values": {"state": ANSWERS, "channel": SUBMITTED, "query_type": codes},
    }
    save_mapping(source_id=source.pk, definition=parse_definition(document=document))
    return source


def take_complaints(path: pathlib.Path) -> ImportReport:
    return import_cases(path=path, source_code="complaints", received_at=LATER)


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.row_count, report.new_count, report.changed_count, report.unchanged_count, report.held_count


SAMPLES = {
    pathlib.Path(__file__).parent / "data/cfpb-complaints.csv": (15, 11, 11, 2, 2),
    COMPLAINTS / "consumer_complaints.sample3186.csv": (3186, 491, 3169, 11, 6),
}


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.exists()], ids=lambda path: path.name)
def test_complaints_are_imported_with_companies_as_clients(path: pathlib.Path) -> None:
    row_count, company_count, new_count, repeated_count, early_count = SAMPLES[path]
    use_complaints(set(pl.read_csv(path, infer_schema=False)["Product"]))
    held = take_complaints(path)
    assert held.held_by_reason == {"unknown_contract": row_count}
    assert (
        'column "Company" says "Wells Fargo & Company", which is no contract that mapping 1 of complaints knows' in held.held["message"][0]
    )
    named = name_contracts_of_file(path=path, source_code="complaints")
    assert (len(named.contract_codes), Client.objects.count(), Contract.objects.count()) == (company_count,) * 3
    assert named.contract_codes["Wells Fargo & Company"] == "wells-fargo-company"
    report = take_complaints(path)
    assert counts(report) == (row_count, new_count, 0, repeated_count, early_count)
    assert report.held_by_reason == {"before_opening": early_count}
    assert Case.objects.count() == new_count
    assert Case.objects.filter(contract__code="wells-fargo-company").exists()
    assert counts(take_complaints(path)) == (row_count, 0, 0, new_count + repeated_count, early_count)
    assert name_contracts_of_file(path=path, source_code="complaints").contract_codes == {}


def test_the_command_makes_clients_when_asked_to(tmp_path: pathlib.Path) -> None:
    path = next(iter(SAMPLES))
    source = use_complaints(set(pl.read_csv(path, infer_schema=False)["Product"]))
    options = ["import_cases", str(path), "--source", "complaints", "--create-clients", "--report", str(tmp_path / "held.csv")]
    call_command(*options, "--dry-run")
    assert (Client.objects.count(), source.mappings.count(), Case.objects.count()) == (0, 1, 0)
    call_command(*options)
    assert (Client.objects.count(), source.mappings.count(), Case.objects.count()) == (11, 2, 11)


FEEDS = [path for path in (COMPLAINTS / f"cfpb-fixture.{version}-public.csv" for version in ("v1", "v2")) if path.exists()]


def test_two_versions_of_one_feed_tell_the_same_complaints() -> None:
    for position, path in enumerate(FEEDS):
        if position == 0:
            use_complaints(set(pl.read_csv(path, infer_schema=False)["Product"]), date_format="%m/%d/%y", case="Complaint ID")
            name_contracts_of_file(path=path, source_code="complaints")
        report = take_complaints(path)
        assert report.row_count == 30
        assert (report.new_count, report.unchanged_count, report.held_count) == ((30, 0, 0) if position == 0 else (0, 30, 0))
    assert Case.objects.count() == (30 if FEEDS else 0)
