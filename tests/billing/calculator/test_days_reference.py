"""Special days, nights and overtime by the day equal a reading of the format that counts eighths of an hour one by one."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from billing.calculator import run

EIGHTH, HOURS = timedelta(minutes=7, seconds=30), Fraction(1, 8)
DAY = timedelta(days=1)
# Weeks in which the clock goes back, goes forward, or stays.
WEEKS = (("America/New_York", "2026-10-26"), ("Europe/London", "2026-03-23"), ("Asia/Manila", "2026-10-05"))
NIGHTS = (("22:00", "06:00"), ("00:00", "06:00"), ("01:00", "05:30"))
CATEGORIES = ("productive", "productive", "training", "meal_unpaid")
DAY_TYPES = ("rest_day", "regular_holiday")


@dataclass(frozen=True)
class Cell:
    """An eighth of an hour of work; `place` counts those before it on its workday."""

    at: datetime
    day: date
    place: int
    category: str
    day_type: str | None
    hourly: str | None = None


def numbers(low, high):
    return st.integers(low * 8, high * 8).map(lambda value: str(Fraction(value, 8)))


@st.composite
def packs(draw):
    share, (night_start, night_end) = draw(st.sampled_from(["1/10", "1/4"])), draw(st.sampled_from(NIGHTS))
    pack = {"night_share": share, "night_start": night_start, "night_end": night_end, "workday": draw(st.sampled_from(["site", "shift"]))}
    pack |= {"day_mults": {name: draw(numbers(1, 3)) for name in DAY_TYPES}}
    maybe = {"ot_day": numbers(4, 9), "ot_week": numbers(8, 40)} | ({"dt_seventh_day": numbers(0, 8)} if pack["workday"] == "site" else {})
    pack |= {name: draw(strategy) for name, strategy in maybe.items() if draw(st.booleans())}
    if draw(st.booleans()):
        pack["ot_day_mults"] = {name: draw(numbers(1, 3)) for name in DAY_TYPES}
    return pack | ({"dt_day": draw(numbers(10, 12))} if "ot_day" in pack else {})


@st.composite
def weeks(draw):
    """A week of exact time, cut at midnight where the type of the day may change, with recovery in some of it."""
    timezone, first = draw(st.sampled_from(WEEKS))
    zone, monday = ZoneInfo(timezone), date.fromisoformat(first)
    at, end = (datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) for day in (monday, monday + 7 * DAY))
    types = draw(st.lists(st.sampled_from([None, None, *DAY_TYPES]), min_size=7, max_size=7))
    entries, decisions = [], []
    while (at := at + EIGHTH * draw(st.integers(8, 200))) < end:
        until = min(end, at + EIGHTH * draw(st.integers(4, 100)))
        while at < until:
            day = at.astimezone(zone).date()
            ends_at = min(until, datetime.combine(day + DAY, time(), tzinfo=zone).astimezone(UTC))
            entry = {"category": draw(st.sampled_from(CATEGORIES)), "start": at.isoformat(), "end": ends_at.isoformat()}
            entries.append(entry | ({"day_type": types[(day - monday).days]} if types[(day - monday).days] else {}))
            if not draw(st.integers(0, 5)):
                hourly = {"hourly": draw(numbers(5, 30))} if draw(st.booleans()) else {}
                rest = {"from": at.isoformat(), "until": min(ends_at, at + 3 * EIGHTH).isoformat()}
                decisions.append({"effect": "paid_recovery"} | rest | hourly)
            at = ends_at
    amounts = [{"kind": kind, "amount": amount, "day": str(monday + DAY)} for kind, amount in draw(AMOUNTS)]
    start = draw(st.sampled_from(["monday 00:00", "monday 06:00"]))
    period = {"start": first, "end": str(monday + 7 * DAY), "timezone": timezone, "workweek_start": start}
    agent = {"agent": "A", "time": draw(st.permutations(entries)), "guardrails": decisions, "amounts": amounts}
    return {"kind": "pay", "currency": "USD", "period": period, "rule_pack": draw(packs()), "plan": draw(PLANS), "agents": [agent]}


AMOUNTS = st.lists(st.tuples(st.sampled_from(["piece", "discretionary_bonus", "overtime_premium"]), numbers(0, 300)), max_size=2)
PLANS = st.fixed_dictionaries(
    {"base_hourly": numbers(1, 20)}, optional={"category_rates": st.fixed_dictionaries({"training": numbers(0, 20)})}
)


def list_cells(document):
    """Cut the agent's time into eighths of an hour, and give each its workday."""
    (agent,), pack, zone = document["agents"], document["rule_pack"], ZoneInfo(document["period"]["timezone"])
    hour = time.fromisoformat(document["period"]["workweek_start"].split()[1])
    found = {}
    for entry in agent["time"]:
        found |= {at: (entry["category"], entry.get("day_type"), None) for at in eighths(entry["start"], entry["end"])}
    for decision in agent["guardrails"]:
        found |= {at: ("recovery", found[at][1], decision.get("hourly")) for at in eighths(decision["from"], decision["until"])}
    made, counts, begun = [], Counter(), None
    for at, (category, day_type, hourly) in sorted(found.items()):
        if category == "meal_unpaid":
            continue
        local = at.astimezone(zone)
        day = local.date() if local.time() >= hour else local.date() - DAY
        if pack["workday"] == "shift":
            begun = (at, day) if begun is None or at >= begun[0] + DAY else begun
            workday = begun
        else:
            workday = day
        made.append((day - timedelta(days=day.weekday()), workday, Cell(at, day, counts[workday], category, day_type, hourly)))
        counts[workday] += 1
    return made


