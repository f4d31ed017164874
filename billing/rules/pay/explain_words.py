"""The words of a reason: what each input of a pay line is called, and how its number is shown.

Second person, sentence case, no jargon; these are read by agents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Style = Literal["money", "percent", "count", "hours", "number"]


@dataclass(frozen=True, kw_only=True)
class Name:
    """What an input is called, how its number is shown, and a sentence that belongs to it."""

    name: str
    style: Style = "money"
    note: str = ""


_ROOM = Name(name="Most that may be taken", note="Your minimum wage, guarantee and overtime stay untouched.")
_WEEK_PAY = Name(name="Pay of this workweek before this line")

# Names of inputs, whatever the rule.
NAMES: Mapping[str, Name] = MappingProxyType(
    {
        "basis": Name(name="Price"),
        "credit": Name(name="Your credit", style="percent"),
        "share": Name(name="Your share", style="percent"),
        "unit_amount": Name(name="For each resolution"),
        "count": Name(name="Resolutions verified in the period", style="count"),
        "basis_sum": Name(name="Prices × your credit, added up"),
        "credit_sum": Name(name="Your credits, added up", style="number"),
        "filled": Name(name="Filled part of the tier", style="percent"),
        "amount": Name(name="Amount"),
        "unit": Name(name="Unit pay"),
        "tier_uplift": Name(name="What higher tiers added"),
        "uplift": Name(name="Premium of higher tiers", note="For resolutions verified while premium was suspended."),
        "hours": Name(name="Hours", style="hours"),
        "rate": Name(name="An hour"),
        "weekly_salary": Name(name="Salary of a week"),
        "salary": Name(name="Your salary"),
        "part_of_week": Name(name="The part of it that one workweek earns", style="number"),
        "covered_hours": Name(name="Hours that the salary covers", style="hours"),
        "pay": _WEEK_PAY,
        "recovery_hours": Name(name="Hours of paid recovery", style="hours"),
        "exchange_rate": Name(name="Exchange rate", style="number"),
        "straight_pay": Name(name="Pay of this workweek without overtime"),
        "overtime": Name(name="Overtime of this workweek"),
        "percent": Name(name="Percent", style="number"),
        "hundred": Name(name="Percent are hundredths", style="number"),
        "min_wage": Name(name="Minimum wage", note="Never less than this for an hour."),
        "rest_hours": Name(name="Hours of rest breaks", style="hours"),
        "required": Name(name="Required"),
        "credited": Name(name="What you earned"),
        "overtime_hours": Name(name="Overtime hours", style="hours"),
        "overtime_before": Name(name="Paid for this workweek before"),
        "overtime_credited": Name(name="Overtime premium on a line of its own"),
        "flat_sum": Name(name="Flat sum"),
        "non_overtime_hours": Name(name="Hours that are not overtime", style="hours"),
        "part": Name(name="Part of the amount that this week earned"),
        "premium_hours": Name(name="Overtime hours × their premium", style="number"),
        "paid": Name(name="What was paid for it"),
        "fraction": Name(name="The part that fell", style="percent"),
        "clawback_share": Name(name="The part that your plan takes back", style="percent"),
        "room": _ROOM,
        "balance": Name(name="Still open from before"),
        "minimum": Name(name="Minimum of your plan"),
        "total": Name(name="Total so far"),
        "recovery_share": Name(name="The part that repays", style="percent"),
        "variable_pay": Name(name="Pay for resolutions, bonuses and commission"),
        "cap": Name(name="Cap of your plan"),
        "zero": Name(name="Not needed", note="Tested; you earned at least what is required."),
        "taken": Name(name="Taken off"),
        "multiplier": Name(name="Multiplier above one", style="percent"),
        "suspended_pay": Name(name="Quality on those resolutions"),
    }
)

# Where a rule means something narrower by an input.
RULE_NAMES: Mapping[tuple[str, str], Name] = MappingProxyType(
    {
        ("unit.filled_amount", "amount"): Name(name="What the full tier is worth"),
        ("quality", "multiplier"): Name(name="What your score does", style="percent"),
        ("hours.day_type", "multiplier"): Name(name="Premium of the day", style="percent"),
        ("overtime.premium", "multiplier"): Name(name="Premium on top of the hour itself", style="percent"),
        ("overtime.flat_sum", "multiplier"): Name(name="Overtime multiplier", style="number"),
        ("overtime.premium", "pay"): Name(name="Pay of the workweek that counts"),
        ("overtime.premium", "hours"): Name(name="All hours worked in the workweek", style="hours"),
        ("overtime.premium", "zero"): Name(name="Nothing more is due"),
        ("rest", "hours"): Name(name="Hours worked without rest breaks", style="hours"),
        ("recovery.average", "hours"): Name(name="Hours worked without recovery", style="hours"),
        ("true_up", "hours"): Name(name="All hours worked in that week", style="hours"),
        ("nonproductive", "rate"): Name(name="What the plan pays for such an hour"),
        ("nonproductive", "min_wage"): Name(name="Minimum wage"),
        ("holdback", "pay"): Name(name="Pay for resolutions"),
        ("holdback", "share"): Name(name="The part kept back until its window ends", style="percent"),
        ("holdback", "room"): Name(name="Most that may be kept", note=_ROOM.note),
        ("cap", "room"): Name(name="Most that may wait", note=_ROOM.note),
        ("cap_release", "balance"): Name(name="What waited"),
        ("draw_recovery", "balance"): Name(name="Draws not yet repaid"),
        ("draw_recovery", "room"): Name(name="Most that may be repaid", note=_ROOM.note),
    }
)

# A result worth a name of its own: after which rung of which rule it stands.
RESULTS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("unit.each_share", "share"): "One resolution",
        ("unit.each_amount", "credit"): "One resolution",
        ("hours.beyond_salary", "covered_hours"): "One hour",
        ("recovery.average", "hours"): "Your average hour",
        ("rest", "hours"): "Your average hour",
        ("overtime.premium", "hours"): "Your regular rate",
        ("overtime.flat_sum", "non_overtime_hours"): "Flat sum for one hour",
        ("true_up", "hours"): "Raise of that week's regular rate",
        ("true_up.flat_sum", "non_overtime_hours"): "Flat sum for one hour",
        ("nonproductive", "rate"): "Missing in each hour",
        ("draw_recovery", "minimum"): "Above the minimum",
    }
)

PRICE_NAMES: Mapping[str, str] = MappingProxyType({"booked": "Booked price", "list": "List price", "fixed": "Amount of your plan"})
