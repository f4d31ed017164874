"""The shipped rule packs: `rulepacks/*.yaml`, read without a database."""

from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from contracts.rules import errors, rule_pack_files, rule_packs

FOLDER = Path(__file__).parent / "rulepacks"


class UnknownRulePack(errors.InvalidInput):
    """A code that no shipped pack has."""


def list_rule_packs() -> tuple[str, ...]:
    """Return the codes of the shipped packs, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def title_of(*, code: str) -> str:
    """Return what a shipped pack is called, or its code where it is none of ours.

    >>> title_of(code="us-federal")
    'United States, federal'
    """
    return str(_read(code).get("title", code)) if code in list_rule_packs() else code


@lru_cache(maxsize=256)
def load_rule_pack(*, code: str, on: date) -> rule_packs.RulePack:
    """Return a shipped pack as it is in force on a day, joined with the packs that apply beside it.

    Args:
        code: file name without its ending, such as "us-ca".
        on: first day of the pay period.

    Returns: the frozen pack; of each parameter the most protective one.
    Raises: UnknownRulePack if there is no such file.
    Source: pay_rules.md section 1.

    >>> load_rule_pack(code="us-ca", on=date(2026, 10, 5)).ot_week
    Fraction(40, 1)
    """
    if code not in list_rule_packs():
        raise UnknownRulePack(f'There is no rule pack "{code}"; choose one of {", ".join(list_rule_packs())}, or give its numbers.')
    data = _read(code)
    beside = [load_rule_pack(code=other, on=on) for other in data.get("beside", [])]
    return rule_packs.most_protective(packs=(*beside, rule_pack_files.read_rule_pack(data=data, on=on)))


@cache
def _read(code: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / f"{code}.yaml").read_text(encoding="utf-8"))
    return read
