"""The order of the pay rules; nothing else knows it. A different order is a decision recorded in docs/adr.

The nightly batch, the live accrual, the what-if and the calculator all come here.
"""

from dataclasses import replace
from fractions import Fraction

from agents.rules import scores
from billing.rules import money
from billing.rules.pay import (
    adjustments,
    amounts,
    book,
    cap,
    cut_weeks,
    draw,
    facts,
    floor,
    guardrails,
    holdback,
    hours,
    nights,
    nonproductive,
    overtime,
    percent_bonus,
    quality,
    recovery,
    rest,
    reversal,
    room,
    salary_overtime,
    settlements,
    true_up,
    unit_pay,
    workweeks,
)
from contracts.rules import pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


def compute_agent(
    *,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    facts: facts.AgentFacts,
    rounding: money.Round,
) -> settlements.AgentPay:
    """Compute what one agent is owed for a pay period.

    Args:
        terms: the plan version in force for the agent.
        pack: the pay law in force at the start of the period.
        period: the agent's part of the pay period, clipped to employment.
        facts: units, hours, amounts, scores, decisions and balances of this agent alone.
        rounding: places and mode of every line; the minor unit of the pay currency by default.

    Returns: lines in the order of the rules, their total, the evidence, and the balances after.
    Raises: InvalidInput, of the rule that refuses, with the place of the fact or term; nothing is computed then.
    Source: design.md section 6; formats.md, "pay".

    >>> from datetime import date
    >>> from billing.rules.pay import facts as given
    >>> monday = date(2026, 10, 5)
    >>> worked = given.HourSlice(week=monday, day=None, category="productive", hours=Fraction(46))
    >>> done = compute_agent(
    ...     terms=pay_plans.PayTerms(base_hourly=Fraction(12)),
    ...     pack=rule_packs.RulePack(ot_week=Fraction(40)),
    ...     period=workweeks.PayPeriod(start=monday, end=date(2026, 10, 12)),
    ...     facts=given.AgentFacts(agent="A-1", hours=(worked,)),
    ...     rounding=money.Round(places=2),
    ... )
    >>> [(line.kind, str(line.amount)) for line in done.lines]
    [('base', '552'), ('overtime', '36')]
    """
    paid = book.Book(rounding=rounding, terms_version=terms.version, pack_version=pack.stamp)
    score = quality.score_agent(metrics=facts.metrics, terms=terms.quality)
    _pay_resolutions(paid, terms, facts, score)
    _pay_time(paid, terms, pack, period, facts)
    tests = _pay_rest_and_floor(paid, terms, pack, period, facts)
    found, handed_on = _pay_overtime(paid, terms, pack, period, facts, tests)
    protected = room.protect(paid=paid, tests=tests, time=facts.hours, pack=pack, period=period, carried=facts.carried)
    balances = _settle_balances(paid, terms, facts, protected)
    paid.add(adjustments.pay_adjustments(entered=facts.amounts, period=period))
    return settlements.AgentPay(
        agent=facts.agent,
        lines=tuple(paid.lines),
        total=paid.total,
        exact_total=paid.exact_total,
        evidence=_collect_evidence(terms, pack, period, facts, score, tests, found.weeks, handed_on),
        balances=replace(balances, tier_position=facts.units.position),
    )


def _pay_resolutions(paid: book.Book, terms: pay_plans.PayTerms, given: facts.AgentFacts, score: scores.QualityScore | None) -> None:
    """Steps 1 to 6: units, tiers, quality, guardrails."""
    if terms.unit is None:
        return
    paid.add(unit_pay.pay_units(totals=given.units, terms=terms.unit))
    paid.add(unit_pay.pay_uplift(totals=given.units, terms=terms.unit))
    paid.add(quality.pay_quality(paid=paid, score=score))
    multiplier = score.multiplier if score else ONE
    paid.add(guardrails.withhold_premium(totals=given.units, terms=terms.unit, multiplier=multiplier))


def _pay_time(
    paid: book.Book, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, period: workweeks.PayPeriod, given: facts.AgentFacts
) -> None:
    """Step 7: hours, entered amounts, recovery at their average, other hours by themselves."""
    plain = salary_overtime.count_plain(time=given.hours, terms=terms, pack=pack, carried=given.carried, carried_day=given.carried_day)
    paid.add(hours.pay_hours(hours=given.hours, terms=terms, pack=pack, carried=given.carried, without_overtime=plain))
    paid.add(amounts.pay_amounts(amounts=given.amounts, time=given.hours, terms=terms, pack=pack, period=period))
    paid.add(recovery.pay_recovery(paid=paid, recoveries=given.recoveries, time=given.hours, carried=given.carried))
    lifted = nonproductive.top_up_nonproductive(
        paid=paid, time=given.hours, terms=terms, pack=pack, period=period, recoveries=given.recoveries, carried=given.carried
    )
    paid.add(lifted)


