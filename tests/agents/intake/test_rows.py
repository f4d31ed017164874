"""Each row becomes one event, or is held with a stable code and a sentence that names row, column, value and remedy."""

import pathlib

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.intake import files
from agents.intake.customers import hash_customer
from agents.intake.dates import compile_format
from agents.intake.errors import UnableToImport
from agents.intake.mappings import Column
from agents.intake.rows import Reading, read_rows
from tests.agents import desk

KEY = b"a key for tests"


def read(folder: pathlib.Path, *rows: desk.Row, head: tuple[str, ...] = desk.HEAD, **changes: object) -> Reading:
    table = files.read_file(path=desk.write_file(folder, rows, head=head))
    return read_rows(table=table, mapping=desk.frozen_mapping(**changes), hash_key=KEY)


def test_a_readable_row_says_all_it_knows(tmp_path: pathlib.Path) -> None:
    reading = read(tmp_path, desk.row("C-1", "Resolved", "7 09:30", 3, moves="2"))
    assert reading.held.is_empty()
    (event,) = reading.events.to_dicts()
    body_hash = event.pop("body_hash")
    assert len(body_hash) == 64
    assert event == {
        "row_number": 1,
        "key": "C-1/3/Resolved/2016-03-07T09:30:00.000000",
        "case_key": "C-1",
        "type": "solution_offered",
        "occurred_at": desk.instant("7 09:30"),
        "sequence": 3,
        "space": "resolver",
        "identity": "Resolver 1",
        "contract": "alder",
        "query_type": "desk/one",
        "channel": "phone",
        "customer_hash": hash_customer(space="desk", value="Caller of C-1", key=KEY),
        "queue": "Group 1",
        "transfer_count": 2,
        "code": "",
    }


def test_the_opening_of_a_case_is_told_once(tmp_path: pathlib.Path) -> None:
    opened = read(tmp_path, desk.row("C-1", "New", "2 08:00"), desk.row("C-1", "Closed", "3 08:00", 1)).opened
    assert opened.select("key", "type", "occurred_at", "sequence", "identity", "contract").rows() == [
        ("C-1/opened/2016-03-01T08:00:00.000000", "opened", desk.instant("1 08:00"), -1, None, None)
    ]


def test_what_is_filled_in_at_the_end_is_read_only_where_the_case_is_solved(tmp_path: pathlib.Path) -> None:
    rows = [desk.row("C-1", state, f"{day} 08:00", day) for day, state in enumerate(("New", "Active", "Resolved", "Closed"), start=2)]
    assert read(tmp_path, *rows).events["identity"].to_list() == [None, None, "Resolver 1", "Resolver 1"]


def test_a_solver_who_is_not_named_stays_unnamed(tmp_path: pathlib.Path) -> None:
    columns = {**desk.frozen_mapping().columns, "actor": Column(name="group")}
    rows = [desk.row("C-1", "Active", "2 08:00", 1, resolver="?"), desk.row("C-1", "Resolved", "3 08:00", 2, resolver="?")]
    found = read(tmp_path, *rows, columns=columns).events
    assert found.select("space", "identity").rows() == [("group", "Group 1"), (None, None)]


def test_two_spaces_in_a_name_matter(tmp_path: pathlib.Path) -> None:
    rows = [desk.row("C-1", "Resolved", "2 08:00", 1, resolver="Resolver  1"), desk.row("C-2", "Resolved", "2 08:00", 1)]
    assert read(tmp_path, *rows).events["identity"].to_list() == ["Resolver  1", "Resolver 1"]


def test_what_is_missing_is_unknown_and_not_empty(tmp_path: pathlib.Path) -> None:
    (event,) = read(tmp_path, desk.row("C-1", "New", "2 08:00", topic="?", channel="", caller="?", group="?", moves="?")).events.to_dicts()
    assert (event["query_type"], event["channel"], event["transfer_count"]) == (None, None, None)
    assert (event["customer_hash"], event["queue"]) == ("", "")


