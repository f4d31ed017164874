"""Gather one agent's raw facts into the totals that the pipeline reads: eligible units, hours, converted amounts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from fractions import Fraction

from agents.rules import scores
from billing.rules.pay import exchange, facts, nights, timesheet, units, workweeks
from contracts.rules import errors, exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


class MissingPrice(errors.InvalidInput):
    """A credit without the price, list price or class that the plan pays by."""


class InvalidCredit(errors.InvalidInput):
    """A credit of more than a whole resolution."""


@dataclass(frozen=True, kw_only=True)
class RawFacts:
    """What is known of one agent, as records hold it."""

    agent: str
    credits: Sequence[facts.Credit] = ()
    time: Sequence[facts.TimeSum | facts.TimeSegment] = ()
    decisions: Sequence[facts.Decision] = ()
    metrics: tuple[scores.Metric, ...] = ()
    amounts: Sequence[facts.Amount] = ()
    releases: tuple[facts.Release, ...] = ()
    reversals: tuple[facts.Reversal, ...] = ()
    balances: facts.Balances = field(default_factory=facts.Balances)
    carried: tuple[facts.CarriedWeek, ...] = ()
    carried_day: facts.CarriedDay | None = None


def gather_facts(
    *,
    raw: RawFacts,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    currency: str,
    rates: Sequence[facts.ExchangeRate] = (),
) -> facts.AgentFacts:
    """Turn an agent's records into totals.

    Args:
        raw: credits, time, decisions, amounts and balances, as recorded; instants may lie outside the period.
        terms: what prices a unit, and its tiers.
        pack: rounding of recorded time, where a workday begins, and when night is.
        period: the agent's part of the pay period.
        currency: pay currency.
        rates: dated exchange rates into it.

    Returns: facts for `pipeline.compute_agent`; what belongs to another period is counted in `left_out`.
    Raises: MissingPrice, InvalidCredit, InvalidTime, MissingExchangeRate, with the place of the fact.
    Source: design.md section 6, steps 1 to 3.
    """
    sheet = timesheet.classify_time(
        entries=raw.time,
        decisions=raw.decisions,
        period=period,
        rounding_minutes=pack.time_rounding_minutes,
        workday=pack.workday,
        carried_day=raw.carried_day,
        rises=[dated.starts_on for dated in pack.min_wages if period.holds_day(day=dated.starts_on)],
    )
    eligible = [
        (place, credit, credit.verified_at)
        for place, credit in enumerate(raw.credits)
        if credit.verified_at is not None and period.holds(at=credit.verified_at)
    ]
    accrued_count = sum(credit.verified_at is None for credit in raw.credits)
    totals = facts.UnitTotals(position=raw.balances.tier_position)
    if terms.unit is not None:
        made = [_make_unit(place, credit, at, terms.unit, raw.decisions, period, currency, rates) for place, credit, at in eligible]
        totals = units.total_units(units=made, terms=terms.unit, position=raw.balances.tier_position)
    return facts.AgentFacts(
        agent=raw.agent,
        units=totals,
        hours=sheet.hours,
        recoveries=sheet.recoveries,
        nights=nights.find_nights(sheet=sheet, pack=pack, period=period),
        parts=nights.find_parts(sheet=sheet, period=period) if pack.ot_day_mults and _crosses_midnight(pack, period) else (),
        metrics=raw.metrics,
        amounts=tuple(_place(place, amount, period, currency, rates) for place, amount in enumerate(raw.amounts)),
        releases=raw.releases,
        reversals=raw.reversals,
        balances=raw.balances,
        carried=raw.carried,
        carried_day=raw.carried_day,
        open_day=sheet.open_day if pack.has_daily_rule else None,
        left_out=facts.LeftOut(
            accrued_count=accrued_count,
            credit_count=len(raw.credits) - accrued_count - len(eligible),
            hours=sheet.hours_left_out,
        ),
    )


def refuse_overcredited(*, agents: Sequence[Sequence[facts.Credit]]) -> None:
    """Refuse resolutions of which more than the whole is credited, to one agent or to several together.

    Args:
        agents: the credits of each agent, in the caller's order.

    Raises: InvalidCredit with the place of the credit that goes beyond one.
    Source: formats.md, "pay", "Unit".
    """
    sums: dict[str, Fraction] = {}
    for agent, credits in enumerate(agents):
        for place, credit in enumerate(credits):
            sums[credit.resolution] = sums.get(credit.resolution, ZERO) + credit.credit
            if sums[credit.resolution] > 1:
                raise InvalidCredit(
                    f"The credits of resolution {credit.resolution} add up to {exact.format_exact(value=sums[credit.resolution])}; "
                    "they may not exceed 1.",
                    path=("agents", agent, "credits", place, "credit"),
                )


def _crosses_midnight(pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> bool:
    """Say whether a workday may hold hours of two calendar days, and so of two types of day."""
    return pack.workday == "shift" or period.hour != time(0)


def _make_unit(
    place: int,
    credit: facts.Credit,
    at: datetime,
    terms: pay_plans.UnitTerms,
    decisions: Sequence[facts.Decision],
    period: workweeks.PayPeriod,
    currency: str,
    rates: Sequence[facts.ExchangeRate],
) -> units.Unit:
    path = ("credits", place)
    price = _price(credit, terms, path) if terms.needs_basis else ZERO
    rate = None
    if terms.needs_basis and terms.basis != "fixed":
        day = period.local_day(at=at)
        rate = exchange.find_rate(currency=credit.currency, pay_currency=currency, day=day, rates=rates, path=(*path, "currency"))
    return units.Unit(
        resolution=credit.resolution,
        verified_at=at.astimezone(UTC),
        week=workweeks.workweek_of(period=period, day=workweeks.workday_of(period=period, at=at)),
        basis=price * (rate.rate if rate else ONE),
        credit=credit.credit,
        class_code=credit.class_code,
        suspended=any(_suspends(decision, at) for decision in decisions),
        exchange=f"{rate.currency} {exact.format_exact(value=rate.rate)} from {rate.starts_on}" if rate else None,
    )


def _price(credit: facts.Credit, terms: pay_plans.UnitTerms, path: tuple[str | int, ...]) -> Fraction:
    """Return the price that the plan's basis names, in the credit's own currency."""
    if terms.basis == "fixed":
        if credit.class_code is None:
            raise MissingPrice(
                f"Resolution {credit.resolution} has no class, but the plan pays a fixed amount for each class; name it.",
                path=(*path, "class"),
            )
        if credit.class_code not in terms.amounts:
            raise MissingPrice(
                f'The plan has no amount for class "{credit.class_code}" of resolution {credit.resolution}; add it to unit.amounts.',
                path=(*path, "class"),
            )
        return terms.amounts[credit.class_code]
    name, price = ("price", credit.price) if terms.basis == "booked" else ("list_price", credit.list_price)
    if price is None:
        raise MissingPrice(
            f"Resolution {credit.resolution} has no {name}, and the plan pays a share of it; hold it until it is priced.",
            path=(*path, name),
        )
    return price


def _suspends(decision: facts.Decision, at: datetime) -> bool:
    if decision.effect != "premium_suspended":
        return False
    return (decision.starts_at is None or decision.starts_at <= at) and (decision.ends_at is None or at < decision.ends_at)


def _place(
    place: int, amount: facts.Amount, period: workweeks.PayPeriod, currency: str, rates: Sequence[facts.ExchangeRate]
) -> facts.Amount:
    """Number an amount, and find the rate of its day: the one named, else the first day of its week inside the period."""
    day = amount.day or period.start
    if amount.day is None and amount.week is not None:
        # A week may be named by any of its days.
        day = max(workweeks.workweek_of(period=period, day=amount.week), period.start)
    rate = exchange.find_rate(currency=amount.currency, pay_currency=currency, day=day, rates=rates, path=("amounts", place, "currency"))
    return replace(amount, place=place, exchange_rate=rate.rate if rate else None)
