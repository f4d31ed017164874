"""The files of this project, as the architecture tests read them."""

import ast
import contextlib
import functools
import os
import pathlib
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
APPS = ("contracts", "agents", "billing", "ppr_portal")
CODE = (*APPS, "tests", "benchmarks", "scripts")
NOT_OURS = {".git", ".venv", "var", "node_modules", "staticfiles", "test-results", "__pycache__"}
CACHES = {".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"}


def python_files(*folders: str) -> list[pathlib.Path]:
    """Return the Python files of these folders, migrations left out."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts]


def rule_files() -> list[pathlib.Path]:
    """Return the modules of every app's pure core."""
    return [path for app in APPS for path in python_files(f"{app}/rules") if path.name != "__init__.py"]


def templates() -> list[pathlib.Path]:
    """Return every template."""
    return sorted((ROOT / "templates").rglob("*.html"))


@functools.cache
def text_files() -> tuple[tuple[pathlib.Path, str], ...]:
    """Return every text file of the repository with its content."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        # Never entered: a database removes its files while somebody else looks at them.
        folders[:] = sorted(set(folders) - NOT_OURS - CACHES)
        for path in (pathlib.Path(folder, name) for name in sorted(names) if name != ".env"):
            with contextlib.suppress(UnicodeDecodeError, FileNotFoundError):
                if path.is_file():
                    found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
    return tuple(found)


def name(path: pathlib.Path) -> str:
    """Return a path as people write it."""
    return path.relative_to(ROOT).as_posix()


def functions(path: pathlib.Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public_functions(path: pathlib.Path) -> Iterator[ast.FunctionDef]:
    """Give the functions of a module that other modules may call."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node
