"""Contest a figure: a dispute names a line or a resolution, and nothing else of the pay waits for it."""

from datetime import datetime, timedelta

import pghistory
from django.db import transaction

from agents.models import Agent, Resolution, User
from billing.models import Dispute, SettlementLine
from billing.models.settlements import SettlementStatus

ANSWER_WITHIN = timedelta(days=7)
FIXED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)


class UnableToOpenDispute(Exception):
    """A dispute about nothing, about somebody else's pay, or about something already in dispute."""


def open_dispute(
    *,
    agent: Agent,
    person: User,
    words: str,
    as_of: datetime,
    line_id: int | None = None,
    resolution_id: int | None = None,
    proposed_micros: int | None = None,
) -> Dispute:
    """Open an agent's dispute about a statement line or a resolution.

    Args:
        agent: whose pay it is.
        person: who writes; kept in the history.
        words: what is wrong, in the agent's words.
        as_of: business instant; the answer is due seven days later.
        line_id: a line of an approved, posted or paid settlement of this agent.
        resolution_id: a resolution; named instead of a line, or beside it.
        proposed_micros: what the agent thinks is right, in micros of the settlement's currency.

    Returns: the dispute.
    Raises: UnableToOpenDispute; nothing is written then.
    Source: design.md sections 6 and 9; the undisputed part is paid on time.
    """
    if not words.strip():
        raise UnableToOpenDispute("Write what is wrong, in your own words; then open the dispute again.")
    with transaction.atomic(), pghistory.context(user=person.pk, act="open dispute"):
        Agent.objects.select_for_update().get(pk=agent.pk)
        currency = _line_currency(agent, line_id) if line_id is not None else _resolution_currency(resolution_id)
        _refuse_second(agent, {"line": line_id, "resolution": resolution_id})
        return Dispute.objects.create(
            agent=agent,
            kind="line" if line_id is not None else "resolution",
            line_id=line_id,
            resolution_id=resolution_id if line_id is None else None,
            words=words.strip(),
            proposed_micros=proposed_micros,
            currency=currency,
            opened_at=as_of,
            due_at=as_of + ANSWER_WITHIN,
        )


def _line_currency(agent: Agent, line_id: int) -> str:
    line = SettlementLine.objects.select_related("settlement").filter(pk=line_id, settlement__agent=agent).first()
    if line is None:
        raise UnableToOpenDispute(f"{agent} has no line {line_id}; open the dispute from the line of the statement.")
    if line.settlement.status not in FIXED:
        raise UnableToOpenDispute(
            f"{line.settlement} still changes every day; name the resolution instead, or wait until the statement is approved."
        )
    return line.settlement.currency


def _resolution_currency(resolution_id: int | None) -> str:
    found = Resolution.objects.select_related("price_version").filter(pk=resolution_id or 0).first()
    if found is None:
        raise UnableToOpenDispute("A dispute is about a statement line or a resolution; name one of them.")
    return found.price_version.currency if found.price_version else ""


def _refuse_second(agent: Agent, about: dict[str, int | None]) -> None:
    waiting = Dispute.objects.filter(agent=agent, status=Dispute.Status.OPEN, **about).first()
    if waiting is not None:
        raise UnableToOpenDispute(f"{waiting} is about the same and is answered by {waiting.due_at:%B %-d}; add to it instead.")
