"""What earlier settlements held back: which part of it belongs to which resolution, and what of it is released now.

Nothing is kept beside the settlements themselves. What a settlement released follows from its period and the instant whose
knowledge it had, so a second calculation releases the same and no part is released twice.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Sum

from billing.models import Earning, Reversal, Settlement, SettlementLine
from billing.queries import pay_periods, unit_amounts
from billing.queries.pay_inputs import handed_on
from billing.queries.pay_inputs.scope import Scope
from billing.rules import allocation, money, periods
from billing.rules.pay import facts
from contracts.rules import errors

ZERO, ONE = Fraction(0), Fraction(1)


class UnableToReadHoldback(errors.InvalidInput):
    """Settlements whose held parts do not add up to the balance that they hand on."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One agent's holdback: what is released in a period and from where, and what is still held of each resolution."""

    releases: tuple[facts.Release, ...] = ()
    sources: tuple[str, ...] = ()
    of_resolution: Mapping[int, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What a settlement held of one resolution, and the day at the site from which it may be released."""

    resolution_id: int
    amount: Fraction
    due_on: date


@dataclass(frozen=True, kw_only=True)
class _Window:
    """A period that may release: its start, and the last day that it knows."""

    start: date
    known_to: date


def read_holdbacks(*, scope: Scope, balances: Mapping[int, Fraction]) -> dict[int, Held | errors.InvalidInput]:
    """Read what some agents' settlements before a period held back, in a fixed number of queries; none if nobody has a balance.

    Args:
        scope: the period, and the instant whose knowledge counts.
        balances: by agent, the holdback that the settlement before hands on.

    Returns: by agent. Where the parts do not add up to the balance, a refusal.
    Source: design.md section 6, step 10; docs/pay-rules.md, "Holdback".
    """
    owed = sorted(agent_id for agent_id, balance in balances.items() if balance)
    if not owed:
        return {}
    before = Settlement.objects.filter(agent__in=owed, period_start__lt=scope.period.start).select_related(
        "agent__site", "run__site", "plan_version"
    )
    settlements = list(before.order_by("agent", "period_start"))
    unreadable = _refuse_clocks(settlements)
    settlements = [found for found in settlements if found.agent_id not in unreadable]
    held = _read_held([found.pk for found in settlements])
    parts = _split_held([found for found in settlements if found.pk in held], held)
    fallen = _read_fallen(owed, scope.as_of)
    return {
        agent_id: unreadable.get(agent_id)
        or _of_agent([one for one in settlements if one.agent_id == agent_id], parts, fallen[agent_id], scope, balances[agent_id])
        for agent_id in owed
    }


def _refuse_clocks(settlements: Sequence[Settlement]) -> dict[int, errors.InvalidInput]:
    """Return the agents one of whose settlements was counted by a clock that nobody can read, each with a refusal."""
    found = {}
    for settlement in settlements:
        try:
            periods.load_timezone(name=pay_periods.site_of(settlement=settlement).timezone)
        except periods.InvalidPeriod as refused:
            found[settlement.agent_id] = handed_on.refuse_clock(start=settlement.period_start, refused=refused)
    return found


def _read_held(settlement_ids: Collection[int]) -> dict[int, Fraction]:
    lines = SettlementLine.objects.filter(settlement__in=settlement_ids, kind="holdback").values("settlement").order_by("settlement")
    return {row["settlement"]: money.from_micros(micros=-row["held"]) for row in lines.annotate(held=Sum("amount_micros")) if row["held"]}


def _split_held(settlements: Sequence[Settlement], held: Mapping[int, Fraction]) -> dict[int, list[_Part]]:
    """Split each held amount between its resolutions by what each brought, to the minor unit."""
    amounts = unit_amounts.amounts_of_settlements(settlements=settlements)
    verified: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    agent_ids = {settlement.agent_id for settlement in settlements}
    rows = Earning.objects.filter(agent__in=agent_ids, settlement__in=amounts).order_by("verified_at", "resolution")
    for settlement_id, resolution_id, at in rows.values_list("settlement", "resolution", "verified_at"):
        verified[settlement_id].append((resolution_id, at))
    found = {}
    for settlement in settlements:
        brought = amounts[settlement.pk]
        members = verified[settlement.pk]
        weights = [max(ZERO, brought[resolution_id].total) for resolution_id, _ in members]
        rounding = money.Round(places=money.currency_places(currency=settlement.currency))
        split = allocation.allocate_amount(
            amount=held[settlement.pk], weights=weights if any(weights) else [ONE] * len(weights), rounding=rounding
        )
        zone, days = (
            periods.load_timezone(name=pay_periods.site_of(settlement=settlement).timezone),
            timedelta(days=settlement.plan_version.holdback_days or 0),
        )
        found[settlement.pk] = [
            _Part(resolution_id=resolution_id, amount=amount, due_on=at.astimezone(zone).date() + days)
            for (resolution_id, at), amount in zip(members, split.parts, strict=True)
        ]
    return found


def _read_fallen(agent_ids: Collection[int], as_of: datetime) -> dict[int, dict[int, date]]:
    """Return, by agent and resolution, the period that an approved reversal counts in."""
    found: dict[int, dict[int, date]] = defaultdict(dict)
    approved = Reversal.objects.filter(agent__in=agent_ids, status="approved", decided_at__lte=as_of)
    for agent_id, resolution_id, start in approved.values_list("agent", "resolution", "period_start"):
        if start is not None:
            found[agent_id][resolution_id] = start
    return found


def _of_agent(
    settlements: Sequence[Settlement], parts: Mapping[int, list[_Part]], fallen: Mapping[int, date], scope: Scope, balance: Fraction
) -> Held | errors.InvalidInput:
    windows = [_window(one.period_start, one.period_end, one.as_of, pay_periods.site_of(settlement=one).timezone) for one in settlements]
    present = _window(scope.period.start, scope.period.end, scope.as_of, scope.period.timezone)
    releases, sources = [], []
    outstanding: dict[int, Fraction] = {}
    for settlement in settlements:
        still = [part for part in parts.get(settlement.pk, ()) if not _is_settled(part, settlement, windows, fallen, present)]
        outstanding |= {part.resolution_id: part.amount for part in still}
        due = [part for part in still if part.due_on <= present.known_to and fallen.get(part.resolution_id) != present.start]
        total = sum((part.amount for part in due), ZERO)
        if total:
            count = "1 resolution" if len(due) == 1 else f"{len(due)} resolutions"
            releases.append(facts.Release(resolution=f"{count} of {settlement.period_start:%B %Y}", amount=total))
            sources.append(f"holdback of settlement {settlement.pk}")
    if sum(outstanding.values(), ZERO) != balance:
        return UnableToReadHoldback(
            "What earlier settlements held back does not add up to the balance that the last one hands on; calculate the open "
            "periods again in their order.",
            path=("balances", "holdback"),
        )
    return Held(releases=tuple(releases), sources=tuple(sources), of_resolution=outstanding)


def _window(start: date, end: date, as_of: datetime, timezone: str) -> _Window:
    return _Window(start=start, known_to=min(end - timedelta(days=1), as_of.astimezone(periods.load_timezone(name=timezone)).date()))


def _is_settled(part: _Part, origin: Settlement, windows: Sequence[_Window], fallen: Mapping[int, date], present: _Window) -> bool:
    """Say whether a settlement between the one that held it and this period released it, or a reversal cancelled it there."""
    between = [one for one in windows if origin.period_start < one.start < present.start]
    fell = fallen.get(part.resolution_id)
    return any(part.due_on <= one.known_to or fell == one.start for one in between)


def held_reversals(*, reversals: Sequence[facts.Reversal], resolution_ids: Sequence[int], held: Held) -> tuple[facts.Reversal, ...]:
    """Say of each reversal which part was never paid out: that part is cancelled, and only the rest is taken back."""
    changed = []
    for reversal, resolution_id in zip(reversals, resolution_ids, strict=True):
        kept = held.of_resolution.get(resolution_id, ZERO)
        values: dict[str, Any] = {"paid": max(ZERO, reversal.paid - kept), "held": kept}
        changed.append(facts.Reversal(resolution=reversal.resolution, fraction=reversal.fraction, **values))
    return tuple(changed)
