"""Importing stores everything or nothing, each event once, whatever the order, repetition or split of the rows."""

import gzip
import os
import pathlib
import random
from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.intake.errors import UnableToImport
from agents.models import Case, CaseEvent, HeldRow, ImportRun, Source, SourceIdentity
from agents.operations.imports.import_cases import ImportReport, import_cases
from contracts.models import Contract
from tests.agents import desk

pytestmark = pytest.mark.django_db

RECEIVED = datetime(2016, 4, 1, 12, tzinfo=UTC)


def take(path: pathlib.Path, **options: object) -> ImportReport:
    return import_cases(path=path, source_code=desk.SOURCE, received_at=RECEIVED, **options)  # type: ignore[arg-type]


def try_to_take(path: pathlib.Path) -> ImportReport | str:
    try:
        return take(path)
    except UnableToImport as refused:
        return str(refused)


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.row_count, report.new_count, report.changed_count, report.unchanged_count, report.held_count


def stored() -> list[tuple[object, ...]]:
    """Everything that follows from the rows, and nothing that follows from how they came."""
    cases = Case.objects.order_by("key").values_list("key", "contract__code", "customer_hash", "opened_at")
    events = CaseEvent.objects.order_by("key").values_list(
        "key",
        "body_hash",
        "case__key",
        "type",
        "occurred_at",
        "sequence",
        "agent_identity__value",
        "contract__code",
        "query_type__code",
        "channel__code",
        "queue",
        "transfer_count",
        "code",
    )
    held = HeldRow.objects.filter(released_at=None).order_by("row_hash", "reason").values_list("row_hash", "reason", "case_key")
    return [*cases, *events, *held]


def some_rows() -> list[desk.Row]:
    """Two cases with a reopening, a repeated counter, a change of topic and caller, a full duplicate, and two unreadable rows."""
    return [
        desk.row("C-1", "New", "2 08:00"),
        desk.row("C-1", "New", "2 07:00", place="Place 2", caller="Caller 9"),
        desk.row("C-1", "Resolved", "3 08:00", 1, topic="Topic 2", moves="1"),
        desk.row("C-1", "Active", "4 08:00", 2, topic="Topic 2"),
        desk.row("C-1", "Resolved", "5 08:00", 3, resolver="Resolver 2"),
        desk.row("C-1", "Closed", "9 08:00", 3, resolver="Resolver 2"),
        desk.row("C-2", "Active", "2 08:00", opened="2/3/2016 07:59"),
        desk.row("C-2", "Active", "2 08:00", opened="2/3/2016 07:59"),
        desk.row("C-2", "Resolved", "3 08:00", 1, resolver="?"),
        desk.row("C-3", "Lost", "3 08:00"),
        desk.row("C-2", "Closed", "32 08:00", 2),
    ]


def test_rows_are_new_once(source: Source, tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, some_rows())
    first, second = take(path), take(path)
    assert counts(first) == (11, 8, 0, 1, 2)
    assert counts(second) == (11, 0, 0, 9, 2)
    assert (first.case_count, first.new_case_count, second.new_case_count) == (3, 2, 0)
    assert first.held_by_reason == {"unknown_state": 1, "unreadable_date": 1}
    assert CaseEvent.objects.exclude(type="opened").count() == 8
    assert HeldRow.objects.count() == 2
    assert (len(first.affected_case_ids), second.affected_case_ids) == (2, ())


def test_each_import_leaves_a_record(source: Source, tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, some_rows())
    take(path)
    run = ImportRun.objects.get()
    assert (run.row_count, run.case_count, run.new_count, run.changed_count, run.unchanged_count, run.held_count) == (11, 3, 8, 0, 1, 2)
    assert (run.file_name, run.mapping.number, len(run.file_sha256)) == ("export.csv", 1, 64)
    assert run.seconds > 0


def test_a_case_says_what_its_earliest_event_says(source: Source, tmp_path: pathlib.Path) -> None:
    take(desk.write_file(tmp_path, some_rows()))
    one = Case.objects.get(key="C-1")
    assert one.contract.code == "birch"
    assert one.opened_at == desk.instant("1 08:00")
    assert one.customer_hash == CaseEvent.objects.get(key="C-1/0/New/2016-03-02T07:00:00.000000").customer_hash


