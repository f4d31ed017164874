"""`manage.py calculate`, as a shell sees it: answers, faults, exit codes, and no database."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
DOCUMENT = {"kind": "thirteenth_month", "currency": "PHP", "basic": ["12000"]}
NOWHERE = {"DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9/0"}


def calculate(*arguments, text=""):
    environment = {**os.environ, **NOWHERE}
    return subprocess.run(
        [sys.executable, "manage.py", "calculate", *arguments],
        cwd=ROOT,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_is_answered_without_a_database(tmp_path):
    file = tmp_path / "document.json"
    file.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    done = calculate(str(file))
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"amount": "1000.00", "exact": "1000"}, "")


def test_a_list_on_standard_input_is_answered_with_exit_0_although_one_item_fails():
    done = calculate("-", text=json.dumps([DOCUMENT, {**DOCUMENT, "basic": []}]))
    assert done.returncode == 0
    assert [sorted(answer) for answer in json.loads(done.stdout)] == [["amount", "exact"], ["error"]]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (json.dumps({**DOCUMENT, "basic": ["x"]}), "/basic/0"),
        ("{", ""),
        ('{"kind": "thirteenth_month", "currency": "PHP", "basic": ["1"], "basic": ["2"]}', ""),
        ('{"kind": "thirteenth_month", "currency": "PHP", "basic": [NaN]}', ""),
    ],
)
def test_a_refused_document_ends_with_exit_2_and_says_where(text, path):
    done = calculate("-", text=text)
    assert done.returncode == 2
    assert [fault["path"] for fault in json.loads(done.stdout)["error"]] == [path]
    assert done.stderr == ""


def test_a_file_that_is_not_there_ends_with_exit_2(tmp_path):
    done = calculate(str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert "cannot read" in json.loads(done.stdout)["error"][0]["message"]


def test_the_schema_of_a_kind_is_printed():
    done = calculate("--schema", "price")
    assert done.returncode == 0
    assert json.loads(done.stdout)["properties"]["kind"] == {"const": "price"}
