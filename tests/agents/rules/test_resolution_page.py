"""The page about resolutions names every rule, unit and FCR reason, with the answer the rule gives."""

import pathlib
import re
from typing import get_args

from agents.rules import events as case_events
from agents.rules import fcr, lifecycle, resolution_words, units

PAGE = (pathlib.Path(__file__).parents[3] / "docs" / "resolution.md").read_text(encoding="utf-8")


def _codes(heading: str) -> set[str]:
    """Return the codes in the first column of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


def test_the_page_names_every_rule_of_a_history() -> None:
    assert _codes("Rules in a history") == set(resolution_words.TRANSITION_WORDS)
    written = {*lifecycle.RETURN_EVENTS, *lifecycle.REFUSING_EVENT.values(), *lifecycle.CONFIRMING_EVENT.values(), "repeat_contact"}
    assert written <= set(resolution_words.TRANSITION_WORDS)
    assert written <= set(case_events.EVENT_TYPES)


def test_the_page_names_every_unit_and_every_fcr_reason() -> None:
    assert _codes("Why a unit counts or not") == set(resolution_words.UNIT_WORDS) == set(get_args(units.UnitReason))
    assert _codes("FCR reasons") == set(resolution_words.FCR_WORDS) == set(get_args(fcr.Reason))


def test_the_page_names_every_state() -> None:
    assert _codes("States") >= set(get_args(lifecycle.State))
