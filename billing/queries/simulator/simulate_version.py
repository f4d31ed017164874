"""A contract version on real history: what its months would have billed and paid, beside how they were or another version.

Nothing is written. The same fold decides what counts, the same booking rules rate it, the same statement surrounds it, the same
pipeline pays it.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _

from agents.models import Hold
from agents.queries import policies as policy_queries
from agents.queries.policies import Policies
from billing.queries import contract_period
from billing.queries.simulator.pay import OF_PRICES, Paid, Pay, pay_variants
from billing.queries.simulator.sides import Desk, Side, UnableToSimulate, make_side
from billing.queries.simulator.units import fold_units, local_days, read_stored, within
from billing.rules import money, simulation
from contracts.models import Contract, ContractVersion
from contracts.queries import terms
from contracts.rules import resolution_policy

ZERO = Fraction(0)
MONTHS_SHOWN = 36
SILENCE_HOURS = (24, 48, 72, 120)
REOPEN_DAYS = (3, 7, 14)
REOPEN_PARTS = (Fraction(-1, 2), Fraction(-1, 4), Fraction(1, 4), Fraction(1, 2))
# The newest month of each version, then the one before it, and so on: some steps through an index, however many resolutions there are.
NEWEST = """
    SELECT date_trunc('month', max(newest.verified_at) AT TIME ZONE %(zone)s)::date FROM contracts_contractversion v
    CROSS JOIN LATERAL (
        SELECT r.verified_at FROM agents_resolution r WHERE r.price_version_id = v.id AND r.is_payable AND r.verified_at < {before}
        ORDER BY r.verified_at DESC LIMIT 1) newest
    WHERE v.contract_id = %(contract)s"""
MONTHS = f"""
    WITH RECURSIVE counted (month) AS (
        ({NEWEST.format(before="'infinity'::timestamptz")})
        UNION ALL
        SELECT ({NEWEST.format(before="counted.month::timestamp AT TIME ZONE %(zone)s")}) FROM counted WHERE counted.month IS NOT NULL)
    SELECT month FROM counted WHERE month IS NOT NULL LIMIT %(most)s"""  # noqa: S608 (our own text)
SIZE = """
    SELECT count(*) FROM (
        SELECT FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id
        WHERE c.contract_id = %(contract)s LIMIT %(most)s) counted"""
BOOKED = """
    SELECT coalesce(sum(b.amount_micros), 0)::bigint FROM billing_bookedline b JOIN contracts_contractversion v ON v.id = b.version_id
    WHERE v.contract_id = %(contract)s AND b.period_start = ANY(%(starts)s)"""
Knob = Literal["silence", "reopen", "reopen_rate"]


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A version beside what was, or beside another version: both sides, their pay, and what they rest on.

    Args:
        case_count: cases of the contract that were claimed solved in the months.
        classes: billed resolutions class by class, with the part of pay where it is in the currency of the bill.
        held_count: billed resolutions that wait for a person; nobody is paid for them yet.
        now: as it was; or the other version in the place of every one that was in force.
        then: this version in the place of every one that was in force.
        booked: what is booked for the periods of the first side, exact.
        is_folded: whether the events were folded again, because the policies differ.
        pay: of the first side, then of this version; None where it was not asked for.
    """

    months: tuple[date, ...]
    case_count: int
    now: Side
    then: Side
    classes: tuple[simulation.ClassRow, ...]
    held_count: int
    booked: Fraction
    is_folded: bool
    pay: Paid | None

    @property
    def difference(self) -> Fraction:
        """What the client would be billed more."""
        return self.then.total - self.now.total


@dataclass(frozen=True, kw_only=True)
class Point:
    """One setting of a knob: its value (hours, days, or part of the returns), and what it makes of the months."""

    knob: Knob
    value: Fraction
    is_own: bool
    side: Side
    pay: Pay | None


def list_months(*, contract: Contract) -> list[date]:
    """Return the months in which resolutions of a contract were verified that count and have a price, the newest first, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, {"contract": contract.pk, "zone": contract.timezone, "most": MONTHS_SHOWN})
        return [month for (month,) in cursor.fetchall()]


def is_small(*, contract: Contract, most: int) -> bool:
    """Tell whether a contract has at most so many stored resolutions, whatever became of them, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(SIZE, {"contract": contract.pk, "most": most + 1})
        return bool(cursor.fetchone()[0] <= most)


