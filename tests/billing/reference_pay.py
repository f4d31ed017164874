"""A slow, plain reading of the pay rules, written from the format's description alone: what the engine is held equal to.

It knows one agent, whole workweeks from Monday, and numbers given as fractions. Every amount is exact, by kind of line and week.
"""

import math
from collections import defaultdict
from fractions import Fraction

from tests.billing import reference_units

VARIABLE = ("unit", "tier_uplift", "quality")
# Suspended premium is not paid, so it is neither held nor counted to a cap.
HELD = (*VARIABLE, "guardrail")
CAPPED = (*HELD, "bonus", "commission")
TESTED_HOURS = ("productive", "after_contact_work")
UNPAID = ("meal_unpaid", "off")
ENTERED = {"flat_sum_bonus": "bonus", "discretionary_bonus": "bonus", "overtime_premium": "overtime"}
PART_OF_WEEK = {"week": Fraction(1), "two_weeks": Fraction(1, 2), "half_month": Fraction(24, 52), "month": Fraction(12, 52)}
OUTSIDE_THE_RATE = ("discretionary_bonus", "overtime_premium", "percent_bonus")


def find_multiplier(quality, metrics):
    """Return the multiplier that scores earn on a curve."""
    weights = quality.get("weights", {})
    scores = [
        (Fraction(weights.get(m["code"], 1)), m["pool"] + (m["successes"] - m["n"] * m["pool"]) / (m["n"] + quality["prior_strength"]))
        for m in metrics
        if m["n"]
    ]
    weight = sum(one for one, _ in scores)
    if not weight:
        return Fraction(1)
    composite = sum(one * score for one, score in scores) / weight
    low, high = quality["low"], quality["high"]
    rise = (composite - low["score"]) / (high["score"] - low["score"])
    multiplier = low["multiplier"] + min(Fraction(1), max(Fraction(0), rise)) * (high["multiplier"] - low["multiplier"])
    return multiplier if sum(m["n"] for m in metrics) >= quality["n_min"] else max(Fraction(1), multiplier)


def count_overtime(pack, days, hours):
    """Return overtime and double-time hours of a week, and of each day."""
    seventh = max(days) if "dt_seventh_day" in pack and len(days) == 7 else None
    over = double = Fraction(0)
    by_day = {}
    for day, worked in days.items():
        doubled = max(Fraction(0), worked - pack["dt_day"]) if "dt_day" in pack else Fraction(0)
        longer = max(Fraction(0), worked - pack["ot_day"]) if "ot_day" in pack else Fraction(0)
        if day == seventh:
            doubled, longer = max(doubled, worked - pack["dt_seventh_day"], Fraction(0)), worked
        by_day[day] = (longer - doubled if "ot_day" in pack or day == seventh else Fraction(0), doubled)
        double += by_day[day][1]
        over += by_day[day][0]
    if "ot_week" in pack:
        over += max(Fraction(0), hours - over - double - pack["ot_week"])
    return over, double, by_day


