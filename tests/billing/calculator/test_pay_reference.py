"""The engine equals a slow reading of the format, over random documents."""

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from billing.calculator import run
from tests.billing import reference_pay as reference

WEEKS = ("2026-10-05", "2026-10-12")
DAY_TYPES = ("rest_day", "regular_holiday")
EURO = {"2026-10-01": Fraction(5, 4), "2026-10-08": Fraction(6, 5), "2026-10-12": Fraction(2, 3)}
AFTER = ("holdback", "release", "reversal", "draw", "draw_recovery", "cap", "cap_release", "adjustment")
CLOSED = ("2026-09-21", "2026-09-28")
WHOLE_PERIOD = (*reference.VARIABLE, "bonus", "commission", "guardrail", "base", "category", "nonproductive")
CATEGORIES = ("productive", "after_contact_work", "available_waiting", "nonproductive", "training", "rest_break", "meal_unpaid", "off")


def numbers(low, high, step=4):
    return st.integers(low * step, high * step).map(lambda value: Fraction(value, step))


@st.composite
def units(draw):
    mode = draw(st.sampled_from(["marginal", "whole", "interpolated"]))
    bounds = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=3)))
    value = draw(st.sampled_from(["amount", "share"] if mode == "interpolated" else ["unit_amount", "share"]))
    tiers = [{"up_to": Fraction(bound), value: draw(numbers(0, 3))} for bound in bounds]
    tiers.append({"up_to": Fraction(10_000) if mode == "interpolated" else None, value: draw(numbers(0, 3))})
    unit = {
        "measure": draw(st.sampled_from(["count", "amount"])),
        "mode": mode,
        "accumulate": draw(st.sampled_from(["period", "transaction", "year"])),
    }
    return {**unit, "tiers": tiers} if draw(st.integers(0, 4)) else {"share": draw(numbers(0, 2))}


@st.composite
def plans(draw):
    plan = {"unit": draw(units()), "category_rates": draw(st.dictionaries(st.sampled_from(CATEGORIES[:6]), numbers(0, 20), max_size=2))}
    maybe = {
        "base_hourly": numbers(0, 20),
        "guaranteed_hourly": numbers(1, 20),
        "holdback": st.fixed_dictionaries({"share": st.sampled_from([Fraction(1, 4), Fraction(1, 10)])}),
        "cap": st.fixed_dictionaries({"amount": numbers(0, 300)}),
        "draw": st.fixed_dictionaries(
            {
                "minimum": numbers(0, 900),
                "recoverable": st.booleans(),
                "recovery_share": st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)]),
            }
        ),
        "quality": st.just(
            {
                "low": {"score": Fraction(7, 10), "multiplier": Fraction(17, 20)},
                "high": {"score": Fraction(9, 10), "multiplier": Fraction(23, 20)},
                "n_min": Fraction(20),
                "prior_strength": Fraction(50),
            }
        ),
    }
    plan |= {key: draw(strategy) for key, strategy in maybe.items() if draw(st.booleans())}
    if "base_hourly" not in plan and draw(st.booleans()):
        plan["salary"] = {"amount": draw(numbers(100, 900)), "per": draw(st.sampled_from(sorted(reference.PART_OF_WEEK)))}
        plan["salary"] |= {"hours": draw(numbers(10, 40))} if draw(st.booleans()) else {}
    return plan | {"clawback": {"share": draw(st.sampled_from([Fraction(1), Fraction(1, 2)]))}}


