"""Locks that the session holds and no transaction: a worker that dies gives its lock back with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

TAKE = "SELECT pg_try_advisory_lock(hashtext(%(kind)s), coalesce(%(number)s, hashtext(%(name)s)))"
GIVE_BACK = "SELECT pg_advisory_unlock(hashtext(%(kind)s), coalesce(%(number)s, hashtext(%(name)s)))"


@contextmanager
def hold_lock(*, kind: str, number: int | None = None, name: str = "") -> Iterator[bool]:
    """Hold a lock while the block runs, unless somebody holds it.

    Args:
        kind: what is locked.
        number: which of them, where they have numbers.
        name: which of them, where they have names.

    Yields: whether it is ours; if not, the block runs without it.
    """
    key = {"kind": kind, "number": number, "name": name}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, key)
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute(GIVE_BACK, key)