def eighths(start, end):
    at = datetime.fromisoformat(start)
    while at < datetime.fromisoformat(end):
        yield at
        at += EIGHTH


def rank(cells, pack):
    """Say of each cell of a workweek whether it is straight time (0), overtime (1) or double time (2)."""
    limits = [Fraction(pack[name]) if name in pack else None for name in ("ot_day", "dt_day")]
    ranks = [sum(limit is not None and cell.place * HOURS >= limit for limit in limits) for _, _, cell in cells]
    if "dt_seventh_day" in pack and len({workday for _, workday, _ in cells}) == 7:
        last, double = max(workday for _, workday, _ in cells), Fraction(pack["dt_seventh_day"])
        ranks = [
            max(ranked, 1 + (cell.place * HOURS >= double)) if workday == last else ranked
            for ranked, (_, workday, cell) in zip(ranks, cells, strict=True)
        ]
    beyond = len(cells) * HOURS - Fraction(pack["ot_week"]) - HOURS * sum(ranked > 0 for ranked in ranks) if "ot_week" in pack else 0
    for place in reversed(range(len(ranks))):
        if beyond > 0 and ranks[place] == 0:
            ranks[place], beyond = 1, beyond - HOURS
    return ranks


def pay_week(cells, document, entered):
    """Pay one workweek, eighth by eighth; return sums by kind of line."""
    pack, plan, sums = document["rule_pack"], document["plan"], defaultdict(Fraction)
    rates = {category: Fraction(rate) for category, rate in plan.get("category_rates", {}).items()}
    premium, recovered, others = Fraction(0), 0, 0
    for _, _, cell in cells:
        if cell.category == "recovery":
            sums["recovery"] += Fraction(cell.hourly or 0) * HOURS
            recovered += cell.hourly is None
            continue
        others += 1
        rate = rates.get(cell.category, Fraction(plan["base_hourly"]))
        sums["category" if cell.category in rates else "base"] += rate * HOURS
        premium += rate * HOURS * (mult_of(pack, "day_mults", cell) - 1)
    if recovered:
        sums["recovery"] += (sums["base"] + sums["category"] + premium + entered["piece"]) / others * recovered
    plain = (sum(sums.values()) + entered["piece"]) / (len(cells) * HOURS)
    hourly = plain + premium / (len(cells) * HOURS)
    by_day, due = "ot_day_mults" in pack and any(cell.day_type for _, _, cell in cells), Fraction(0)
    for (_, _, cell), ranked in zip(cells, rank(cells, pack), strict=True):
        of_day = mult_of(pack, "day_mults", cell)
        own = (1, mult_of(pack, "ot_day_mults", cell, "3/2") if "ot_day_mults" in pack else Fraction(3, 2), 2)[ranked]
        due += plain * of_day * (own - 1) * HOURS if by_day else hourly * (Fraction(ranked) / 2) * HOURS
        if is_night(cell.at, document):
            sums["shift_differential"] += Fraction(pack["night_share"]) * plain * of_day * own * HOURS
    sums["category"] += premium
    sums["overtime"] = entered["overtime_premium"] + max(Fraction(0), due - entered["overtime_premium"])
    return sums


def mult_of(pack, name, cell, ordinary="1"):
    return Fraction(pack[name][cell.day_type] if cell.day_type else ordinary)


def is_night(at, document):
    local, (start, end) = (
        f"{at.astimezone(ZoneInfo(document['period']['timezone'])):%H:%M}",
        [document["rule_pack"][name] for name in ("night_start", "night_end")],
    )
    return start <= local < end if start < end else local >= start or local < end


@settings(max_examples=40, deadline=None)
@given(document=weeks())
def test_every_eighth_of_an_hour_has_the_rate_of_its_own_day_and_night(document):
    cells = list_cells(document)
    entered = defaultdict(Fraction)
    for amount in document["agents"][0]["amounts"]:
        entered[amount["kind"]] += Fraction(amount["amount"])
    monday = date.fromisoformat(document["period"]["start"])
    expected = defaultdict(Fraction, {"piece": entered["piece"], "bonus": entered["discretionary_bonus"]})
    for week in {monday, *(week for week, _, _ in cells)}:
        of_week = [cell for cell in cells if cell[0] == week]
        # Recovery of a week without other hours has no average, and is refused.
        assume(not of_week or any(cell.category != "recovery" for _, _, cell in of_week))
        told = entered if week == monday else defaultdict(Fraction)
        paid = pay_week(of_week, document, told) if of_week else {"overtime": told["overtime_premium"]}
        for kind, amount in paid.items():
            expected[kind] += amount
    found = defaultdict(Fraction)
    for line in run.answer_one(document=document)["agents"][0]["lines"]:
        found[line["kind"]] += Fraction(line["exact"])
    assert {kind: amount for kind, amount in found.items() if amount} == {kind: amount for kind, amount in expected.items() if amount}
