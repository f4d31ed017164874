"""What holds for every settlement, whatever the plan, the law, the hours and the history."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import scores
from billing.rules import money
from billing.rules.pay import explain, facts, gather, pipeline, room, workweeks
from contracts.rules import pay_plans, quality_curve, rule_packs

PERIOD = workweeks.PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 26), timezone="America/New_York")
CENTS = money.Round(places=2)
FINE = money.Round(places=15)
IN_RATE = (
    "unit",
    "tier_uplift",
    "quality",
    "guardrail",
    "recovery",
    "base",
    "category",
    "rest",
    "nonproductive",
    "piece",
    "commission",
    "floor",
)
RATES = st.sampled_from(["0", "0.18", "0.2", "0.25", "1.5"]).map(Fraction)


def spread_bounds(widths):
    return [*(sum(map(Fraction, widths[: place + 1])) for place in range(len(widths))), None]


@st.composite
def rising_units(draw):
    """Tiers in which a higher one never pays less, so that more is never worth less."""
    bounds = spread_bounds(draw(st.lists(st.sampled_from(["0.5", "1", "2.5"]), max_size=3)))
    rates = sorted(draw(st.lists(RATES, min_size=len(bounds), max_size=len(bounds))))
    return pay_plans.UnitTerms(
        rate_kind=draw(st.sampled_from(["share", "unit_amount"])),
        tiers=tuple(pay_plans.PayTier(up_to=bound, rate=rate) for bound, rate in zip(bounds, rates, strict=True)),
        measure=draw(st.sampled_from(["count", "amount"])),
        mode=draw(st.sampled_from(["marginal", "whole"])),
        accumulate=draw(st.sampled_from(["period", "transaction", "year"])),
    )


def make_curve(low, high):
    return quality_curve.Curve(
        low=quality_curve.CurvePoint(score=Fraction("0.7"), multiplier=Fraction(low)),
        high=quality_curve.CurvePoint(score=Fraction("0.9"), multiplier=Fraction(high)),
    )


@st.composite
def plans(draw):
    optional = st.none()
    return pay_plans.PayTerms(
        base_hourly=draw(optional | st.just(Fraction(12))),
        guaranteed_hourly=draw(optional | st.just(Fraction(11))),
        category_rates=draw(st.sampled_from([{}, {"available_waiting": Fraction("9.50")}])),
        unit=draw(rising_units()),
        quality=draw(optional | st.just(pay_plans.QualityTerms(curve=make_curve("0.8", "1.2")))),
        holdback_share=draw(optional | st.just(Fraction("0.15"))),
        cap_amount=draw(optional | st.just(Fraction(40))),
        draw=draw(optional | st.just(pay_plans.Draw(minimum=Fraction(350), recoverable=True, recovery_share=Fraction(1, 2)))),
        clawback_share=Fraction(1),
    )


PACKS = st.sampled_from(
    [
        rule_packs.RulePack(),
        rule_packs.RulePack(min_wages=(rule_packs.DatedRate(starts_on=date.min, rate=Fraction("7.25")),), ot_week=Fraction(40)),
        rule_packs.RulePack(
            min_wages=(rule_packs.DatedRate(starts_on=date.min, rate=Fraction("16.90")),),
            floor_mode="per_hour_category",
            rest_pay="average",
            ot_week=Fraction(40),
            ot_day=Fraction(8),
            dt_day=Fraction(12),
            flat_sum_divisor="non_overtime_hours",
        ),
        rule_packs.RulePack(
            min_wages=(rule_packs.DatedRate(starts_on=date.min, rate=Fraction("12.71")),), floor_mode="pay_reference_period"
        ),
    ]
)
CREDITS = st.tuples(
    st.integers(0, 20), st.sampled_from(["0.99", "2.40", "14"]), st.sampled_from(["1", "0.5", "1/3"]), st.sampled_from([None, "a", "b"])
)


def make_credit(number, drawn):
    day, price, credit, code = drawn
    at = datetime(2026, 10, 5, 15, tzinfo=UTC) + timedelta(days=day, minutes=number % 7)
    return facts.Credit(resolution=f"R-{number:02}", verified_at=at, price=Fraction(price), credit=Fraction(credit), class_code=code)


@st.composite
def histories(draw):
    hours = []
    for week in range(3):
        for day, length in enumerate(draw(st.lists(st.sampled_from(["0", "7.5", "9", "13"]), min_size=5, max_size=5))):
            at = date(2026, 10, 5) + timedelta(days=7 * week + day)
            hours.append(facts.TimeSum(category="productive", hours=Fraction(length), day=at))
            hours.append(facts.TimeSum(category="available_waiting", hours=Fraction(1), day=at))
            hours.append(facts.TimeSum(category="rest_break", hours=Fraction(1, 3), day=at))
    rest = datetime(2026, 10, 7, 18, tzinfo=UTC)
    decisions = [
        facts.Decision(effect="paid_recovery", starts_at=rest, ends_at=rest + timedelta(minutes=15)),
        facts.Decision(
            effect="premium_suspended", starts_at=datetime(2026, 10, 14, tzinfo=UTC), ends_at=datetime(2026, 10, 17, tzinfo=UTC)
        ),
    ]
    return gather.RawFacts(
        agent="A",
        credits=[make_credit(number, drawn) for number, drawn in enumerate(draw(st.lists(CREDITS, max_size=8)))],
        time=hours,
        decisions=draw(st.sampled_from([[], decisions])),
        metrics=draw(st.sampled_from([(), (scores.Metric(code="csat", successes=Fraction(72), n=Fraction(90), pool=Fraction("0.85")),)])),
        amounts=[facts.Amount(kind="piece", amount=Fraction("61.37"), week=date(2026, 10, 12))],
        reversals=draw(st.sampled_from([(), (facts.Reversal(resolution="Q", paid=Fraction(70)),)])),
        balances=facts.Balances(draw=Fraction(30), cap=Fraction(20), holdback=Fraction(5), tier_position=Fraction(1)),
    )


def pay(raw, terms, pack, rounding=CENTS):
    gathered = gather.gather_facts(raw=raw, terms=terms, pack=pack, period=PERIOD, currency="USD")
    return pipeline.compute_agent(terms=terms, pack=pack, period=PERIOD, facts=gathered, rounding=rounding)


def pay_before_and_after(raw, terms, pack, added):
    """Pay with and without one more resolution; each line may round by half of the last of fifteen places."""
    before = pay(raw, terms, pack, FINE)
    after = pay(replace(raw, credits=[*raw.credits, make_credit(50, added)]), terms, pack, FINE)
    return before, after, Fraction(len(after.lines) + len(before.lines), 10**15)


@given(raw=histories(), terms=plans(), pack=PACKS, added=CREDITS)
@settings(max_examples=60)
def test_pay_never_falls_when_a_resolution_is_added(raw, terms, pack, added):
    before, after, rounding = pay_before_and_after(raw, replace(terms, cap_amount=None), pack, added)
    assert after.total - before.total >= -rounding


@given(raw=histories(), terms=plans(), pack=PACKS, added=CREDITS)
@settings(max_examples=60)
def test_under_a_cap_pay_and_what_waits_together_never_fall(raw, terms, pack, added):
    """A cap moves pay between periods: what it defers, or no longer releases, stands in its balance."""

    def position(paid):
        stands = paid.balances
        return paid.total + stands.cap + stands.holdback - stands.draw - stands.reversal

    before, after, rounding = pay_before_and_after(raw, terms, pack, added)
    assert position(after) - position(before) >= -rounding


@given(raw=histories(), terms=plans(), pack=PACKS, seed=st.integers(0, 99))
@settings(max_examples=60)
def test_order_changes_nothing(raw, terms, pack, seed):
    shuffled = random.Random(seed)
    credits, time = list(raw.credits), list(raw.time)
    shuffled.shuffle(credits)
    shuffled.shuffle(time)
    assert pay(replace(raw, credits=credits, time=time), terms, pack) == pay(raw, terms, pack)


@given(raw=histories(), terms=plans(), pack=PACKS)
@settings(max_examples=60)
def test_every_settlement_adds_up_and_explains_itself(raw, terms, pack):
    paid = pay(raw, terms, pack)
    assert paid.total == sum(line.amount for line in paid.lines)
    assert paid.exact_total == sum(line.exact for line in paid.lines)
    for line in paid.lines:
        assert explain.recompute(rule=line.rule, inputs=line.inputs) == line.exact
        assert (line.amount * 100).denominator == 1
    assert sum(week.pay for week in paid.evidence.weeks) == sum(line.exact for line in paid.lines if line.kind in IN_RATE)
    assert sum(week.premium for week in paid.evidence.weeks) == sum(line.exact for line in paid.lines if line.kind == "overtime")
    tiers = sum(tier.exact for tier in paid.evidence.tiers)
    assert tiers == sum(line.exact for line in paid.lines if line.kind in ("unit", "tier_uplift"))


@given(raw=histories(), terms=plans(), pack=PACKS)
@settings(max_examples=60)
def test_nothing_is_taken_below_floors_and_overtime(raw, terms, pack):
    paid = pay(raw, terms, pack)
    kept = sum(line.amount for line in paid.lines)
    earned = [line for line in paid.lines if line.kind not in ("holdback", "reversal", "draw", "draw_recovery", "cap", "cap_release")]
    required = {}
    for test in paid.evidence.floor_tests:
        required[test.week] = max(required.get(test.week, 0), test.required)
    if pack.floor_mode == "pay_reference_period":
        required = {None: max(required.pop(None, 0), sum(required.values()))}
    protected = sum(required.values()) + sum(line.amount for line in earned if line.kind == "overtime")
    assert kept >= min(protected, sum(line.amount for line in earned))
    assert kept >= 0


@given(raw=histories(), terms=plans(), pack=PACKS)
@settings(max_examples=60)
def test_what_is_not_paid_stands_in_a_balance(raw, terms, pack):
    paid = pay(raw, terms, pack)
    moved = {
        kind: sum(line.amount for line in paid.lines if line.kind == kind)
        for kind in ("holdback", "reversal", "draw", "draw_recovery", "cap", "cap_release")
    }
    assert paid.balances.holdback == raw.balances.holdback - moved["holdback"]
    assert paid.balances.draw == raw.balances.draw + moved["draw"] + moved["draw_recovery"]
    assert paid.balances.cap == raw.balances.cap - moved["cap"] - moved["cap_release"]
    assert paid.balances.reversal == sum(reversal.paid for reversal in raw.reversals) + moved["reversal"]


@given(bound=st.sampled_from(["0.5", "2", "3.7"]), step=st.sampled_from(["0.001", "0.1"]), rates=st.tuples(RATES, RATES))
def test_pay_is_continuous_at_a_marginal_edge(bound, step, rates):
    tiers = (pay_plans.PayTier(up_to=Fraction(bound), rate=rates[0]), pay_plans.PayTier(up_to=None, rate=rates[1]))
    terms = pay_plans.PayTerms(unit=pay_plans.UnitTerms(rate_kind="share", tiers=tiers))

    def pay_for(count):
        parts = [Fraction(1)] * int(count) + ([count - int(count)] if count % 1 else [])
        credits = [replace(make_credit(number, (1, "14", "1", None)), credit=part) for number, part in enumerate(parts)]
        return pay(gather.RawFacts(agent="A", credits=credits), terms, rule_packs.RulePack()).exact_total

    at, above = Fraction(bound), Fraction(bound) + Fraction(step)
    assert pay_for(above) - pay_for(at) == Fraction(step) * 14 * rates[1]
    assert pay_for(at) - pay_for(at - Fraction(step)) == Fraction(step) * 14 * rates[0]


@given(raw=histories(), unit=rising_units(), parts=st.sampled_from([("1/2", "1/2"), ("1/3", "2/3"), ("0.1", "0.9")]))
@settings(max_examples=60)
def test_a_resolution_paid_in_parts_is_paid_like_the_whole(raw, unit, parts):
    if unit.accumulate == "transaction":
        unit = replace(unit, accumulate="period")
    terms = pay_plans.PayTerms(unit=unit)
    raw = gather.RawFacts(agent="A", credits=raw.credits, balances=raw.balances)
    whole = [replace(credit, credit=Fraction(1)) for credit in raw.credits]
    split = [
        replace(credit, credit=Fraction(part), resolution=f"{credit.resolution}{place}")
        for credit in whole
        for place, part in enumerate(parts)
    ]
    pack = rule_packs.RulePack()
    assert pay(replace(raw, credits=split), terms, pack).exact_total == pay(replace(raw, credits=whole), terms, pack).exact_total


def test_a_reversal_and_its_original_are_zero():
    unit = pay_plans.UnitTerms(rate_kind="share", tiers=(pay_plans.PayTier(up_to=None, rate=Fraction("0.18")),), is_tiered=False)
    terms = pay_plans.PayTerms(unit=unit, clawback_share=Fraction(1))
    credit = make_credit(1, (1, "0.99", "1", None))
    original = pay(gather.RawFacts(agent="A", credits=[credit]), terms, rule_packs.RulePack())
    [line] = original.lines
    later = gather.RawFacts(
        agent="A",
        amounts=[facts.Amount(kind="piece", amount=Fraction(5), week=date(2026, 10, 12))],
        reversals=(facts.Reversal(resolution=credit.resolution, paid=line.amount),),
    )
    assert sum(found.amount for found in pay(later, terms, rule_packs.RulePack()).lines if found.kind == "reversal") == -line.amount


def test_the_room_is_whole_cents_and_never_negative():
    from billing.rules.pay import book, earnings

    paid = book.Book(rounding=CENTS)
    made = earnings.earn(kind="base", label="x", rule="amount", source="x", inputs={"amount": Fraction("10.01")})
    paid.add(earnings.Earned(earnings=(made,)))
    assert room.room_of(paid=paid, protected=room.Protected(floors=Fraction("7.255"), overtime=Fraction(0))) == Fraction("2.75")
    assert room.room_of(paid=paid, protected=room.Protected(floors=Fraction(20), overtime=Fraction(0))) == 0
