"""Prices are the same whether they are read one by one or as a stretch that parts of a run share; news of the books is seen."""

import polars as pl
import pytest

from billing.models import BookedLine
from billing.operations import book_resolutions
from billing.queries.pay_inputs import prices
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """Two agents with a few booked resolutions; whatever is kept of them goes afterwards."""
    world = pay_world.make_busy_world(resolution_counts=(3, 4))
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    yield world
    prices.forget()


def correct(line: BookedLine, amount_micros: int) -> None:
    line.pk, line.revision, line.kind = None, line.revision + 1, "correction"
    line.amount_micros, line.list_micros, line.reason = amount_micros, line.list_micros + 1, "tier_effect"
    line.save()


def read(ids: list[int], *, is_listed: bool = True) -> list[tuple[int | None, int | None]]:
    return prices.read_prices(resolution_ids=pl.Series(ids, dtype=pl.Int64), is_listed=is_listed).rows()


def test_a_stretch_holds_what_is_read_one_by_one(world, monkeypatch, django_assert_num_queries):
    lines = list(BookedLine.objects.order_by("resolution"))
    correct(lines[2], -5)
    ids = [line.resolution_id for line in reversed(lines)]
    unknown = max(ids) + 1
    one_by_one = read([*ids, unknown])
    expected = {line.resolution_id: (line.amount_micros, line.list_micros) for line in lines}
    first = BookedLine.objects.get(resolution=lines[2].resolution_id, revision=1)
    expected[first.resolution_id] = (first.amount_micros - 5, first.list_micros + 1)
    assert one_by_one == [*(expected[pk] for pk in ids), (None, None)]
    assert read([*ids, unknown], is_listed=False) == [(amount, None) for amount, _ in one_by_one]

    monkeypatch.setattr(prices, "ASKED_MIN", 1)
    monkeypatch.setattr(prices, "MARGIN_PARTS", 1)
    assert read([*ids, unknown]) == one_by_one
    with django_assert_num_queries(1):
        assert read(ids[:3]) == one_by_one[:3]
    assert read([unknown]) == [(None, None)]
    assert read([]) == []
    # Whoever asks for less takes of what is there; whoever asks for more has it read.
    with django_assert_num_queries(1):
        assert read(ids[:3], is_listed=False) == one_by_one[:3]
    prices.forget()
    assert read([*ids, unknown], is_listed=False) == [(amount, None) for amount, _ in one_by_one]
    assert read([*ids, unknown]) == one_by_one

    monkeypatch.setattr(prices, "PIECE_MAX", 2)
    prices.forget()
    assert read([*ids, unknown]) == one_by_one


def test_a_line_that_comes_later_is_seen(world, monkeypatch):
    monkeypatch.setattr(prices, "ASKED_MIN", 1)
    line = BookedLine.objects.order_by("resolution").first()
    before = read([line.resolution_id])
    correct(line, 7)

    ((price, listed),) = read([line.resolution_id])

    assert (price, listed) == (before[0][0] + 7, before[0][1] + 1)