class Week:
    """What one workweek earns, kind by kind."""

    def __init__(self, *, plan, pack, time, amounts, units):
        self.plan, self.pack, self.time, self.amounts = plan, pack, time, amounts
        self.pay = defaultdict(Fraction, units)
        self.hours = sum(one["hours"] for one in time if one["category"] not in UNPAID)
        self.outside = self.day_premiums = Fraction(0)
        self.is_unplaced = False
        self.flat = (
            sum(one["amount"] for one in amounts if one["kind"] == "flat_sum_bonus")
            if pack.get("flat_sum_divisor") == "non_overtime_hours"
            else Fraction(0)
        )

    def rate_of(self, category):
        """Return what an hour earns: its category rate, else base pay, else its part of the hours that the salary covers."""
        if "salary" in self.plan and category not in self.plan.get("category_rates", {}):
            weekly = self.plan["salary"]["amount"] * PART_OF_WEEK[self.plan["salary"]["per"]]
            salaried = self.count_salaried()
            return weekly / (self.plan["salary"].get("hours") or salaried) if salaried else Fraction(0)
        return self.plan.get("category_rates", {}).get(category, self.plan.get("base_hourly", Fraction(0)))

    def count(self, *, only=None, but=()):
        return sum(
            one["hours"] for one in self.time if one["category"] not in (*UNPAID, *but) and (only is None or one["category"] in only)
        )

    def earn(self):
        rests_apart = self.pack.get("rest_pay") == "average"
        for one in self.time:
            if one["category"] not in UNPAID and not (rests_apart and one["category"] == "rest_break"):
                kind = "category" if one["category"] in self.plan.get("category_rates", {}) else "base"
                self.pay[kind] += one["hours"] * self.rate_of(one["category"]) if kind == "category" or "salary" not in self.plan else 0
                if one.get("day_type") and "day_mults" in self.pack:
                    self.day_premiums += one["hours"] * self.rate_of(one["category"]) * (self.pack["day_mults"][one["day_type"]] - 1)
        self.pay["category"] += self.day_premiums
        if "salary" in self.plan and self.time:
            self.earn_salary(**self.plan["salary"])
        for one in self.amounts:
            if one["kind"] not in ("percent_bonus", "adjustment"):
                self.pay[ENTERED.get(one["kind"], one["kind"])] += one["amount"]
                self.outside += one["amount"] if one["kind"] in OUTSIDE_THE_RATE else 0
        self.lift_other_hours()

    def rest(self):
        """Rest breaks at the average of all pay so far; a top-up of productive hours alone is pay of the week, too."""
        rests_apart = self.pack.get("rest_pay") == "average"
        rest_hours, working = self.count(only=("rest_break",)), self.count(but=("rest_break",))
        if rests_apart and rest_hours:
            before = sum(self.pay.values()) - self.pay["overtime"]
            average = before / working if working else Fraction(0)
            self.pay["rest"] += rest_hours * max(average, self.pack.get("min_wage", Fraction(0)))

    def count_salaried(self):
        apart = ("rest_break",) if self.pack.get("rest_pay") == "average" else ()
        return self.count(but=(*self.plan.get("category_rates", {}), *apart))

    def earn_salary(self, *, amount, per, hours=None):
        weekly = amount * PART_OF_WEEK[per]
        covered, unpaid = self.count_salaried(), Fraction(0)
        if self.hour_of_a_salary() is not None:
            plain = self.count_plain()
            covered, unpaid = plain, (covered - plain) * self.hour_of_a_salary()
        self.pay["base"] += weekly + unpaid + (max(Fraction(0), covered - hours) * weekly / hours if hours else 0)

    def count_plain(self):
        """Count salaried hours that are no overtime, day by day: overtime of the week is its last straight hours."""
        apart = ("rest_break",) if self.pack.get("rest_pay") == "average" else ()
        by_salary = [one for one in self.time if one["category"] not in (*UNPAID, *self.plan.get("category_rates", {}), *apart)]
        days = self.count_days()
        over, _, by_day = count_overtime(self.pack, days, self.hours)
        weekly, plain = over - sum(over for over, _ in by_day.values()), Fraction(0)
        for day in sorted(days, reverse=True):
            straight = days[day] - sum(by_day.get(day, ()))
            placed = min(weekly, straight)
            weekly -= placed
            plain += min(straight - placed, sum(one["hours"] for one in by_salary if one.get("day") == day))
        straight = self.hours - sum(days.values()) - weekly
        return plain + min(straight, sum(one["hours"] for one in by_salary if not one.get("day")))

    def in_the_rate(self):
        return sum(self.pay.values()) - self.outside - self.flat

    def lift_to(self, *, required, credited):
        top_up = max(Fraction(0), required - credited)
        self.pay["floor"] += top_up
        return top_up

    def lift_other_hours(self):
        """An hour that is tested alone is pay of the week before rest breaks are paid at its average: the law leaves out only rest pay."""
        if self.pack.get("floor_mode") != "per_hour_category":
            return
        wage = self.pack.get("min_wage", Fraction(0))
        apart = TESTED_HOURS + (("rest_break",) if self.pack.get("rest_pay") == "average" else ())
        self.pay["nonproductive"] = sum(
            one["hours"]
            * max(Fraction(0), wage - self.rate_of(one["category"]) * self.pack.get("day_mults", {}).get(one.get("day_type"), 1))
            for one in self.time
            if one["category"] not in (*UNPAID, *apart)
        )

    def test_the_floor_by_category(self):
        wage = self.pack.get("min_wage", Fraction(0))
        credited = self.in_the_rate() - self.pay["rest"] - self.pay["nonproductive"]
        self.lift_to(required=wage * self.count(only=TESTED_HOURS), credited=credited)

    def count_days(self):
        days = defaultdict(Fraction)
        for one in self.time:
            if one.get("day") and one["category"] not in UNPAID:
                days[one["day"]] += one["hours"]
        return days

    def hour_of_a_salary(self):
        """Return what an hour of a salary is worth, where a salary pays no overtime hour."""
        if "salary" not in self.plan or self.pack.get("salary_covers") != "non_overtime_hours":
            return None
        covered = [hours for hours in (self.plan["salary"].get("hours"), self.pack.get("ot_week")) if hours]
        return self.plan["salary"]["amount"] * PART_OF_WEEK[self.plan["salary"]["per"]] / min(covered) if covered else None

    def add_overtime(self):
        days = self.count_days()
        self.over, self.double, by_day = count_overtime(self.pack, days, self.hours)
        self.rate = self.in_the_rate() / self.hours if self.hours else Fraction(0)
        once, twice = self.pack.get("ot_mult", Fraction(3, 2)), self.pack.get("dt_mult", Fraction(2))
        salary = self.hour_of_a_salary()
        if salary is not None and self.hours:
            self.rate = (self.in_the_rate() - self.pay["base"] + salary * self.count_salaried()) / self.hours
        due = self.rate * ((once - 1) * self.over + (twice - 1) * self.double)
        if "ot_day_mults" in self.pack and any(one.get("day_type") and one["category"] not in UNPAID for one in self.time):
            due = self.pay_overtime_by_day(days, by_day, once, twice)
        plain = self.hours - self.over - self.double
        due += self.flat / plain * (once * self.over + twice * self.double) if plain else Fraction(0)
        entered = sum(one["amount"] for one in self.amounts if one["kind"] == "overtime_premium")
        straight = self.in_the_rate()
        self.pay["overtime"] += max(Fraction(0), due - entered)
        percent = sum((one["percent"] for one in self.amounts if one["kind"] == "percent_bonus"), Fraction(0))
        self.pay["bonus"] += percent / 100 * (straight + self.pay["overtime"])

    def pay_overtime_by_day(self, days, by_day, once, twice):
        """Each overtime hour on the rate of its own day: the week's without premiums of special days, times the day's multiplier.

        Overtime of the week is its last straight hours; where some of its hours have no day, nobody can say which these are.
        """
        ordinary = (self.in_the_rate() - self.day_premiums) / self.hours
        weekly, due = self.over - sum(over for over, _ in by_day.values()), Fraction(0)
        self.is_unplaced = weekly > 0 and any(not one.get("day") and one["category"] not in UNPAID for one in self.time)
        for day, (over, double) in sorted(by_day.items(), reverse=True):
            placed = min(weekly, days[day] - over - double)
            weekly -= placed
            types = [one["day_type"] for one in self.time if one["day"] == day and one.get("day_type")]
            kind = max(sorted(types), key=lambda one: self.pack["day_mults"][one], default=None)
            worth = ordinary * (self.pack["day_mults"][kind] if kind else 1)
            due += worth * (((self.pack["ot_day_mults"][kind] if kind else once) - 1) * (over + placed) + (twice - 1) * double)
        return due + ordinary * (once - 1) * weekly


