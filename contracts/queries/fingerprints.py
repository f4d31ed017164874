"""A fingerprint of stored terms: who keeps what was worked out of them sees by it whether they are still the same.

It is made of every column of a row and of all rows that belong to it, as the terms document knows them, in one query.
"""

import hashlib
from collections.abc import Iterator, Sequence

from django.db import connection

from contracts import terms_parts

ROWS = "(SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t WHERE {where})"


def fingerprint(*, part: terms_parts.Part, pk: int, beside: Sequence[terms_parts.Part] = ()) -> str:
    """Return the fingerprint of a row with everything below it.

    Args:
        part: the kind of row, such as `terms_parts.PLAN`.
        pk: the row.
        beside: kinds of which every row counts too, with everything below it.
    """
    sums = ", ".join([*_sums(part, f"{_key(part)} = %(pk)s"), *(one for kind in beside for one in _sums(kind, "true"))])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT concat_ws('.', {sums})", {"pk": pk})
        (found,) = cursor.fetchone()
    return hashlib.sha256(found.encode()).hexdigest()[:24]


def _sums(part: terms_parts.Part, where: str) -> Iterator[str]:
    yield ROWS.format(table=part.model._meta.db_table, where=where)
    own = f"SELECT {_key(part)} FROM {part.model._meta.db_table} WHERE {where}"  # noqa: S608 (our own text)
    for _, _, child in (*part.only, *part.children):
        columns = {field.name: field.column for field in child.model._meta.concrete_fields}
        yield from _sums(child, f"{columns[child.owner]} IN ({own})")


def _key(part: terms_parts.Part) -> str:
    assert part.model._meta.pk is not None
    return str(part.model._meta.pk.column)