@st.composite
def packs(draw):
    modes = st.sampled_from(["workweek_average", "pay_reference_period", "per_hour_category"])
    pack = {"floor_mode": draw(modes), "flat_sum_divisor": draw(st.sampled_from(["all_hours", "non_overtime_hours"]))}
    pack["rest_pay"] = draw(st.sampled_from(["included", "average"])) if pack["floor_mode"] == "per_hour_category" else "included"
    maybe = {
        "min_wage": numbers(1, 15),
        "ot_week": numbers(8, 40),
        "ot_day": numbers(6, 9),
        "ot_mult": st.sampled_from([Fraction(3, 2), Fraction(5, 4)]),
    }
    pack |= {key: draw(strategy) for key, strategy in maybe.items() if draw(st.booleans())}
    if draw(st.booleans()):
        pack["dt_seventh_day"] = draw(numbers(0, 8))
    if draw(st.booleans()):
        pack["day_mults"] = {day_type: draw(numbers(1, 3)) for day_type in DAY_TYPES}
        if draw(st.booleans()):
            pack["ot_day_mults"] = {day_type: draw(numbers(1, 3)) for day_type in DAY_TYPES}
    if "ot_day_mults" not in pack and draw(st.booleans()):
        pack["salary_covers"] = "non_overtime_hours"
    return pack | ({"dt_day": Fraction(12)} if "ot_day" in pack and draw(st.booleans()) else {})


KINDS = ("piece", "commission", "bonus", "shift_differential", "flat_sum_bonus", "discretionary_bonus", "overtime_premium", "adjustment")
CLOSED_WEEK = st.builds(
    lambda week, straight, over, double: {
        "week": week,
        "hours": straight + over + double,
        "overtime_hours": over,
        "double_time_hours": double,
    },
    st.sampled_from(CLOSED),
    numbers(1, 40),
    numbers(0, 9),
    numbers(0, 3),
)
SPREAD = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["bonus", "commission", "flat_sum_bonus", "discretionary_bonus"]),
            "amount": numbers(0, 300),
            # One closed week at least, so that there are hours to spread by.
            "weeks": st.tuples(CLOSED_WEEK, st.lists(st.one_of(st.sampled_from(WEEKS), CLOSED_WEEK), max_size=2)).map(
                lambda found: [found[0], *found[1]]
            ),
            "spread": st.sampled_from(["equal_weeks", "equal_hours"]),
        }
    ),
    max_size=2,
)


@st.composite
def agents(draw):
    days = {week: [f"{week[:-2]}{int(week[-2:]) + day:02}" for day in range(7)] for week in WEEKS}
    place = st.sampled_from(WEEKS).flatmap(lambda week: st.tuples(st.just(week), st.sampled_from([None, *days[week]])))
    time = draw(st.lists(st.tuples(place, st.sampled_from(CATEGORIES), numbers(1, 14)), max_size=8, unique_by=lambda one: one[0][1] or one))
    if draw(st.integers(0, 3)) == 0:
        # All seven days of a week.
        time = [((WEEKS[0], day), draw(st.sampled_from(CATEGORIES[:5])), draw(numbers(1, 14))) for day in days[WEEKS[0]]]
    day_types = [draw(st.sampled_from([None, *DAY_TYPES])) for _ in time]
    amounts = draw(st.lists(st.tuples(st.sampled_from(WEEKS), st.sampled_from(KINDS), numbers(0, 400)), max_size=5))
    credits = draw(
        st.lists(
            st.tuples(
                st.sampled_from(WEEKS), st.integers(0, 6), numbers(0, 9), st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)])
            ),
            max_size=8,
        )
    )
    suspended = draw(st.sets(st.tuples(st.sampled_from(WEEKS), st.integers(0, 6)), max_size=4))
    spread = draw(SPREAD)
    percents = draw(st.lists(st.sampled_from(WEEKS), max_size=1, unique=True))
    return {
        "time": [
            {"week": week, "day": day, "category": category, "hours": hours, "day_type": day_type}
            for ((week, day), category, hours), day_type in zip(time, day_types, strict=True)
        ],
        "amounts": [{"week": week, "kind": kind, "amount": amount} for week, kind, amount in amounts]
        + [{"week": week, "kind": "percent_bonus", "percent": Fraction(5)} for week in percents],
        "credits": [
            {
                "week": week,
                "at": f"{days[week][day]}T12:00:00Z",
                "resolution": f"R-{place}",
                "price": price,
                "credit": credit,
                "in_euro": place % 3 == 2,
                "suspended": (week, day) in suspended,
            }
            for place, (week, day, price, credit) in enumerate(credits)
        ],
        "spread": spread,
        "scores": [
            {"code": "csat", "successes": Fraction(draw(st.integers(0, n))), "n": Fraction(n), "pool": Fraction(4, 5)}
            for n in draw(st.lists(st.integers(0, 60), max_size=1))
        ],
        "balances": {key: draw(numbers(0, 200)) for key in ("draw", "cap", "reversal")} | {"holdback": Fraction(500)},
        "tier_position": draw(numbers(0, 6)),
        "releases": [{"resolution": "old-1", "amount": amount} for amount in draw(st.lists(numbers(0, 90), max_size=1))],
        "reversals": [
            {"resolution": "old-2", "paid": paid, "held": Fraction(8), "fraction": Fraction(1, 2)}
            for paid in draw(st.lists(numbers(0, 90), max_size=1))
        ],
    }


