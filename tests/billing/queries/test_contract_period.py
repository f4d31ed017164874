"""A contract's billing period from the database: booked lines, corrections over time, and what the contract puts around them."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from agents.models import CaseEvent, ChangedCase, Hold, Resolution
from billing.models import BookedLine
from billing.operations import book_resolutions
from billing.queries import contract_period
from contracts import models as terms
from contracts.operations import versions
from tests import factories
from tests.billing.operations.test_book_resolutions import make_version, resolve

pytestmark = pytest.mark.django_db
APRIL_20 = date(2016, 4, 20)
ROW = {"unit_amount_micros": 2_000_000}


def draft_version(*rows, **values):
    made = make_version(*rows)
    draft = versions.clone_version(version=made, effective_from=date(2015, 6, 1))
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def activate(draft):
    terms.ResolutionPolicy.objects.get_or_create(version=draft)
    return versions.activate_version(version=draft)


def book(day=1):
    return book_resolutions.book_resolutions(as_of=factories.NOON + timedelta(days=day))


def lines_of(version, day=APRIL_20):
    return [
        (line.kind, str(line.amount))
        for line in contract_period.state_contract_period(books=contract_period.open_books(contract=version.contract), day=day).lines
    ]


def test_a_period_states_charges_commitment_and_taxes():
    draft = draft_version({**ROW})
    terms.MinimumCommitment.objects.create(version=draft, amount_micros=10_000_000)
    terms.TaxRate.objects.create(version=draft, name="VAT", rate_ppm=200_000)
    version = activate(draft)
    for number in (1, 2):
        resolve(version, number)
    book()
    assert lines_of(version) == [("rated", "4"), ("true_up", "6"), ("tax", "2")]
    period = contract_period.state_contract_period(books=contract_period.open_books(contract=version.contract), day=APRIL_20)
    assert (period.start_date, period.end_date, period.total) == (date(2016, 4, 1), date(2016, 5, 1), Fraction(12))
    assert period.lines[0].quantity == 2


def test_half_months_start_counts_and_tiers_anew():
    version = activate(draft_version({"shape": "graduated", "tiers": ((1, 3_000_000), (None, 1_000_000))}, billing_calendar="half_month"))
    for number, day in ((1, 15), (2, 15), (3, 16)):
        resolve(version, number, verified_at=datetime(2016, 4, day, 16, number, tzinfo=UTC))
    book()
    assert list(BookedLine.objects.order_by("pk").values_list("period_start", "amount_micros")) == [
        (date(2016, 4, 1), 3_000_000),
        (date(2016, 4, 1), 1_000_000),
        (date(2016, 4, 16), 3_000_000),
    ]
    assert lines_of(version, date(2016, 4, 15)) == [("rated", "4")]
    assert lines_of(version, date(2016, 4, 16)) == [("rated", "3")]


def test_a_percentage_is_taken_of_the_value_that_was_told_and_held_without_one():
    version = make_version({"shape": "percentage", "rate_ppm": 25_000})
    told, untold, foreign = (resolve(version, number) for number in (1, 2, 3))
    for resolution, currency in ((told, "USD"), (foreign, "EUR")):
        CaseEvent.objects.create(
            source=resolution.case.source,
            key=f"value-{resolution.pk}",
            body_hash="0",
            case=resolution.case,
            type="contact",
            occurred_at=resolution.verified_at - timedelta(minutes=1),
            received_at=factories.NOON,
            value_micros=80_000_000,
            value_currency=currency,
        )
    report = book()
    assert (report.booked_count, report.held_count) == (1, 2)
    assert BookedLine.objects.get().amount_micros == 2_000_000
    assert set(Hold.objects.filter(reason="no_value").values_list("resolution_id", flat=True)) == {untold.pk, foreign.pk}
    assert "what case desk/INC0000002 is worth in USD" in Hold.objects.get(resolution=untold).message


def test_a_reopened_case_and_its_tier_effect_are_in_the_period_that_they_belong_to():
    version = make_version({"shape": "graduated", "tiers": ((2, 3_000_000), (None, 1_000_000))})
    first, *_ = (resolve(version, number) for number in (1, 2, 3))
    book()
    assert lines_of(version) == [("rated", "7")]
    Resolution.objects.filter(pk=first.pk).update(state="reopened", is_payable=False, reason="reopened")
    book(40)
    assert lines_of(version) == [("rated", "6")]
    corrections = BookedLine.objects.filter(kind="correction").order_by("pk")
    assert [(line.resolution.case.key, line.period_start, line.amount_micros, line.reason) for line in corrections] == [
        ("INC0000001", date(2016, 4, 1), -3_000_000, "reopened"),
        ("INC0000003", date(2016, 4, 1), 2_000_000, "tier_effect"),
    ]
    Resolution.objects.filter(pk=first.pk).update(state="confirmed", is_payable=True, reason="counted")
    book(41)
    assert lines_of(version) == [("rated", "7")]
    assert (book(42).corrected_count, book(42).booked_count) == (0, 0)


def test_a_version_for_days_past_has_its_cases_folded_again():
    version = make_version({**ROW})
    old = resolve(version, 1, resolved_at=factories.NOON - timedelta(days=60), verified_at=factories.NOON - timedelta(days=59))
    new = resolve(version, 2)
    draft = versions.clone_version(version=version, effective_from=date(2016, 4, 1))
    ChangedCase.objects.all().delete()
    activate(draft)
    assert list(ChangedCase.objects.values_list("case_id", flat=True)) == [new.case_id]
    assert old.case_id != new.case_id


def test_a_missed_level_is_credited_and_earned_back():
    draft = draft_version({**ROW})
    terms.ServiceCreditTerms.objects.create(version=draft, at_risk_bp=1_000, earn_back_periods=1)
    terms.ServiceLevel.objects.create(version=draft, metric="fcr", target_bp=5_000, allocation_bp=10_000, count_min=1)
    version = activate(draft)
    resolve(version, 1, verified_at=datetime(2016, 3, 10, 16, tzinfo=UTC), fcr="no")
    resolve(version, 2)
    book()
    assert lines_of(version, date(2016, 3, 10)) == [("rated", "2"), ("service_credit", "-1/5")]
    assert lines_of(version) == [("rated", "2"), ("earn_back", "1/5")]
    assert lines_of(version, date(2016, 5, 10)) == []

    changed = activate(versions.clone_version(version=version, effective_from=date(2016, 4, 15)))
    assert lines_of(changed, date(2016, 3, 10)) == [("rated", "2"), ("service_credit", "-1/5")]
    assert lines_of(changed) == [("rated", "2"), ("earn_back", "1/5")], "two versions of one period give a credit back once"
