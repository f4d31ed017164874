"""What a resolution is, as one number: contract version, class, state, first contact, and whether pay may count it.

All that a part of a run reads has a few dozen of these. The database writes them; names are looked up for those few.
"""

from collections.abc import Mapping

import polars as pl

from agents.models.resolutions import ResolutionState
from agents.queries import frames
from agents.rules.frames import classes

CODES = """
    SELECT 'query_type' AS kind, id, code AS name FROM contracts_querytype UNION ALL SELECT 'channel', id, code FROM contracts_channel
    UNION ALL SELECT 'version', id, currency FROM contracts_contractversion"""
NAMES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.Int64(), "name": pl.String()}
# What is written for a resolution: a few texts again and again, so each row holds their number.
TEXTS: dict[str, pl.DataType] = {"state": pl.Categorical(), "class_code": pl.Categorical(), "currency": pl.Categorical()}
NUMBERED = ("version", "query_type", "channel")
# A state, an answer and a yes leave the database as their place among these.
STATES = ["", *(str(state.value) for state in ResolutionState)]
ANSWERS = ["", "yes", "no"]
COUNTED = ["", "counted"]
# How many row numbers each table may give between the reading of its names and that of resolutions.
ROOM = 1_000


class UnableToNameKinds(Exception):
    """A resolution whose class or contract version is not there."""


def radices_of(*, names: pl.DataFrame) -> dict[str, int]:
    """Return how many values each part of a kind may have, the first part first.

    Args:
        names: the rows of CODES, columns of NAMES; each table may have grown a little since they were read.

    >>> names = pl.DataFrame([("channel", 7, "chat")], schema=NAMES, orient="row")
    >>> radices_of(names=names)["channel"], radices_of(names=names)["query_type"]
    (1008, 1001)
    """
    tops = dict(names.group_by("kind").agg(pl.col("id").max()).iter_rows())
    numbered = {name: tops.get(name, 0) + 1 + ROOM for name in NUMBERED}
    return {**numbered, "state": len(STATES), "fcr": len(ANSWERS), "counted": len(COUNTED)}


def kind_sql(*, radices: Mapping[str, int]) -> str:
    """Write the kind of a resolution `r`: its parts as digits, each of its own radix.

    Args:
        radices: as `radices_of` returns them.
    """
    digits = {
        "version": "coalesce(r.price_version_id, 0)",
        "query_type": "coalesce(r.query_type_id, 0)",
        "channel": "coalesce(r.channel_id, 0)",
        "state": _place_sql("r.state", STATES),
        "fcr": _place_sql("r.fcr", ANSWERS),
        "counted": """(CASE WHEN r.is_payable AND r.price_version_id IS NOT NULL
            AND r.id NOT IN (SELECT resolution_id FROM agents_hold WHERE released_at IS NULL) THEN 1 ELSE 0 END)""",
    }
    number = "0::bigint"
    for name, radix in radices.items():
        number = f"({number} * {radix} + {digits[name]})"
    return number


def name_kinds(*, kinds: pl.Series, radices: Mapping[str, int], names: pl.DataFrame) -> pl.DataFrame:
    """Take kinds apart and name what they tell.

    Args:
        kinds: each once.
        radices: those that the kinds were written with.
        names: the rows of CODES that the radices are of; names of what was made since then are read anew.

    Returns: one row per kind in the same order: kind i64, columns of TEXTS (class_code is query type/channel), fcr and counted str,
        query_type_id and channel_id i64 (null: none).
    Raises: UnableToNameKinds.
    """
    found = _take_apart(kinds, radices)
    unknown = _list_unknown(found, names)
    if unknown:
        # A statement sees what others committed before it, so that rows may be of a class that the names were read without.
        names = frames.query_frame(sql=CODES, schema=NAMES)
        unknown = _list_unknown(found, names)
    if unknown:
        raise UnableToNameKinds(f"Resolutions name what is not there: {', '.join(unknown)}. Calculate again.")

    def look_up(kind: str) -> pl.Expr:
        known = names.filter(pl.col("kind") == kind)
        return pl.col(kind).replace_strict(known["id"], known["name"], default=None, return_dtype=pl.String())

    code = classes.join_classes(query_type=look_up("query_type"), channel=look_up("channel"))
    numbers = {f"{name}_id": pl.when(pl.col(name) > 0).then(name) for name in ("query_type", "channel")}
    return found.with_columns(class_code=code, currency=look_up("version"), **numbers).cast(pl.Schema(TEXTS))


def read_currencies() -> dict[int, str]:
    """Return the currency of each contract version."""
    names = frames.query_frame(sql=CODES, schema=NAMES).filter(pl.col("kind") == "version")
    return dict(zip(names["id"], names["name"], strict=True))


def _place_sql(column: str, values: list[str]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(values) if place)
    return f"(CASE {column} {whens} ELSE 0 END)"


def _take_apart(kinds: pl.Series, radices: Mapping[str, int]) -> pl.DataFrame:
    """Take kinds apart into row numbers and texts."""
    digits: dict[str, pl.Expr] = {}
    rest = pl.col("kind")
    for name, radix in reversed(list(radices.items())):
        digits[name], rest = rest % radix, rest // radix
    found = pl.DataFrame({"kind": kinds}, schema={"kind": pl.Int64()}).with_columns(**digits)
    texts = {"state": STATES, "fcr": ANSWERS, "counted": COUNTED}
    return found.with_columns(pl.col(name).replace_strict(range(len(values)), values) for name, values in texts.items())


def _list_unknown(found: pl.DataFrame, names: pl.DataFrame) -> list[str]:
    """Tell the row numbers that have no name; zero stands for none."""
    numbers = found.select(NUMBERED).unpivot(variable_name="kind", value_name="id").filter(pl.col("id") > 0).unique()
    return [f"{kind} {number}" for kind, number in numbers.join(names, on=["kind", "id"], how="anti").sort(pl.all()).iter_rows()]