def open_desk(*, version: ContractVersion, months: Sequence[date], as_of: datetime, against: ContractVersion | None = None) -> Desk:
    """Read what every trial of a version shares.

    Args:
        version: a version in any state, also a draft.
        months: first days of months that follow each other.
        as_of: business instant; what happened later is not known.
        against: another version of the same contract that it is compared with; None: how it was.

    Raises: UnableToSimulate if the version has no policy that can be read; InvalidInput if its terms cannot be read.
    """
    contract = version.contract
    in_force = contract_period.list_in_force(versions=contract.versions.exclude(status="draft").order_by("number"))
    tried = [version] if against is None else [version, against]
    policies = policy_queries.load_policies(drafts=[one.pk for one in tried])
    named = {one.version_id: _("%(contract)s, version %(number)s") % {"contract": contract, "number": one.number} for one in in_force} | {
        one.pk: str(one) for one in tried
    }
    for version_id, name in named.items():
        if version_id not in policies.readable:
            why = policies.unreadable.get(version_id, f"{name} has no resolution policy, so nothing says what counts; add one.")
            raise UnableToSimulate(why)
    return Desk(
        contract=contract,
        in_force=in_force,
        months=tuple(months),
        as_of=as_of,
        stored=read_stored(contract=contract),
        policies=policies,
        loaded=terms.load_contract_terms(version_ids=list(named)),
    )


def simulate_version(*, desk: Desk, version: ContractVersion, with_pay: bool = True, against: ContractVersion | None = None) -> Simulation:
    """Bill and pay some months as a version would, beside how they were or how another version would.

    Args:
        desk: as `open_desk` returns it for these versions.
        version: stands in the place of every version that was in force, on every day.
        with_pay: whether the agents concerned are paid again, too.
        against: the version on the other side, likewise in the place of every one; None: each as it was in force.

    Returns: both sides; by the same rules and the same facts, so that only the terms differ.
    Raises: UnableToSimulate if the two sides bill in different currencies.
    Source: design.md section 10, "What-if and back-test"; docs/simulator.md.
    """
    other = None if against is None else against.pk
    is_folded = _needs_fold(desk, [version.pk, *([] if other is None else [other])])
    now = make_side(desk=desk, units=_units(desk, other, desk.policies, is_folded=is_folded), instead=other)
    then = make_side(desk=desk, units=_units(desk, version.pk, desk.policies, is_folded=is_folded), instead=version.pk)
    if now.currency and now.currency != then.currency:
        billed = _("these months were billed") if against is None else _("%(against)s bills") % {"against": against}
        raise UnableToSimulate(
            _(
                "%(version)s bills in %(currency)s, but %(billed)s in %(currency_2)s; a difference needs one currency. Try a "
                "copy of it in %(currency_2)s."
            )
            % {"version": version, "currency": then.currency, "billed": billed, "currency_2": now.currency}
        )
    pay = _pay(desk, [now, then]) if with_pay else None
    starts = [period.start_date for period in now.periods]
    return Simulation(
        months=desk.months,
        case_count=_claimed(desk)["case_id"].n_unique(),
        now=now,
        then=then,
        classes=_with_pay(simulation.compare_classes(now=now.rated, then=then.rated), pay, then.currency),
        held_count=_count_held(desk, then.rated),
        booked=_read_booked(desk, starts),
        is_folded=is_folded,
        pay=pay,
    )


def count_claimed(*, desk: Desk) -> int:
    """Return how many stored resolutions were claimed in the months: how large a trial is."""
    return _claimed(desk).height


