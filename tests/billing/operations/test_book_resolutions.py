"""Booking against a real database: the most specific row wins, months follow the contract's clock, nothing is booked twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from agents.models import Hold, Resolution
from billing.models import BookedLine
from billing.operations import book_resolutions
from contracts import models as terms
from tests import factories

pytestmark = pytest.mark.django_db
# 11:30 p.m. on March 31 in New York.
LAST_MINUTES_OF_MARCH = datetime(2016, 4, 1, 3, 30, tzinfo=UTC)


def make_version(*rows, prices_voice=False):
    client = terms.Client.objects.create(code=f"c{terms.Client.objects.count()}", name="Larch Home")
    contract = terms.Contract.objects.create(client=client, code=f"{client.code}-k", name="2016", timezone=factories.NEW_YORK)
    made = terms.ContractVersion.objects.create(
        contract=contract, number=1, effective_from=date(2015, 1, 1), currency="USD", prices_voice=prices_voice
    )
    for row in rows:
        tiers = row.pop("tiers", ())
        stored = terms.RateCardRow.objects.create(version=made, **row)
        for up_to, unit_amount in tiers:
            terms.RateTier.objects.create(row=stored, up_to=up_to, unit_amount_micros=unit_amount)
    terms.ContractVersion.objects.filter(pk=made.pk).update(status="active")
    return made


def resolve(version, number, **values):
    verified_at = values.pop("verified_at", factories.NOON + timedelta(minutes=number))
    return factories.make_resolution(
        agent=values.pop("agent", None), version=version, verified_at=verified_at, key=f"INC{number:07d}", **values
    )


def book():
    return book_resolutions.book_resolutions(as_of=factories.NOON + timedelta(days=1))


def booked():
    lines = BookedLine.objects.order_by("resolution__case__key", "revision")
    return [(line.resolution.case.key[-1], line.revision, line.amount_micros, line.reason) for line in lines]


def graduated(**values):
    return {"shape": "graduated", "tiers": ((2, 3_000_000), (None, 2_000_000)), **values}


def test_each_resolution_is_booked_once_at_the_price_of_its_place():
    version = make_version(graduated())
    for number in (3, 1, 2):
        resolve(version, number)
    report = book()
    assert (report.payable_count, report.booked_count, report.corrected_count, report.held_count) == (3, 3, 0, 0)
    assert booked() == [("1", 1, 3_000_000, ""), ("2", 1, 3_000_000, ""), ("3", 1, 2_000_000, "")]
    line = BookedLine.objects.get(position=3)
    assert (line.list_micros, line.period_start, line.kind) == (3_000_000, factories.APRIL, "resolution")
    report = book()
    assert (report.booked_count, report.corrected_count, BookedLine.objects.count()) == (0, 0, 3)


def test_the_most_specific_row_wins():
    deep = factories.make_query_type()
    shallow = factories.make_query_type(code="network", name="Network")
    version = make_version(
        {"unit_amount_micros": 1_000_000},
        {"unit_amount_micros": 2_000_000, "query_type": shallow, "channel": factories.make_channel()},
        {"unit_amount_micros": 4_000_000, "query_type": deep},
        {"unit_amount_micros": 5_000_000, "query_type": deep, "outcome": "assumed"},
    )
    resolve(version, 1)
    resolve(version, 2, state="assumed")
    other = resolve(version, 3)
    Resolution.objects.filter(pk=other.pk).update(query_type=shallow)
    book()
    assert [amount for _, _, amount, _ in booked()] == [4_000_000, 5_000_000, 2_000_000]


def test_the_billing_month_is_counted_by_the_contracts_clock():
    version = make_version(graduated())
    resolve(version, 1, verified_at=LAST_MINUTES_OF_MARCH)
    resolve(version, 2, verified_at=LAST_MINUTES_OF_MARCH + timedelta(minutes=30))
    book()
    assert list(BookedLine.objects.order_by("period_start").values_list("period_start", "position")) == [
        (factories.MARCH, 1),
        (factories.APRIL, 1),
    ]


def test_a_resolution_that_fell_is_corrected_with_its_tier_effect():
    version = make_version(graduated())
    fallen = resolve(version, 1)
    resolve(version, 2)
    resolve(version, 3)
    book()
    Resolution.objects.filter(pk=fallen.pk).update(state="reopened", is_payable=False, reason="reopened")
    report = book()
    assert (report.booked_count, report.corrected_count) == (0, 2)
    assert booked() == [
        ("1", 1, 3_000_000, ""),
        ("1", 2, -3_000_000, "reopened"),
        ("2", 1, 3_000_000, ""),
        ("3", 1, 2_000_000, ""),
        ("3", 2, 1_000_000, "tier_effect"),
    ]


def test_a_unit_at_a_reduced_price_keeps_its_row():
    version = make_version({"unit_amount_micros": 3_000_000}, {"unit_amount_micros": 2_000_000, "outcome": "assumed"})
    reduced = resolve(version, 1, state="assumed")
    reduced.transitions.create(state="assumed", at=factories.NOON, rule="silence", policy_version=version, recorded_at=factories.NOON)
    book()
    Resolution.objects.filter(pk=reduced.pk).update(state="reopened", price_bp=2_500, correction="reduced_price")
    book()
    assert booked() == [("1", 1, 2_000_000, ""), ("1", 2, -1_500_000, "reduced_price")]


def test_what_has_no_price_is_held_by_name_and_released_once_it_has_one():
    phone = terms.Channel.objects.create(code="phone", name="Phone", is_voice=True, is_digital=False)
    silent = make_version({"unit_amount_micros": 1_000_000})
    narrow = make_version({"unit_amount_micros": 1_000_000, "channel": phone}, prices_voice=True)
    closed = make_version({"shape": "graduated", "tiers": ((1, 1_000_000),)})
    voiced = resolve(silent, 1)
    Resolution.objects.filter(pk=voiced.pk).update(channel=phone)
    resolve(narrow, 2)
    resolve(closed, 3)
    resolve(closed, 4)
    report = book()
    assert (report.booked_count, report.held_count) == (1, 3)
    assert {(hold.resolution.case.key[-1], hold.reason) for hold in Hold.objects.filter(released_at=None)} == {
        ("1", "voice_not_priced"),
        ("2", "no_price"),
        ("4", "beyond_last_tier"),
    }
    assert "has no price for network/outage, chat" in Hold.objects.get(reason="no_price").message
    Resolution.objects.filter(case__key="INC0000002").update(channel=phone)
    assert book().held_count == 2
    assert set(Hold.objects.filter(released_at=None).values_list("reason", flat=True)) == {"voice_not_priced", "beyond_last_tier"}


def test_a_held_resolution_shows_the_price_at_stake():
    version = make_version(graduated())
    held = resolve(version, 1)
    Hold.objects.create(
        resolution=held, reason="unmapped_identity", message="Nobody is mapped.", expires_at=factories.NOON, opened_at=factories.NOON
    )
    book()
    hold = Hold.objects.get()
    assert (hold.amount_micros, hold.currency) == (3_000_000, "USD")


def test_the_number_of_queries_does_not_grow_with_the_work(django_assert_max_num_queries):
    version = make_version(graduated(), {"unit_amount_micros": 1, "outcome": "assumed"})
    for number in range(1, 30):
        resolve(version, number, state="assumed" if number % 2 else "confirmed")
    with django_assert_max_num_queries(60) as first:
        book()
    with django_assert_max_num_queries(len(first.captured_queries)):
        book()


INSERT = """
    INSERT INTO billing_bookedline
        (version_id, row_id, resolution_id, revision, kind, period_start, position, amount_micros, list_micros, reason, booked_at)
    VALUES (%s, %s, %s, 2, 'correction', '2016-03-01', 1, 1, 1, '', now())"""


@pytest.mark.parametrize(
    ("version", "row", "resolution", "refused"),
    [
        (0, 0, 0, None),
        (9, 0, 0, "no price"),
        (0, 9, 0, "no price"),
        (0, 0, 9, "no resolution"),
        (1, 1, 0, "no price"),
        (0, 1, 0, "no price"),
    ],
)
def test_a_booked_line_has_a_price_in_force_and_a_resolution(version, row, resolution, refused):
    in_force = make_version(graduated())
    draft = terms.ContractVersion.objects.create(
        contract=in_force.contract, number=2, effective_from=date(2017, 1, 1), currency="USD", status="draft"
    )
    own = terms.RateCardRow.objects.create(version=draft, unit_amount_micros=1)
    found = resolve(in_force, 1)
    book()
    missing = {9: 10**9}
    versions = {0: in_force.pk, 1: draft.pk, **missing}
    rows = {0: in_force.rate_card_rows.get().pk, 1: own.pk, **missing}
    values = [versions[version], rows[row], {0: found.pk, **missing}[resolution]]
    count = BookedLine.objects.count()

    if refused is None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, values)
    else:
        with pytest.raises(IntegrityError, match=refused), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(INSERT, values)

    assert BookedLine.objects.count() == count + (refused is None)


def test_a_resolution_that_was_booked_is_kept_raw_sql_included():
    version = make_version(graduated())
    kept, other = resolve(version, 1), resolve(version, 2)
    Resolution.objects.filter(pk=other.pk).update(is_payable=False)
    book()

    with pytest.raises(IntegrityError, match="was booked cannot be deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM agents_resolution WHERE id = %s", [kept.pk])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM agents_resolution WHERE id = %s", [other.pk])

    assert list(Resolution.objects.values_list("pk", flat=True)) == [kept.pk]
