"""What is read for one part after the other, each while the one before is worked on; the database works beside us then."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, connections

_Asked = TypeVar("_Asked")
_Read = TypeVar("_Read")


def read_ahead(*, asked: Sequence[_Asked], read: Callable[[_Asked], _Read]) -> Iterator[tuple[_Asked, _Read]]:
    """Read parts one ahead of the caller, on a connection of its own.

    Args:
        asked: what is read, part by part.
        read: reads one part and writes nothing. Within a transaction it is called in turn, for another connection would not see
            what this one wrote.

    Returns: each part with what was read, in order.
    """
    if len(asked) < 2 or connection.in_atomic_block:
        yield from ((one, read(one)) for one in asked)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        try:
            coming: Future[_Read] = reader.submit(read, asked[0])
            for one, following in zip(asked, [*asked[1:], None], strict=True):
                found = coming.result()
                if following is not None:
                    coming = reader.submit(read, following)
                yield one, found
        finally:
            reader.submit(connections.close_all).result()