def test_without_a_column_for_it_a_case_opens_with_its_first_event(source: Source, tmp_path: pathlib.Path) -> None:
    columns = {target: name for target, name in desk.COLUMNS.items() if target != "opened_at"}
    desk.add_mapping(source=source, number=2, columns=columns)
    take(desk.write_file(tmp_path, [desk.row("C-1", "Closed", "5 08:00", 1)]))
    take(desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00")]))
    assert Case.objects.get().opened_at == desk.instant("2 08:00")
    assert CaseEvent.objects.filter(type="opened").count() == 0


def test_customers_are_stored_as_keyed_hashes_only(source: Source, tmp_path: pathlib.Path) -> None:
    take(
        desk.write_file(
            tmp_path, [desk.row("C-1", "New", "2 08:00", caller="ada@example.com"), desk.row("C-2", "New", "2 08:00", caller="?")]
        )
    )
    assert list(Case.objects.order_by("key").values_list("customer_hash", flat=True))[1] == ""
    assert len(Case.objects.get(key="C-1").customer_hash) == 32
    assert not CaseEvent.objects.filter(key__contains="ada").exists()


def test_identities_are_made_exactly_as_written_and_unmapped(source: Source, tmp_path: pathlib.Path) -> None:
    take(desk.write_file(tmp_path, some_rows()))
    assert list(SourceIdentity.objects.values_list("space", "value", "agent", "is_system")) == [
        ("resolver", "Resolver 1", None, False),
        ("resolver", "Resolver 2", None, False),
    ]
    assert CaseEvent.objects.get(key__startswith="C-2/1/").agent_identity is None


def test_a_known_row_with_another_content_is_held_and_the_first_stays(source: Source, tmp_path: pathlib.Path) -> None:
    take(desk.write_file(tmp_path, [desk.row("C-1", "Resolved", "3 08:00", 1)]))
    report = take(desk.write_file(tmp_path, [desk.row("C-1", "Resolved", "3 08:00", 1, topic="Topic 2", resolver="Resolver 2", moves="1")]))
    assert counts(report) == (1, 0, 1, 0, 0)
    held = HeldRow.objects.get()
    assert (held.reason, held.case_key, held.row["topic"]) == ("changed", "C-1", "Topic 2")
    assert "another content (who is credited, query type, transfer count)" in held.message
    assert CaseEvent.objects.get(type="solution_offered").query_type is not None
    assert CaseEvent.objects.get(type="solution_offered").agent_identity is not None
    assert SourceIdentity.objects.get(value="Resolver 1").agent is None
    assert CaseEvent.objects.filter(agent_identity__value="Resolver 2").count() == 0


def test_of_two_contents_in_one_file_the_same_one_stays_in_either_order(source: Source, tmp_path: pathlib.Path) -> None:
    rows = [desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Resolved", "3 08:00", 1, topic="Topic 2")]
    assert counts(take(desk.write_file(tmp_path, rows))) == (2, 1, 1, 0, 0)
    kept = CaseEvent.objects.get(type="solution_offered").body_hash
    assert counts(take(desk.write_file(tmp_path, rows[::-1]))) == (2, 0, 1, 1, 0)
    assert CaseEvent.objects.get(type="solution_offered").body_hash == kept
    assert HeldRow.objects.count() == 1


def test_a_corrected_mapping_lets_held_rows_in(source: Source, tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, [desk.row("C-3", "Lost", "3 08:00"), desk.row("C-4", "Odd", "3 08:00")])
    take(path)
    desk.add_mapping(source=source, number=2, states={**desk.STATES, "Lost": "closed"})
    report = take(path)
    assert counts(report) == (2, 1, 0, 0, 1)
    assert report.released_count == 1
    assert list(HeldRow.objects.order_by("case_key").values_list("case_key", "released_at")) == [("C-3", RECEIVED), ("C-4", None)]


def test_a_row_held_for_another_reason_now_is_held_once(source: Source, tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, [desk.row("?", "Lost", "3 08:00", topic="Topic 9")])
    take(path)
    desk.add_mapping(source=source, number=2, missing_markers=["none"], states={**desk.STATES, "Lost": "closed"})
    take(path)
    assert list(HeldRow.objects.order_by("reason").values_list("reason", "case_key", "released_at")) == [
        ("missing_case", "", RECEIVED),
        ("unknown_query_type", "?", None),
    ]


def test_a_row_that_is_held_again_has_its_content_again_and_its_case_is_looked_at(source: Source, tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00"), desk.row("C-1", "Lost", "3 08:00", 1)])
    first = take(path)
    before = HeldRow.objects.values("row", "message").get()
    desk.add_mapping(source=source, number=2, states={**desk.STATES, "Lost": "worked"})
    take(path)
    HeldRow.objects.update(row={})
    desk.add_mapping(source=source, number=3)

    again = take(path)

    held = HeldRow.objects.get()
    assert ({"row": held.row, "message": held.message.replace("mapping 3", "mapping 1")}, held.released_at) == (before, None)
    assert (held.run_id, again.affected_case_ids) == (again.run_id, first.affected_case_ids)


def test_a_file_that_is_imported_again_shows_what_was_deleted_of_a_row_that_still_waits(source: Source, tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, [desk.row("C-1", "Lost", "3 08:00", 1), desk.row("C-2", "Gone", "3 08:00", 1)])
    take(path)
    before = list(HeldRow.objects.order_by("case_key").values_list("case_key", "row"))
    HeldRow.objects.filter(case_key="C-2").update(released_at=RECEIVED, release_note="It is no case of ours.")
    HeldRow.objects.update(row={})

    take(path)

    assert list(HeldRow.objects.order_by("case_key").values_list("case_key", "row")) == [before[0], ("C-2", {})]
    assert HeldRow.objects.get(released_at=None).case_key == "C-1"


def test_a_dry_run_counts_and_stores_nothing(source: Source, tmp_path: pathlib.Path) -> None:
    report = take(desk.write_file(tmp_path, some_rows()), dry_run=True)
    assert counts(report) == (11, 8, 0, 1, 2)
    assert report.run_id is None
    assert [model.objects.count() for model in (Case, CaseEvent, HeldRow, ImportRun, SourceIdentity)] == [0, 0, 0, 0, 0]


def test_progress_is_told_step_by_step(source: Source, tmp_path: pathlib.Path) -> None:
    told: list[tuple[str, int, int]] = []
    take(desk.write_file(tmp_path, some_rows()), progress=lambda *step: told.append(step))
    assert [step for step, done, total in told if done == total] == ["Reading", "Understanding", "Storing"]


def test_held_rows_are_written_to_a_report(source: Source, tmp_path: pathlib.Path) -> None:
    report_path = tmp_path / "reports" / "held.csv"
    take(desk.write_file(tmp_path, some_rows()), report_path=report_path)
    lines = report_path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "row_number,case_key,reason,message,row"
    assert lines[1].startswith('10,C-3,unknown_state,"Row 10: ')
    assert len(lines) == 3


def test_a_report_goes_into_a_pipe_or_device_and_never_takes_its_place(source: Source, tmp_path: pathlib.Path) -> None:
    pipe = tmp_path / "held.csv"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        take(desk.write_file(tmp_path, some_rows()), report_path=pipe)
        assert len(os.read(reading, 65_536).decode().splitlines()) == 3
    finally:
        os.close(reading)
    assert pipe.is_fifo()


def test_a_full_disk_is_said_in_one_sentence_and_nothing_is_stored(source: Source, tmp_path: pathlib.Path) -> None:
    (tmp_path / "held.csv.part").symlink_to("/dev/full")
    with pytest.raises(UnableToImport, match=r"the disk is full; free some space and import again\. Nothing was imported"):
        take(desk.write_file(tmp_path, some_rows()), report_path=tmp_path / "held.csv")
    assert CaseEvent.objects.count() == ImportRun.objects.count() == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("held.csv")] == []


def test_a_source_or_mapping_that_is_not_there_is_named(tmp_path: pathlib.Path) -> None:
    path = desk.write_file(tmp_path, some_rows())
    with pytest.raises(UnableToImport, match='There is no source "desk"; known are: none yet'):
        take(path)
    Source.objects.create(code=desk.SOURCE, name="The desk")
    with pytest.raises(UnableToImport, match='Source "desk" has no mapping'):
        take(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"states": {"New": "arrived"}}, 'says that state "New" means "arrived", which is no kind of event'),
        ({"states": {"Junk": "excluded"}}, 'excludes state "Junk" without saying why'),
        ({"topics": {"Topic 1": "desk/nine"}}, 'speaks of query type "desk/nine", which does not exist'),
        ({"date_format": "%d/%m"}, "does not give a whole date"),
        ({"columns": {"case": "number", "contract": "place"}}, "does not say which column holds the state and when the row happened"),
        ({"columns": {"case": "number", "state": "state", "occurred_at": "updated"}}, "does not say which column tells the contract"),
    ],
)
def test_a_wrong_mapping_is_refused(source: Source, tmp_path: pathlib.Path, changes: dict[str, object], words: str) -> None:
    desk.add_mapping(source=source, number=2, **changes)  # type: ignore[arg-type]
    with pytest.raises(UnableToImport, match=words):
        take(desk.write_file(tmp_path, some_rows()))
    assert ImportRun.objects.count() == 0


