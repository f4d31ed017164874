"""What a simulation came to, kept for a quarter of an hour: turning back to it, or taking its file, works nothing out again.

A draft that was changed, any other term of its client, a pay plan or the name of a class is another simulation. What happened since is
in none that is kept: its page says when it was worked out, and works it out anew where somebody wants that.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import translation

from agents.operations.jobs import kept_answers
from billing.queries.simulator import simulate_version
from contracts import terms_parts
from contracts.models import ContractVersion
from contracts.queries import fingerprints
from contracts.translation import gettext_lazy
from ppr_portal.pages.trials import simulator_rows

# A worker does not tell how far it is, and may be at it for as long as a task may take.
SILENT_SECONDS = settings.CELERY_TASK_TIME_LIMIT
STOPPED = gettext_lazy("An internal error stopped the simulation; its job's record tells which.")
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
        return f"simulated:{hashlib.sha256(repr(asked).encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a question came to, without the resolutions themselves, and when."""

    found: simulate_version.Simulation
    points: tuple[simulate_version.Point, ...]
    cliffs: tuple[simulator_rows.Cliff, ...]
    as_of: datetime


State = Answer | kept_answers.Refused | kept_answers.Waiting


def read_or_start(*, question: Question, as_of: datetime, start: Callable[[str], object]) -> State:
    """Return what came of a question, worked out now where that is short and turns no knobs.

    Args:
        question: what is tried.
        as_of: business instant, for what is worked out now.
        start: asks a worker for `work_out`, given the name of the question.
    """
    key = question.key
    return kept_answers.read_or_start(
        key=key,
        is_short=lambda: not question.with_knobs and simulate_version.is_small(contract=question.version.contract, most=AT_ONCE_MAX),
        work=lambda tell: _simulate(question, as_of),
        start=lambda: start(key),
    )


def work_out(*, question: Question, as_of: datetime) -> None:
    """Work a question out and keep what came of it where its page looks.

    Args:
        question, as_of: as for `read_or_start`.
    """
    kept_answers.work_out(key=question.key, work=lambda tell: _simulate(question, as_of), stopped=STOPPED, silent_seconds=SILENT_SECONDS)


def _simulate(question: Question, as_of: datetime) -> Answer:
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
