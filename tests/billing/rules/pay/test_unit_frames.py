"""The frame rules add up, to the last micro, what the scalar rules add up."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import money
from billing.rules.pay import facts, gather, place_frames, tiers, unit_frames, units, workweeks
from contracts.rules import pay_plans, rule_packs

MONDAY = date(2026, 10, 5)
PERIOD = workweeks.PayPeriod(start=date(2026, 10, 20), end=date(2026, 11, 10), timezone="America/New_York", weekday=7)
SCHEMA = {
    "agent_id": pl.Int64,
    "resolution": pl.Int64,
    "verified_us": pl.Int64,
    "week": pl.Date,
    "class_code": pl.String,
    "basis_micros": pl.Int64,
    "credit_micros": pl.Int64,
    "suspended": pl.Boolean,
}
ROWS = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.integers(0, 5),
        st.sampled_from([MONDAY, MONDAY + timedelta(weeks=1)]),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([0, 990_000, 2_400_000, 14_000_000_000_000]),
        st.sampled_from([0, 333_333, 500_000, 1_000_000]),
        st.booleans(),
    ),
    max_size=12,
)


@st.composite
def whole_terms(draw):
    measure = draw(st.sampled_from(["count", "amount"]))
    kind = draw(st.sampled_from(["share", "unit_amount"])) if measure == "count" else "share"
    widths = draw(st.lists(st.sampled_from(["0.5", "1", "2.25", "3"]), max_size=3))
    bounds = [*(sum(map(Fraction, widths[: place + 1])) for place in range(len(widths))), None]
    rates = [draw(st.sampled_from(["0", "0.18", "0.24", "1.5"])) for _ in bounds]
    return pay_plans.UnitTerms(
        rate_kind=kind,
        tiers=tuple(pay_plans.PayTier(up_to=bound, rate=Fraction(rate)) for bound, rate in zip(bounds, rates, strict=True)),
        is_tiered=draw(st.booleans()) or len(bounds) > 1,
        measure=measure,
        mode=draw(st.sampled_from(["marginal", "whole"])),
        accumulate=draw(st.sampled_from(["period", "transaction", "year"])),
    )


def build(rows):
    named = [
        {**dict(zip(("agent_id", "verified_us", "week", "class_code", "basis_micros", "credit_micros", "suspended"), row, strict=True))}
        for row in rows
    ]
    frame = pl.DataFrame([{**row, "resolution": number} for number, row in enumerate(named)], schema=SCHEMA)
    scalar = {}
    for number, row in enumerate(named):
        unit = units.Unit(
            resolution=f"{number:04}",
            verified_at=datetime(2026, 10, 5, tzinfo=UTC) + timedelta(microseconds=row["verified_us"]),
            week=row["week"],
            basis=money.from_micros(micros=row["basis_micros"]),
            credit=Fraction(row["credit_micros"], unit_frames.CREDIT_SCALE),
            class_code=row["class_code"],
            suspended=row["suspended"],
        )
        scalar.setdefault(row["agent_id"], []).append(unit)
    return frame, scalar


@given(rows=ROWS, terms=whole_terms(), start=st.sampled_from(["0", "0.5", "3"]))
def test_frame_and_scalar_totals_are_equal(rows, terms, start):
    frame, scalar = build(rows)
    positions = dict.fromkeys(scalar, Fraction(start))
    sums = unit_frames.sum_frame(frame=frame, terms=terms, positions=positions)
    assert {agent_id: unit_frames.to_totals(sums=found, terms=terms) for agent_id, found in sums.items()} == {
        agent_id: units.total_units(units=members, terms=terms, position=Fraction(start)) for agent_id, members in sorted(scalar.items())
    }


@given(rows=ROWS, terms=whole_terms())
def test_groups_and_slices_add_up_to_the_same_base(rows, terms):
    _, scalar = build(rows)
    for members in scalar.values():
        totals = units.total_units(units=members, terms=terms)
        assert sum(group.base for group in totals.groups) == sum(part.base for part in totals.slices)


def tiered(rate_kind="unit_amount", **more):
    tier = pay_plans.PayTier(up_to=Fraction(1), rate=Fraction(1))
    return pay_plans.UnitTerms(rate_kind=rate_kind, tiers=(tier,), **more)


def test_a_bounded_last_tier_refuses_more():
    frame, scalar = build([(1, 0, MONDAY, None, 0, 1_000_000, False), (1, 1, MONDAY, None, 0, 500_000, False)])
    with pytest.raises(tiers.UnableToFindTier) as in_frame:
        unit_frames.sum_frame(frame=frame, terms=tiered())
    with pytest.raises(tiers.UnableToFindTier) as in_scalar:
        units.total_units(units=scalar[1], terms=tiered())
    assert in_frame.value.path == in_scalar.value.path == ("plan", "unit", "tiers", 0, "up_to")


@pytest.mark.parametrize(
    "terms",
    [
        tiered(rate_kind="amount", mode="interpolated"),
        tiered(measure="amount"),
        pay_plans.UnitTerms(rate_kind="unit_amount", tiers=(pay_plans.PayTier(up_to=Fraction(1, 3), rate=Fraction(1)),)),
    ],
)
def test_tiers_that_divide_credits_are_refused(terms):
    frame, _ = build([])
    assert not unit_frames.can_total_frame(terms=terms)
    with pytest.raises(unit_frames.UnableToTotalFrame):
        unit_frames.sum_frame(frame=frame, terms=terms)


def test_a_position_that_is_no_whole_number_of_parts_is_refused():
    frame, _ = build([])
    with pytest.raises(unit_frames.UnableToTotalFrame):
        unit_frames.sum_frame(frame=frame, terms=tiered(accumulate="year"), positions={1: Fraction(1, 3)})


INSTANTS = st.integers(0, 25 * 86_400 * 10**6).map(lambda count: datetime(2026, 10, 18, tzinfo=UTC) + timedelta(microseconds=count))


@given(ats=st.lists(INSTANTS, max_size=10), stop=st.tuples(INSTANTS, INSTANTS))
def test_frame_and_scalar_place_units_alike(ats, stop):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    stamps = [(at - epoch) // timedelta(microseconds=1) for at in ats]
    frame = pl.DataFrame({"agent_id": [1] * len(ats), "verified_us": stamps}, schema={"agent_id": pl.Int64, "verified_us": pl.Int64})
    starts, ends = ((at - epoch) // timedelta(microseconds=1) for at in stop)
    stops = pl.DataFrame({"agent_id": [1], "starts_us": [starts], "ends_us": [ends]})
    placed = place_frames.mark_suspended(frame=place_frames.add_workweek(frame=frame, period=PERIOD), suspensions=stops)
    raw = gather.RawFacts(
        agent="A",
        credits=[facts.Credit(resolution=str(number), verified_at=at) for number, at in enumerate(ats)],
        decisions=[facts.Decision(effect="premium_suspended", starts_at=stop[0], ends_at=stop[1])],
    )
    plain = pay_plans.PayTier(up_to=None, rate=Fraction(1))
    terms = pay_plans.PayTerms(unit=pay_plans.UnitTerms(rate_kind="unit_amount", tiers=(plain,), is_tiered=False))
    gathered = gather.gather_facts(raw=raw, terms=terms, pack=rule_packs.RulePack(), period=PERIOD, currency="USD")
    counted = placed.group_by("week", "suspended").agg(pl.len()).sort("week", "suspended").rows()
    assert counted == [(part.week, part.suspended, part.quantity) for part in gathered.units.slices]
    assert placed.height == sum(PERIOD.holds(at=at.astimezone(ZoneInfo("Asia/Tokyo"))) for at in ats)
