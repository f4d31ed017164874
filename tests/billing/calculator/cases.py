"""Case files a payroll officer can read: a name, a document, and what the answer must say."""

import pathlib
from typing import Any

import yaml

CASES = pathlib.Path(__file__).parent.parent / "rules" / "cases"


def load_cases(*names: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every case of some files, named after its file."""
    files = ((name, yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))) for name in names)
    return [(f"{name}: {case['name']}", case) for name, cases in files for case in cases]


def find_differences(*, expected: Any, found: Any, path: str = "") -> list[str]:
    """List where an answer lacks what a case expects; an answer may say more, but never more items of a list."""
    if isinstance(expected, dict) and isinstance(found, dict):
        missing = [f"{path}/{key} is missing" for key in expected if key not in found]
        inside = [find_differences(expected=expected[key], found=found[key], path=f"{path}/{key}") for key in expected if key in found]
        return missing + [difference for differences in inside for difference in differences]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for place, (one, other) in pairs for line in find_differences(expected=one, found=other, path=f"{path}/{place}")]
    return [] if expected == found else [f"{path or '/'}: expected {expected!r}, found {found!r}"]
