"""Who may import whom, and what the pure core may touch."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture import sources

CLOCK_CALLS = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}


def nodes_of_rules() -> Iterator[tuple[str, ast.AST]]:
    """Give every syntax node of the pure core, with its place."""
    for path in sources.rule_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{sources.name(path)}:{getattr(node, 'lineno', 0)}", node


def test_imports_point_one_way_and_rules_stay_pure() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    done = subprocess.run(command, cwd=sources.ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_rules_read_no_clock() -> None:
    found = [
        f"{where} calls {node.func.attr}()"
        for where, node in nodes_of_rules()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK_CALLS
    ]

    assert found == []


def test_rules_hold_no_floating_point_numbers() -> None:
    found = [
        f"{where} writes {node.value}"
        for where, node in nodes_of_rules()
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]

    assert found == []


def test_only_the_environment_module_reads_the_environment() -> None:
    # The others only hand it on to processes that they start.
    allowed = {"ppr_portal/environment.py", "ppr_portal/serving.py", "ppr_portal/servers.py", "ppr_portal/management/commands/demo.py"}
    found = []
    for path in sources.python_files(*sources.APPS):
        text = path.read_text(encoding="utf-8").replace('os.environ.setdefault("DJANGO_SETTINGS_MODULE"', "")
        if ("os.environ" in text or "os.getenv" in text) and sources.name(path) not in allowed:
            found.append(sources.name(path))

    assert found == []