def write(value):
    """Write fractions as the format wants them."""
    if isinstance(value, dict):
        return {key: write(one) for key, one in value.items()}
    if isinstance(value, list):
        return [write(one) for one in value]
    return str(value) if isinstance(value, Fraction) else value


def euro_on(at):
    return EURO[max(day for day in EURO if day <= at[:10])]


def document_of(*, plan, pack, agent):
    time = [
        {key: one[key] for key in ("category", "hours")}
        | ({"day": one["day"]} if one["day"] else {"week": one["week"]})
        | ({"day_type": one["day_type"]} if one["day_type"] else {})
        for one in agent["time"]
    ]
    credits = [{"verified_at": one["at"]} | {key: one[key] for key in ("resolution", "price", "credit")} for one in agent["credits"]]
    # What is priced in euro is worth its price times the latest rate of its day, to the reference in dollars already.
    for one, told in zip(agent["credits"], credits, strict=True):
        if one["in_euro"]:
            told |= {"currency": "EUR", "price": one["price"] / euro_on(one["at"])}
    told = {key: agent[key] for key in ("scores", "releases", "reversals")}
    told["amounts"] = [*agent["amounts"], *agent["spread"]]
    told["guardrails"] = [
        {"limit": "pace", "level": "act", "effect": "premium_suspended", "from": at, "until": at.replace("T12:00:00Z", "T12:00:01Z")}
        for at in sorted({one["at"] for one in agent["credits"] if one["suspended"]})
    ]
    told["balances"] = agent["balances"] | {"tier_position": agent["tier_position"]}
    period = {"start": WEEKS[0], "end": "2026-10-19"}
    return write(
        {
            "kind": "pay",
            "currency": "USD",
            "period": period,
            "exchange_rates": [{"currency": "EUR", "from": day, "rate": rate} for day, rate in EURO.items()],
            "rule_pack": pack,
            "plan": plan,
            "agents": [{"agent": "A", "time": time, "credits": credits} | told],
        }
    )


def sum_lines(lines, figure, keys):
    sums = defaultdict(Fraction)
    for line in lines:
        sums[tuple(line[key] for key in keys)] += Fraction(line[figure])
    return {key: value for key, value in sums.items() if value}


