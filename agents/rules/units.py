"""Billable units: which episodes of a case the policy's cap lets count, and at what part of the price."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.rules import resolution_policy
from contracts.rules.resolution_policy import ResolutionPolicy

Correction = Literal["deduct_later", "reduced_price"]
UnitReason = Literal["counted", "pending", "reopened", "void", "cap_once_per_case", "cap_customer_day"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the cap needs to know of one episode."""

    state: str
    resolved_at: datetime
    verified_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Whether an episode counts, why, and the part of its price that stays (10,000 is all of it)."""

    payable: bool
    reason: UnitReason
    price_bp: int
    correction: Correction | None


@dataclass(frozen=True, kw_only=True)
class CustomerUnit:
    """A countable episode of any case of one customer."""

    case: str
    number: int
    customer: str
    resolved_at: datetime
    verified_at: datetime


def count_units(*, claims: tuple[Claim, ...], policy: ResolutionPolicy) -> tuple[Unit, ...]:
    """Apply the reopen effect and the cap to the episodes of one case.

    Args:
        claims: the case's episodes in order.
        policy: the one in force for the case.

    Returns: one unit per episode, in the same order.
    Source: design.md section 4, "reopen window, effect" and "unit and cap".

    >>> from datetime import UTC
    >>> noon = datetime(2026, 10, 6, 12, tzinfo=UTC)
    >>> count_units(claims=(Claim(state="confirmed", resolved_at=noon, verified_at=noon),), policy=ResolutionPolicy())[0].payable
    True
    """
    taken: set[date | None] = set()
    found: list[Unit] = []
    for claim in claims:
        slot = None if policy.unit_cap == "once_per_case" else local_day(at=claim.resolved_at, timezone=policy.timezone)
        unit = _count(claim, policy, is_taken=slot in taken)
        if unit.payable and not is_given_back(state=claim.state, policy=policy):
            taken.add(slot)
        found.append(unit)
    return tuple(found)


def is_given_back(*, state: str, policy: ResolutionPolicy) -> bool:
    """Say whether a counted episode leaves room for the next one: its unit is deducted later, or the next is a new unit.

    A new unit needs a day of its own where a customer counts once a day: that cap is of the customer, not of the case.

    Source: design.md section 4, "reopen window, effect" and "unit and cap".

    >>> is_given_back(state="reopened", policy=ResolutionPolicy(reopen_effect="new_unit"))
    True
    >>> is_given_back(state="reopened", policy=ResolutionPolicy(reopen_effect="new_unit", unit_cap="per_customer_per_day"))
    False
    """
    is_new = policy.reopen_effect == "new_unit" and policy.unit_cap == "once_per_case"
    return state == "reopened" and (is_new or policy.reopen_effect == "deduct_later")


def local_day(*, at: datetime, timezone: str) -> date:
    """Return the day an instant belongs to.

    Args:
        at: when the customer's case was resolved, with an offset.
        timezone: the policy's, an IANA name.

    Source: design.md section 4, "unit and cap": per customer per day.

    >>> from datetime import UTC
    >>> local_day(at=datetime(2026, 10, 7, 2, tzinfo=UTC), timezone="America/New_York").isoformat()
    '2026-10-06'
    """
    return at.astimezone(ZoneInfo(timezone)).date()


def cap_customer_days(*, units: Iterable[CustomerUnit], timezone: str) -> frozenset[tuple[str, int]]:
    """Find the episodes that the cap of one unit per customer and day leaves out, across cases.

    The first one verified takes the day, so that a later verification never takes back a unit already counted.

    Args:
        units: countable episodes under one policy.
        timezone: the contract's; a unit belongs to the day of its resolution.

    Returns: (case, episode number) of each episode that does not count.
    Source: design.md section 4, "unit and cap".

    >>> from datetime import UTC
    >>> noon = datetime(2026, 10, 6, 12, tzinfo=UTC)
    >>> pair = [CustomerUnit(case=case, number=1, customer="k", resolved_at=noon, verified_at=noon) for case in ("C-2", "C-1")]
    >>> cap_customer_days(units=pair, timezone="UTC")
    frozenset({('C-2', 1)})
    """
    taken: set[tuple[str, date]] = set()
    left_out: set[tuple[str, int]] = set()
    for unit in sorted(units, key=lambda unit: (unit.verified_at, unit.resolved_at, unit.case, unit.number)):
        slot = (unit.customer, local_day(at=unit.resolved_at, timezone=timezone))
        if slot in taken:
            left_out.add((unit.case, unit.number))
        taken.add(slot)
    return frozenset(left_out)


def _count(claim: Claim, policy: ResolutionPolicy, *, is_taken: bool) -> Unit:
    if claim.state in ("pending", "void"):
        return _uncounted("pending" if claim.state == "pending" else "void")
    if claim.state == "reopened" and (claim.verified_at is None or policy.reopen_effect == "void_before_billing"):
        return _uncounted("reopened")
    if is_taken:
        return _uncounted("cap_once_per_case" if policy.unit_cap == "once_per_case" else "cap_customer_day")
    if claim.state == "reopened" and policy.reopen_effect == "reduced_price":
        return Unit(payable=True, reason="counted", price_bp=policy.reduced_price_bp or 0, correction="reduced_price")
    correction: Correction | None = "deduct_later" if claim.state == "reopened" and policy.reopen_effect == "deduct_later" else None
    return Unit(payable=True, reason="counted", price_bp=resolution_policy.BP, correction=correction)


def _uncounted(reason: UnitReason) -> Unit:
    return Unit(payable=False, reason=reason, price_bp=resolution_policy.BP, correction=None)
