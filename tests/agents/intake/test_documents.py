"""What intake can say is in its page: every reason to hold a row or a resolution, and every target of a mapping."""

import pathlib
import re

from agents.intake import faults
from agents.intake.frozen_mappings import WORDS, Column, DatedEvent
from agents.models import MappingColumn
from agents.operations.holds import holds
from billing.operations import book_holds
from billing.queries import unit_prices
from tests.agents import desk

PAGE = (pathlib.Path(__file__).resolve().parents[3] / "docs" / "intake.md").read_text(encoding="utf-8")


def test_every_reason_to_hold_a_row_is_explained() -> None:
    word = Column(name="group")
    mapping = desk.frozen_mapping(
        columns={**desk.frozen_mapping().columns, "direction": word},
        words={"direction": {"in": "in"}},
        dated=(DatedEvent(date=Column(name="opened"), type="opened"), DatedEvent(date=Column(name="updated"), type="closed")),
    )
    reasons = {fault.reason for fault in faults.list_faults(mapping=mapping, column_count=12)} | {"changed", "changed_answer"}
    table = PAGE.partition("## Why a row is held")[2].partition("## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == reasons


def test_every_reason_to_hold_a_resolution_is_explained() -> None:
    ours = {holds.UNMAPPED_IDENTITY, holds.RESOLVER_NOT_NAMED, holds.NO_CONTRACT_VERSION, holds.ROWS_HELD, holds.REVERSED_BUT_PAYABLE}
    of_rating = {unit_prices.VOICE_NOT_PRICED, unit_prices.NO_PRICE, book_holds.BEYOND_LAST_TIER}
    table = PAGE.partition("## Why a resolution is held")[2].partition("## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", table)) == ours | of_rating


def test_the_desk_of_these_tests_maps_every_target() -> None:
    assert set(desk.COLUMNS) | set(WORDS) | {"actor", "record", "handle_time"} == set(MappingColumn.Target.values)
