"""A rule pack as people read it: each number with its dates, where it stands, and how sure we are of it."""

from dataclasses import dataclass

from django.utils.translation import gettext

from contracts import rule_packs as shipped
from contracts.rules import rule_packs
from contracts.translation import gettext_lazy as _

STATUS = {
    "verified": _("Verified: read in an official source"),
    "secondary": _("Not verified: read in a secondary source"),
    "recalled": _("Not verified: not opened"),
}
NAMES = {
    "min_wage": _("Minimum wage, an hour"),
    "floor_mode": _("How the minimum is tested"),
    "ot_week": _("Overtime above, hours a workweek"),
    "ot_day": _("Overtime above, hours a day"),
    "dt_day": _("Double time above, hours a day"),
    "dt_seventh_day": _("Seventh day worked: overtime, double time above, hours"),
    "ot_mult": _("Overtime multiplier"),
    "dt_mult": _("Double-time multiplier"),
    "day_mults.rest_day": _("Rest day, multiplier"),
    "day_mults.special_day": _("Special day, multiplier"),
    "day_mults.special_day_on_rest_day": _("Special day on a rest day, multiplier"),
    "day_mults.regular_holiday": _("Regular holiday, multiplier"),
    "day_mults.regular_holiday_on_rest_day": _("Regular holiday on a rest day, multiplier"),
    "ot_day_mults.rest_day": _("Overtime on a rest day, multiplier"),
    "ot_day_mults.special_day": _("Overtime on a special day, multiplier"),
    "ot_day_mults.special_day_on_rest_day": _("Overtime on a special day that is a rest day, multiplier"),
    "ot_day_mults.regular_holiday": _("Overtime on a regular holiday, multiplier"),
    "ot_day_mults.regular_holiday_on_rest_day": _("Overtime on a regular holiday that is a rest day, multiplier"),
    "night_share": _("What night hours earn more"),
    "night_start": _("Night starts at"),
    "night_end": _("Night ends at"),
    "flat_sum_divisor": _("Hours that a flat sum is divided by"),
    "rest_pay": _("Pay of rest breaks"),
    "holiday_pct": _("Holiday, percent of hours"),
}


def name_version(*, version: str) -> str:
    """Return a stored version of a pack by its title in the reader's language: United States, federal, 2026.1.

    >>> name_version(version="us-federal 2026.1")
    'United States, federal, 2026.1'
    """
    code, _space, number = version.partition(" ")
    return f"{gettext(shipped.title_of(code=code))}, {number}" if number else version


@dataclass(frozen=True, kw_only=True)
class PackNumber:
    """One number of a pack, in words."""

    name: str
    value: str
    starts_on: str
    status: str
    is_verified: bool
    citation: str


@dataclass(frozen=True, kw_only=True)
class PackWords:
    """A pack with those that apply beside it."""

    code: str
    title: str
    version: str
    numbers: tuple[PackNumber, ...]
    not_covered: tuple[str, ...]


def describe_pack(*, pack: rule_packs.RulePack) -> PackWords:
    """Return a pack in words; where several packs apply together, all their numbers stand here and the most protective one counts."""
    numbers = tuple(
        PackNumber(
            name=NAMES.get(number.parameter, number.parameter.replace("_", " ").replace(".", ", ").capitalize()),
            value=number.value.replace("_", " "),
            starts_on=number.starts_on.isoformat() if number.starts_on else "always",
            status=STATUS[number.status],
            is_verified=number.is_verified,
            citation=number.citation,
        )
        for number in pack.numbers
    )
    return PackWords(code=pack.code, title=pack.title, version=pack.version, numbers=numbers, not_covered=pack.not_covered)
