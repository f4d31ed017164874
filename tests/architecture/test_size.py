"""Files and functions stay small enough to be read."""

import pytest

from tests.architecture import sources

LINES_MAX = 400
FUNCTION_LINES_MAX = 70


def line_count(path: sources.pathlib.Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_it_may_be() -> None:
    files = [*sources.python_files(*sources.CODE), *sources.templates(), *(sources.ROOT / "ppr_portal" / "static").rglob("*.css")]
    too_long = {sources.name(path): line_count(path) for path in files if line_count(path) > LINES_MAX}

    assert too_long == {}


def test_no_function_is_longer_than_it_may_be() -> None:
    too_long = []
    for path in sources.python_files(*sources.CODE):
        for function in sources.functions(path):
            docstring = function.body[0]
            documented = sources.ast.get_docstring(function) is not None
            lines = (function.end_lineno or 0) - function.lineno + 1
            lines -= (docstring.end_lineno or 0) - docstring.lineno + 1 if documented else 0
            if lines > FUNCTION_LINES_MAX:
                too_long.append(f"{sources.name(path)}:{function.lineno} {function.name} has {lines} lines")

    assert too_long == []


@pytest.mark.parametrize("app", sources.APPS)
def test_package_files_of_apps_stay_empty(app: str) -> None:
    assert (sources.ROOT / app / "__init__.py").read_text(encoding="utf-8") == ""


def test_nothing_is_called_utils() -> None:
    vague = [
        sources.name(path) for path in sources.python_files(*sources.CODE) if path.stem in {"utils", "util", "helpers", "misc", "common"}
    ]

    assert vague == []
