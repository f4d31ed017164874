"""Case files a payroll officer can read: a name, a document, and what the answer must say."""

import pathlib
from typing import Any

import pytest
import yaml

from billing.calculator import run

CASES = pathlib.Path(__file__).parent.parent / "rules" / "cases"
# The same safe loader, ten times as fast; it comes with every wheel.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: pathlib.Path) -> Any:
    """Return what a case file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)


def load_cases(*names: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every case of some files, named after its file."""
    return [(f"{name}: {case['name']}", case) for name in names for case in read_yaml(CASES / f"{name}.yaml")]


def answer_case(case: dict[str, Any]) -> dict[str, Any] | None:
    """Hold a case's answer, or its refusal, to what the case states; return the answer, or None where it states a refusal."""
    if "error" in case or "refused_at" in case:
        with pytest.raises(run.UnableToCalculate) as refused:
            run.answer_one(document=case["document"])
        faults = refused.value.faults
        assert find_differences(expected=case.get("error", faults), found=faults) == []
        assert faults[0]["path"].startswith(case.get("refused_at", ""))
        assert len(faults[0]["message"]) > 10
        return None
    answer: dict[str, Any] = run.answer_one(document=case["document"])
    assert find_differences(expected=case.get("answer", {}), found=answer) == []
    return answer


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
