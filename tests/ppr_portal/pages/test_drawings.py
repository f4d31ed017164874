"""Drawings stay inside their box, and words about limits say what was measured."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.http import HttpResponse

from agents.queries.load_now import LoadNow
from agents.rules.load import Decision, Limits
from contracts.rules.pay_plans import Limit
from ppr_portal.pages import drawings, exports
from ppr_portal.pages.work import headroom, limits
from tests import factories


def test_an_interval_that_leaves_the_scale_is_cut_at_its_edge() -> None:
    found = drawings.draw_interval(
        score=Fraction(9, 10), low=Fraction(1, 2), high=Fraction(1), expected=Fraction(3, 10), counted=Fraction(1), scale=drawings.Scale()
    )

    assert (found.band_x, found.band_width) == ("0.00%", "100.00%")
    assert (found.score_x, found.expected_x, found.counted_x) == ("75.00%", "0.00%", "100.00%")


@pytest.mark.parametrize(("rates", "low"), [([], "3/5"), (["0.6"], "3/5"), (["0.599"], "2/5"), (["0.2", "0.9"], "1/5"), (["0.1"], "0")])
def test_one_scale_holds_every_rate_of_a_page(rates: list[str], low: str) -> None:
    assert drawings.fitting_scale([Fraction(rate) for rate in rates]).low == Fraction(low)


def test_the_certainty_bar_fills_its_width_and_leaves_nothing_out_but_nothing() -> None:
    parts = drawings.draw_certainty(parts=[("hours", 750), ("confirmed", 0), ("assumed", 250), ("quality", -5)])

    assert [part.fill for part in parts] == ["hours", "assumed"]
    assert parts[0].x == "0.00%"
    last = parts[-1]
    assert float(last.x[:-1]) + float(last.width[:-1]) == pytest.approx(100, abs=0.02)


def test_nothing_earned_draws_nothing() -> None:
    assert drawings.draw_certainty(parts=[("hours", 0)]) == ()


def test_a_line_of_weeks_needs_two_of_them() -> None:
    assert drawings.draw_spark(rates=[None, Fraction(1, 2)], expected=None) is None

    found = drawings.draw_spark(rates=[Fraction(1, 2), None, Fraction(1)], expected=Fraction(1, 2))
    assert found is not None
    assert found.path == "M0.0,12.0 L100.0,2.0"
    assert (found.end_x, found.end_y) == ("100.00%", "2.0")


def room_of(code: str, value: str, *, level: str = "ok", is_on_shift: bool = True) -> headroom.Headroom:
    decision = Decision(
        limit=code,
        value=Fraction(value),
        threshold=None,
        level=level,
        effect=None,
        effects=(),
        from_at=None,
        until_at=None,  # type: ignore[arg-type]
    )
    now = LoadNow(decisions=(decision,), limits=Limits(), is_known=True, is_on_shift=is_on_shift)
    (found,) = headroom.headroom_of(now)
    return found


@pytest.mark.parametrize(
    ("code", "value", "left", "shown", "bounds"),
    [
        ("weekly_hours", "38.4", "5.6 h to first notice", "38.4 h over 17 weeks", "notice 44, limit 48 h"),
        ("weekly_hours", "44", "4 h to the limit", "44 h over 17 weeks", "notice 44, limit 48 h"),
        ("consecutive_days", "5", "1 day to first notice", "5 days", "notice 6, limit 7 days"),
        ("occupancy", "0.78", "7 points to first notice", "78% of available time", "notice 85%, limit 90%"),
        ("daily_rest", "14", "Enough", "14 h before the last shift", "at least 11 h"),
        ("break_after", "1.5", "4.5 h to the limit", "1.5 h", "limit 6 h"),
    ],
)
def test_the_room_that_a_limit_leaves_is_said_in_words(code: str, value: str, left: str, shown: str, bounds: str) -> None:
    found = room_of(code, value)

    assert (found.left, found.value, found.bounds) == (left, shown, bounds)


def test_what_is_only_measured_at_work_says_so_after_it() -> None:
    found = room_of("occupancy", "0", is_on_shift=False)

    assert (found.left, found.value) == ("", "not on shift now")


def test_a_limit_that_a_plan_does_not_set_is_left_out() -> None:
    decision = Decision(limit="pace", value=Fraction(3), threshold=None, level="ok", effect=None, effects=(), from_at=None, until_at=None)
    now = LoadNow(decisions=(decision,), limits=Limits(by_code={"pace": Limit()}), is_known=True, is_on_shift=True)

    assert headroom.headroom_of(now) == ()


@pytest.mark.django_db
def test_two_effects_of_one_limit_are_one_decision() -> None:
    agent = factories.make_agent(name="Aisha Rahman")
    rows = [
        factories.make_decision(agent=agent, limit="weekly_hours", value=49, threshold=48, effect=effect)
        for effect in ("premium_suspended", "stop_assignment")
    ]
    (found,) = limits.views_of(rows)

    assert found.is_stop
    assert len(found.effects) == 2
    assert found.fact == "49 h of work a week; the limit is 48"
    assert found.lead_title.startswith("Aisha Rahman gets no new contacts until")


@pytest.mark.django_db
def test_a_notice_says_nothing_more_once_the_limit_acts() -> None:
    agent = factories.make_agent()
    warn = factories.make_decision(agent=agent, level="warn", effect="prompt", starts_at=factories.NOON - timedelta(days=1))
    act = factories.make_decision(agent=agent)
    views = limits.in_force(limits.views_of([warn, act]))

    assert [view.pk for view in views] == [act.pk]


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1+1", "'=1+1"), ("-2.98", "-2.98"), ("-cmd", "'-cmd"), ("@x", "'@x"), ("+1", "+1"), (None, ""), ("Maya", "Maya"), (5, "5")],
)
def test_a_spreadsheet_runs_nothing(cell: object, written: str) -> None:
    response = exports.write_table(exports.csv_response(name="x", head=["a"], rows=[[cell]]), is_workbook=False)

    assert isinstance(response, HttpResponse)
    assert response.content.decode("utf-8-sig").splitlines()[1].strip('"') == written