def pay_weeks(*, plan, pack, agent, weeks):
    """Return every week of an agent after overtime, with the multiplier and what each tier paid."""
    tiers, units, multiplier = [], defaultdict(dict), Fraction(1)
    if "unit" in plan:
        first, rest, tiers = reference_units.pay_units(plan["unit"], agent["credits"], agent.get("tier_position", Fraction(0)))
        multiplier = find_multiplier(plan["quality"], agent["scores"]) if "quality" in plan else Fraction(1)
        for week in weeks:
            quality = (first[week] + rest[week]) * (multiplier - 1)
            units[week] = {"unit": first[week], "tier_uplift": rest[week], "quality": quality}
        if any(credit.get("suspended") for credit in agent["credits"]):
            taken = reference_units.withhold(plan["unit"], agent["credits"], agent.get("tier_position", Fraction(0)), multiplier)
            for week in weeks:
                units[week]["guardrail"] = -taken[week]
    made = {
        week: Week(
            plan=plan,
            pack=pack,
            time=[one for one in agent["time"] if one["week"] == week],
            amounts=[one for one in agent["amounts"] if one["week"] == week],
            units=units[week],
        )
        for week in weeks
    }
    for week in made.values():
        week.earn()
    apply_floors(plan=plan, pack=pack, weeks=list(made.values()))
    for week in made.values():
        week.add_overtime()
    return made, multiplier, tiers


def spread_amounts(*, spread, time, pack):
    """Divide amounts that are spread over weeks: parts of open weeks, and what closed weeks get as the line and as true-up."""
    open_parts, lines, true_ups = [], defaultdict(Fraction), defaultdict(Fraction)
    for one in spread:
        by_hours = one["spread"] == "equal_hours"
        sizes = [hours_of_week(week, time) if by_hours else Fraction(1) for week in one["weeks"]]
        for week, size in zip(one["weeks"], sizes, strict=True):
            part = one["amount"] * size / sum(sizes)
            if isinstance(week, str):
                open_parts.append({"week": week, "kind": one["kind"], "amount": part})
                continue
            lines[ENTERED.get(one["kind"], one["kind"])] += part
            true_ups[week["week"]] += true_up(part=part, week=week, kind=one["kind"], pack=pack)
    return open_parts, lines, true_ups


