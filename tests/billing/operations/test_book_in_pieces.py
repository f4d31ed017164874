"""Booking in pieces of any size writes the lines and holds that booking all at once writes, in the same order."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from agents.models import CaseEvent, ChangedUnits, Hold, Resolution
from billing.models import BookedLine
from billing.operations import book_resolutions
from billing.queries import bookings, changed_periods
from contracts import models as terms
from tests import factories
from tests.billing.operations.test_book_resolutions import make_version, resolve

pytestmark = pytest.mark.django_db
AS_OF = factories.NOON + timedelta(days=1)
MARCH_31 = datetime(2016, 3, 31, 16, tzinfo=UTC)
PIECES = (1, 2, 5)
CHANNELS = ("chat", "email", "fax", "phone", "letter", "form")
FIELDS = [field.name for field in BookedLine._meta.fields if field.name != "id"]


def make_card():
    """A row of each kind by channel: tiers, a volume price, a percentage, tiers that end, packages; a form has no price."""
    channels = {code: factories.make_channel(code=code, name=code.title()) for code in CHANNELS}
    terms.Channel.objects.filter(code="phone").update(is_voice=True, is_digital=False)
    return make_version(
        {"channel": channels["chat"], "shape": "graduated", "tiers": ((1, 3_000_000), (2, 2_000_000), (None, 1_000_000))},
        {"channel": channels["email"], "shape": "volume", "tiers": ((2, 3_000_000), (None, 2_000_000)), "percent_discount_bp": 1_250},
        {"channel": channels["fax"], "shape": "percentage", "rate_ppm": 21_333},
        {"channel": channels["letter"], "shape": "graduated", "tiers": ((1, 1_000_000),)},
        {"channel": channels["chat"], "outcome": "assumed", "shape": "package", "package_size": 3, "package_amount_micros": 5_000_000},
    )


def make_units(version, chance, count):
    """Resolutions of all classes in two months, many of one instant, whose numbers do not follow their instants."""
    made = []
    for number in range(count):
        at = chance.choice([MARCH_31, factories.NOON]) + timedelta(minutes=chance.randrange(8))
        unit = resolve(version, 1_000 - number, verified_at=at, state=chance.choice(["confirmed", "confirmed", "assumed"]))
        Resolution.objects.filter(pk=unit.pk).update(channel=factories.make_channel(code=(*CHANNELS, "chat", "email")[number % 8]))
        if number != 2:
            tell_value(unit, at, chance.randrange(1, 10**8))
        made.append(unit)
    return made


def tell_value(unit, at, value_micros):
    CaseEvent.objects.create(
        source=unit.case.source,
        key=f"value-{unit.pk}",
        body_hash="0",
        case=unit.case,
        type="contact",
        occurred_at=at - timedelta(minutes=1),
        received_at=factories.NOON,
        value_micros=value_micros,
        value_currency="USD",
    )


def change_some(units, later, chance):
    """Change half of them, each in another way in turn."""
    for place, unit in enumerate(chance.sample(units, k=len(units) // 2)):
        changes = [
            {"is_payable": False, "state": "reopened", "reason": "reopened"},
            {"verified_at": chance.choice([MARCH_31, factories.NOON]) - timedelta(minutes=chance.randrange(5))},
            {"channel": factories.make_channel(code=chance.choice(CHANNELS))},
            {"is_payable": True, "state": "confirmed", "reason": "counted"},
            {"price_version": later},
            {"price_bp": chance.choice([10_000, 3_333])},
        ]
        Resolution.objects.filter(pk=unit.pk).update(**changes[place % len(changes)])


def told(report):
    lines = list(BookedLine.objects.order_by("pk").values_list(*FIELDS))
    held = Hold.objects.order_by("resolution", "reason", "pk").values_list(
        "resolution", "reason", "message", "amount_micros", "currency", "opened_at", "released_at", "expires_at"
    )
    return report, lines, list(held)


def book_and_undo(at_once, case_ids):
    with transaction.atomic():
        found = told(book_resolutions.book_resolutions(as_of=AS_OF, case_ids=case_ids, at_once=at_once))
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize(("seed", "is_news"), [(1, False), (2, True)])
def test_whatever_the_history_pieces_write_what_all_at_once_writes(seed, is_news):
    chance = random.Random(seed)
    version = make_card()
    later = make_version({"shape": "volume", "tiers": ((2, 2_500_000), (4, 2_250_000), (None, 500_000))})
    units = make_units(version, chance, 24)
    Hold.objects.create(
        resolution=units[0], reason="unmapped_identity", message="Nobody is mapped.", expires_at=factories.NOON, opened_at=factories.NOON
    )
    reasons = set()
    for _ in range(3):
        case_ids = () if is_news else None
        pieces = [book_and_undo(at_once, case_ids) for at_once in PIECES]
        whole = told(book_resolutions.book_resolutions(as_of=AS_OF, case_ids=case_ids))
        assert [found == whole for found in pieces] == [True] * len(PIECES)
        again = book_resolutions.book_resolutions(as_of=AS_OF, at_once=2)
        assert (again.booked_count, again.corrected_count) == (0, 0)
        change_some(units, later, chance)
        reasons |= set(BookedLine.objects.values_list("reason", flat=True))
    assert reasons >= {"", "reopened", "tier_effect", "other_terms", "rated_elsewhere"}
    assert set(Hold.objects.values_list("reason", flat=True)) >= {"no_price", "voice_not_priced", "beyond_last_tier", "no_value"}


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_between_two_slices_is_seen_whole_or_not_at_all(monkeypatch):
    """One claim falls and another counts in its place, and a class of a new type comes to be, while a booking reads."""
    outage = factories.make_query_type(code="outage")
    version = make_version({"unit_amount_micros": 1_000_000}, {"unit_amount_micros": 2_000_000, "query_type": outage})
    units = [resolve(version, number) for number in range(4)]
    Resolution.objects.filter(pk=units[3].pk).update(is_payable=False)
    read = bookings.read_payable

    def act():
        try:
            with transaction.atomic():
                Resolution.objects.filter(pk=units[0].pk).update(is_payable=False, state="reopened", reason="reopened")
                Resolution.objects.filter(pk=units[3].pk).update(is_payable=True)
                made = resolve(version, 9)
                Resolution.objects.filter(pk=made.pk).update(query_type=factories.make_query_type(code="outage/new"))
        finally:
            connection.close()

    def read_slowly(**asked):
        for number, found in enumerate(read(**asked)):
            yield found
            if not number:
                beside = threading.Thread(target=act)
                beside.start()
                beside.join()

    monkeypatch.setattr(bookings, "read_payable", read_slowly)
    book_resolutions.book_resolutions(as_of=AS_OF, at_once=2)
    first = sum(BookedLine.objects.values_list("amount_micros", flat=True))
    monkeypatch.setattr(bookings, "read_payable", read)
    book_resolutions.book_resolutions(as_of=AS_OF, case_ids=())

    assert first == 3_000_000
    assert sum(BookedLine.objects.values_list("amount_micros", flat=True)) == 5_000_000


def read_slices(scope, slices):
    """Return the payable resolutions of each slice."""
    found = dict(bookings.read_payable(scope=scope, slices=slices))
    return [sorted(found[place]["resolution_id"]) for place in range(len(slices))]


def test_slices_hold_every_number_and_no_more_than_asked_for():
    version = make_card()
    units = [resolve(version, number) for number in range(7)]
    version_id, day = version.pk, units[0].verified_at.date()
    scope = changed_periods.Scope(version_ids=(version_id,), starts=(day.replace(day=1),), ends=(day + timedelta(days=40),))
    for at_once in (1, 2, 3, 7):
        for read in (None, scope):
            slices = bookings.list_slices(scope=read, at_once=at_once)
            found = read_slices(read, slices)
            assert [number for part in found for number in part] == sorted(unit.pk for unit in units)
            assert max(len(part) for part in found) <= at_once
            assert [one.up_to for one in slices[:-1]] == [one.after for one in slices[1:]]
            assert (slices[0].after, slices[-1].up_to) == (0, bookings.NUMBER_MAX)
    Resolution.objects.filter(pk__in=[unit.pk for unit in units[1:5]]).delete()
    for read in (None, scope):
        slices = bookings.list_slices(scope=read, at_once=2)
        assert [len(one) for one in read_slices(read, slices)] == [2, 1]
    nothing = changed_periods.Scope(version_ids=(), starts=(), ends=())
    assert bookings.list_slices(scope=nothing, at_once=1) == [bookings.EVERYTHING]


def test_what_fell_and_left_nothing_payable_is_still_read_in_slices():
    version = make_card()
    units = [resolve(version, number) for number in range(6)]
    book_resolutions.book_resolutions(as_of=AS_OF)
    Resolution.objects.filter(pk__in=[unit.pk for unit in units]).update(is_payable=False, state="reopened", reason="reopened")
    noted = ChangedUnits.objects.values_list("version_id", "day")
    scope = changed_periods.find_changed_periods(case_ids=(), noted=set(noted))
    assert len(bookings.list_slices(scope=scope, at_once=2)) >= 3
    assert book_resolutions.book_resolutions(as_of=AS_OF, case_ids=(), at_once=2).corrected_count == 6
