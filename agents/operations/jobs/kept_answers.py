"""Answers that may take long: worked out once and kept for a quarter of an hour, so that turning back to one works nothing out again.

A short one is worked out while its page is asked for, a long one by a worker, which the page watches. Nothing is written to the
database: answers, refusals and how far a worker is stand in the shared cache. One that no worker began, or that a worker was killed
at, falls silent, and whoever looks then asks for it again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.core.cache import cache

from contracts.rules import errors

KEPT_SECONDS = 900
# A refusal is about what somebody mends, so it is kept only until who watches has read it.
REFUSED_SECONDS = 60
# So long after it was asked for, or after its last word, a worker counts as lost.
SILENT_SECONDS = 60

Answer = TypeVar("Answer")
# Is told how many parts of how many are done.
Tell = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A worker is asked for it, or at it: how many parts of how many are done; none of none where it has not told yet."""

    done_count: int = 0
    part_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why there is no answer."""

    message: str


def read_or_start(
    *, key: str, is_short: Callable[[], bool], work: Callable[[Tell], Answer], start: Callable[[], object]
) -> Answer | Refused | Waiting:
    """Return what is kept, else work it out now where that is short, else have a worker asked for it.

    Args:
        key: names the question with everything that its answer rests on.
        is_short: tells whether nobody waits long for it; asked only where nothing is kept.
        work: works it out, or raises InvalidInput.
        start: asks a worker for `work_out`; called once until the worker is done or silent.
    """
    kept: Answer | Refused | Waiting | None = cache.get(key)
    if kept is not None:
        return kept
    if is_short():
        return _keep(key, _try(work, _tell_nobody))
    if cache.add(key, Waiting(), SILENT_SECONDS):
        start()
    # Between the two, what was there may have gone.
    found: Answer | Refused | Waiting = cache.get(key, Waiting())
    return found


def work_out(*, key: str, work: Callable[[Tell], object], stopped: str, silent_seconds: int = SILENT_SECONDS) -> None:
    """Work an answer out and keep what came of it where its page looks; a copy that comes late does nothing.

    Args:
        key, work: as for `read_or_start`.
        stopped: what the page says when an error stops it.
        silent_seconds: how long the work may take without telling how far it is.
    """
    if not isinstance(cache.get(key, Waiting()), Waiting):
        return

    def tell(done_count: int, part_count: int) -> None:
        cache.set(key, Waiting(done_count=done_count, part_count=part_count), silent_seconds)

    tell(0, 0)
    try:
        _keep(key, _try(work, tell))
    except Exception:
        _keep(key, Refused(message=stopped))
        raise


def forget(*, key: str) -> None:
    """Let the next who asks have it worked out anew; what a worker is at goes on.

    Args:
        key: under which the answer is kept.
    """
    if not isinstance(cache.get(key), Waiting):
        cache.delete(key)


def _try(work: Callable[[Tell], Answer], tell: Tell) -> Answer | Refused:
    try:
        return work(tell)
    except errors.InvalidInput as refused:
        return Refused(message=refused.message)


def _keep(key: str, found: Answer) -> Answer:
    cache.set(key, found, REFUSED_SECONDS if isinstance(found, Refused) else KEPT_SECONDS)
    return found


def _tell_nobody(done_count: int, part_count: int) -> None:
    """Take no notice: who waits for a short one sees it at once."""
