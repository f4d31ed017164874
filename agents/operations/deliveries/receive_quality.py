"""Take in surveys and QA reviews: each is credited to the agent of the resolved episode, known, held, or rejected."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Lower

from agents.intake import delivered_quality, scales
from agents.intake.delivered import Rejection
from agents.intake.delivered_quality import Judgment, Kind
from agents.intake.scales import Scale
from agents.models import Feedback, HeldAnswer, QaReview, Source, Survey, SurveyScale, User
from agents.operations.deliveries import told_surveys
from agents.operations.deliveries.event_outcomes import CHANGED_MESSAGE, Outcome
from agents.operations.imports import import_cases

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('quality', %(source)s))"

# The latest claim made by the time of the answer; later claims never move the credit.
CREDIT = """
    SELECT told.number, c.id, r.id, r.agent_id, coalesce(l.keeps_comments, false)
    FROM unnest(%(numbers)s::integer[], %(sources)s::text[], %(cases)s::text[], %(ats)s::timestamptz[])
        AS told (number, source, case_key, at)
    JOIN agents_source s ON s.code = told.source
    LEFT JOIN agents_case c ON c.source_id = s.id AND c.key = told.case_key
    LEFT JOIN contracts_contract k ON k.id = c.contract_id
    LEFT JOIN contracts_client l ON l.id = coalesce(k.client_id, s.client_id)
    LEFT JOIN LATERAL (
        SELECT id, agent_id FROM agents_resolution
        WHERE case_id = c.id AND rule <> 'superseded' AND resolved_at <= told.at
        ORDER BY resolved_at DESC, number DESC LIMIT 1
    ) r ON true"""


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """What became of each judgment, in order."""

    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, kw_only=True)
class _Credit:
    """Whose work a judgment is about, as far as that is known."""

    case_id: int | None
    resolution_id: int | None
    agent_id: int | None
    keeps_comments: bool


def receive_quality(
    *, source: Source, kind: Kind, read: Sequence[Judgment | Rejection], received_at: datetime, dry_run: bool = False
) -> QualityReport:
    """Store what a delivery says of quality in one transaction; the same delivery again changes nothing.

    A judgment is known by its id within its source. What nobody can be credited with yet is held, and tried again by itself.

    Args:
        source: whom the deliverer speaks for.
        kind: surveys or QA reviews.
        read: what each document is.
        received_at: business instant.
        dry_run: try everything, store nothing.

    Returns: one outcome per document, in order.
    Source: design.md section 7, "survey credit".
    """
    numbered = {number: judgment for number, judgment in enumerate(read) if isinstance(judgment, Judgment)}
    outcomes = {
        number: Outcome(status="rejected", id=fault.id, path=fault.path, message=fault.message)
        for number, fault in enumerate(read)
        if isinstance(fault, Rejection)
    }
    with transaction.atomic(), connection.cursor() as cursor:
        if numbered:
            outcomes |= _Intake(source=source, kind=kind, received_at=received_at, cursor=cursor).take_in(numbered)
        transaction.set_rollback(dry_run)
    return QualityReport(outcomes=tuple(outcomes[number] for number in range(len(read))))


def load_scale(*, source: Source) -> Scale | None:
    """Return what the answers to a source's surveys mean: its own scale, or else its vendor's.

    Args:
        source: whose surveys they are.

    Returns: the scale; None where neither says anything, so that every answer is held.
    """
    own = SurveyScale.objects.filter(source=source).first()
    if own is not None:
        return scales.make_scale(favorable=own.favorable, other=own.other)
    return scales.VENDOR_SCALES.get(source.vendor)


def read_held(*, held: HeldAnswer) -> Judgment:
    """Return the judgment that a held answer keeps.

    Args:
        held: one that was not credited yet; the body of one that was is empty.
    """
    body = dict(held.body)
    return Judgment(**{**body, "kind": held.kind, "key": held.key, "at": datetime.fromisoformat(body["at"]), "body_hash": held.body_hash})


@dataclass(kw_only=True)
class _Intake:
    """One delivery while it is stored."""

    source: Source
    kind: Kind
    received_at: datetime
    cursor: CursorWrapper

    def take_in(self, numbered: Mapping[int, Judgment]) -> dict[int, Outcome]:
        self.cursor.execute(LOCK, {"source": self.source.pk})
        key = import_cases.hash_key()
        hashes = {
            number: judgment.body_hash or delivered_quality.body_hash(judgment=judgment, key=key) for number, judgment in numbered.items()
        }
        known, held = self._load_known({judgment.key for judgment in numbered.values()})
        told = (
            told_surveys.load_told_answers(source=self.source, keys=[one.key for one in numbered.values()]) if self.kind == "survey" else {}
        )
        foreign = self._find_foreign({judgment.case_source for judgment in numbered.values()})
        outcomes: dict[int, Outcome] = {}
        new: dict[str, int] = {}
        for number in sorted(numbered, key=lambda number: (hashes[number], number)):
            judgment = numbered[number]
            first = new.get(judgment.key)
            before = known.get(judgment.key) or (hashes[first] if first is not None else None) or held.get(judgment.key)
            if judgment.case_source in foreign:
                message = "is no source of the same client; name the source that the case is from"
                outcomes[number] = Outcome(status="rejected", id=judgment.key, path="case_source", message=message)
            elif (before is not None and before != hashes[number]) or told.get(judgment.key, _said(judgment)) != _said(judgment):
                outcomes[number] = Outcome(status="rejected", id=judgment.key, path="id", message=CHANGED_MESSAGE)
            elif judgment.key in known or first is not None:
                outcomes[number] = Outcome(status="duplicate", id=judgment.key)
            else:
                new[judgment.key] = number
        return outcomes | self._store({number: numbered[number] for number in new.values()}, hashes)

    def _load_known(self, keys: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
        model: Any = Survey if self.kind == "survey" else QaReview
        stored = dict(model.objects.filter(source=self.source, key__in=keys).values_list("key", "body_hash"))
        waiting = HeldAnswer.objects.filter(source=self.source, kind=self.kind, key__in=keys, released_at=None)
        return stored, dict(waiting.values_list("key", "body_hash"))

    def _find_foreign(self, codes: Collection[str]) -> frozenset[str]:
        """Return the sources of cases that are not for this source to speak of."""
        others = set(codes) - {self.source.code}
        if others and self.source.client_id is not None:
            others -= set(Source.objects.filter(code__in=others, client=self.source.client_id).values_list("code", flat=True))
        return frozenset(others)

    def _store(self, new: Mapping[int, Judgment], hashes: Mapping[int, str]) -> dict[int, Outcome]:
        credits = self._find_credits(new)
        scale = load_scale(source=self.source) if self.kind == "survey" else None
        outcomes: dict[int, Outcome] = {}
        good: dict[int, Judgment] = {}
        for number, judgment in new.items():
            reason, message = self._doubt(judgment, credits[number], scale)
            if reason:
                outcomes[number] = Outcome(status="held", id=judgment.key, reason=reason, message=message)
            else:
                good[number] = judgment
                outcomes[number] = Outcome(status="accepted", id=judgment.key)
        self._hold(new, outcomes, credits, hashes)
        if self.kind == "survey" and scale is not None:
            self._write_surveys(good, credits, hashes, scale)
        elif self.kind == "qa_review":
            self._write_reviews(good, credits, hashes)
        keys = [judgment.key for judgment in good.values()]
        waiting = HeldAnswer.objects.filter(source=self.source, kind=self.kind, key__in=keys, released_at=None)
        waiting.update(released_at=self.received_at, body={})
        return outcomes

    def _find_credits(self, new: Mapping[int, Judgment]) -> dict[int, _Credit]:
        told: dict[str, Any] = {
            "numbers": list(new),
            "sources": [judgment.case_source for judgment in new.values()],
            "cases": [judgment.case_key for judgment in new.values()],
            "ats": [judgment.at for judgment in new.values()],
        }
        self.cursor.execute(CREDIT, told)
        return {
            number: _Credit(case_id=case_id, resolution_id=resolution_id, agent_id=agent_id, keeps_comments=keeps)
            for number, case_id, resolution_id, agent_id, keeps in self.cursor.fetchall()
        }

    def _doubt(self, judgment: Judgment, credit: _Credit, scale: Scale | None) -> tuple[str, str]:
        """Say why nobody can be credited yet; nothing if somebody can."""
        day = judgment.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        if self.kind == "survey" and (scale is None or scale.is_favorable(judgment.answer) is None):
            return (
                "unknown_answer",
                f'Nobody said whether the answer "{judgment.answer}" is favorable; add it to the survey scale of {self.source} in admin.',
            )
        if credit.case_id is None:
            return "unknown_case", f"No event of case {judgment.case_key} of {judgment.case_source} came yet; this waits for one."
        if credit.resolution_id is None:
            return "no_resolution", f"Nobody had solved case {judgment.case_key} by {day} as far as is known; this waits for who did."
        if credit.agent_id is None:
            return (
                "unmapped_identity",
                f"Whoever solved case {judgment.case_key} is mapped to no agent; map the name, and this is credited by itself.",
            )
        return "", ""

    def _hold(
        self, new: Mapping[int, Judgment], outcomes: Mapping[int, Outcome], credits: Mapping[int, _Credit], hashes: Mapping[int, str]
    ) -> None:
        waiting = [
            HeldAnswer(
                source=self.source,
                kind=self.kind,
                key=judgment.key,
                body_hash=hashes[number],
                case_key=judgment.case_key,
                reason=outcomes[number].reason,
                message=outcomes[number].message,
                body=_body(judgment, credits[number].keeps_comments),
                received_at=self.received_at,
            )
            for number, judgment in new.items()
            if outcomes[number].status == "held"
        ]
        HeldAnswer.objects.bulk_create(
            waiting,
            update_conflicts=True,
            unique_fields=["source", "kind", "key"],
            update_fields=["reason", "message"],
        )

    def _write_surveys(self, good: Mapping[int, Judgment], credits: Mapping[int, _Credit], hashes: Mapping[int, str], scale: Scale) -> None:
        Survey.objects.bulk_create(
            Survey(
                **self._credited(judgment, credits[number], hashes[number]),
                is_favorable=bool(scale.is_favorable(judgment.answer)),
                answer=judgment.answer,
                comment=_kept(judgment, credits[number]),
                answered_at=judgment.at,
            )
            for number, judgment in good.items()
        )
        self._write_feedback(good, credits, {}, Feedback.Kind.CUSTOMER, {})

    def _write_reviews(self, good: Mapping[int, Judgment], credits: Mapping[int, _Credit], hashes: Mapping[int, str]) -> None:
        # Addresses are the same in capitals, and who reviewed decides no dispute about it.
        known = User.objects.annotate(address=Lower("email")).filter(address__in={judgment.reviewer.lower() for judgment in good.values()})
        ids = dict(known.values_list("address", "pk"))
        reviewers = {judgment.reviewer: ids[address] for judgment in good.values() if (address := judgment.reviewer.lower()) in ids}
        reviews = QaReview.objects.bulk_create(
            QaReview(
                **self._credited(judgment, credits[number], hashes[number]),
                reviewer_id=reviewers.get(judgment.reviewer),
                score=judgment.score or 0,
                is_passed=bool(judgment.is_passed),
                note=_kept(judgment, credits[number]),
                reviewed_at=judgment.at,
            )
            for number, judgment in good.items()
        )
        self._write_feedback(good, credits, reviewers, Feedback.Kind.QA, dict(zip(good, reviews, strict=True)))

    def _write_feedback(
        self,
        good: Mapping[int, Judgment],
        credits: Mapping[int, _Credit],
        authors: Mapping[str, int],
        kind: Feedback.Kind,
        reviews: Mapping[int, QaReview],
    ) -> None:
        """Show the agent the words that are kept."""
        Feedback.objects.bulk_create(
            Feedback(
                source=self.source,
                **_whose(credits[number]),
                kind=kind,
                author_id=authors.get(judgment.reviewer),
                review=reviews.get(number),
                words=judgment.words,
                given_at=judgment.at,
            )
            for number, judgment in good.items()
            if _kept(judgment, credits[number])
        )

    def _credited(self, judgment: Judgment, credit: _Credit, body_hash: str) -> dict[str, Any]:
        return {"source": self.source, "key": judgment.key, "body_hash": body_hash, **_whose(credit)}


def _said(judgment: Judgment) -> tuple[str, str]:
    return judgment.case_key, judgment.answer


def _whose(credit: _Credit) -> dict[str, Any]:
    return {"resolution_id": credit.resolution_id, "agent_id": credit.agent_id}


def _kept(judgment: Judgment, credit: _Credit) -> str:
    """Return the words, if the client keeps them."""
    return judgment.words if credit.keeps_comments else ""


def _body(judgment: Judgment, keeps_comments: bool) -> dict[str, Any]:
    body = asdict(judgment)
    del body["kind"], body["key"], body["body_hash"]
    return {**body, "at": judgment.at.isoformat(), "words": judgment.words if keeps_comments else ""}
