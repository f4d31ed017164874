"""Rows that are laid side by side arrive as they are; what a column cannot hold is refused with all of its frame."""

from datetime import UTC, datetime

import polars as pl
import pytest

from billing.models import Earning
from billing.operations import write_rows
from billing.queries import instants
from tests import factories

pytestmark = pytest.mark.django_db
FIELDS = ("settlement", "agent", "resolution", "verified_at", "price_micros", "credit_micros", "line_position")
AT = datetime(2016, 3, 10, 12, 0, 0, 1, tzinfo=UTC)


@pytest.fixture
def row() -> dict[str, int | None]:
    """One earning, as numbers."""
    agent = factories.make_agent()
    settlement = factories.make_settlement(agent=agent, plan_version=factories.make_plan_version())
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version())
    numbers = (settlement.pk, agent.pk, resolution.pk, instants.to_microseconds(AT), -(2**63), 1_000_000, 32_767)
    return dict(zip(FIELDS, numbers, strict=True))


def write(row: dict[str, int | None]) -> int:
    frame = pl.DataFrame([row], schema=dict.fromkeys(FIELDS, pl.Int64()))
    return write_rows.copy_numbers(model=Earning, fields=FIELDS, frame=frame)


def test_numbers_of_every_width_and_instants_arrive_as_they_are(row: dict[str, int | None]) -> None:
    assert write(row) == 1
    found = Earning.objects.get()
    assert (found.verified_at, found.price_micros, found.credit_micros, found.line_position) == (AT, -(2**63), 1_000_000, 32_767)
    assert [found.settlement_id, found.agent_id, found.resolution_id] == [row[name] for name in FIELDS[:3]]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("line_position", 32_768, "line_position of billing_earning takes whole numbers from -32768 to 32767"),
        ("credit_micros", 2**31, "from 2147483648 to 2147483648"),
        ("price_micros", None, "it was given 1 without a number"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(row: dict[str, int | None], name: str, value: int | None, told: str) -> None:
    with pytest.raises(write_rows.UnableToCopyNumbers, match=told):
        write({**row, name: value})


def test_an_empty_frame_writes_nothing() -> None:
    frame = pl.DataFrame(schema=dict.fromkeys(FIELDS, pl.Int64()))
    assert write_rows.copy_numbers(model=Earning, fields=FIELDS, frame=frame) == 0
