"""The reason of a statement line, set like a sum on paper."""

from dataclasses import dataclass

from django.urls import reverse

from agents.models import User
from billing import access
from billing.models import Settlement, SettlementLine
from billing.models.settlements import SettlementStatus

SETTLED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)


@dataclass(frozen=True, kw_only=True)
class ReasonStep:
    """One step of the sum: sign and value left, words right."""

    sign: str
    value: str
    name: str
    text: str = ""
    is_result: bool = False
    is_final: bool = False


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Everything behind one amount."""

    position: int
    amount_micros: int
    currency: str
    steps: tuple[ReasonStep, ...]
    notes: tuple[str, ...]
    dispute_url: str


def reason_of(*, line: SettlementLine, settlement: Settlement, user: User) -> Reason:
    """Return why a line came to its amount, and where the agent can dispute it."""
    return Reason(
        position=line.position,
        amount_micros=line.amount_micros,
        currency=settlement.currency,
        steps=(),
        notes=(),
        dispute_url=_dispute_url(line, settlement, user),
    )


def _dispute_url(line: SettlementLine, settlement: Settlement, user: User) -> str:
    if settlement.status not in SETTLED or not access.may_dispute(user, agent=settlement.agent):
        return ""
    return reverse("statement_dispute", args=[settlement.agent_id, settlement.period_start, line.position])
