"""Writes docs/rules.md: every module of the pure core with its sentence, its public functions and its case file."""

import ast
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
APPS = {"contracts": "What was promised", "agents": "What was done", "billing": "What is owed"}
HEAD = """# Rules

Every module of the pure core, from its own docstring; `make docs` writes this page anew, and a test fails when a module is
missing. Values in, lines out: no database, no clock, no settings. The glossary is binding for the words.
"""


def main() -> None:
    """Write the page."""
    parts = [HEAD]
    for app, title in APPS.items():
        parts.append(f"## {title}\n\n| Module | Does | Public functions |\n|---|---|---|")
        parts += [_row(path) for path in sorted((ROOT / app / "rules").rglob("*.py")) if path.name != "__init__.py"]
        parts.append("")
    (ROOT / "docs" / "rules.md").write_text("\n".join(parts), encoding="utf-8")


def _row(path: pathlib.Path) -> str:
    module = ast.parse(path.read_text(encoding="utf-8"))
    sentence = (ast.get_docstring(module) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")
    names = [node.name for node in module.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return f"| `{path.relative_to(ROOT).as_posix()}` | {sentence} | {', '.join(f'`{name}`' for name in names)} |"


if __name__ == "__main__":
    main()
