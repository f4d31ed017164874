"""The answer to a delivery: one result for each document, in order."""

from collections.abc import Sequence
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from agents.operations.deliveries.event_outcomes import Outcome

STATUSES = ("accepted", "duplicate", "held", "rejected")


def count_outcomes(*, outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many documents became what."""
    counts = dict.fromkeys(STATUSES, 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    return counts


def answer_one_by_one(*, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the body of a 207: counts, and what became of each document."""
    return {"counts": count_outcomes(outcomes=outcomes), "results": [_result(outcome) for outcome in outcomes]}


def _result(outcome: Outcome) -> dict[str, Any]:
    result: dict[str, Any] = {"id": outcome.id, "status": outcome.status}
    if outcome.status == "held":
        result |= {"reason": outcome.reason, "message": outcome.message}
    elif outcome.status == "rejected":
        result |= {"path": outcome.path, "message": outcome.message}
    return result


class AlwaysJson(BaseContentNegotiation):
    """Answers JSON whatever a program says that it accepts: a webhook is not lost because its help desk asks for text."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type