def try_knobs(*, desk: Desk, version: ContractVersion, with_pay: bool = True) -> tuple[Point, ...]:
    """Turn the silence window, the reopen window and the rate of returns of a version, each alone.

    Args:
        desk: as `open_desk` returns it for this version.
        version: the version whose knobs are turned; its own values are among the points.
        with_pay: whether the agents concerned are paid at each point, too.

    Returns: points in order of knob and value. A window also replaces that of every override which has one.
    Source: design.md section 10; docs/simulator.md, "Sensitivity".
    """
    own = desk.policies.readable[version.pk]
    points: list[tuple[Knob, Fraction, bool, Side]] = []
    for knob, lengths in _lengths(own).items():
        for length in lengths:
            changed = _with_window(own, knob, length)
            policies = Policies(readable={**desk.policies.readable, version.pk: changed}, unreadable={})
            units = _units(desk, version.pk, desk.policies if changed == own else policies, is_folded=True)
            value = Fraction(length // timedelta(hours=1), 1 if knob == "silence" else 24)
            points.append((knob, value, changed == own, make_side(desk=desk, units=units, instead=version.pk)))
    units = _units(desk, version.pk, desk.policies, is_folded=True)
    for part in sorted({*REOPEN_PARTS, ZERO}):
        other = simulation.change_reopens(units=units, part=part)
        points.append(("reopen_rate", part, part == 0, make_side(desk=desk, units=other, instead=version.pk)))
    paid = _pay(desk, [side for *_other, side in points]).pays if with_pay else [None] * len(points)
    return tuple(
        Point(knob=knob, value=value, is_own=is_own, side=side, pay=pay)
        for (knob, value, is_own, side), pay in zip(points, paid, strict=True)
    )


def _needs_fold(desk: Desk, version_ids: Sequence[int]) -> bool:
    """Tell whether a policy of the contract's differs from one that is tried: else what is stored is what they would make."""
    in_force = [desk.policies.readable[one.version_id] for one in desk.in_force]
    return any(desk.policies.readable[version_id] != one for version_id in version_ids for one in in_force)


def _units(desk: Desk, instead: int | None, policies: Policies, *, is_folded: bool) -> pl.DataFrame:
    if is_folded:
        return desk.fold(instead) if policies is desk.policies else _fold(desk, instead, policies)
    if instead is None:
        return desk.stored
    other = pl.when(pl.col("version_id").is_not_null()).then(pl.lit(instead, dtype=pl.Int64))
    return desk.stored.with_columns(version_id=other)


def _fold(desk: Desk, instead: int | None, policies: Policies) -> pl.DataFrame:
    return fold_units(history=desk.history, policies=policies, stored=desk.stored, instead=instead)


def _lengths(own: resolution_policy.ResolutionPolicy) -> dict[Literal["silence", "reopen"], list[timedelta]]:
    return {
        "silence": sorted({own.silence_window, *(timedelta(hours=hours) for hours in SILENCE_HOURS)}),
        "reopen": sorted({own.reopen_window, *(timedelta(days=days) for days in REOPEN_DAYS)}),
    }


def _with_window(
    policy: resolution_policy.ResolutionPolicy, window: Literal["silence", "reopen"], length: timedelta
) -> resolution_policy.ResolutionPolicy:
    """Return a policy with another window, in its overrides too; the policy's own length leaves the overrides as they are."""
    name = f"{window}_window"
    if getattr(policy, name) == length:
        return policy
    change: dict[str, Any] = {name: length}
    overrides = tuple(one if getattr(one, name) is None else dataclasses.replace(one, **change) for one in policy.overrides)
    return dataclasses.replace(policy, overrides=overrides, **change)


def _pay(desk: Desk, sides: Sequence[Side]) -> Paid:
    return pay_variants(
        contract=desk.contract,
        stored=desk.stored,
        variants=[side.rated_ever for side in sides],
        months=desk.months,
        as_of=desk.as_of,
    )


def _with_pay(rows: tuple[simulation.ClassRow, ...], pay: Paid | None, currency: str) -> tuple[simulation.ClassRow, ...]:
    """Share the pay that the resolutions bring between the classes; pay in another currency than the bill is left out."""
    if pay is None or any(set(one.own) - {currency} for one in pay.pays):
        return rows
    rounding = money.Round(places=money.currency_places(currency=currency)) if currency else money.Round(places=2)
    now, then = (
        simulation.share_pay(rated={row.code: getattr(row, name) for row in rows}, pay=one.own.get(currency, ZERO), rounding=rounding)
        for name, one in zip(("now", "then"), pay.pays, strict=True)
    )
    return tuple(dataclasses.replace(row, now_pay=now.get(row.code, ZERO), then_pay=then.get(row.code, ZERO)) for row in rows)


def _claimed(desk: Desk) -> pl.DataFrame:
    dated = local_days(frame=desk.stored, zone=desk.contract.timezone)
    return dated.filter(within(column="resolved_date", first=desk.first, end=desk.end))


def _count_held(desk: Desk, rated: pl.DataFrame) -> int:
    held = Hold.objects.filter(released_at=None, resolution__case__contract=desk.contract).exclude(reason__in=OF_PRICES)
    return rated.filter(pl.col("resolution_id").is_in(list(held.values_list("resolution", flat=True)))).height


def _read_booked(desk: Desk, starts: Sequence[date]) -> Fraction:
    with connection.cursor() as cursor:
        cursor.execute(BOOKED, {"contract": desk.contract.pk, "starts": list(starts)})
        return money.from_micros(micros=cursor.fetchone()[0])
