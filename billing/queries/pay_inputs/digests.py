"""Fingerprints of what was read, by agent: two readings with the same fingerprint hold the same facts in the same order."""

import hashlib
from collections.abc import Sequence

import polars as pl

# An odd number with its bits well spread, and what stands for a value that is not there.
MIXER, NULL = 0x9E3779B97F4A7C15, -(2**62)
ROW_BYTES = 8


def digest(*parts: object) -> str:
    """Digest values that write themselves the same way every time, as frozen ones do.

    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a", 2)
    (True, False)
    """
    return hashlib.sha256("\n".join(repr(part) for part in parts).encode()).hexdigest()


def digest_rows(*, frame: pl.DataFrame, columns: Sequence[str]) -> dict[int, str]:
    """Digest the rows of each agent, in their order, whatever other agents there are.

    Args:
        frame: with agent_id i64.
        columns: which of it are facts: whole numbers, days, and texts of which there are few.

    Returns: a fingerprint by agent_id.

    >>> rows = pl.DataFrame({"agent_id": [1, 1, 2, 2], "price": [5, 6, 6, 5], "state": ["a", None, "a", None]})
    >>> found = digest_rows(frame=rows, columns=("price", "state"))
    >>> found[1] == found[2], digest_rows(frame=rows.head(2), columns=("price", "state"))[1] == found[1]
    (False, True)
    """
    row = pl.lit(1, dtype=pl.UInt64)
    for name in columns:
        number = _number_texts(frame[name]) if frame.schema[name] in (pl.String, pl.Categorical) else pl.col(name).cast(pl.Int64)
        # Either step can be undone, so another value always gives another number; products wrap.
        row = row.xor(number.fill_null(NULL).reinterpret(signed=False)) * pl.lit(MIXER, dtype=pl.UInt64)
    ordered = frame.select("agent_id", row=row)
    if not frame["agent_id"].is_sorted():
        ordered = ordered.sort("agent_id", maintain_order=True)
    content = memoryview(ordered["row"].to_numpy().astype("<u8").tobytes())
    found, at = {}, 0
    for agent_id, count in ordered.group_by("agent_id", maintain_order=True).len().iter_rows():
        found[agent_id] = hashlib.sha256(content[at : at + count * ROW_BYTES]).hexdigest()
        at += count * ROW_BYTES
    return found


def _number_texts(texts: pl.Series) -> pl.Expr:
    """Give each of a few texts a number of its own, the same whatever others there are."""
    found = texts.drop_nulls().unique().to_list()
    numbers = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:7]) for text in found]
    return pl.col(texts.name).replace_strict(found, numbers, default=None, return_dtype=pl.Int64)
