"""Read a rule pack from the parsed content of its file."""

from collections.abc import Mapping
from datetime import date, time
from fractions import Fraction
from typing import Any, cast, get_args

from contracts.rules import exact, rule_packs

HUNDRED = Fraction(100)
_NUMBERS = ("ot_week", "ot_day", "dt_day", "dt_seventh_day", "ot_mult", "dt_mult", "night_share")
_BY_DAY_TYPE = ("day_mults", "ot_day_mults")
_TIMES = ("night_start", "night_end")


def read_rule_pack(*, data: Mapping[str, object], on: date) -> rule_packs.RulePack:
    """Read a pack from parsed YAML as it is in force on a day.

    Args:
        data: code, version, title, parameters {name: [{from, value, status, citation}]}, reference (like parameters, but
            not applied by the engine) and not_covered.
        on: first day of the pay period; minimum wages keep their dates, since they may change inside it.

    Returns: the frozen pack.
    Raises: InvalidRulePack if a number lacks its status or citation, or is not known.
    Source: pay_rules.md section 1, "RulePack".

    >>> cited = {"status": "verified", "citation": "29 USC 206"}
    >>> pack = read_rule_pack(data={"code": "x", "parameters": {"ot_week": [{"value": "40", **cited}]}}, on=date(2026, 10, 5))
    >>> pack.ot_week
    Fraction(40, 1)
    """
    numbers = _read_numbers(_mapping(data.get("parameters", {}), "parameters"), "parameters")
    recorded = _read_numbers(_mapping(data.get("reference", {}), "reference"), "reference")
    in_force = {number.parameter: number.value for number in numbers if number.starts_on is None or number.starts_on <= on}
    wages = [number for number in numbers if number.parameter == "min_wage"]
    in_force.pop("min_wage", None)
    return rule_packs.RulePack(
        code=str(data.get("code", "")),
        version=str(data.get("version", "")),
        title=str(data.get("title", "")),
        min_wages=tuple(
            rule_packs.DatedRate(starts_on=wage.starts_on or date.min, rate=exact.parse_exact(text=wage.value)) for wage in wages
        ),
        numbers=(*numbers, *recorded),
        not_covered=tuple(str(line) for line in _list(data.get("not_covered", []), "not_covered")),
        **_read_parameters(in_force),
    )


def _read_parameters(values: Mapping[str, str]) -> dict[str, Any]:
    read: dict[str, Any] = {name: {} for name in _BY_DAY_TYPE}
    for name, value in values.items():
        if name in rule_packs.CHOICES:
            if value not in rule_packs.CHOICES[name]:
                raise rule_packs.InvalidRulePack(
                    f'{name} is one of {", ".join(rule_packs.CHOICES[name])}, not "{value}".', path=("parameters", name)
                )
            read[name] = value
        elif name in _NUMBERS:
            read[name] = exact.parse_exact(text=value)
        elif name.partition(".")[0] in _BY_DAY_TYPE:
            group, _, day_type = name.partition(".")
            read[group][day_type] = exact.parse_exact(text=value)
        elif name in _TIMES:
            read[name] = _read_time(name, value)
        elif name == "holiday_pct":
            read["holiday_share"] = exact.parse_exact(text=value) / HUNDRED
        elif name == "time_rounding_minutes":
            read[name] = int(value)
        else:
            raise rule_packs.InvalidRulePack(f'The engine has no parameter "{name}"; move it to reference.', path=("parameters", name))
    return read


def _read_time(name: str, value: str) -> time:
    try:
        return time.fromisoformat(value)
    except ValueError as refused:
        raise rule_packs.InvalidRulePack(f'{name} is a local time such as "22:00", not "{value}".', path=("parameters", name)) from refused


def _read_numbers(section: Mapping[str, object], place: str) -> list[rule_packs.PackNumber]:
    read = [_read_number(name, entry, place) for name, entries in section.items() for entry in _list(entries, name)]
    return sorted(read, key=lambda number: number.starts_on or date.min)


def _read_number(name: str, entry: object, place: str) -> rule_packs.PackNumber:
    fields = _mapping(entry, name)
    unknown = set(fields) - {"from", "value", "status", "citation"}
    if unknown or "value" not in fields:
        raise rule_packs.InvalidRulePack(f"{name} is a list of {{from, value, status, citation}}.", path=(place, name, *sorted(unknown)))
    status, citation, starts_on = fields.get("status"), fields.get("citation"), fields.get("from")
    if status not in get_args(rule_packs.Status):
        raise rule_packs.InvalidRulePack(
            f"{name} says how sure it is: {', '.join(get_args(rule_packs.Status))}.", path=(place, name, "status")
        )
    if not citation:
        raise rule_packs.InvalidRulePack(f"{name} cites where its number stands.", path=(place, name, "citation"))
    if starts_on is not None and not isinstance(starts_on, date):
        raise rule_packs.InvalidRulePack(f"{name} is in force from a day such as 2026-01-01.", path=(place, name, "from"))
    return rule_packs.PackNumber(
        parameter=name, value=str(fields["value"]), starts_on=starts_on, status=cast(rule_packs.Status, status), citation=str(citation)
    )


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise rule_packs.InvalidRulePack(f"{name} is a mapping of names to values.", path=(name,))
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise rule_packs.InvalidRulePack(f"{name} is a list.", path=(name,))
    return value
