"""The class that a stored row is about, as rules take it by name."""

from typing import Any, TypedDict


class Codes(TypedDict):
    """The codes of a query type and of a channel, each none for any."""

    query_type: str | None
    channel: str | None


def codes_of(row: Any) -> Codes:
    """Return the codes of whatever has a query type and a channel: a resolution, a row of terms, an override of a policy."""
    return {
        "query_type": row.query_type.code if row.query_type else None,
        "channel": row.channel.code if row.channel else None,
    }
