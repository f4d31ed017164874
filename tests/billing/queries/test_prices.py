"""Prices are the same read one by one or as a stretch that parts of a run share, packed or not; news of the books is seen."""

import random
import threading

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction

from billing.models import BookedLine, PackedPrices
from billing.models.booking import PACKED_TOGETHER
from billing.operations import book_resolutions, pack_prices
from billing.queries.pay_inputs import packed_prices, prices
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


def test_a_line_that_comes_later_is_seen(world, monkeypatch):
    monkeypatch.setattr(prices, "ASKED_MIN", 1)
    line = BookedLine.objects.order_by("resolution").first()
    before = read([line.resolution_id])
    correct(line, 7)

    ((price, listed),) = read([line.resolution_id])

    assert (price, listed) == (before[0][0] + 7, before[0][1] + 1)


@pytest.mark.parametrize("seed", range(5))
def test_packed_prices_are_what_all_lines_add_up_to(seed, world, monkeypatch):
    """Corrections of any resolution in any order, packed now and then, some lines at a time, and read after each."""
    chance = random.Random(seed)
    ids = list(BookedLine.objects.values_list("resolution", flat=True))
    asked = [*ids, max(ids) + 1, max(ids) + 2 * PACKED_TOGETHER]
    few_min, many_min = len(asked) + 1, 1
    monkeypatch.setattr(prices, "LINES_AT_ONCE", chance.choice([2, 2**20]))
    for _ in range(12):
        newest = BookedLine.objects.filter(resolution=chance.choice(ids)).order_by("revision").last()
        correct(newest, chance.choice([-3, 0, 7, 10**15, -(10**15)]))
        if chance.random() < 0.4:
            pack_prices.pack_prices(lines_min=1, at_once=chance.choice([1, 2, 5, 1_000]))
            prices.forget()
        is_listed = chance.random() < 0.5
        monkeypatch.setattr(prices, "ASKED_MIN", few_min)
        expected = read(asked, is_listed=is_listed)
        monkeypatch.setattr(prices, "ASKED_MIN", many_min)
        monkeypatch.setattr(prices, "APART_MAX", prices.STRETCH_MAX)
        assert read(asked, is_listed=is_listed) == expected
    pack_prices.pack_prices(lines_min=1)
    assert pack_prices.pack_prices(lines_min=1) == 0
    packed, numbers = packed_prices.read_packs(
        first=min(ids) // PACKED_TOGETHER, last=max(ids) // PACKED_TOGETHER, wanted=packed_prices.PRICES
    )
    assert packed == BookedLine.objects.order_by("pk").last().pk
    start = min(ids) // PACKED_TOGETHER * PACKED_TOGETHER
    assert [int(numbers["price_micros"][one - start]) for one in ids] == [price for price, _ in expected[: len(ids)]]


def test_a_booking_packs_when_there_is_much_and_what_is_not_packed_is_read_as_lines(world, monkeypatch):
    assert not PackedPrices.objects.exists()
    monkeypatch.setattr(pack_prices, "LINES_MIN", 1)
    # The nightly booking writes no line, and packs what the one before left.
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    assert PackedPrices.objects.order_by("last_line").last().last_line == BookedLine.objects.order_by("pk").last().pk


def test_packed_prices_that_are_thrown_away_are_packed_again(world, monkeypatch):
    pack_prices.pack_prices(lines_min=1)
    before = list(PackedPrices.objects.order_by("number").values_list())
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE billing_packedprices")
    pack_prices.pack_prices(lines_min=1)
    assert list(PackedPrices.objects.order_by("number").values_list()) == before


def test_one_row_of_packed_prices_cannot_be_deleted(world):
    pack_prices.pack_prices(lines_min=1)
    with pytest.raises(DatabaseError, match="Cannot delete"):
        PackedPrices.objects.all()._raw_delete(using="default")


def test_a_line_with_a_number_of_before_is_refused_once_those_are_packed(world):
    """Nobody would pack it, and a pay run would not see it."""
    last = BookedLine.objects.order_by("pk").last()
    pack_prices.pack_prices(lines_min=1)
    with pytest.raises(DatabaseError, match="comes too late"):
        BookedLine.objects.bulk_create(
            [
                BookedLine(
                    pk=-5,
                    version=last.version,
                    row=last.row,
                    resolution=last.resolution,
                    revision=2,
                    kind="correction",
                    period_start=last.period_start,
                    position=1,
                    amount_micros=1,
                    list_micros=1,
                    reason="tier_effect",
                    booked_at=last.booked_at,
                )
            ]
        )


CORRECT = """
    INSERT INTO billing_bookedline
        (version_id, row_id, resolution_id, revision, kind, period_start, position, amount_micros, list_micros, reason, booked_at)
    SELECT version_id, row_id, resolution_id, revision + 1, 'correction', period_start, position, %s, %s, 'tier_effect', booked_at
    FROM billing_bookedline WHERE resolution_id = %s ORDER BY revision DESC LIMIT 1"""
ADDED_UP = "SELECT resolution_id, sum(amount_micros)::bigint FROM billing_bookedline WHERE id <= %s GROUP BY resolution_id ORDER BY 1"
BOOKINGS = 60


@pytest.mark.django_db(transaction=True)
def test_who_reads_while_another_books_and_packs_sees_the_books_of_one_instant(monkeypatch):
    pay_world.make_busy_world(resolution_counts=(3, 4))
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    ids = sorted(BookedLine.objects.values_list("resolution", flat=True))
    monkeypatch.setattr(prices, "ASKED_MIN", 1)
    booker = threading.Thread(target=book_and_pack, args=(ids,))
    booker.start()
    reads = 0
    try:
        while booker.is_alive() or reads < 3:
            before = newest()
            found = [price for price, _ in read(ids, is_listed=reads % 2 == 1)]
            after = newest()
            assert found in [added_up(line) for line in range(before, after + 1)]
            reads += 1
        assert [price for price, _ in read(ids)] == added_up(newest())
    finally:
        booker.join()
        prices.forget()
    assert BookedLine.objects.count() > len(ids)


def book_and_pack(ids: list[int]) -> None:
    """Book, pack some lines at a time, throw the packs away, and take some of it back."""
    chance = random.Random(1)
    try:
        for _ in range(BOOKINGS):
            with transaction.atomic(), connection.cursor() as cursor:
                for _ in range(chance.randint(1, 3)):
                    cursor.execute(CORRECT, [chance.randint(-(10**12), 10**12), chance.randint(0, 10**9), chance.choice(ids)])
                if chance.random() < 0.5:
                    pack_prices.pack_prices(lines_min=1, at_once=chance.choice([1, 3, 1_000]))
                if chance.random() < 0.1:
                    cursor.execute("TRUNCATE billing_packedprices")
                transaction.set_rollback(chance.random() < 0.3)
    finally:
        connection.close()


def newest() -> int:
    return BookedLine.objects.order_by("pk").last().pk


def added_up(line: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(ADDED_UP, [line])
        return [amount for _, amount in cursor.fetchall()]
