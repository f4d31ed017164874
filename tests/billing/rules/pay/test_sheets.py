"""Pay in columns is the pay of the pipeline: every line as it is stored, every test, workweek and balance."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.rules import scores
from billing.rules import money
from billing.rules.pay import (
    facts,
    gather,
    hour_frames,
    pipeline,
    place_frames,
    quality,
    sheet_lines,
    sheets,
    unit_frames,
    workweeks,
)
from contracts.rules import exact, pay_plans, quality_curve, rule_packs

# The month cuts its first and last workweek, and the clocks change in it.
PERIOD = workweeks.PayPeriod(start=date(2026, 10, 15), end=date(2026, 11, 12), timezone="America/New_York", weekday=7)
FIRST_WEEK = date(2026, 10, 11)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AGENT = 7
ONE = Fraction(1)
DAYS = tuple(PERIOD.start + timedelta(days=count) for count in range((PERIOD.end - PERIOD.start).days))
CURVE = quality_curve.Curve(
    low=quality_curve.CurvePoint(score=Fraction("0.7"), multiplier=Fraction("0.85")),
    high=quality_curve.CurvePoint(score=Fraction("0.9"), multiplier=Fraction("1.15")),
)


def amounts(*texts):
    return st.sampled_from([Fraction(text) for text in texts])


@st.composite
def unit_terms(draw):
    kind = draw(st.sampled_from(["share", "unit_amount"]))
    measure = "count" if kind == "unit_amount" else draw(st.sampled_from(["count", "amount"]))
    widths = draw(st.lists(amounts("0.5", "1", "2.25", "3"), max_size=3))
    bounds = [*(sum(widths[: place + 1]) for place in range(len(widths))), None]
    rates = [draw(amounts("0", "0.18", "0.24", "1.5", "1/3")) for _ in bounds]
    return pay_plans.UnitTerms(
        rate_kind=kind,
        tiers=tuple(pay_plans.PayTier(up_to=bound, rate=rate) for bound, rate in zip(bounds, rates, strict=True)),
        is_tiered=len(bounds) > 1 or draw(st.booleans()),
        measure=measure,
        mode=draw(st.sampled_from(["marginal", "whole"])),
        accumulate=draw(st.sampled_from(["period", "transaction", "year"])),
    )


PLANS = st.builds(
    pay_plans.PayTerms,
    base_hourly=st.none() | amounts("15", "12.5", "22/3"),
    guaranteed_hourly=st.none() | amounts("9", "41/3"),
    unit=st.none() | unit_terms(),
    quality=st.none() | st.builds(pay_plans.QualityTerms, curve=st.just(CURVE), n_min=amounts("0", "20")),
)
PACKS = st.builds(
    rule_packs.RulePack,
    # The second one rises on the first day of the period: what the week that it cuts had before is tested at the wage of before.
    min_wages=st.just(())
    | st.just((rule_packs.DatedRate(starts_on=date(2020, 1, 1), rate=Fraction("13.27")),))
    | st.just(
        (
            rule_packs.DatedRate(starts_on=date(2020, 1, 1), rate=Fraction("13.27")),
            rule_packs.DatedRate(starts_on=PERIOD.start, rate=Fraction("14.3")),
        )
    ),
    ot_week=st.none() | amounts("40", "12.5", "40/3"),
    ot_day=st.none() | amounts("8"),
    dt_day=st.none() | amounts("10"),
    holiday_share=st.none() | amounts("0.1207"),
)
CREDITS = st.lists(
    st.tuples(
        st.sampled_from(DAYS),
        st.integers(4, 20),
        st.sampled_from([None, "a", "b"]),
        amounts("0", "0.99", "2.4", "14000000"),
        amounts("1", "0.5", "0.333333"),
    ),
    max_size=8,
)
HOURS = st.dictionaries(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(["productive", "training", "off"])), st.integers(1, 8 * 3600), max_size=12
)
CARRIED = st.just(()) | st.tuples(
    st.builds(
        facts.CarriedWeek,
        week=st.just(FIRST_WEEK),
        hours=amounts("24", "70/3"),
        overtime_hours=amounts("0", "1.5"),
        pay=amounts("0", "311", "2000/7"),
        overtime=amounts("0", "11/3"),
    )
)
METRICS = st.just(()) | st.tuples(
    st.builds(
        lambda n, good, pool: scores.Metric(code="csat", n=Fraction(n), successes=Fraction(min(n, good)), pool=pool),
        st.integers(0, 40),
        st.integers(0, 40),
        amounts("0.8", "17/21"),
    )
)
SUSPENSIONS = st.just(()) | st.tuples(
    st.builds(
        lambda day: facts.Decision(effect="premium_suspended", starts_at=datetime.combine(day, time(9), tzinfo=UTC)), st.sampled_from(DAYS)
    )
)


def make_raw(credits, hours, carried, metrics, decisions, position):
    return gather.RawFacts(
        agent="A-1",
        credits=tuple(
            facts.Credit(
                resolution=f"R-{place:03}",
                verified_at=datetime.combine(day, time(hour), tzinfo=UTC),
                credit=credit,
                price=price,
                list_price=price,
                class_code=code,
                currency="USD",
            )
            for place, (day, hour, code, price, credit) in enumerate(credits)
        ),
        time=tuple(
            facts.TimeSum(category=category, day=day, hours=Fraction(seconds, 3600)) for (day, category), seconds in sorted(hours.items())
        ),
        decisions=decisions,
        metrics=metrics,
        balances=facts.Balances(tier_position=position),
        carried=carried,
    )


def settle(raw, terms, pack):
    """Pay by the pipeline."""
    given_facts = gather.gather_facts(raw=raw, terms=terms, pack=pack, period=PERIOD, currency="USD")
    return pipeline.compute_agent(terms=terms, pack=pack, period=PERIOD, facts=given_facts, rounding=money.Round(places=2))


def settle_in_columns(raw, terms, pack):
    """Pay by the frames and sheets."""
    units = unit_frames.UnitSums(position=raw.balances.tier_position)
    if terms.unit is not None and raw.credits:
        units = sum_units(raw, terms.unit)[AGENT]
    days = pl.DataFrame(
        [(AGENT, entry.day, entry.category, int(entry.hours * hour_frames.HOUR_US)) for entry in raw.time],
        schema={"agent_id": pl.Int64, "day": pl.Date, "category": pl.String, "microseconds": pl.Int64},
        orient="row",
    )
    member = sheets.Member(
        score=quality.score_agent(metrics=raw.metrics, terms=terms.quality),
        units=units,
        hours=hour_frames.sum_weeks(days=days, period=PERIOD, pack=pack).get(AGENT, ()),
        carried=raw.carried,
        balances=raw.balances,
    )
    return sheets.make_sheet(columns=sheets.make_columns(terms=terms, pack=pack, period=PERIOD, places=2), member=member)


def sum_units(raw, terms):
    rows = [
        {
            "agent_id": AGENT,
            "resolution": credit.resolution,
            "verified_us": (credit.verified_at - EPOCH) // timedelta(microseconds=1),
            "class_code": credit.class_code,
            "basis_micros": int(credit.price * money.MICROS) if terms.needs_basis else 0,
            "credit_micros": int(credit.credit * money.MICROS),
        }
        for credit in raw.credits
    ]
    stops = [(AGENT, (one.starts_at - EPOCH) // timedelta(microseconds=1), None) for one in raw.decisions]
    schema = {"agent_id": pl.Int64, "starts_us": pl.Int64, "ends_us": pl.Int64}
    frame = place_frames.add_workweek(frame=pl.DataFrame(rows, schema_overrides={"class_code": pl.String}), period=PERIOD)
    marked = place_frames.mark_suspended(frame=frame, suspensions=pl.DataFrame(stops, schema=schema, orient="row"))
    return unit_frames.sum_frame(frame=marked, terms=terms, positions={AGENT: raw.balances.tier_position})


def write(value):
    return "" if value is None else exact.format_exact(value=value)


def stored_by_pipeline(pay):
    return [
        (
            line.kind,
            line.label,
            line.rule,
            line.source,
            line.week,
            *map(write, (line.quantity, line.rate, line.exact)),
            line.amount,
            dict(line.inputs),
        )
        for line in pay.lines
    ]


def stored_by_sheet(sheet):
    return [
        (
            *line[:2],
            line.rule,
            line.source,
            line.week,
            *map(write_ratio, line[5:8]),
            Fraction(line.minor, 100),
            sheet_lines.inputs_of(line=line, written=sheet_lines.Written()),
        )
        for line in sheet.lines
    ]


def write_ratio(value):
    return sheet_lines.Written()[value]


def fraction(value):
    return None if value is None else Fraction(*value)


# Everything at once: three tiers, poor quality on enough answers, suspension, both floors, overtime over a week that was begun before.
FULL = {
    "terms": pay_plans.PayTerms(
        base_hourly=Fraction(15),
        guaranteed_hourly=Fraction(41, 3),
        unit=pay_plans.UnitTerms(
            rate_kind="share",
            tiers=tuple(
                pay_plans.PayTier(up_to=bound, rate=Fraction(rate))
                for bound, rate in ((Fraction(1), "0.18"), (Fraction(2), "0.24"), (None, "1/3"))
            ),
        ),
        quality=pay_plans.QualityTerms(curve=CURVE),
    ),
    "pack": rule_packs.RulePack(
        min_wages=(rule_packs.DatedRate(starts_on=date(2020, 1, 1), rate=Fraction("13.27")),), ot_week=Fraction(40, 3), ot_day=Fraction(7)
    ),
    "credits": [(day, 15, code, Fraction("2.4"), Fraction(1)) for day in DAYS[:10:3] for code in ("a", "b")],
    "hours": dict.fromkeys(((day, "productive") for day in DAYS[:12]), 8 * 3600),
    "carried": (
        facts.CarriedWeek(week=FIRST_WEEK, hours=Fraction(70, 3), pay=Fraction(2000, 7), overtime=Fraction(11, 3), overtime_hours=ONE),
    ),
    "metrics": (scores.Metric(code="csat", n=Fraction(40), successes=Fraction(20), pool=Fraction(17, 21)),),
    "decisions": (facts.Decision(effect="premium_suspended", starts_at=PERIOD.starts_at),),
    "position": Fraction(0),
}
# Overtime of before earns more by a unit here, in a week without hours; a later week has overtime too.
RAISED = {
    **FULL,
    "terms": pay_plans.PayTerms(
        base_hourly=Fraction(12),
        unit=pay_plans.UnitTerms(rate_kind="unit_amount", tiers=(pay_plans.PayTier(up_to=None, rate=Fraction(10)),)),
    ),
    "pack": rule_packs.RulePack(ot_week=Fraction(40)),
    "credits": [(DAYS[0], 15, None, ONE, ONE)],
    "hours": dict.fromkeys(((day, "productive") for day in DAYS[4:9]), 46 * 720),
    "carried": (
        facts.CarriedWeek(week=FIRST_WEEK, hours=Fraction(45), overtime_hours=Fraction(5), pay=Fraction(540), overtime=Fraction(30)),
    ),
    "metrics": (),
    "decisions": (),
}


@settings(max_examples=150, deadline=None)
@example(**RAISED)
@example(**FULL)
@example(**{**FULL, "decisions": (), "metrics": ()})
@given(
    terms=PLANS,
    pack=PACKS,
    credits=CREDITS,
    hours=HOURS,
    carried=CARRIED,
    metrics=METRICS,
    decisions=SUSPENSIONS,
    position=amounts("0", "2.5"),
)
def test_columns_pay_what_the_pipeline_pays(terms, pack, credits, hours, carried, metrics, decisions, position):
    raw = make_raw(credits, hours, carried, metrics, decisions, position)
    assert sheets.covers_plan(terms=terms, pack=pack, period=PERIOD)
    assert sheets.covers_agent(raw=raw, pack=pack, has_day_types=False)
    pay, sheet = settle(raw, terms, pack), settle_in_columns(raw, terms, pack)
    assert stored_by_sheet(sheet) == stored_by_pipeline(pay)
    assert Fraction(sheet.total_minor, 100) == pay.total
    assert sheet.balances == pay.balances
    told = [tuple(getattr(week, name) for name in week.__dataclass_fields__) for week in pay.evidence.weeks]
    assert [(week[0], *map(fraction, week[1:7]), week[7]) for week in sheet.weeks] == told
    tests = [tuple(getattr(test, name) for name in test.__dataclass_fields__) for test in pay.evidence.floor_tests]
    assert [(*test[:2], *map(fraction, test[2:])) for test in sheet.tests] == tests
    assert [tuple(map(fraction, tier)) for tier in sheet.tiers] == [(tier.quantity, tier.exact) for tier in pay.evidence.tiers]


@pytest.mark.parametrize(
    "terms",
    [
        {"salary": pay_plans.Salary(amount=ONE)},
        {"category_rates": {"training": ONE}},
        {"holdback_share": Fraction(1, 10)},
        {"cap_amount": ONE},
        {"draw": pay_plans.Draw(minimum=ONE)},
        {
            "unit": pay_plans.UnitTerms(
                rate_kind="amount",
                mode="interpolated",
                tiers=(pay_plans.PayTier(up_to=ONE, rate=ONE), pay_plans.PayTier(up_to=None, rate=ONE)),
            )
        },
    ],
)
def test_rare_plans_go_through_the_pipeline(terms):
    assert not sheets.covers_plan(terms=pay_plans.PayTerms(**terms), pack=rule_packs.RulePack(), period=PERIOD)


WAGE = rule_packs.DatedRate(starts_on=date(2026, 10, 15), rate=ONE)


@pytest.mark.parametrize(
    ("pack", "covered"),
    [
        ({"min_wages": (WAGE,)}, True),
        ({"min_wages": (replace(WAGE, starts_on=date(2026, 10, 16)),)}, False),
        ({"min_wages": (WAGE, replace(WAGE, starts_on=date(2026, 11, 11)))}, False),
        ({"min_wages": (WAGE, replace(WAGE, starts_on=date(2026, 11, 12)))}, True),
        ({"min_wages": (WAGE,), "floor_mode": "pay_reference_period"}, False),
        ({"floor_mode": "pay_reference_period"}, True),
        ({"min_wages": (WAGE,), "floor_mode": "per_hour_category"}, False),
        ({"rest_pay": "average"}, False),
        ({"dt_seventh_day": Fraction(8)}, False),
        ({"ot_day": Fraction(8, 7)}, False),
        ({"day_mults": {"holiday": ONE}, "ot_day_mults": {"holiday": ONE}}, False),
    ],
)
def test_rare_packs_go_through_the_pipeline(pack, covered):
    assert sheets.covers_plan(terms=pay_plans.PayTerms(), pack=rule_packs.RulePack(**pack), period=PERIOD) is covered


@pytest.mark.parametrize(
    ("records", "covered"),
    [
        ({}, True),
        ({"amounts": (facts.Amount(kind="adjustment", amount=ONE),)}, False),
        ({"releases": (facts.Release(resolution="R-1", amount=ONE),)}, False),
        ({"reversals": (facts.Reversal(resolution="R-1", paid=ONE),)}, False),
        ({"balances": facts.Balances(draw=ONE)}, False),
        ({"balances": facts.Balances(tier_position=ONE)}, True),
        ({"decisions": (facts.Decision(effect="paid_recovery"),)}, False),
        ({"decisions": (facts.Decision(effect="premium_suspended"),)}, True),
    ],
)
def test_rare_records_go_through_the_pipeline(records, covered):
    assert sheets.covers_agent(raw=gather.RawFacts(agent="A-1", **records), pack=rule_packs.RulePack(), has_day_types=True) is covered


def test_a_special_day_goes_through_the_pipeline_where_it_earns_a_premium():
    pack = rule_packs.RulePack(day_mults={"holiday": Fraction(2)})
    raw = gather.RawFacts(agent="A-1")
    assert not sheets.covers_agent(raw=raw, pack=pack, has_day_types=True)
    assert sheets.covers_agent(raw=raw, pack=pack, has_day_types=False)


def test_a_cut_week_goes_through_the_pipeline_where_overtime_is_paid_by_the_day():
    mults = {"holiday": Fraction(2)}
    by_day = rule_packs.RulePack(day_mults=mults, ot_day_mults=mults)
    for end, covered in ((date(2026, 11, 8), True), (date(2026, 11, 9), False)):
        assert sheets.covers_plan(terms=pay_plans.PayTerms(), pack=by_day, period=replace(PERIOD, end=end)) is covered
    carried = (facts.CarriedWeek(week=FIRST_WEEK, hours=ONE),)
    raw = gather.RawFacts(agent="A-1", carried=carried)
    assert not sheets.covers_agent(raw=raw, pack=by_day, has_day_types=False)
    assert sheets.covers_agent(raw=raw, pack=rule_packs.RulePack(day_mults=mults), has_day_types=False)
    assert sheets.covers_agent(raw=replace(raw, carried=()), pack=by_day, has_day_types=False)
