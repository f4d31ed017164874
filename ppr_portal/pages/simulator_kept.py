"""What a simulation came to, kept for a quarter of an hour: turning back to it, or taking its file, works nothing out again.

A short one is worked out while its page is asked for, a long one by a worker, which the page watches. One that no worker began is
asked for again when somebody looks a minute later; one that a worker was killed at, when the longest time of a task has passed.

A draft that was changed, any other term of its client, a pay plan or the name of a class is another simulation. What happened since is
in none that is kept: its page says when it was worked out, and works it out anew where somebody wants that.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext as _

from billing.queries import simulate_version
from contracts import terms_parts
from contracts.models import ContractVersion
from contracts.queries import fingerprints
from contracts.rules import errors
from ppr_portal.pages import simulator_rows

KEPT_SECONDS = 900
# A worker may be at it for as long as a task may take; until it begins, the wish is renewed each minute.
SILENT_SECONDS, REFUSED_SECONDS, WORKING_SECONDS = 60, 60, settings.CELERY_TASK_TIME_LIMIT
# A contract with so many resolutions is worked out at once: in about a second. Knobs take ten times as long.
AT_ONCE_MAX = 10_000
# Beyond this many resolutions in the months, pay and knobs are for the command, which nobody waits for.
PAID_MAX = 50_000
# Agents are paid by plans of any client's work, and pages name classes.
BESIDE = (terms_parts.PLAN, terms_parts.QUERY_TYPE, terms_parts.CHANNEL)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A version, months that follow each other, what stands beside the version, and whether the knobs are turned."""

    version: ContractVersion
    months: Sequence[date]
    against: ContractVersion | None
    with_knobs: bool

    @property
    def key(self) -> str:
        """Name the question with the terms that it is about; sentences are in the language of who asks."""
        terms = fingerprints.fingerprint(part=terms_parts.CLIENT, pk=self.version.contract.client_id, beside=BESIDE)
        against = 0 if self.against is None else self.against.pk
        asked = (self.version.pk, against, self.months[0], self.months[-1], self.with_knobs, terms, translation.get_language())
        return f"simulation:{hashlib.sha256(repr(asked).encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a question came to, without the resolutions themselves, and when."""

    found: simulate_version.Simulation
    points: tuple[simulate_version.Point, ...]
    cliffs: tuple[simulator_rows.Cliff, ...]
    as_of: datetime


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why a version cannot be tried on these months."""

    message: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A worker is asked for it, or at it."""


State = Answer | Refused | Waiting


def read_or_start(*, question: Question, as_of: datetime, start: Callable[[str], object]) -> State:
    """Return what is kept, else work it out now where that is short and turns no knobs, else have a worker asked for it.

    Args:
        question: what is tried.
        as_of: business instant, for what is worked out now.
        start: asks a worker for `work_out`, given the name of the question; called once until the worker is done or silent.
    """
    key = question.key
    kept: State | None = cache.get(key)
    if kept is not None:
        return kept
    if not question.with_knobs and simulate_version.is_small(contract=question.version.contract, most=AT_ONCE_MAX):
        return _keep(key, _try(question, as_of))
    if cache.add(key, Waiting(), SILENT_SECONDS):
        start(key)
    # Between the two, what was there may have gone.
    found: State = cache.get(key, Waiting())
    return found


def work_out(*, question: Question, as_of: datetime) -> None:
    """Work a question out and keep what came of it where its page looks; a copy that comes late does nothing.

    Args:
        question, as_of: as for `read_or_start`.
    """
    key = question.key
    if isinstance(cache.get(key), Answer | Refused):
        return
    cache.set(key, Waiting(), WORKING_SECONDS)
    try:
        _keep(key, _try(question, as_of))
    except Exception:
        _keep(key, Refused(message=_("An internal error stopped the simulation; its job's record tells which.")))
        raise


def forget(*, question: Question) -> None:
    """Let the next who asks have it worked out anew; what a worker is at goes on."""
    if not isinstance(cache.get(question.key), Waiting):
        cache.delete(question.key)


def _try(question: Question, as_of: datetime) -> Answer | Refused:
    try:
        return _work_out(question, as_of)
    except errors.InvalidInput as refused:
        return Refused(message=refused.message)


def _keep(key: str, found: Answer | Refused) -> Answer | Refused:
    """Keep an answer; a refusal only for a minute, in which who watches reads it, for it is about what somebody mends."""
    cache.set(key, found, KEPT_SECONDS if isinstance(found, Answer) else REFUSED_SECONDS)
    return found


def _work_out(question: Question, as_of: datetime) -> Answer:
    version, against = question.version, question.against
    desk = simulate_version.open_desk(version=version, months=question.months, as_of=as_of, against=against)
    is_small = simulate_version.count_claimed(desk=desk) <= PAID_MAX
    found = simulate_version.simulate_version(desk=desk, version=version, with_pay=is_small, against=against)
    points = simulate_version.try_knobs(desk=desk, version=version) if question.with_knobs and is_small else ()
    return Answer(
        found=dataclasses.replace(found, now=found.now.without_rows(), then=found.then.without_rows()),
        points=tuple(dataclasses.replace(point, side=point.side.without_rows()) for point in points),
        cliffs=tuple(simulator_rows.list_cliffs(version=version)),
        as_of=as_of,
    )
