"""The minimum pay test beside a statement: week by week, also when nothing had to be added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.models import Settlement
from ppr_portal.templatetags import formats, times


@dataclass(frozen=True, kw_only=True)
class WeekTest:
    """One workweek of the minimum pay test: hours, and pay an hour without overtime premium."""

    name: str
    hours: str
    hourly: str


@dataclass(frozen=True, kw_only=True)
class FloorTest:
    """The minimum pay test of a settlement."""

    is_met: bool
    words: str
    weeks: tuple[WeekTest, ...]
    top_up_micros: int


def floor_test_of(settlement: Settlement) -> FloorTest | None:
    """Return the minimum pay test by week, from the evidence; None where no rule tested anything."""
    tests = settlement.evidence.get("floor_tests") or []
    if not tests:
        return None
    weeks: dict[str, Mapping[str, str]] = {}
    for test in tests:
        weeks.setdefault(test["week"] or "", test)
    hourly = {week: Fraction(test["credited"]) / Fraction(test["hours"]) for week, test in weeks.items() if Fraction(test["hours"])}
    top_up = sum((line.amount_micros for line in settlement.lines.all() if line.kind == "floor"), 0)
    return FloorTest(
        is_met=top_up == 0,
        words=_floor_words(tests, hourly, is_met=top_up == 0),
        weeks=tuple(_week(settlement, week, test, hourly) for week, test in sorted(weeks.items())),
        top_up_micros=top_up,
    )


def _floor_words(tests: Sequence[Mapping[str, str]], hourly: Mapping[str, Fraction], *, is_met: bool) -> str:
    required = [Fraction(test["required"]) / Fraction(test["hours"]) for test in tests if Fraction(test["hours"])]
    least = _("Your lowest week was %(least)s an hour. ") % {"least": formats.decimal(min(hourly.values()))} if len(hourly) > 1 else ""
    if not required:
        return _("Tested on all hours; there were none.")
    bound = _("At least %(required)s an hour is promised") % {"required": formats.decimal(max(required))}
    words = (
        _("Tested week by week on all hours. %(least)s%(bound)s, so nothing had to be added.")
        if is_met
        else _("Tested week by week on all hours. %(least)s%(bound)s, so your pay was lifted.")
    )
    return words % {"least": least, "bound": bound}


def _week(settlement: Settlement, week: str, test: Mapping[str, str], hourly: Mapping[str, Fraction]) -> WeekTest:
    name = _("The whole period")
    if week:
        start = date.fromisoformat(week)
        # A workweek is tested as a whole, so its days before the period count; those after it are tested with the next.
        name = times.day_range(start, min(start + timedelta(days=7), settlement.period_end), brief=True)
    rate = formats.decimal(hourly[week]) if week in hourly else times.EN_DASH
    return WeekTest(name=name, hours=formats.decimal(test["hours"]), hourly=rate)
