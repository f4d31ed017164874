"""What a version in force promises, kept in the process: it is read from the database once, not for every agent, event and page.

A version that is active or ended never changes, and the database refuses it too. What proves that a kept one is still that of the
database is a stamp: the number of the transaction that last wrote the version (`xmin`), and what else its terms name. Such a number
is given once in a server's life, also inside a transaction that is taken back, so an activation that was undone and done again with
other terms has another stamp. A draft has none, and is read anew each time.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import F, Func, TextField

from contracts import models

Entry = TypeVar("Entry")
# Query types and channels are few. Terms name them by code, and a code that changes is another promise.
CLASSES = "(SELECT coalesce(sum(hashtextextended(named::text, 0)), 0) FROM {table} named)"
NAMED = ", ".join(CLASSES.format(table=model._meta.db_table) for model in (models.QueryType, models.Channel))
# One row per version in force: version_id, stamp.
PLAN_STAMPS = f"""
    SELECT v.id AS version_id, concat_ws('.', v.xmin, hashtextextended(v::text || p::text, 0), {NAMED}) AS stamp
    FROM contracts_payplanversion v JOIN contracts_payplan p ON p.id = v.plan_id
    WHERE v.status IN ('active', 'ended')"""  # noqa: S608 (our own text)
CONTRACT_STAMPS = f"""
    SELECT v.id AS version_id, concat_ws('.', v.xmin, hashtextextended(v::text || k::text || c::text, 0), {NAMED}) AS stamp
    FROM contracts_contractversion v JOIN contracts_contract k ON k.id = v.contract_id JOIN contracts_client c ON c.id = k.client_id
    WHERE v.status IN ('active', 'ended')"""  # noqa: S608 (our own text)


class Kept(Generic[Entry]):
    """Some hundreds of entries by version and stamp; the one that nobody asked for longest goes first. What is kept is not changed."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[tuple[str, int, str], Entry] = OrderedDict()
        self._lock = Lock()

    def find(self, *, stamps: Mapping[int, str]) -> dict[int, Entry]:
        """Return what is kept of some versions, by version."""
        found, place = {}, _place()
        with self._lock:
            for version_id, stamp in stamps.items():
                key = (place, version_id, stamp)
                if key in self._entries:
                    self._entries.move_to_end(key)
                    found[version_id] = self._entries[key]
        return found

    def keep(self, *, stamps: Mapping[int, str], entries: Mapping[int, Entry]) -> None:
        """Keep what was read of versions after their stamps were; those without a stamp are not kept."""
        place = _place()
        with self._lock:
            for version_id, entry in entries.items():
                if version_id in stamps:
                    self._entries[place, version_id, stamps[version_id]] = entry
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)


def read_stamps(*, of: str, version_ids: Collection[int]) -> dict[int, str]:
    """Return the stamp of each version that is in force or ended, in one query.

    Args:
        of: PLAN_STAMPS or CONTRACT_STAMPS.
        version_ids: drafts among them have none.
    """
    if not version_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT version_id, stamp FROM ({of}) s WHERE version_id = ANY(%s)", [list(version_ids)])  # noqa: S608
        return dict(cursor.fetchall())


def stamp_of(*, of: str, version: str) -> Func:
    """Write the stamp of the version that a row names, for a query that is asked anyway; null of a draft.

    Args:
        of: PLAN_STAMPS or CONTRACT_STAMPS.
        version: the field of the row that names a version.
    """
    stamp = f"(SELECT stamp FROM ({of}) s WHERE s.version_id = %(expressions)s)"  # noqa: S608 (our own text)
    return Func(F(version), template=stamp, output_field=TextField())


def _place() -> str:
    """Name the database: another one has other versions under the same numbers."""
    at = connection.settings_dict
    return f"{at['HOST']} {at['PORT']} {at['NAME']}"
