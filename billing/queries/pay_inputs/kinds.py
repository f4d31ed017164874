"""What a resolution is, as one number: contract version, class, state, first contact, and whether pay may count it.

All that a part of a run reads has a few dozen of these. The database writes them; names are looked up for those few.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from agents.models.resolutions import ResolutionState
from agents.queries import frames
from contracts.rules import classes

CODES = """
    SELECT 'query_type' AS kind, id, code AS name FROM contracts_querytype UNION ALL SELECT 'channel', id, code FROM contracts_channel
    UNION ALL SELECT 'version', id, currency FROM contracts_contractversion"""
NAMES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.Int64(), "name": pl.String()}
# By what they name (one of NUMBERED), by row number.
Names = Mapping[str, Mapping[int, str]]
# What is written for a resolution: a few texts again and again, so each row holds their number.
TEXTS: dict[str, pl.DataType] = {"state": pl.Categorical(), "class_code": pl.Categorical(), "currency": pl.Categorical()}
NAMED: dict[str, pl.DataType] = {
    "kind": pl.Int64(),
    **TEXTS,
    "fcr": pl.String(),
    "counted": pl.String(),
    "query_type_id": pl.Int64(),
    "channel_id": pl.Int64(),
}
NUMBERED = ("version", "query_type", "channel")
# The database tells a state by its first letter and an answer by its length, which costs it less than comparing texts: each has its own.
STATES = {ord(state.value[0]): str(state.value) for state in ResolutionState}
ANSWERS = {len(answer): answer for answer in ("yes", "no")}
COUNTED = {0: "", 1: "counted"}
# Letters and lengths are below.
LETTERS, LENGTHS = 128, 16
# How many row numbers each table may give between the reading of its names and that of resolutions.
ROOM = 1_000


class UnableToNameKinds(Exception):
    """A resolution whose class or contract version is not there."""


def names_of(*, rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
    """Return names by what they name and by row number.

    Args:
        rows: of CODES.

    >>> names_of(rows=[{"kind": "channel", "id": 7, "name": "chat"}])["channel"]
    {7: 'chat'}
    """
    found: dict[str, dict[int, str]] = {name: {} for name in NUMBERED}
    for row in rows:
        found[row["kind"]][row["id"]] = row["name"]
    return found


def radices_of(*, names: Names) -> dict[str, int]:
    """Return how many values each part of a kind may have, the first part first.

    Args:
        names: as `names_of` returns them; each table may have grown a little since they were read.

    >>> names = names_of(rows=[{"kind": "channel", "id": 7, "name": "chat"}])
    >>> radices_of(names=names)["channel"], radices_of(names=names)["query_type"]
    (1008, 1001)
    """
    numbered = {name: max(names[name], default=0) + 1 + ROOM for name in NUMBERED}
    return {**numbered, "state": LETTERS, "fcr": LENGTHS + 1, "counted": len(COUNTED)}


def kind_sql(*, radices: Mapping[str, int]) -> str:
    """Write the kind of a resolution `r`: its parts as digits, each of its own radix.

    Args:
        radices: as `radices_of` returns them.
    """
    digits = {
        "version": "coalesce(r.price_version_id, 0)",
        "query_type": "coalesce(r.query_type_id, 0)",
        "channel": "coalesce(r.channel_id, 0)",
        "state": "ascii(r.state)",
        "fcr": "octet_length(r.fcr)",
        "counted": """(CASE WHEN r.is_payable AND r.price_version_id IS NOT NULL
            AND r.id NOT IN (SELECT resolution_id FROM agents_hold WHERE released_at IS NULL) THEN 1 ELSE 0 END)""",
    }
    number = "0::bigint"
    for name, radix in radices.items():
        number = f"({number} * {radix} + {digits[name]})"
    return number


def name_kinds(*, kinds: pl.Series, radices: Mapping[str, int], names: Names) -> pl.DataFrame:
    """Take kinds apart and name what they tell.

    Args:
        kinds: each once.
        radices: those that the kinds were written with.
        names: those that the radices are of; names of what was made since then are read anew.

    Returns: one row per kind in the same order: kind i64, columns of TEXTS (class_code is query type/channel), fcr and counted str,
        query_type_id and channel_id i64 (null: none).
    Raises: UnableToNameKinds.
    """
    found = [(kind, _take_apart(kind, radices)) for kind in kinds]
    unknown = _list_unknown(found, names)
    if unknown:
        # A statement sees what others committed before it, so that rows may be of a class that the names were read without.
        names = _read_names()
        unknown = _list_unknown(found, names)
    if unknown:
        raise UnableToNameKinds(f"Resolutions name what is not there: {', '.join(unknown)}. Calculate again.")
    rows = [(kind, *_name(parts, names)) for kind, parts in found]
    # Categories are made of texts in a frame, not of texts one by one.
    return pl.DataFrame(rows, schema={**NAMED, **dict.fromkeys(TEXTS, pl.String())}, orient="row").cast(pl.Schema(TEXTS))


def read_currencies() -> dict[int, str]:
    """Return the currency of each contract version."""
    return _read_names()["version"]


def _read_names() -> dict[str, dict[int, str]]:
    return names_of(rows=frames.query_frame(sql=CODES, schema=NAMES).iter_rows(named=True))


def _take_apart(kind: int, radices: Mapping[str, int]) -> dict[str, int]:
    """Take a kind apart into its digits."""
    digits: dict[str, int] = {}
    for name, radix in reversed(list(radices.items())):
        kind, digits[name] = divmod(kind, radix)
    return digits


def _name(digits: Mapping[str, int], names: Names) -> tuple[str | int | None, ...]:
    """Return what a kind tells, in the order of NAMED after the kind itself; zero stands for none."""
    query_type, channel = digits["query_type"], digits["channel"]
    code = classes.join_class(query_type=names["query_type"].get(query_type), channel=names["channel"].get(channel))
    state, answer = STATES.get(digits["state"], ""), ANSWERS.get(digits["fcr"], "")
    return (state, code, names["version"].get(digits["version"]), answer, COUNTED[digits["counted"]], query_type or None, channel or None)


def _list_unknown(found: Iterable[tuple[int, Mapping[str, int]]], names: Names) -> list[str]:
    """Tell the row numbers that have no name; zero stands for none."""
    numbers = {(name, digits[name]) for _, digits in found for name in NUMBERED}
    return [f"{name} {number}" for name, number in sorted(numbers) if number and number not in names[name]]
