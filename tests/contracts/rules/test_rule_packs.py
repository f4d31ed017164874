"""Shipped pay law: dated, cited, honest about its sources; and the most protective of what applies together."""

from datetime import date, time
from fractions import Fraction

import pytest
import yaml

from contracts import rule_packs as shipped
from contracts.rules import rule_pack_files, rule_packs

CODES = ("eu", "in", "none", "ph", "uk", "us-ca", "us-federal", "us-ny", "us-ny-downstate", "us-wa", "us-wa-seattle")
VERSIONS = {
    "ph": "2026.4",
    "uk": "2026.3",
    "us-ca": "2026.4",
    "us-ny": "2026.3",
    "us-ny-downstate": "2026.2",
    "us-wa": "2026.3",
    "us-wa-seattle": "2026.2",
}
CITED = {"status": "verified", "citation": "a statute"}


def read(on=date(2026, 10, 5), **parameters):
    return rule_pack_files.read_rule_pack(data={"code": "x", "version": "1", "parameters": parameters}, on=on)


def test_the_packs_that_are_shipped():
    assert shipped.list_rule_packs() == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_pack_names_itself_its_sources_and_its_gaps(code):
    pack = shipped.load_rule_pack(code=code, on=date(2026, 10, 5))
    assert (pack.code, pack.version) == (code, VERSIONS.get(code, "2026.1"))
    assert pack.title
    assert pack.not_covered
    assert all(number.citation and number.status in ("verified", "secondary", "recalled") for number in pack.numbers)
    raw = yaml.safe_load((shipped.FOLDER / f"{code}.yaml").read_text(encoding="utf-8"))
    values = [entry["value"] for section in ("parameters", "reference") for entries in raw.get(section, {}).values() for entry in entries]
    assert all(isinstance(value, str) for value in values), "a number without quotes would be read as a float"


@pytest.mark.parametrize("code", CODES)
def test_pay_is_stamped_with_every_pack_that_applied(code):
    raw = yaml.safe_load((shipped.FOLDER / f"{code}.yaml").read_text(encoding="utf-8"))
    stamp = shipped.load_rule_pack(code=code, on=date(2026, 10, 5)).stamp
    assert stamp.split(", ")[0] == f"{code} {raw['version']}"
    assert all(f"{other} " in stamp for other in raw.get("beside", []))
    # As long as a settlement keeps it.
    assert len(stamp) <= 64


@pytest.mark.parametrize(
    ("code", "day", "wage"),
    [
        ("us-federal", date(2009, 7, 24), "7.25"),
        ("us-ca", date(2014, 7, 1), "9.00"),
        ("us-ca", date(2015, 12, 31), "9.00"),
        ("us-ca", date(2016, 1, 1), "10.00"),
        ("us-ca", date(2025, 12, 31), "16.50"),
        ("us-ca", date(2026, 1, 1), "16.90"),
        ("us-ny", date(2013, 12, 31), "8.00"),
        ("us-ny", date(2016, 12, 30), "9.00"),
        ("us-ny", date(2019, 12, 31), "11.80"),
        ("us-ny", date(2023, 12, 31), "14.20"),
        ("us-ny", date(2024, 1, 1), "15.00"),
        ("us-ny", date(2025, 12, 31), "15.50"),
        ("us-ny", date(2026, 1, 1), "16.00"),
        ("us-ny-downstate", date(2021, 12, 31), "15.00"),
        ("us-ny-downstate", date(2024, 12, 31), "16.00"),
        ("us-ny-downstate", date(2025, 12, 31), "16.50"),
        ("us-ny-downstate", date(2026, 1, 1), "17.00"),
        ("us-wa", date(2010, 1, 1), "8.55"),
        ("us-wa", date(2016, 12, 31), "9.47"),
        ("us-wa", date(2017, 1, 1), "11.00"),
        ("us-wa", date(2025, 12, 31), "16.66"),
        ("us-wa", date(2026, 1, 1), "17.13"),
        ("us-wa-seattle", date(2025, 12, 31), "20.76"),
        ("us-wa-seattle", date(2026, 1, 1), "21.30"),
        ("uk", date(2016, 4, 1), "7.20"),
        ("uk", date(2018, 4, 1), "7.83"),
        ("uk", date(2022, 3, 31), "8.91"),
        ("uk", date(2022, 4, 1), "9.50"),
        ("uk", date(2024, 3, 31), "10.42"),
        ("uk", date(2024, 4, 1), "11.44"),
        ("uk", date(2025, 3, 31), "11.44"),
        ("uk", date(2025, 4, 1), "12.21"),
        ("uk", date(2026, 3, 31), "12.21"),
        ("uk", date(2026, 4, 1), "12.71"),
    ],
)
def test_the_minimum_wage_of_a_day(code, day, wage):
    assert shipped.load_rule_pack(code=code, on=day).min_wage_on(day=day) == Fraction(wage)


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("us-federal", date(2009, 7, 23)),
        ("us-ca", date(2014, 6, 30)),
        ("uk", date(2016, 3, 31)),
        ("us-ny", date(2013, 12, 30)),
        ("us-ny-downstate", date(2021, 12, 30)),
        ("us-wa-seattle", date(2024, 12, 31)),
    ],
)
def test_before_the_first_minimum_wage_a_pack_says_so(code, day):
    with pytest.raises(rule_packs.UnableToFindMinimumWage):
        shipped.load_rule_pack(code=code, on=day).min_wage_on(day=day)


