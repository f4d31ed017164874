"""One survey or QA review as a program or a file delivers it."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StringConstraints, TypeAdapter
from pydantic import ValidationError as PydanticError

from agents.intake import delivered
from agents.intake.delivered import NO_ZERO, CaseKey, Code, Instant, Name, Rejection

Kind = Literal["survey", "qa_review"]
Words = Annotated[str, StringConstraints(strict=True, max_length=4_000, pattern=NO_ZERO)]
Answer = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=32, pattern=NO_ZERO)]
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveredSurvey:
    """One answer of one customer. `case_source` is where the case is from, if it is not the source that speaks."""

    __pydantic_config__ = STRICT

    source: Code
    id: Name
    case: CaseKey
    answered_at: Instant
    answer: Answer | StrictInt
    comment: Words = ""
    case_source: Code | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveredReview:
    """One contact scored against a scorecard, 0 to 100."""

    __pydantic_config__ = STRICT

    source: Code
    id: Name
    case: CaseKey
    reviewed_at: Instant
    score: Annotated[StrictInt, Field(ge=0, le=100)]
    passed: StrictBool
    reviewer: Name | None = None
    note: Words = ""
    case_source: Code | None = None


@dataclass(frozen=True, kw_only=True)
class Judgment:
    """What a customer or reviewer said of the work on a case: `answer` of a survey; `score` and `is_passed` of a review.

    `body_hash` is known already of one that waited, for its words may be gone.
    """

    kind: Kind
    key: str
    case_source: str
    case_key: str
    at: datetime
    answer: str = ""
    score: int | None = None
    is_passed: bool | None = None
    reviewer: str = ""
    words: str = ""
    body_hash: str = ""


FIELDS = {
    "survey": tuple(DeliveredSurvey.__dataclass_fields__),
    "qa_review": tuple(DeliveredReview.__dataclass_fields__),
}
ADAPTERS: dict[str, TypeAdapter[Any]] = {"survey": TypeAdapter(DeliveredSurvey), "qa_review": TypeAdapter(DeliveredReview)}


def read_judgment(*, kind: Kind, document: object, source: str) -> Judgment | Rejection:
    """Check one document against the fields of a survey or review.

    Args:
        kind: which of the two.
        document: what JSON gave, or a row of a file.
        source: code of the source that speaks.

    Returns: the judgment, or the first thing that is wrong with the document.

    >>> read_judgment(kind="survey", document={"source": "desk", "id": "1", "case": "7", "answer": "good"}, source="desk").path
    'answered_at'
    """
    try:
        told = ADAPTERS[kind].validate_python(document)
    except PydanticError as fault:
        return delivered.reject(document=document, error=fault.errors(include_url=False, include_context=False)[0])
    if told.source != source:
        return Rejection(id=told.id, path="source", message=f'is "{told.source}", but "{source}" speaks here')
    return READERS[kind](told)


def body_hash(*, judgment: Judgment, key: bytes) -> str:
    """Return the keyed hash of what a judgment says, which tells a repetition from a change; words cannot be guessed back from it."""
    at = judgment.at.astimezone(UTC).isoformat()
    told = [judgment.case_source, judgment.case_key, at, judgment.answer, judgment.score, judgment.is_passed, judgment.words]
    told += [judgment.reviewer] if judgment.reviewer else []
    return hmac.new(key, json.dumps(told).encode(), hashlib.sha256).hexdigest()


def _of_survey(told: DeliveredSurvey) -> Judgment:
    return Judgment(
        kind="survey",
        key=told.id,
        case_source=told.case_source or told.source,
        case_key=told.case,
        at=told.answered_at,
        answer=str(told.answer),
        words=told.comment.strip(),
    )


def _of_review(told: DeliveredReview) -> Judgment:
    return Judgment(
        kind="qa_review",
        key=told.id,
        case_source=told.case_source or told.source,
        case_key=told.case,
        at=told.reviewed_at,
        score=told.score,
        is_passed=told.passed,
        reviewer=told.reviewer or "",
        words=told.note.strip(),
    )


READERS: dict[str, Callable[[Any], Judgment]] = {"survey": _of_survey, "qa_review": _of_review}