@settings(max_examples=100, deadline=None)
@given(plan=plans(), pack=packs(), agent=agents())
def test_the_engine_equals_a_slow_reading_of_the_format(plan, pack, agent):
    assume(pack["rest_pay"] == "included" or "min_wage" in pack or has_no_week_of_rest_alone(agent))
    if plan["unit"].get("mode") == "interpolated":
        # What a filling tier added to one unit is told nowhere in the format.
        agent = {**agent, "credits": [{**one, "suspended": False} for one in agent["credits"]]}
    document = document_of(plan=plan, pack=pack, agent=agent)
    parts, closed_lines, true_ups = reference.spread_amounts(spread=agent["spread"], time=agent["time"], pack=pack)
    agent = {**agent, "amounts": [*agent["amounts"], *parts]}
    weeks, multiplier, tiers = reference.pay_weeks(plan=plan, pack=pack, agent=agent, weeks=WEEKS)
    if any(week.is_unplaced for week in weeks.values()):
        with pytest.raises(run.UnableToCalculate, match="enter all hours of this week by day"):
            run.answer_one(document=document)
        return
    found = run.answer_one(document=document)["agents"][0]

    before = [line for line in found["lines"] if line["kind"] not in AFTER]
    told = [(tell(kind, day, plan=plan, pack=pack), value) for day, week in weeks.items() for kind, value in week.pay.items()]
    told += [((kind, None), value) for kind, value in closed_lines.items()]
    told += [(("true_up", day), value) for day, value in true_ups.items()]
    expected = merge(told)
    assert merge((tell(line["kind"], line["week"], plan=plan, pack=pack), Fraction(line["exact"])) for line in before) == expected
    assert Fraction(found["evidence"]["multiplier"] or 1) == multiplier
    if "tiers" in plan["unit"]:
        assert [[Fraction(tier["quantity"]), Fraction(tier["exact"])] for tier in found["evidence"]["tiers"]] == tiers
    for shown in found["evidence"]["weeks"]:
        week = weeks[shown["week"]]
        assert [Fraction(shown["hours"]), Fraction(shown["overtime_hours"]), Fraction(shown["double_time_hours"])] == [
            week.hours,
            week.over,
            week.double,
        ]
        assert Fraction(shown["regular_rate"] or 0) == week.rate

    earned = {key[0]: value for key, value in sum_lines(before, "amount", ("kind",)).items()}
    protected = protect(found, pack=pack, agent=agent)
    exact = {key[0]: value for key, value in sum_lines(before, "exact", ("kind",)).items()}
    lines, balances = reference.settle(plan=plan, agent=agent, earned=earned, exact=exact, protected=protected)
    after = sum_lines([line for line in found["lines"] if line["kind"] in AFTER], "amount", ("kind",))
    assert after == {(kind,): value for kind, value in lines.items() if value}
    assert {key: Fraction(found["evidence"]["balances"][key]["amount"]) for key in balances} == balances
    assert Fraction(found["total"]["amount"]) == sum(Fraction(line["amount"]) for line in found["lines"])


def has_no_week_of_rest_alone(agent):
    """Whether rest breaks have other hours to average over: a week without them is refused."""
    worked = [(one["week"], one["category"]) for one in agent["time"] if one["category"] not in reference.UNPAID]
    return {week for week, category in worked if category == "rest_break"} <= {
        week for week, category in worked if category != "rest_break"
    }


def tell(kind, week, *, plan, pack):
    """Return under which kind and week pay is compared.

    Unit and hourly pay are told for the whole period, and a floor of the period is one line without a week. What the first rate is of
    a tier that fills is no matter of money.
    """
    if kind == "tier_uplift" and plan["unit"].get("mode") == "interpolated":
        kind = "unit"
    whole = kind in WHOLE_PERIOD or (kind == "floor" and pack["floor_mode"] == "pay_reference_period")
    return kind, None if whole else week


def merge(told):
    sums = defaultdict(Fraction)
    for key, value in told:
        sums[key] += value
    return {key: value for key, value in sums.items() if value}


def protect(found, *, pack, agent):
    """Return what no later step may go below: the floors that are required, and overtime.

    Where hours are tested by category, each other hour has the minimum wage and rest breaks have their own pay as their floor.
    """
    required = defaultdict(Fraction)
    for test in found["evidence"]["floor_tests"]:
        required[test["week"], test["rule"]] += Fraction(test["required"]["exact"])
    if pack["floor_mode"] == "per_hour_category" and "min_wage" in pack:
        apart = (*reference.UNPAID, *reference.TESTED_HOURS, *(["rest_break"] if pack["rest_pay"] == "average" else []))
        for one in agent["time"]:
            required[one["week"], "min_wage"] += one["hours"] * pack["min_wage"] if one["category"] not in apart else 0
        for line in found["lines"]:
            required[line["week"], "min_wage"] += Fraction(line["exact"]) if line["kind"] == "rest" else 0
    weeks = sum(max(required[week, "min_wage"], required[week, "guarantee"]) for week in WEEKS)
    return reference.round_up_cents(max(required[None, "min_wage"], weeks)) + sum(
        Fraction(line["amount"]) for line in found["lines"] if line["kind"] in ("overtime", "true_up")
    )
