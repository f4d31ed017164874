"""One survey may be told as an event and as a document of its own: under one id both say the same, or the later one is refused."""

from collections.abc import Collection, Iterable

from agents.intake.delivered import Row
from agents.models import CaseEvent, HeldAnswer, Source, Survey

# In the place of the body of an event: no event has it, so that one which says something else is another content.
TOLD_OTHERWISE = "told as a survey"


def find_contradicted(*, source: Source, rows: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """Return the keys of survey events under which the source told a survey of another case or answer.

    Args:
        source: whose events they are.
        rows: survey events as delivered.

    Returns: by key what stands in the place of a known event: a body that no event has, and the case of the survey.
    """
    wanted = {row.key: (row.case_key, row.code) for row in rows}
    if not wanted:
        return {}
    stored = Survey.objects.filter(source=source, key__in=wanted).values_list("key", "resolution__case__key", "answer")
    waiting = HeldAnswer.objects.filter(source=source, kind=HeldAnswer.Kind.SURVEY, key__in=wanted, released_at=None)
    told = {key: (case, answer) for key, case, answer in [*stored, *waiting.values_list("key", "case_key", "body__answer")]}
    return {key: (TOLD_OTHERWISE, said[0]) for key, said in told.items() if said != wanted[key]}


def load_told_answers(*, source: Source, keys: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return what survey events say under some ids: case and answer by key.

    Args:
        source: whose events they are.
        keys: of surveys.
    """
    found = CaseEvent.objects.filter(source=source, key__in=keys, type=CaseEvent.Type.SURVEY_ANSWERED)
    return {key: (case, answer) for key, case, answer in found.values_list("key", "case__key", "code")}