def test_a_pack_without_a_minimum_wage_has_none():
    assert shipped.load_rule_pack(code="none", on=date(2026, 1, 1)).min_wage_on(day=date(1990, 1, 1)) is None


def test_california_is_stricter_than_the_federal_law_beside_it():
    pack = shipped.load_rule_pack(code="us-ca", on=date(2026, 10, 5))
    assert (pack.floor_mode, pack.rest_pay, pack.flat_sum_divisor) == ("per_hour_category", "average", "non_overtime_hours")
    assert (pack.ot_week, pack.ot_day, pack.dt_day, pack.ot_mult, pack.dt_mult) == (40, 8, 12, Fraction(3, 2), 2)


def test_an_unknown_pack_names_those_there_are():
    with pytest.raises(shipped.UnknownRulePack, match=r"us-federal"):
        shipped.load_rule_pack(code="../secrets", on=date(2026, 1, 1))


def test_a_parameter_is_the_last_one_in_force():
    steps = [{"from": date(2026, 1, 1), "value": "38", **CITED}, {"value": "40", **CITED}]
    assert read(on=date(2025, 12, 31), ot_week=steps).ot_week == 40
    assert read(on=date(2026, 1, 1), ot_week=steps).ot_week == 38


def test_the_most_protective_of_each_parameter():
    wage = rule_packs.DatedRate
    federal = rule_packs.RulePack(
        code="federal",
        min_wages=(wage(starts_on=date(2009, 7, 24), rate=Fraction("7.25")),),
        ot_week=Fraction(40),
        day_mults={"rest_day": Fraction("1.3")},
        time_rounding_minutes=15,
    )
    state = rule_packs.RulePack(
        code="state",
        version="9",
        min_wages=(wage(starts_on=date(2020, 1, 1), rate=Fraction(7)), wage(starts_on=date(2021, 1, 1), rate=Fraction(9))),
        ot_day=Fraction(8),
        ot_mult=Fraction(2),
        rest_pay="average",
        day_mults={"rest_day": Fraction("1.2"), "holiday": Fraction(2)},
        holiday_share=Fraction("0.12"),
        time_rounding_minutes=6,
    )
    both = rule_packs.most_protective(packs=(federal, state))
    assert (both.code, both.version, both.ot_week, both.ot_day, both.ot_mult) == ("state", "9", 40, 8, 2)
    assert both.min_wages == (
        wage(starts_on=date(2020, 1, 1), rate=Fraction("7.25")),
        wage(starts_on=date(2021, 1, 1), rate=Fraction(9)),
    )
    assert both.day_mults == {"rest_day": Fraction("1.3"), "holiday": Fraction(2)}
    assert (both.rest_pay, both.holiday_share, both.time_rounding_minutes) == ("average", Fraction("0.12"), 6)
    with pytest.raises(rule_packs.InvalidRulePack):
        rule_packs.most_protective(packs=())


