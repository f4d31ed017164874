"""The words of a reason: what each input of a pay line is called, and how its number is shown.

Second person, sentence case, no jargon; these are read by agents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from contracts.rules import sentences

Style = Literal["money", "percent", "count", "hours", "number"]


@dataclass(frozen=True, kw_only=True)
class Name:
    """What an input is called, how its number is shown, and a sentence that belongs to it."""

    name: str
    style: Style = "money"
    note: str = ""


_ROOM = Name(
    name=sentences.sentence("Most that may be taken"), note=sentences.sentence("Your minimum wage, guarantee and overtime stay untouched.")
)
_WEEK_PAY = Name(name=sentences.sentence("Pay of this workweek before this line"))

# Names of inputs, whatever the rule.
NAMES: Mapping[str, Name] = MappingProxyType(
    {
        "basis": Name(name=sentences.sentence("Price")),
        "credit": Name(name=sentences.sentence("Your credit"), style="percent"),
        "share": Name(name=sentences.sentence("Your share"), style="percent"),
        "unit_amount": Name(name=sentences.sentence("For each resolution")),
        "count": Name(name=sentences.sentence("Resolutions verified in the period"), style="count"),
        "basis_sum": Name(name=sentences.sentence("Prices × your credit, added up")),
        "credit_sum": Name(name=sentences.sentence("Your credits, added up"), style="number"),
        "filled": Name(name=sentences.sentence("Filled part of the tier"), style="percent"),
        "amount": Name(name=sentences.sentence("Amount")),
        "unit": Name(name=sentences.sentence("Unit pay")),
        "tier_uplift": Name(name=sentences.sentence("What higher tiers added")),
        "uplift": Name(
            name=sentences.sentence("Premium of higher tiers"),
            note=sentences.sentence("For resolutions verified while premium was suspended."),
        ),
        "hours": Name(name=sentences.sentence("Hours"), style="hours"),
        "rate": Name(name=sentences.sentence("An hour")),
        "weekly_salary": Name(name=sentences.sentence("Salary of a week")),
        "salary": Name(name=sentences.sentence("Your salary")),
        "part_of_week": Name(name=sentences.sentence("The part of it that one workweek earns"), style="number"),
        "week_hours": Name(
            name=sentences.sentence("Hours of the whole week that it would cover"),
            note=sentences.sentence("The hours before were paid by another plan."),
            style="hours",
        ),
        "covered_hours": Name(name=sentences.sentence("Hours that the salary covers"), style="hours"),
        "pay": _WEEK_PAY,
        "recovery_hours": Name(name=sentences.sentence("Hours of paid recovery"), style="hours"),
        "exchange_rate": Name(name=sentences.sentence("Exchange rate"), style="number"),
        "straight_pay": Name(name=sentences.sentence("Pay of this workweek without overtime")),
        "overtime": Name(name=sentences.sentence("Overtime of this workweek")),
        "percent": Name(name=sentences.sentence("Percent"), style="number"),
        "hundred": Name(name=sentences.sentence("Percent are hundredths"), style="number"),
        "min_wage": Name(name=sentences.sentence("Minimum wage"), note=sentences.sentence("Never less than this for an hour.")),
        "rest_hours": Name(name=sentences.sentence("Hours of rest breaks"), style="hours"),
        "required": Name(name=sentences.sentence("Required")),
        "credited": Name(name=sentences.sentence("What you earned")),
        "overtime_hours": Name(name=sentences.sentence("Overtime hours"), style="hours"),
        "day_multiplier": Name(name=sentences.sentence("Multiplier of the day"), style="number"),
        "night_hours": Name(name=sentences.sentence("Hours at night"), style="hours"),
        "overtime_before": Name(name=sentences.sentence("Paid for this workweek before")),
        "paid_before": Name(name=sentences.sentence("Paid for this workweek before")),
        "overtime_credited": Name(name=sentences.sentence("Overtime premium on a line of its own")),
        "flat_sum": Name(name=sentences.sentence("Flat sum")),
        "non_overtime_hours": Name(name=sentences.sentence("Hours that are not overtime"), style="hours"),
        "part": Name(name=sentences.sentence("Part of the amount that this week earned")),
        "premium_hours": Name(name=sentences.sentence("Overtime hours × their premium"), style="number"),
        "paid": Name(name=sentences.sentence("What was paid for it")),
        "fraction": Name(name=sentences.sentence("The part that fell"), style="percent"),
        "clawback_share": Name(name=sentences.sentence("The part that your plan takes back"), style="percent"),
        "room": _ROOM,
        "balance": Name(name=sentences.sentence("Still open from before")),
        "minimum": Name(name=sentences.sentence("Minimum of your plan")),
        "total": Name(name=sentences.sentence("Total so far")),
        "recovery_share": Name(name=sentences.sentence("The part that repays"), style="percent"),
        "variable_pay": Name(name=sentences.sentence("Pay for resolutions, bonuses and commission")),
        "cap": Name(name=sentences.sentence("Cap of your plan")),
        "zero": Name(name=sentences.sentence("Not needed"), note=sentences.sentence("Tested; you earned at least what is required.")),
        "taken": Name(name=sentences.sentence("Taken off")),
        "multiplier": Name(name=sentences.sentence("Multiplier above one"), style="percent"),
        "suspended_pay": Name(name=sentences.sentence("Quality on those resolutions")),
    }
)

# Where a rule means something narrower by an input.
RULE_NAMES: Mapping[tuple[str, str], Name] = MappingProxyType(
    {
        ("unit.filled_amount", "amount"): Name(name=sentences.sentence("What the full tier is worth")),
        ("quality", "multiplier"): Name(name=sentences.sentence("What your score does"), style="percent"),
        ("hours.day_type", "multiplier"): Name(name=sentences.sentence("Premium of the day"), style="percent"),
        ("overtime.premium", "multiplier"): Name(name=sentences.sentence("Premium on top of the hour itself"), style="percent"),
        ("overtime.day", "multiplier"): Name(name=sentences.sentence("Premium on top of the hour itself"), style="percent"),
        ("overtime.day", "pay"): Name(name=sentences.sentence("Pay of the workweek without premiums of special days")),
        ("overtime.day", "hours"): Name(name=sentences.sentence("All hours worked in the workweek"), style="hours"),
        ("night", "multiplier"): Name(name=sentences.sentence("Multiplier of the day and of overtime"), style="number"),
        ("night", "share"): Name(name=sentences.sentence("What night hours earn more"), style="percent"),
        ("night", "pay"): Name(name=sentences.sentence("Pay of the workweek without premiums of special days")),
        ("night", "hours"): Name(name=sentences.sentence("All hours worked in the workweek"), style="hours"),
        ("overtime.carried", "pay"): Name(name=sentences.sentence("Pay of the workweek without premiums of special days")),
        ("overtime.carried", "hours"): Name(name=sentences.sentence("All hours worked in the workweek"), style="hours"),
        ("night.carried", "pay"): Name(name=sentences.sentence("Pay of the workweek without premiums of special days")),
        ("night.carried", "hours"): Name(name=sentences.sentence("All hours worked in the workweek"), style="hours"),
        ("night.carried", "premium_hours"): Name(name=sentences.sentence("Night hours × what they earn more"), style="number"),
        ("overtime.flat_sum", "multiplier"): Name(name=sentences.sentence("Overtime multiplier"), style="number"),
        ("overtime.premium", "pay"): Name(name=sentences.sentence("Pay of the workweek that counts")),
        ("overtime.premium", "hours"): Name(name=sentences.sentence("All hours worked in the workweek"), style="hours"),
        ("overtime.premium", "zero"): Name(name=sentences.sentence("Nothing more is due")),
        ("rest", "hours"): Name(name=sentences.sentence("Hours worked without rest breaks"), style="hours"),
        ("recovery.average", "hours"): Name(name=sentences.sentence("Hours worked without recovery"), style="hours"),
        ("true_up", "hours"): Name(name=sentences.sentence("All hours worked in that week"), style="hours"),
        ("nonproductive", "rate"): Name(name=sentences.sentence("What the plan pays for such an hour")),
        ("nonproductive", "min_wage"): Name(name=sentences.sentence("Minimum wage")),
        ("hours.salary_part", "hours"): Name(name=sentences.sentence("Hours that the salary covers"), style="hours"),
        ("holdback", "pay"): Name(name=sentences.sentence("Pay for resolutions")),
        ("holdback", "share"): Name(name=sentences.sentence("The part kept back until its window ends"), style="percent"),
        ("holdback", "room"): Name(name=sentences.sentence("Most that may be kept"), note=_ROOM.note),
        ("cap", "room"): Name(name=sentences.sentence("Most that may wait"), note=_ROOM.note),
        ("cap_release", "balance"): Name(name=sentences.sentence("What waited")),
        ("draw_recovery", "balance"): Name(name=sentences.sentence("Draws not yet repaid")),
        ("draw_recovery", "room"): Name(name=sentences.sentence("Most that may be repaid"), note=_ROOM.note),
    }
)

# A result worth a name of its own: after which rung of which rule it stands.
RESULTS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("unit.each_share", "share"): sentences.sentence("One resolution"),
        ("unit.each_amount", "credit"): sentences.sentence("One resolution"),
        ("hours.beyond_salary", "covered_hours"): sentences.sentence("One hour"),
        ("recovery.average", "hours"): sentences.sentence("Your average hour"),
        ("rest", "hours"): sentences.sentence("Your average hour"),
        ("overtime.premium", "hours"): sentences.sentence("Your regular rate"),
        ("overtime.day", "hours"): sentences.sentence("Your rate of an ordinary hour"),
        ("overtime.day", "day_multiplier"): sentences.sentence("Your rate of that day"),
        ("night", "hours"): sentences.sentence("Your rate of an ordinary hour"),
        ("overtime.carried", "hours"): sentences.sentence("Your rate of an ordinary hour"),
        ("night.carried", "hours"): sentences.sentence("Your rate of an ordinary hour"),
        ("night", "multiplier"): sentences.sentence("Your rate of that hour"),
        ("overtime.flat_sum", "non_overtime_hours"): sentences.sentence("Flat sum for one hour"),
        ("true_up", "hours"): sentences.sentence("Raise of that week's regular rate"),
        ("true_up.flat_sum", "non_overtime_hours"): sentences.sentence("Flat sum for one hour"),
        ("nonproductive", "rate"): sentences.sentence("Missing in each hour"),
        ("draw_recovery", "minimum"): sentences.sentence("Above the minimum"),
    }
)

PRICE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "booked": sentences.sentence("Booked price"),
        "list": sentences.sentence("List price"),
        "fixed": sentences.sentence("Amount of your plan"),
    }
)
