"""Rule packs: dated pay law as frozen parameters, each number with its citation and status.

The engine knows rules; a pack knows numbers. What a pack does not say is no such rule, and `not_covered` says in words
what the engine leaves to people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from typing import Any, Literal, TypeVar, cast

from contracts.rules import errors

FloorMode = Literal["workweek_average", "pay_reference_period", "per_hour_category"]
FlatSumDivisor = Literal["all_hours", "non_overtime_hours"]
RestPay = Literal["included", "average"]
Workday = Literal["site", "shift"]
SalaryCovers = Literal["all_hours", "non_overtime_hours"]
Status = Literal["verified", "secondary", "recalled"]

Number = TypeVar("Number", int, Fraction)

OT_MULT_DEFAULT = Fraction(3, 2)
DT_MULT_DEFAULT = Fraction(2)
NIGHT_START_DEFAULT, NIGHT_END_DEFAULT = time(22), time(6)
# Joins the names of two types of day that fall together, such as regular_holiday_on_rest_day.
ON = "_on_"

# Least protective first.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "floor_mode": ("pay_reference_period", "workweek_average", "per_hour_category"),
    "flat_sum_divisor": ("all_hours", "non_overtime_hours"),
    "rest_pay": ("included", "average"),
    "workday": ("site", "shift"),
    "salary_covers": ("all_hours", "non_overtime_hours"),
}


class InvalidRulePack(errors.InvalidInput):
    """A pack whose parameters cannot be, or that lacks a citation."""


class UnableToFindMinimumWage(errors.InvalidInput):
    """A day before the first minimum wage that the pack knows."""


@dataclass(frozen=True, kw_only=True)
class DatedRate:
    """An hourly rate in force from a day on."""

    starts_on: date
    rate: Fraction


@dataclass(frozen=True, kw_only=True)
class PackNumber:
    """One number of a pack as it stands in its file: dated, cited, and with how sure we are of it.

    `status` is verified (read in an official source), secondary (read in a law firm's or vendor's text) or recalled.
    """

    parameter: str
    value: str
    starts_on: date | None
    status: Status
    citation: str

    @property
    def is_verified(self) -> bool:
        """Whether the number was read in an official source."""
        return self.status == "verified"


@dataclass(frozen=True, kw_only=True)
class RulePack:
    """The pay law of one jurisdiction in force on a day; hours are hours, multipliers plain numbers, `holiday_share` a part of hours.

    With `dt_seventh_day`, who works on all seven days of a workweek has overtime on the last one from its first hour, and
    double time beyond this many hours. With `ot_day_mults`, by type of day, overtime is paid on the hourly rate of its own day. Hours
    between `night_start` and `night_end`, local time, earn `night_share` of their pay once more. A workday is the site's, or with `shift`
    24 hours from when the agent began to work. A salary pays all hours, or those that are no overtime, whatever was agreed.
    """

    code: str = "none"
    version: str = ""
    title: str = ""
    min_wages: tuple[DatedRate, ...] = ()
    floor_mode: FloorMode = "workweek_average"
    ot_week: Fraction | None = None
    ot_day: Fraction | None = None
    dt_day: Fraction | None = None
    dt_seventh_day: Fraction | None = None
    ot_mult: Fraction = OT_MULT_DEFAULT
    dt_mult: Fraction = DT_MULT_DEFAULT
    flat_sum_divisor: FlatSumDivisor = "all_hours"
    rest_pay: RestPay = "included"
    workday: Workday = "site"
    salary_covers: SalaryCovers = "all_hours"
    day_mults: Mapping[str, Fraction] = field(default_factory=dict)
    ot_day_mults: Mapping[str, Fraction] = field(default_factory=dict)
    night_share: Fraction | None = None
    night_start: time = NIGHT_START_DEFAULT
    night_end: time = NIGHT_END_DEFAULT
    holiday_share: Fraction | None = None
    time_rounding_minutes: int | None = None
    numbers: tuple[PackNumber, ...] = ()
    not_covered: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("ot_week", "ot_day", "dt_day", "dt_seventh_day"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise InvalidRulePack(f"{name} is zero hours or more.", path=(name,))
        for name in ("ot_mult", "dt_mult"):
            if getattr(self, name) < 1:
                raise InvalidRulePack(f"{name} is 1 or more: overtime is never paid below the regular rate.", path=(name,))
        if self.dt_day is not None and self.ot_day is not None and self.dt_day < self.ot_day:
            raise InvalidRulePack("Double time begins at or after daily overtime; raise dt_day or lower ot_day.", path=("dt_day",))
        for name in ("day_mults", "ot_day_mults"):
            for day_type, mult in getattr(self, name).items():
                if mult < 1:
                    raise InvalidRulePack("A day's multiplier is 1 or more.", path=(name, day_type))
        for day_type in self.ot_day_mults:
            if day_type not in self.day_mults:
                raise InvalidRulePack(
                    f'Say in day_mults what "{day_type}" earns, 1 where it earns nothing more.', path=("ot_day_mults", day_type)
                )
        if self.ot_day_mults and self.salary_covers == "non_overtime_hours":
            raise InvalidRulePack(
                "Overtime on the rate of its own day takes a salary as the pay of all hours; leave ot_day_mults or salary_covers out.",
                path=("salary_covers",),
            )
        if self.night_share is not None and self.night_share < 0:
            raise InvalidRulePack("What a night hour earns more is zero or more.", path=("night_share",))
        if self.night_start == self.night_end:
            raise InvalidRulePack("The night ends at another time than it starts.", path=("night_end",))
        if self.time_rounding_minutes is not None and (self.time_rounding_minutes <= 0 or 60 % self.time_rounding_minutes):
            raise InvalidRulePack("Time is rounded to minutes that divide an hour, such as 5, 6 or 15.", path=("time_rounding_minutes",))

    @property
    def stamp(self) -> str:
        """What pay that it made is stamped with: its code and version, and those of the packs that apply beside it.

        >>> federal = RulePack(code="federal", version="1")
        >>> most_protective(packs=(federal, RulePack(code="state", version="3"))).stamp
        'state 3, federal 1'
        """
        return ", ".join((f"{self.code} {self.version}".strip(), *self.beside))

    @property
    def has_overtime(self) -> bool:
        """Whether hours of this document can be overtime."""
        return self.ot_week is not None or self.ot_day is not None or self.dt_day is not None or self.dt_seventh_day is not None

    @property
    def has_daily_rule(self) -> bool:
        """Whether it matters on which workday an hour was worked."""
        return any(value is not None for value in (self.ot_day, self.dt_day, self.dt_seventh_day, self.night_share))

    def day_mult(self, *, day_type: str) -> Fraction | None:
        """Return the multiplier of a type of day; of types that fall together the highest one, if the pack knows no joint one.

        Their order does not matter, and a type that is named twice counts once.

        >>> pack = RulePack(day_mults={"rest_day": Fraction("1.3"), "regular_holiday": Fraction(2)})
        >>> pack.day_mult(day_type="regular_holiday_on_rest_day"), pack.day_mult(day_type="birthday")
        (Fraction(2, 1), None)
        >>> joint = RulePack(day_mults={"rest_day": Fraction("1.3"), "regular_holiday_on_rest_day": Fraction("2.6")})
        >>> str(joint.day_mult(day_type="rest_day_on_regular_holiday"))
        '13/5'
        """
        return _find_mult(self.day_mults, day_type)

    def has_ot_mult(self, *, day_type: str) -> bool:
        """Say whether overtime on a type of day has a multiplier of its own."""
        return _find_mult(self.ot_day_mults, day_type) is not None

    def ot_mult_on(self, *, day_type: str) -> Fraction:
        """Return the overtime multiplier of a type of day; that of an ordinary day if the pack has none for it."""
        return _find_mult(self.ot_day_mults, day_type) or self.ot_mult

    def min_wage_on(self, *, day: date) -> Fraction | None:
        """Return the minimum wage in force on a day, or None if the pack has none.

        Raises: UnableToFindMinimumWage if the day lies before the first one known.
        """
        if not self.min_wages:
            return None
        found = [dated.rate for dated in self.min_wages if dated.starts_on <= day]
        if not found:
            raise UnableToFindMinimumWage(
                f'Rule pack "{self.code}" knows no minimum wage before {self.min_wages[0].starts_on}, but {day} is paid; '
                "give rule_pack as an object with min_wage.",
                path=("rule_pack",),
            )
        return found[-1]


def most_protective(*, packs: Sequence[RulePack]) -> RulePack:
    """Join the packs that apply together: of each parameter, the one that protects the agent most.

    Args:
        packs: federal, state, local ..., the most specific last; it names the result.

    Returns: one pack with every number and every gap of all of them.
    Raises: InvalidRulePack if there are none.
    Source: pay_rules.md section 1: most protective of federal, state, local and contract.

    >>> federal = RulePack(code="federal", ot_week=Fraction(40))
    >>> most_protective(packs=(federal, RulePack(code="state", ot_day=Fraction(8)))).ot_week
    Fraction(40, 1)
    """
    if not packs:
        raise InvalidRulePack("Name at least one rule pack to join.")
    last = packs[-1]
    return RulePack(
        code=last.code,
        version=last.version,
        title=last.title,
        min_wages=_highest_wages([pack.min_wages for pack in packs if pack.min_wages]),
        floor_mode=cast(FloorMode, _strictest("floor_mode", packs)),
        ot_week=_pick(min, [pack.ot_week for pack in packs]),
        ot_day=_pick(min, [pack.ot_day for pack in packs]),
        dt_day=_pick(min, [pack.dt_day for pack in packs]),
        dt_seventh_day=_pick(min, [pack.dt_seventh_day for pack in packs]),
        ot_mult=max(pack.ot_mult for pack in packs),
        dt_mult=max(pack.dt_mult for pack in packs),
        flat_sum_divisor=cast(FlatSumDivisor, _strictest("flat_sum_divisor", packs)),
        rest_pay=cast(RestPay, _strictest("rest_pay", packs)),
        workday=cast(Workday, _strictest("workday", packs)),
        salary_covers=cast(SalaryCovers, _strictest("salary_covers", packs)),
        day_mults=_highest_mults([pack.day_mults for pack in packs]),
        ot_day_mults=_highest_mults([pack.ot_day_mults for pack in packs]),
        **_best_night(packs),
        holiday_share=_pick(max, [pack.holiday_share for pack in packs]),
        time_rounding_minutes=_pick(min, [pack.time_rounding_minutes for pack in packs]),
        numbers=tuple(number for pack in packs for number in pack.numbers),
        not_covered=tuple(line for pack in packs for line in pack.not_covered),
        beside=(*last.beside, *(pack.stamp for pack in packs[:-1])),
    )


def _find_mult(mults: Mapping[str, Fraction], day_type: str) -> Fraction | None:
    """Return the multiplier of all types that fall together, whatever their order; else the highest that the pack knows of them."""
    wanted = frozenset(day_type.split(ON))
    known = {name: frozenset(name.split(ON)) for name in mults}
    joined = [mults[name] for name, types in known.items() if types == wanted]
    return max(joined or [mults[name] for name, types in known.items() if types <= wanted], default=None)


def _highest_mults(found: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    return {name: max(mults.get(name, Fraction(1)) for mults in found) for one in found for name in one}


def _best_night(packs: Sequence[RulePack]) -> dict[str, Any]:
    """Return the night of the pack that pays most for it; of equals the most specific one."""
    paying = [pack for pack in packs if pack.night_share is not None]
    if not paying:
        return {}
    best = max(reversed(paying), key=lambda pack: pack.night_share or Fraction(0))
    return {"night_share": best.night_share, "night_start": best.night_start, "night_end": best.night_end}


def _strictest(name: str, packs: Sequence[RulePack]) -> str:
    """Return the strictest choice; how a floor is tested is the choice of packs that have one."""
    asked = [pack for pack in packs if pack.min_wages] if name == "floor_mode" else []
    choices: list[str] = [getattr(pack, name) for pack in asked or packs]
    return max(choices, key=CHOICES[name].index)


def _pick(better: Callable[[list[Number]], Number], values: Sequence[Number | None]) -> Number | None:
    known = [value for value in values if value is not None]
    return better(known) if known else None


def _highest_wages(histories: Sequence[tuple[DatedRate, ...]]) -> tuple[DatedRate, ...]:
    """Join dated wages; before the day that every history knows, nothing is known."""
    if not histories:
        return ()
    known_from = max(history[0].starts_on for history in histories)
    days = sorted({dated.starts_on for history in histories for dated in history if dated.starts_on >= known_from})
    return tuple(
        DatedRate(starts_on=day, rate=max(dated.rate for history in histories for dated in _in_force(history, day))) for day in days
    )


def _in_force(history: Sequence[DatedRate], day: date) -> list[DatedRate]:
    return [dated for dated in history if dated.starts_on <= day][-1:]
