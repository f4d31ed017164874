"""What may not be written down here: leftovers, machine paths, registry hosts, code inside pages."""

import re
import tomllib
from fnmatch import fnmatch

from tests.architecture import sources

# Written in parts, so that this file does not find itself.
LEFTOVERS = re.compile("|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bX" + r"XX\b", r"pragma: no " + r"cover")))
UNWELCOME = re.compile(
    "|".join(
        (
            "/wo" + r"rk/(?:main|shared|\.)",
            "/opt/py" + "pi",
            r"py" + r"pi\.org",
            "python" + "hosted",
            "npm" + r"js\.",
            "deb" + r"\.debian",
            "file:" + "///",
        )
    )
)
NOT_RUN = re.compile("|".join((r"mark\.sk" + "ip", r"mark\.x" + "fail", r"pytest\.sk" + "ip", r"pytest\.x" + "fail", "import" + "orskip")))
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script(?![^>]*\bsrc\s*=)(?![^>]*application/json)|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)
FOREIGN = re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)


def matches(pattern: re.Pattern[str], *, suffixes: set[str] | None = None, folders: tuple[str, ...] | None = None) -> list[str]:
    found = []
    for path, text in sources.text_files():
        if (suffixes and path.suffix not in suffixes) or (folders and path.parts[0] not in folders):
            continue
        found += [
            f"{path.as_posix()}:{number} {hit.group()}"
            for number, line in enumerate(text.splitlines(), 1)
            for hit in pattern.finditer(line)
        ]
    return found


def test_nothing_is_left_for_later() -> None:
    assert matches(LEFTOVERS, suffixes={".py", ".html", ".css", ".js", ".sh", ".toml", ".yaml", ".yml"}) == []


def test_no_machine_and_no_registry_is_named() -> None:
    assert matches(UNWELCOME) == []


def test_every_test_runs() -> None:
    assert matches(NOT_RUN, suffixes={".py"}) == []


def test_no_test_lies_where_none_is_looked_for() -> None:
    options = tomllib.loads((sources.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    folders = {part for path in (sources.ROOT / "tests").rglob("test_*.py") for part in path.relative_to(sources.ROOT).parts[:-1]}

    assert [folder for folder in sorted(folders) for passed_over in options["norecursedirs"] if fnmatch(folder, passed_over)] == []


def test_templates_hold_no_inline_style_or_script() -> None:
    assert matches(INLINE, folders=("templates",)) == []


def test_pages_load_nothing_from_elsewhere() -> None:
    assert matches(FOREIGN, suffixes={".html"}) == []


def test_every_picture_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([is]-[a-z-]+)"', (sources.ROOT / "templates/components/_sprite.html").read_text()))
    code = [path for app in sources.APPS for path in sources.python_files(app)]
    named = {
        name for path in (*sources.templates(), *code) for name in re.findall(r"[\"'#]([is]-[a-z]+(?:-[a-z]+)*)[\"']", path.read_text())
    }

    assert len(named) > 30
    assert named - drawn == set()
