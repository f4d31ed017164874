"""What one version of a contract or plan changes against another, row by row, as people read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts import models as terms
from contracts import terms_parts

NOT_TERMS = ("number", "status", "effective_from", "effective_to", "note")
NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class TermChange:
    """One value that differs: where it stands, what it was, what it becomes."""

    what: str
    before: str
    after: str


def compare_versions(*, before: Any, after: Any) -> list[TermChange]:
    """Return every term that differs between two versions of one contract or plan, in the order of the terms document.

    Args:
        before: the earlier version.
        after: the later one. Both are contract versions, or both plan versions.
    """
    part = terms_parts.CONTRACT_VERSION if isinstance(after, terms.ContractVersion) else terms_parts.PLAN_VERSION
    told = [dict(_flatten(part, terms_parts.write_row(part=part, row=version), "")) for version in (before, after)]
    names = [*told[1], *(name for name in told[0] if name not in told[1])]
    return [
        TermChange(what=name, before=told[0].get(name, NOTHING), after=told[1].get(name, NOTHING))
        for name in names
        if told[0].get(name, NOTHING) != told[1].get(name, NOTHING)
    ]


def _flatten(part: terms_parts.Part, written: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for one in part.fields:
        if one.name in part.key or (not place and one.name in NOT_TERMS):
            continue
        yield _join(place, one.name), _show(written[one.name])
    for name, _, child in part.only:
        if written[name] is not None:
            yield from _flatten(child, written[name], _join(place, name))
    for name, _, child in part.children:
        for row in written[name]:
            yield from _flatten(child, row, _join(place, f"{name} {_key(child, row)}".strip()))


def _key(part: terms_parts.Part, row: Mapping[str, Any]) -> str:
    """Name a row of a list: its key, an empty bound as what it means."""
    shown = []
    for name in part.key:
        value = row[name]
        if name == "up_to":
            shown.append("without end" if value is None else f"up to {value}")
        elif value in (None, ""):
            shown.append(f"any {name.replace('_', ' ')}" if name != "outcome" else "")
        else:
            shown.append(str(value).replace("_", " "))
    return " ".join(part for part in shown if part)


def _join(place: str, name: str) -> str:
    words = name.replace("_", " ")
    return f"{place}, {words}" if place else words[:1].upper() + words[1:]


def _show(value: Any) -> str:
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(one).replace("_", " ") for one in value)
    return str(value).replace("_", " ")
