"""What the code has, the documents have: settings, rules, dependencies; and whoever reads one finds the others."""

import ast
import re
import tomllib

import pytest

from benchmarks.__main__ import list_benchmarks
from ppr_portal.environment import PREFIX, Environment
from tests.architecture import sources

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
DOCS = sources.ROOT / "docs"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PAGES = [sources.ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(DOCS.rglob("*.md"))


def test_every_document_is_in_the_index() -> None:
    named = set(LINK.findall((DOCS / "README.md").read_text(encoding="utf-8")))

    assert {page.name for page in DOCS.glob("*.md")} - {"README.md"} - named == set()


def test_every_decision_is_in_its_index_and_no_number_is_given_twice() -> None:
    pages = sorted(page.name for page in (DOCS / "adr").glob("[0-9]*.md"))

    assert sorted(LINK.findall((DOCS / "adr" / "README.md").read_text(encoding="utf-8"))) == pages
    assert len({page.partition("-")[0] for page in pages}) == len(pages)


@pytest.mark.parametrize("document", PAGES, ids=sources.name)
def test_no_link_leads_nowhere(document: sources.pathlib.Path) -> None:
    broken = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if not (document.parent / link).exists()]

    assert broken == []


def test_the_example_environment_has_every_variable_and_no_other() -> None:
    text = (sources.ROOT / ".env.example").read_text(encoding="utf-8")
    shown = re.findall(r"^#? ?([A-Z][A-Z_]+)=", text, re.MULTILINE)
    unprefixed = {"database_url", "redis_url"}
    known = [name.upper() if name in unprefixed else PREFIX + name.upper() for name in Environment.model_fields]

    assert sorted(shown) == sorted(known)


def test_the_operations_guide_names_every_variable() -> None:
    text = (sources.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    unprefixed = {"database_url", "redis_url"}
    missing = [
        name for name in Environment.model_fields if f"`{name.upper() if name in unprefixed else PREFIX + name.upper()}`" not in text
    ]

    assert missing == []


def test_every_benchmark_that_runs_by_name_is_in_its_document() -> None:
    text = (DOCS / "benchmarks.md").read_text(encoding="utf-8")

    assert sorted(set(re.findall(r"python -m benchmarks ([a-z_]+)", text))) == list_benchmarks()


def test_every_rule_module_is_in_the_documents() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in (sources.ROOT / "docs").rglob("*.md"))
    missing = [sources.name(path) for path in sources.rule_files() if sources.name(path) not in text]

    assert missing == [], "run `make docs`"


def test_public_rules_and_operations_are_explained_and_take_named_arguments() -> None:
    faults = []
    for path in [*sources.rule_files(), *(p for app in sources.APPS for p in sources.python_files(f"{app}/operations"))]:
        for function in sources.public_functions(path):
            where = f"{sources.name(path)}:{function.lineno} {function.name}"
            if not ast.get_docstring(function):
                faults.append(f"{where} has no docstring")
            # What a function is about needs no name, nor do the facts and the threshold of the measures that load.py calls by table.
            positional = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
            if len(positional) > 1 and positional != ["facts", "threshold"]:
                faults.append(f"{where} takes positional arguments")

    assert faults == []


def test_locked_versions_agree_and_carry_hashes() -> None:
    locked = {}
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (sources.ROOT / name).read_text(encoding="utf-8")
        locked[name] = dict(PIN.findall(text))
        for block in re.split(r"\n(?=[A-Za-z0-9])", text):
            assert "--hash=sha256:" in block or block.startswith("#"), block
    run, dev = locked["requirements.txt"], locked["requirements-dev.txt"]

    assert {name: dev.get(name) for name in run} == run


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((sources.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {
        name.lower().replace("_", "-") for name, _ in PIN.findall((sources.ROOT / "requirements-dev.txt").read_text(encoding="utf-8"))
    }
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~! ]", dependency)[0].lower().replace("_", "-") for dependency in declared}

    assert names - locked == set()
