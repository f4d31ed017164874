"""Booking after news reads only the periods whose units changed, and leaves the same books as reading everything."""

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from agents.models import CaseEvent, ChangedUnits, Hold, Resolution
from billing.models import BookedLine
from billing.operations import book_resolutions
from billing.queries import bookings
from contracts.operations import versions
from tests import factories
from tests.billing.operations.test_book_resolutions import graduated, make_version, resolve

pytestmark = pytest.mark.django_db
MARCH_31 = datetime(2016, 3, 31, 16, tzinfo=UTC)
AS_OF = factories.NOON + timedelta(days=1)


def book_news(*cases):
    return book_resolutions.book_resolutions(as_of=AS_OF, case_ids=cases)


def book_everything():
    return book_resolutions.book_resolutions(as_of=AS_OF)


def noted():
    return sorted(ChangedUnits.objects.values_list("version__number", "day"))


def test_only_the_period_that_changed_is_read():
    version = make_version(graduated())
    old = [resolve(version, number, verified_at=MARCH_31 + timedelta(minutes=number)) for number in (1, 2)]
    new = [resolve(version, number) for number in (3, 4)]
    assert book_news().payable_count == 4
    assert book_news() == book_resolutions.BookReport(payable_count=0, booked_count=0, corrected_count=0, held_count=0)
    Resolution.objects.filter(pk=new[0].pk).update(is_payable=False, state="reopened", reason="reopened")
    assert noted() == [(1, new[0].verified_at.date())]
    assert (book_news().payable_count, BookedLine.objects.filter(kind="correction").count()) == (1, 1)
    Resolution.objects.filter(pk=old[0].pk).update(verified_at=new[1].verified_at)
    assert [day for _, day in noted()] == [MARCH_31.date(), new[1].verified_at.date()]
    assert book_news().payable_count == 3
    assert noted() == []


@pytest.mark.parametrize("values", [{"queue": "night"}, {"fcr": "no"}, {"reopened_at": MARCH_31}, {"rule": "other"}])
def test_what_moves_no_booking_is_not_noted(values):
    resolution = resolve(make_version(graduated()), 1)
    book_news()
    Resolution.objects.filter(pk=resolution.pk).update(**values)
    assert noted() == []


@pytest.mark.parametrize(
    "values", [{"is_payable": False}, {"price_bp": 5_000}, {"state": "assumed"}, {"query_type": None}, {"channel": None}]
)
def test_whatever_moves_a_booking_is_noted(values):
    resolution = resolve(make_version(graduated()), 1)
    book_news()
    Resolution.objects.filter(pk=resolution.pk).update(**values)
    assert noted() == [(1, resolution.verified_at.date())]


def test_a_value_that_is_told_late_is_booked_with_the_news_of_its_case():
    resolution = resolve(make_version({"shape": "percentage", "rate_ppm": 25_000}), 1)
    assert book_news().held_count == 1
    CaseEvent.objects.create(
        source=resolution.case.source,
        key="value",
        body_hash="0",
        case=resolution.case,
        type="contact",
        occurred_at=resolution.verified_at - timedelta(minutes=1),
        received_at=factories.NOON,
        value_micros=80_000_000,
        value_currency="USD",
    )
    assert book_news().booked_count == 0
    assert book_news(resolution.case_id).booked_count == 1
    assert not Hold.objects.filter(released_at=None, reason="no_value").exists()


def test_holds_of_other_periods_stay_and_those_of_what_fell_are_released():
    version = make_version({**graduated(), "channel": factories.make_channel(code="email", name="E-mail")})
    old, new, gone = (resolve(version, number, verified_at=at) for number, at in ((1, MARCH_31), (2, factories.NOON), (3, factories.NOON)))
    assert book_news().held_count == 3
    Resolution.objects.filter(pk=gone.pk).update(is_payable=False, state="reopened", reason="reopened")
    Resolution.objects.filter(pk=new.pk).update(channel=factories.make_channel(code="email"))
    book_news()
    held = Hold.objects.filter(released_at=None, reason="no_price")
    assert list(held.values_list("resolution", flat=True)) == [old.pk]


def test_the_queries_do_not_grow_with_the_periods(django_assert_max_num_queries):
    version = make_version(graduated())
    for number in range(12):
        resolve(version, number, verified_at=factories.NOON - timedelta(days=40 * number))
    with django_assert_max_num_queries(50):
        book_news()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changed_the_books_are_those_of_reading_everything(seed):
    chance = random.Random(seed)
    version = make_version(graduated(), {"channel": factories.make_channel(code="email", name="E-mail"), "unit_amount_micros": 1_000_000})
    later = versions.clone_version(version=version, effective_from=factories.NOON.date() + timedelta(days=90))
    units = [resolve(version, number, verified_at=factories.NOON + timedelta(days=chance.randrange(-60, 1))) for number in range(12)]
    type(version).objects.filter(pk=version.pk).update(effective_to=later.effective_from)
    type(version).objects.filter(pk=later.pk).update(status="active")
    for _ in range(12):
        for unit in chance.sample(units, k=chance.randrange(1, 4)):
            change = chance.choice(
                [
                    {"is_payable": False, "state": "reopened", "reason": "reopened"},
                    {"is_payable": True, "state": "confirmed", "reason": "counted"},
                    {"verified_at": factories.NOON - timedelta(days=chance.randrange(0, 60))},
                    {"channel": factories.make_channel(code=chance.choice(["chat", "email"]))},
                    {"price_version": chance.choice([version, later])},
                    {"price_bp": chance.choice([10_000, 5_000])},
                ]
            )
            Resolution.objects.filter(pk=unit.pk).update(**change)
        book_news()
        everything = book_everything()
        assert (everything.booked_count, everything.corrected_count) == (0, 0)


def test_a_scope_reads_the_highest_revision_of_all_lines():
    version = make_version(graduated())
    unit = resolve(version, 1, verified_at=MARCH_31)
    book_news()
    Resolution.objects.filter(pk=unit.pk).update(verified_at=factories.NOON)
    book_news()
    Resolution.objects.filter(pk=unit.pk).update(is_payable=False, state="reopened", reason="reopened")
    book_news()
    assert list(BookedLine.objects.order_by("revision").values_list("revision", "period_start__month", "amount_micros")) == [
        (1, 3, 3_000_000),
        (2, 3, -3_000_000),
        (3, 4, 3_000_000),
        (4, 4, -3_000_000),
    ]
    assert bookings.read_booked(payable_ids=pl.Series(dtype=pl.Int64))["revision"].max() == 4
