"""`manage.py lint_plan`, as a shell sees it: words, JSON, exit codes, and no database."""

import json
import pathlib
import re

import pytest

from billing.management.commands import lint_plan
from contracts import yaml_text
from tests.billing import command_line

ROOT = pathlib.Path(__file__).parents[3]
FALLS = "currency: USD\nprice: {shape: volume, tiers: [{up_to: 1500, unit_amount: 2.40}, {unit_amount: 2.20}]}\n"
SOUND = {"kind": "price", "currency": "USD", "price": {"shape": "per_unit", "unit_amount": "2"}}
EXAMPLE = re.compile(r"```(?:yaml|json)\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def test_a_file_without_findings_ends_with_exit_0(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "price.json"
    file.write_text(json.dumps(SOUND), encoding="utf-8")
    done = command_line.start("lint_plan", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{file}: nothing found.\n", "")


def test_findings_end_with_exit_1_and_are_told_in_words() -> None:
    done = command_line.start("lint_plan", "-", text=FALLS)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[:5] == [
        "-: 1 finding, 1 must be mended before activation.",
        "",
        "1. ERROR: One case more makes the invoice 297.80 lower: 1,500 cases cost 3,600.00, but 1,501 cost 3,302.20.",
        "   Where:    /price/tiers/1  (total_falls)",
        "   At stake: 297.80 USD, each time the count passes the bound",
    ]


def test_findings_as_json_carry_the_exact_amount() -> None:
    done = command_line.call("lint_plan", "-", "--json", text=FALLS)
    assert done.returncode == 1
    finding = json.loads(done.stdout)["findings"][0]
    assert (finding["code"], finding["path"], finding["at_stake"]["exact"]) == ("total_falls", "/price/tiers/1", "297.8")


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("{", "", "not JSON"),
        ('{"plan": {}, "plan": {}}', "/plan", "written twice"),
        ("plan: {}\nplan: {}\n", "", '"plan" is written twice in line 2'),
        ("plan: [", "", "not YAML"),
        ("plan: {unit: {share: much}}", "/plan/unit/share", "not a number"),
        ("plan: {base_hourly: NaN}", "/plan/base_hourly", "not a number"),
        ("", "", "object"),
    ],
)
def test_a_document_that_cannot_be_read_ends_with_exit_2_and_says_where(text: str, path: str, said: str) -> None:
    done = command_line.call("lint_plan", "-", text=text)
    assert (done.returncode, done.stderr) == (2, "")
    fault = json.loads(done.stdout)["error"][0]
    assert fault["path"] == path
    assert said in fault["message"]


def test_a_file_that_is_not_there_ends_with_exit_2() -> None:
    done = command_line.start("lint_plan", "nowhere.yaml")
    assert done.returncode == 2
    assert "cannot read nowhere.yaml" in json.loads(done.stdout)["error"][0]["message"]


def test_the_examples_of_the_guide_print_what_the_guide_says(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    examples = EXAMPLE.findall((ROOT / "docs" / "lint.md").read_text(encoding="utf-8"))
    assert len(examples) >= 4
    for written, expected in examples:
        found = lint_plan.lint_content(content=yaml_text.read_yaml(text=written))
        assert lint_plan.tell(name="plan.yaml", found=found) + "\n" == expected
