"""`manage.py calculate`, as a shell sees it: answers, faults, exit codes, and no database."""

import json

import pytest

from tests.billing import command_line

DOCUMENT = {"kind": "thirteenth_month", "currency": "PHP", "basic": ["12000"]}


def test_a_file_is_answered_without_a_database(tmp_path):
    file = tmp_path / "document.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    done = command_line.start("calculate", str(file))
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"amount": "1000.00", "exact": "1000"}, "")


def test_a_list_on_standard_input_is_answered_with_exit_0_although_one_item_fails():
    done = command_line.start("calculate", "-", text=json.dumps([DOCUMENT, {**DOCUMENT, "basic": []}]))
    assert done.returncode == 0
    assert [sorted(answer) for answer in json.loads(done.stdout)] == [["amount", "exact"], ["error"]]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (json.dumps({**DOCUMENT, "basic": ["x"]}), "/basic/0"),
        ("{", ""),
        ('{"kind": "thirteenth_month", "currency": "PHP", "basic": ["1"], "basic": ["2"]}', "/basic"),
        ('{"kind": "thirteenth_month", "currency": "PHP", "basic": [NaN]}', "/basic/0"),
        ('{"kind": "\\ud800"}', "/kind"),
        ("[" * 100_000, ""),
        (json.dumps({**DOCUMENT, "basic": [int("9" * 3000)]}).replace("9" * 3000, "9" * 6000), "/basic/0"),
    ],
)
def test_a_refused_document_ends_with_exit_2_and_says_where(text, path):
    done = command_line.call("calculate", "-", text=text)
    assert done.returncode == 2
    assert [fault["path"] for fault in json.loads(done.stdout)["error"]] == [path]
    assert done.stderr == ""


def test_a_byte_order_mark_is_no_part_of_the_document(tmp_path):
    file = tmp_path / "document.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-16")
    marked = command_line.start("calculate", "-", text="\ufeff" + json.dumps(DOCUMENT))
    assert [json.loads(done.stdout)["amount"] for done in (marked, command_line.call("calculate", str(file)))] == ["1000.00", "1000.00"]


def test_a_half_of_a_character_in_one_item_leaves_the_others_computed():
    done = command_line.call("calculate", "-", text=json.dumps([{**DOCUMENT, "currency": "\ud800"}, DOCUMENT]))
    assert done.returncode == 0
    assert [sorted(answer) for answer in json.loads(done.stdout)] == [["error"], ["amount", "exact"]]


def test_a_terminal_that_cannot_show_a_letter_gets_it_escaped():
    done = command_line.start("calculate", "-", text='{"kind": "prämie"}', PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "prämie" in json.loads(done.stdout)["error"][0]["message"]


def test_an_exact_sum_may_have_more_digits_than_python_writes_by_default():
    basic = [f"1/{10**50 + 2 * odd + 1}" for odd in range(100)]
    done = command_line.call("calculate", "-", text=json.dumps({**DOCUMENT, "basic": basic}))
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["exact"]) > 4300


def test_a_file_that_is_not_there_ends_with_exit_2(tmp_path):
    done = command_line.start("calculate", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert "cannot read" in json.loads(done.stdout)["error"][0]["message"]


def test_the_schema_of_a_kind_is_printed():
    done = command_line.call("calculate", "--schema", "price")
    assert done.returncode == 0
    assert json.loads(done.stdout)["properties"]["kind"] == {"const": "price"}