def test_a_mapping_of_one_clients_source_speaks_of_no_other_clients_contract(source: Source, tmp_path: pathlib.Path) -> None:
    source.client = Contract.objects.get(code="alder").client
    source.save()
    with pytest.raises(UnableToImport, match='speaks of contract "birch", but source desk belongs to Alder, which has another'):
        desk.take(tmp_path, desk.row("C-1", "New", "2 08:00"))
    assert CaseEvent.objects.count() == 0


def test_a_source_of_one_client_needs_no_column_for_the_contract(source: Source, tmp_path: pathlib.Path) -> None:
    source.client = Contract.objects.get(code="birch").client
    source.save()
    desk.add_mapping(source=source, number=2, columns={name: column for name, column in desk.COLUMNS.items() if name != "contract"})
    take(desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00", place="Place 9")]))
    assert Case.objects.get().contract.code == "birch"


@pytest.fixture
def whole(source: Source, tmp_path: pathlib.Path) -> list[tuple[object, ...]]:
    """What is stored when all rows come in one file; afterwards nothing is stored."""
    with transaction.atomic():
        take(desk.write_file(tmp_path, some_rows()))
        found = stored()
        transaction.set_rollback(True)
    assert Case.objects.count() == 0
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False), parts=st.integers(min_value=1, max_value=4))
def test_order_repetition_and_split_change_nothing(
    whole: list[tuple[object, ...]], tmp_path: pathlib.Path, chance: random.Random, parts: int
) -> None:
    rows = some_rows() + chance.choices(some_rows(), k=3)
    chance.shuffle(rows)
    with transaction.atomic():
        for part in range(parts):
            if rows[part::parts]:
                take(desk.write_file(tmp_path, rows[part::parts], name=f"part-{part}.csv"))
        found = stored()
        transaction.set_rollback(True)
    assert found == whole


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False), packed=st.booleans())
def test_a_damaged_file_is_refused_or_read_but_never_half_imported(
    source: Source, tmp_path: pathlib.Path, chance: random.Random, packed: bool
) -> None:
    content = bytearray(desk.text_of(some_rows()).encode())
    content = bytearray(gzip.compress(bytes(content))) if packed else content
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path = tmp_path / ("export.csv.gz" if packed else "export.csv")
    path.write_bytes(bytes(content[: chance.randint(1, len(content))] if chance.random() < 0.3 else content))
    with transaction.atomic():
        report = try_to_take(path)
        if isinstance(report, str):
            assert "\n" not in report
            assert CaseEvent.objects.count() == ImportRun.objects.count() == HeldRow.objects.count() == 0
        else:
            assert report.row_count == report.new_count + report.changed_count + report.unchanged_count + report.held_count
            assert CaseEvent.objects.exclude(type="opened").count() == report.new_count
        transaction.set_rollback(True)