def test_the_night_that_pays_most_counts_and_of_equals_the_most_specific_one():
    late, early = time(23), time(21)
    small = rule_packs.RulePack(code="a", night_share=Fraction(1, 10), night_start=late)
    great = rule_packs.RulePack(code="b", night_share=Fraction(1, 5), night_start=early)
    other = rule_packs.RulePack(code="c", night_share=Fraction(1, 5), night_end=time(5))
    assert rule_packs.most_protective(packs=(great, small)).night_start == early
    assert rule_packs.most_protective(packs=(small, great, other)).night_end == time(5)
    assert rule_packs.most_protective(packs=(rule_packs.RulePack(), rule_packs.RulePack())).night_share is None


def test_overtime_of_special_days_and_of_two_types_together():
    mults = {"rest_day": Fraction("1.3"), "feast": Fraction(2)}
    law = rule_packs.RulePack(code="a", day_mults=mults, ot_day_mults={"rest_day": Fraction("1.3")}, ot_mult=Fraction("1.25"))
    stricter = rule_packs.RulePack(code="b", day_mults=mults, ot_day_mults={"rest_day": Fraction("1.5")}, ot_mult=Fraction(1))
    both = rule_packs.most_protective(packs=(law, stricter))
    assert both.ot_day_mults == {"rest_day": Fraction("1.5")}
    assert (law.ot_mult_on(day_type="rest_day"), law.ot_mult_on(day_type="feast")) == (Fraction("1.3"), Fraction("1.25"))
    assert law.has_ot_mult(day_type="feast_on_rest_day")
    assert not law.has_ot_mult(day_type="feast")
    assert (law.day_mult(day_type="feast_on_rest_day"), law.day_mult(day_type="feast_on_moon")) == (2, 2)
    assert law.day_mult(day_type="moon") is None


def test_a_pack_without_minimum_wage_does_not_decide_how_floors_are_tested():
    wage = rule_packs.DatedRate(starts_on=date.min, rate=Fraction(10))
    tested = rule_packs.RulePack(code="uk", min_wages=(wage,), floor_mode="pay_reference_period")
    assert rule_packs.most_protective(packs=(tested, rule_packs.RulePack(code="eu"))).floor_mode == "pay_reference_period"


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"ot_weak": [{"value": "40", **CITED}]}, ("parameters", "ot_weak")),
        ({"ot_week": [{"value": "40", "status": "verified"}]}, ("parameters", "ot_week", "citation")),
        ({"ot_week": [{"value": "40", "status": "sure", "citation": "x"}]}, ("parameters", "ot_week", "status")),
        ({"ot_week": [{"value": "40", "since": "x", **CITED}]}, ("parameters", "ot_week", "since")),
        ({"ot_week": [{"value": "40", "from": "2026", **CITED}]}, ("parameters", "ot_week", "from")),
        ({"ot_week": "40"}, ("ot_week",)),
        ({"ot_week": ["40"]}, ("ot_week",)),
        ({"floor_mode": [{"value": "daily", **CITED}]}, ("parameters", "floor_mode")),
        ({"night_start": [{"value": "ten", **CITED}]}, ("parameters", "night_start")),
    ],
)
def test_a_number_that_cannot_be_read_is_refused(parameters, path):
    with pytest.raises(rule_packs.InvalidRulePack) as refused:
        read(**parameters)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        ({"ot_week": Fraction(-1)}, ("ot_week",)),
        ({"dt_mult": Fraction(1, 2)}, ("dt_mult",)),
        ({"ot_day": Fraction(8), "dt_day": Fraction(7)}, ("dt_day",)),
        ({"day_mults": {"rest_day": Fraction(1, 2)}}, ("day_mults", "rest_day")),
        ({"day_mults": {"rest_day": Fraction(1)}, "ot_day_mults": {"rest_day": Fraction(1, 2)}}, ("ot_day_mults", "rest_day")),
        ({"ot_day_mults": {"rest_day": Fraction(2)}}, ("ot_day_mults", "rest_day")),
        ({"night_share": Fraction(-1, 10)}, ("night_share",)),
        ({"night_start": time(6)}, ("night_end",)),
        ({"time_rounding_minutes": 7}, ("time_rounding_minutes",)),
        ({"time_rounding_minutes": 0}, ("time_rounding_minutes",)),
    ],
)
def test_a_pack_checks_itself(broken, path):
    with pytest.raises(rule_packs.InvalidRulePack) as refused:
        rule_packs.RulePack(**broken)
    assert refused.value.path == path