def hours_of_week(week, time):
    if not isinstance(week, str):
        return week["hours"]
    return sum((one["hours"] for one in time if one["week"] == week and one["category"] not in UNPAID), Fraction(0))


def true_up(*, part, week, kind, pack):
    """Return the overtime that a part of an amount adds to a closed week."""
    once, twice = pack.get("ot_mult", Fraction(3, 2)), pack.get("dt_mult", Fraction(2))
    over, double = week["overtime_hours"], week["double_time_hours"]
    if kind == "discretionary_bonus":
        return Fraction(0)
    if kind == "flat_sum_bonus" and pack.get("flat_sum_divisor") == "non_overtime_hours":
        return part / (week["hours"] - over - double) * (once * over + twice * double)
    return part / week["hours"] * ((once - 1) * over + (twice - 1) * double)


def apply_floors(*, plan, pack, weeks):
    """Lift each week, or the period, to what the law and the plan promise; remember the highest promise of each week."""
    wage, mode = pack.get("min_wage", Fraction(0)), pack.get("floor_mode", "workweek_average")
    if mode != "per_hour_category":
        for week in weeks:
            week.rest()
    if mode == "pay_reference_period":
        hours = sum(week.hours for week in weeks)
        lack = max(Fraction(0), wage * hours - sum(week.in_the_rate() for week in weeks))
        for week in weeks:
            week.pay["floor"] += lack * week.hours / hours if hours else Fraction(0)
    for week in weeks:
        if mode == "workweek_average":
            week.lift_to(required=wage * week.hours, credited=week.in_the_rate())
        elif mode == "per_hour_category":
            week.test_the_floor_by_category()
            week.rest()
        week.lift_to(required=plan.get("guaranteed_hourly", Fraction(0)) * week.hours, credited=week.in_the_rate())


def settle(*, plan, agent, earned, exact, protected):
    """Return the lines after overtime and the balances.

    `earned` is the sum of rounded lines by kind, `exact` of unrounded ones, `protected` what nothing may go below.
    """
    balances = {key: agent.get("balances", {}).get(key, Fraction(0)) for key in ("draw", "holdback", "cap", "reversal")}
    lines = defaultdict(Fraction)
    least = max(Fraction(0), protected)

    def room():
        return max(Fraction(0), sum(earned.values()) + sum(lines.values()) - least)

    if "holdback" in plan:
        kept = min(room(), max(Fraction(0), plan["holdback"]["share"] * sum(exact.get(kind, Fraction(0)) for kind in HELD)))
        lines["holdback"] -= round_cents(kept)
        balances["holdback"] += round_cents(kept)
    for one in agent.get("releases", ()):
        lines["release"] += one["amount"]
        balances["holdback"] -= one["amount"]
    wanted = balances["reversal"]
    for one in agent.get("reversals", ()):
        wanted += round_cents(one["paid"] * one["fraction"] * plan["clawback"]["share"])
        balances["holdback"] -= one["held"] * one["fraction"]
    taken = min(room(), wanted)
    lines["reversal"] -= taken
    balances["reversal"] = wanted - taken
    if "draw" in plan:
        settle_draw(draw=plan["draw"], total=sum(earned.values()) + sum(lines.values()), room=room(), lines=lines, balances=balances)
    if "cap" in plan:
        capped = sum(earned.get(kind, Fraction(0)) for kind in CAPPED)
        above = plan["cap"]["amount"] - capped
        if above < 0:
            deferred = min(room(), -above)
            lines["cap"] -= deferred
            balances["cap"] += deferred
        else:
            paid_out = min(above, balances["cap"])
            lines["cap_release"] += paid_out
            balances["cap"] -= paid_out
    lines["adjustment"] += sum(one["amount"] for one in agent["amounts"] if one["kind"] == "adjustment")
    return lines, balances


def settle_draw(*, draw, total, room, lines, balances):
    """Lift a total to the minimum, or repay what was lifted before."""
    if total < draw["minimum"]:
        lines["draw"] += draw["minimum"] - total
        balances["draw"] += draw["minimum"] - total if draw["recoverable"] else 0
    elif draw["recoverable"]:
        repaid = min(balances["draw"], room, round_cents(draw["recovery_share"] * (total - draw["minimum"])))
        lines["draw_recovery"] -= repaid
        balances["draw"] -= repaid


def round_cents(value):
    """Round half away from zero to a hundredth."""
    doubled = abs(value) * 200 + 1
    cents = doubled.numerator // doubled.denominator // 2
    return Fraction(cents, 100) if value >= 0 else -Fraction(cents, 100)


def round_up_cents(value):
    """Round a legal minimum up to a hundredth."""
    return Fraction(math.ceil(value * 100), 100)