def test_a_missing_marker_can_be_given_a_meaning(tmp_path: pathlib.Path) -> None:
    reading = read(tmp_path, desk.row("C-1", "New", "2 08:00", place="?"), contracts={**desk.PLACES, "?": "birch"})
    assert reading.events["contract"].to_list() == ["birch"]


def test_an_exclusion_keeps_its_code(tmp_path: pathlib.Path) -> None:
    assert read(tmp_path, desk.row("C-1", "Junk", "2 08:00")).events.select("type", "code").rows() == [("excluded", "spam")]


HELD = [
    ({"number": "?"}, "missing_case", 'column "number" names no case'),
    ({"state": "?"}, "missing_state", 'column "state" says "?", so its state is not known'),
    ({"state": "-100"}, "unknown_state", 'column "state" says "-100", which is no state that mapping 1 of desk knows'),
    ({"updated": "?"}, "missing_date", 'column "updated" says "?", so it is not known when this happened'),
    (
        {"updated": "2016-03-02"},
        "unreadable_date",
        'column "updated" says "2016-03-02", which is no date written as DD/MM/YYYY HH:MM, for example',
    ),
    ({"updated": "31/2/2016 08:00"}, "unreadable_date", '"31/2/2016 08:00"'),
    ({"updated": "2/3/1066 08:00"}, "date_out_of_range", "which is not between 1980 and 2099"),
    ({"updated": "13/3/2016 02:30"}, "skipped_time", "an hour that clocks skipped in America/New_York"),
    ({"updated": "6/11/2016 01:30"}, "repeated_time", "an hour that clocks showed twice in America/New_York"),
    ({"opened": "yesterday"}, "unreadable_date", 'column "opened" says "yesterday"'),
    ({"changes": "?"}, "missing_number", 'column "changes" says "?", so the order of its changes is not known'),
    ({"changes": "1.5"}, "unreadable_number", 'column "changes" says "1.5", which is no whole number'),
    ({"changes": "-1"}, "unreadable_number", '"-1"'),
    ({"moves": "many"}, "unreadable_number", 'column "moves" says "many"'),
    ({"moves": "32768"}, "unreadable_number", "from 0 to 32767"),
    ({"place": "?"}, "missing_contract", 'column "place" says "?", so its contract is not known'),
    ({"place": "Place 9"}, "unknown_contract", 'column "place" says "Place 9", which is no contract that mapping 1 of desk knows'),
    ({"topic": "Topic {9}"}, "unknown_query_type", 'column "topic" says "Topic {9}", which is no query type'),
    ({"channel": "Fax"}, "unknown_channel", 'column "channel" says "Fax", which is no channel'),
    ({"number": "C" * 121}, "too_long", 'column "number" has more than 120 characters'),
    ({"resolver": "R" * 201}, "too_long", 'column "resolver" has more than 200 characters'),
    ({"group": "G" * 121}, "too_long", 'column "group" has more than 120 characters'),
]


@pytest.mark.parametrize(("changes", "reason", "words"), HELD)
def test_an_unreadable_row_is_held_with_a_sentence(tmp_path: pathlib.Path, changes: dict[str, str], reason: str, words: str) -> None:
    reading = read(tmp_path, desk.row("C-0", "New", "2 08:00"), {**desk.row("C-1", "Resolved", "2 08:00", 1), **changes})
    assert reading.events.height == 1
    (held,) = reading.held.to_dicts()
    assert (held["row_number"], held["reason"]) == (2, reason)
    assert held["message"].startswith("Row 2: ")
    assert words in held["message"]
    assert held["message"].endswith("Correct the row, or add a version of the mapping, and import the file again.")
    assert held["case_key"] == ("" if changes.get("number") == "?" else changes.get("number", "C-1")[:120])


def test_every_fault_of_a_row_is_named_at_once(tmp_path: pathlib.Path) -> None:
    (held,) = read(tmp_path, desk.row("C-1", "Lost", "2 08:00", updated="soon", topic="Topic 9")).held.to_dicts()
    assert held["reason"] == "unknown_state"
    assert all(word in held["message"] for word in ('"Lost"', '"soon"', '"Topic 9"'))


