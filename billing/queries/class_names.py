"""Names of classes as people read them: query type and channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from contracts import reading
from contracts.rules import classes

NAMES = """
    SELECT 'query_type' AS kind, code, name FROM contracts_querytype UNION ALL SELECT 'channel', code, name FROM contracts_channel
    ORDER BY code"""


@dataclass(frozen=True, kw_only=True)
class ClassNames:
    """The names of all query types and channels by code."""

    query_types: Mapping[str, str]
    channels: Mapping[str, str]

    def name(self, *, code: str) -> str:
        """Return a class such as "network/outage/chat" in words: "Network outage, chat"; what is unknown stays as its code."""
        query_type, channel = classes.split_class(code=code)
        first = _("Any query type") if query_type is None else self.query_types.get(query_type, query_type)
        second = _("any channel") if channel is None else reading.inside_a_sentence(self.channels.get(channel, channel))
        return f"{first}, {second}"


def load_class_names() -> ClassNames:
    """Read all names, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES)
        return names_of(rows=cursor.fetchall())


def names_of(*, rows: Iterable[tuple[str, str, str]]) -> ClassNames:
    """Return the names of the rows of NAMES."""
    found: dict[str, dict[str, str]] = {"query_type": {}, "channel": {}}
    for kind, code, name in rows:
        found[kind][code] = name
    return ClassNames(query_types=found["query_type"], channels=found["channel"])
