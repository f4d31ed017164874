"""What if: the same pipeline on changed facts, both sides of what may be changed, and no more hours than limits leave."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import load, scores
from billing.rules import what_if
from billing.rules.pay import facts, gather, workweeks
from contracts.rules import pay_plans, quality_curve, rule_packs

PERIOD = workweeks.PayPeriod(start=date(2026, 10, 1), end=date(2026, 11, 1))
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
CURVE = quality_curve.Curve(
    low=quality_curve.CurvePoint(score=Fraction(64, 100), multiplier=Fraction(8, 10)),
    high=quality_curve.CurvePoint(score=Fraction(98, 100), multiplier=Fraction(12, 10)),
)
TERMS = pay_plans.PayTerms(
    base_hourly=Fraction(12),
    unit=pay_plans.UnitTerms(
        rate_kind="share",
        tiers=(pay_plans.PayTier(up_to=Fraction(3), rate=Fraction(1, 5)), pay_plans.PayTier(up_to=None, rate=Fraction(1, 4))),
    ),
    quality=pay_plans.QualityTerms(curve=CURVE, weights={"csat": Fraction(1)}),
)


def make_situation(*, count: int = 2, clawback: bool = False) -> what_if.Situation:
    credits = [
        facts.Credit(
            resolution=f"R-{number}",
            verified_at=datetime(2026, 10, 5, 12, tzinfo=UTC) + timedelta(hours=number),
            price=Fraction(10),
            class_code="refund/chat",
            currency="USD",
        )
        for number in range(count)
    ]
    raw = gather.RawFacts(
        agent="A-1",
        credits=credits,
        time=[facts.TimeSum(category="productive", day=date(2026, 10, 5), hours=Fraction(8))],
        metrics=(scores.Metric(code="csat", successes=Fraction(20), n=Fraction(25), pool=Fraction(87, 100)),),
    )
    return what_if.Situation(raw=raw, terms=TERMS, pack=rule_packs.RulePack(), period=PERIOD, currency="USD", as_of=NOW)


def rows(found: what_if.Comparison) -> dict[str, tuple[str, str]]:
    return {row.kind: (str(row.now), str(row.then)) for row in found.rows}


def test_no_change_is_no_difference() -> None:
    found = what_if.compare(situation=make_situation(), changes=what_if.Changes())

    assert found.now == found.then
    assert all(row.difference == 0 for row in found.rows)


def test_more_resolutions_go_through_the_tiers_and_quality() -> None:
    found = what_if.compare(situation=make_situation(), changes=what_if.Changes(resolutions={"refund/chat": 3}))

    # 5 × 10.00 at 20%, and two of them 5% more; quality takes its part of both.
    assert rows(found)["unit"] == ("4", "10")
    assert rows(found)["tier_uplift"] == ("0", "1")
    assert found.then.total > found.now.total + 7


def test_fewer_resolutions_leave_the_latest_out() -> None:
    found = what_if.compare(situation=make_situation(), changes=what_if.Changes(resolutions={"refund/chat": -1}))

    assert rows(found)["unit"] == ("4", "2")


def test_better_results_move_the_multiplier_and_nothing_else() -> None:
    found = what_if.compare(situation=make_situation(), changes=what_if.Changes(successes={"csat": Fraction(25)}))

    changed = {row.kind for row in found.rows if row.difference}
    assert changed == {"quality"}
    assert found.then.evidence.multiplier > found.now.evidence.multiplier


def test_more_hours_are_spread_over_the_days_left() -> None:
    found = what_if.compare(situation=make_situation(), changes=what_if.Changes(hours=Fraction(11)))

    assert rows(found)["base"] == ("96", "228")
    changed = what_if.apply(situation=make_situation(), changes=what_if.Changes(hours=Fraction(11)))
    assert [entry.day.day for entry in changed.time[1:]] == list(range(21, 32))


def test_on_the_last_day_more_hours_are_today() -> None:
    last = what_if.Situation(**{**make_situation().__dict__, "as_of": datetime(2026, 10, 31, 12, tzinfo=UTC)})
    changed = what_if.apply(situation=last, changes=what_if.Changes(hours=Fraction(2)))

    assert [(entry.day, entry.hours) for entry in changed.time[1:]] == [(date(2026, 10, 31), 2)]


@pytest.mark.parametrize(
    "changes",
    [
        what_if.Changes(resolutions={"unknown/chat": 1}),
        what_if.Changes(resolutions={"refund/chat": -3}),
        what_if.Changes(hours=Fraction(-1)),
    ],
)
def test_what_cannot_be_is_refused(changes: what_if.Changes) -> None:
    with pytest.raises(what_if.InvalidChanges):
        what_if.compare(situation=make_situation(), changes=changes)


def decision(until: datetime | None) -> load.Decision:
    return load.Decision(
        limit="consecutive_days",
        value=Fraction(7),
        threshold=Fraction(7),
        level="act",
        effect="stop_assignment",
        effects=("stop_assignment",),
        from_at=NOW,
        until_at=until,
    )


@pytest.mark.parametrize(
    ("decisions", "days", "room"),
    [((), 7, 48), ((decision(NOW + timedelta(days=1)),), 8, 48), ((decision(None),), 7, 0), ((), 0, 0), ((), 1, 6)],
)
def test_the_room_is_what_the_limits_leave(decisions: tuple[load.Decision, ...], days: int, room: int) -> None:
    found = what_if.hours_room(decisions=decisions, limits=load.Limits(), as_of=NOW, ends_at=NOW + timedelta(days=days))

    assert found == room


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 6), st.integers(0, 20))
def test_one_more_never_pays_less(count: int, hours: int) -> None:
    situation = make_situation()
    less = what_if.compare(situation=situation, changes=what_if.Changes(resolutions={"refund/chat": count}, hours=Fraction(hours)))
    more = what_if.compare(situation=situation, changes=what_if.Changes(resolutions={"refund/chat": count + 1}, hours=Fraction(hours)))

    assert more.then.total >= less.then.total