def _pay_rest_and_floor(
    paid: book.Book, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, period: workweeks.PayPeriod, given: facts.AgentFacts
) -> tuple[floor.FloorTest, ...]:
    """Steps 7 and 8: rest breaks at the average of everything so far, the law's minimum, then the plan's guarantee.

    Where productive hours are tested alone, their top-up is pay of the week that rest breaks are averaged over; where all hours
    are tested together, rest pay is a part of what is tested.
    """
    is_floor_first = pack.floor_mode == "per_hour_category"
    if not is_floor_first:
        paid.add(rest.pay_rest(paid=paid, time=given.hours, pack=pack, period=period, carried=given.carried))
    wage = floor.top_up_wage(paid=paid, time=given.hours, pack=pack, period=period, carried=given.carried)
    paid.add(wage.earned)
    if is_floor_first:
        paid.add(rest.pay_rest(paid=paid, time=given.hours, pack=pack, period=period, carried=given.carried))
    guarantee = floor.top_up_guarantee(paid=paid, time=given.hours, terms=terms, carried=given.carried)
    paid.add(guarantee.earned)
    return wage.tests + guarantee.tests


def _pay_overtime(
    paid: book.Book,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    given: facts.AgentFacts,
    tests: tuple[floor.FloorTest, ...],
) -> tuple[overtime.Overtime, facts.CarriedWeek | None]:
    """Step 9, and the first of step 10: overtime, bonuses and night pay on top of it, true-ups of earlier weeks."""
    weekly = tuple(paid.weekly)
    found = overtime.pay_overtime(
        paid=paid,
        time=given.hours,
        entered=given.amounts,
        terms=terms,
        pack=pack,
        period=period,
        carried=given.carried,
        carried_day=given.carried_day,
        night_weeks={night.week for night in given.nights},
        parts=given.parts,
    )
    paid.add(found.earned)
    bonuses = percent_bonus.pay_percent_bonuses(paid=paid, entered=given.amounts, terms=terms, pack=pack, period=period)
    paid.add(bonuses)
    nightly = nights.pay_nights(
        paid=paid, nights=given.nights, time=given.hours, days=found.days, terms=terms, pack=pack, carried=given.carried
    )
    paid.add(nightly)
    paid.add(true_up.pay_true_ups(entered=given.amounts, time=given.hours, terms=terms, pack=pack, period=period))
    handed_on = cut_weeks.hand_on(
        weekly=weekly,
        premiums=(*found.earned.earnings, *nightly.earnings),
        tests=tests,
        flat_sums=found.flat_sums,
        given=given,
        terms=terms,
        pack=pack,
        period=period,
    )
    return found, handed_on


def _settle_balances(paid: book.Book, terms: pay_plans.PayTerms, given: facts.AgentFacts, protected: room.Protected) -> facts.Balances:
    """Step 10: holdback and releases, reversals, draw, cap; each within the room that floors and overtime leave."""
    before = given.balances
    held = holdback.hold_back(
        paid=paid, share=terms.holdback_share, room=room.room_of(paid=paid, protected=protected), balance=before.holdback
    )
    paid.add(held.earned)
    released = holdback.release_holdback(releases=given.releases, balance=held.balance, paid=paid)
    paid.add(released.earned)
    taken = reversal.take_back(
        paid=paid,
        reversals=given.reversals,
        clawback_share=terms.clawback_share,
        room=room.room_of(paid=paid, protected=protected),
        balances=before,
        held=released.balance,
    )
    paid.add(taken.earned)
    drawn = draw.apply_draw(paid=paid, draw=terms.draw, room=room.room_of(paid=paid, protected=protected), balance=before.draw)
    paid.add(drawn.earned)
    capped = cap.apply_cap(paid=paid, cap=terms.cap_amount, room=room.room_of(paid=paid, protected=protected), balance=before.cap)
    paid.add(capped.earned)
    return replace(before, draw=drawn.balance, holdback=taken.held, cap=capped.balance, reversal=taken.balance)


def _collect_evidence(
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    given: facts.AgentFacts,
    score: scores.QualityScore | None,
    tests: tuple[floor.FloorTest, ...],
    weeks: tuple[overtime.WeekOvertime, ...],
    handed_on: facts.CarriedWeek | None,
) -> settlements.Evidence:
    worked = hours.hours_worked(hours=given.hours)
    has_daily_rule = pack.ot_day is not None or pack.dt_day is not None
    return settlements.Evidence(
        period_start=period.start,
        period_end=period.end,
        multiplier=score.multiplier if score else None,
        score=score,
        weeks=weeks,
        cut_week=handed_on,
        open_day=given.open_day,
        floor_tests=tests,
        tiers=unit_pay.pay_by_tier(totals=given.units, terms=terms.unit) if terms.unit else (),
        holiday_hours=None if pack.holiday_share is None else worked * pack.holiday_share,
        left_out=given.left_out,
        hours_without_day=hours.hours_worked(hours=[part for part in given.hours if part.day is None]) if has_daily_rule else ZERO,
    )
