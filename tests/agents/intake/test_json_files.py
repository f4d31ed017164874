"""JSON in every shape that exports have becomes rows of text; what is no JSON becomes a row that is held."""

import pathlib

import pytest

from agents.intake.errors import UnableToImport
from agents.intake.files import CELL_COUNT, ROW_NUMBER, FileTable, Layout, describe_file, pick_rows, read_file


def read(folder: pathlib.Path, content: bytes | str, name: str = "export.ndjson", **layout: str) -> FileTable:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path=path, layout=Layout(**layout))  # type: ignore[arg-type]


def cells(table: FileTable) -> list[dict[str, str]]:
    return table.frame.drop(CELL_COUNT, ROW_NUMBER).to_dicts()


def test_nested_names_are_joined_and_values_stay_as_they_are_written(tmp_path: pathlib.Path) -> None:
    table = read(tmp_path, '{"id": 156643300001311, "at": 1518307966.678, "by": {"id": "7", "bot": false}, "tags": ["a", 1.50]}\n')
    assert cells(table) == [{"id": "156643300001311", "at": "1518307966.678", "by.id": "7", "by.bot": "false", "tags": '["a", "1.50"]'}]


def test_absent_null_and_empty_are_told_apart_only_where_they_differ(tmp_path: pathlib.Path) -> None:
    table = read(tmp_path, '{"id": 1, "score": {}}\n\n{"id": 2, "score": null}\n{"id": 3, "score": {"value": "good"}}\n')
    assert [row["score"] for row in cells(table)] == ["{}", "", ""]
    assert [row["score.value"] for row in cells(table)] == ["", "", "good"]
    assert table.frame[ROW_NUMBER].to_list() == [1, 3, 4]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("{status:{from:4,to:6}}", "{status:{from:4,to:6}}"),
        ("[1, 2]", "1"),
        ('"text"', '"text"'),
        ("{}", "{}"),
        ('{"id": 1, "id": 2}', '{"id": 1, "id": 2}'),
        ('{"a": {"b": 1}, "a.b": 2}', '{"a": {"b": 1}, "a.b": 2}'),
        ('{"id": NaN}', '{"id": NaN}'),
        ('{"id": "\\u0000"}', '{"id": "\\u0000"}'),
        ('{"a":' * 60 + "1" + "}" * 60, '{"a":' * 60 + "1" + "}" * 60),
    ],
)
def test_a_line_that_is_no_record_is_kept_and_has_no_cells(tmp_path: pathlib.Path, line: str, kept: str) -> None:
    table = read(tmp_path, f'{{"id": "1"}}\n{line}\n{{"id": "3"}}\n')
    assert table.frame[CELL_COUNT].to_list()[1] == -1
    assert table.surplus[2] == (kept,)
    assert cells(table)[0] == {"id": "1"}
    assert '"' in pick_rows(table=table, row_numbers=table.frame[ROW_NUMBER])["row"][1]


@pytest.mark.parametrize("name", ["page.json", "page.ndjson"])
def test_pages_hold_their_records_under_a_path(tmp_path: pathlib.Path, name: str) -> None:
    page = '{"data": {"tickets": [{"id": 1}, {"id": 2}], "users": [{"id": 9}]}, "next_page": null}'
    assert cells(read(tmp_path, page, name, records_path="data.tickets")) == [{"id": "1"}, {"id": "2"}]
    assert cells(read(tmp_path, f"{page}\n{page}\n", name, records_path="data.tickets")) == [{"id": "1"}, {"id": "2"}] * 2
    found = describe_file(path=tmp_path / name)
    assert (found.file_format, found.record_paths) == ("ndjson", ("data.tickets", "data.users"))
    with pytest.raises(UnableToImport, match=r'holds no list of records under "tickets"; lists stand under: data\.tickets, data\.users'):
        read(tmp_path, page, name, records_path="tickets")


def test_a_page_without_its_list_among_others_is_held(tmp_path: pathlib.Path) -> None:
    table = read(tmp_path, '{"tickets": [{"id": 1}]}\n{"error": "slow down"}\n{"tickets": []}\n', records_path="tickets")
    assert table.frame[CELL_COUNT].to_list() == [1, -1]
    assert list(table.surplus.values()) == [('{"error": "slow down"}',)]


def test_an_array_or_one_pretty_object_is_read_whole(tmp_path: pathlib.Path) -> None:
    assert cells(read(tmp_path, '[\n {"id": 1},\n {"id": 2}\n]', "all.json")) == [{"id": "1"}, {"id": "2"}]
    assert cells(read(tmp_path, '{\n "id": 1\n}', "one.json")) == [{"id": "1"}]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"id": 1}\n{"id": 2', "ends in the middle of line 2"),
        ("not json", "holds no record that can be read"),
        ("[]", "holds no record that can be read"),
        (b'{"id": "caf\xe9"}', "is not UTF-8 text: line 1"),
        ('{"id": "\x00"}', "holds a zero byte"),
        ("[" * 100_000, "holds no record that can be read"),
    ],
)
def test_what_holds_no_records_is_refused_in_one_sentence(tmp_path: pathlib.Path, content: bytes | str, words: str) -> None:
    with pytest.raises(UnableToImport, match=words) as refused:
        read(tmp_path, content)
    assert "\n" not in str(refused.value)


def test_more_names_than_any_export_has_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UnableToImport, match="more than 5,000 different fields"):
        read(tmp_path, "\n".join(f'{{"field {number}": 1}}' for number in range(5_001)) + "\n")


@pytest.mark.parametrize(
    "content", ["{'tickets': [{'id': 1}]}", "<!DOCTYPE html><html>Sign in</html>", "Traceback (most recent call last):\n"]
)
def test_what_is_no_json_is_said_to_be_none_where_pages_are_expected(tmp_path: pathlib.Path, content: str) -> None:
    with pytest.raises(UnableToImport, match="is no JSON, whatever its name says"):
        read(tmp_path, content, records_path="tickets")


def test_half_a_character_is_held_and_stops_nothing_else(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(b'[{"id": "1", "note": "\\ud83d\\ude00"}, {"id": "\\ud800"}, {"\\udfff": "3"}, "\\ud800"]')
    table = read_file(path=path)
    assert table.frame["note"].to_list() == ["\U0001f600", "", "", ""]
    assert table.surplus == {2: ('{"id": "\\ud800"}',), 3: ('{"\\udfff": "3"}',), 4: ("\\ud800",)}