def test_a_row_that_is_cut_or_too_wide_is_held(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(desk.text_of([desk.row("C-1", "New", "2 08:00")]) + "C-2,New\n" + "C-3," * 13 + "\n", encoding="utf-8")
    reading = read_rows(table=files.read_file(path=path), mapping=desk.frozen_mapping(), hash_key=KEY)
    assert reading.held.select("row_number", "case_key", "reason").rows() == [
        (2, "C-2", "wrong_cell_count"),
        (3, "C-3", "wrong_cell_count"),
    ]
    assert "it has 2 cells where the head has 12" in reading.held["message"][0]


def test_the_order_of_columns_does_not_matter(tmp_path: pathlib.Path) -> None:
    rows = [desk.row("C-1", "New", "2 08:00"), desk.row("C-1", "Resolved", "3 08:00", 1, topic="Topic 9")]
    usual, turned = read(tmp_path, *rows), read(tmp_path, *rows, head=tuple(reversed(desk.HEAD)))
    assert turned.events.equals(usual.events)
    assert turned.held.equals(usual.held)


def test_every_column_that_lacks_is_named_with_its_likeliest_name(tmp_path: pathlib.Path) -> None:
    head = tuple({"state": "status", "opened": "opened_at"}.get(name, name) for name in desk.HEAD if name != "moves")
    with pytest.raises(UnableToImport) as refused:
        read(tmp_path, desk.row("C-1", "New", "2 08:00"), head=head)
    assert 'lacks columns that mapping 1 of desk reads: "state"' in str(refused.value)
    assert '"opened" (is it "opened_at"?)' in str(refused.value)
    assert '"moves"' in str(refused.value)


def test_a_mapped_column_that_stands_twice_in_the_head_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(",".join((*desk.HEAD, "state")) + "\n" + "x," * 12 + "x\n", encoding="utf-8")
    with pytest.raises(UnableToImport, match=r'"state" \(it stands there more than once\)'):
        read_rows(table=files.read_file(path=path), mapping=desk.frozen_mapping(), hash_key=KEY)


def test_a_corrected_time_zone_changes_the_event_and_not_its_key(tmp_path: pathlib.Path) -> None:
    one = read(tmp_path, desk.row("C-1", "New", "2 08:00")).events
    other = read(tmp_path, desk.row("C-1", "New", "2 08:00"), timezone="America/Chicago").events
    assert other["key"].to_list() == one["key"].to_list()
    assert other["body_hash"].to_list() != one["body_hash"].to_list()


def test_another_way_of_writing_dates_gives_the_same_events(tmp_path: pathlib.Path) -> None:
    one = read(tmp_path, desk.row("C-1", "New", "2 08:00")).events
    rewritten = desk.row("C-1", "New", "2 08:00", updated="2016-03-02 08:00", opened="2016-03-01 08:00")
    assert read(tmp_path, rewritten, date_format=compile_format(text="%Y-%m-%d %H:%M")).events.equals(one)


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
VALUES = st.sampled_from(
    ["C-1", "C-2", "New", "Resolved", "?", "", "1", "2/3/2016 08:00", "Place 1", "Topic 1", "Phone", "13/3/2016 02:30"]
)


@given(st.lists(st.lists(CELLS | VALUES, min_size=12, max_size=12), min_size=1, max_size=6))
def test_whatever_stands_in_the_cells_each_row_is_an_event_or_held(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    rows = [dict(zip(desk.HEAD, row, strict=True)) for row in cells]
    path = desk.write_file(tmp_path_factory.mktemp("any"), rows)
    reading = read_rows(table=files.read_file(path=path), mapping=desk.frozen_mapping(), hash_key=KEY)
    numbers = [*reading.events["row_number"], *reading.held["row_number"]]
    assert sorted(numbers) == sorted(set(numbers))
    assert len(numbers) == reading.row_count == reading.events.height + reading.held.height
    assert reading.held.filter(pl.col("message").is_null() | pl.col("reason").is_null()).is_empty()
