"""The page of the pay rules names every rule, every file, every pack and every parameter."""

import pathlib

from billing.rules.pay import formulas
from contracts import rule_packs as shipped
from contracts.rules import rule_packs

ROOT = pathlib.Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "pay-rules.md").read_text(encoding="utf-8")
# Shapes and helpers that every rule shares.
SHARED = {"__init__", "book", "facts", "ladders", "room", "settlements", "workweeks", "pipeline", "formulas", "explain", "explain_words"}


def test_every_formula_is_named():
    assert [rule for rule in formulas.FORMULAS if f"`{rule}`" not in PAGE] == []


def test_every_rule_file_is_named():
    files = {path.stem for path in (ROOT / "billing" / "rules" / "pay").glob("*.py")}
    assert [name for name in sorted(files - SHARED) if f"`{name}.py`" not in PAGE] == []


def test_every_pack_and_parameter_is_named():
    parameters = {"min_wage", *rule_packs.CHOICES, "ot_week", "ot_day", "dt_day", "ot_mult", "dt_mult", "day_mults", "holiday_pct"}
    assert [name for name in [*shipped.list_rule_packs(), *sorted(parameters)] if f"`{name}`" not in PAGE] == []
