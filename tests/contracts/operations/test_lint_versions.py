"""Lint of stored versions: an error stops an activation and changes nothing, a warning is shown and does not."""

import re
from datetime import date
from fractions import Fraction

import pytest
from django.test import Client

from contracts import models as terms
from contracts.operations import versions
from contracts.queries import lint
from contracts.rules import rate_cards
from contracts.rules.lint import cards
from tests import factories

pytestmark = pytest.mark.django_db

KNOWN = lint.Evidence()


@pytest.fixture
def contract_draft() -> terms.ContractVersion:
    active = factories.make_contract_version()
    return versions.clone_version(version=active, effective_from=date(2016, 6, 1))


@pytest.fixture
def plan_draft() -> terms.PayPlanVersion:
    active = factories.make_plan_version()
    return versions.clone_version(version=active, effective_from=date(2016, 6, 1))


def add_falling_row(version: terms.ContractVersion) -> None:
    row = terms.RateCardRow.objects.create(version=version, channel=factories.make_channel(), shape="volume")
    terms.RateTier.objects.create(row=row, up_to=1_500, unit_amount_micros=2_400_000)
    terms.RateTier.objects.create(row=row, up_to=None, unit_amount_micros=2_200_000)


def codes(version: terms.ContractVersion | terms.PayPlanVersion, known: lint.Evidence = KNOWN) -> list[tuple[str, str]]:
    return [(one.code, one.severity) for one in lint.lint_version(version=version, evidence=known)]


def test_a_sound_draft_has_no_findings_and_goes_active(contract_draft, plan_draft) -> None:
    assert codes(contract_draft) == []
    assert codes(plan_draft) == []
    assert versions.activate_version(version=contract_draft).status == "active"
    assert versions.activate_version(version=plan_draft).status == "active"


def test_an_error_stops_the_activation_and_nothing_changes(contract_draft) -> None:
    add_falling_row(contract_draft)
    words = "1 finding must be mended. 1. One case more makes the invoice 297.80 lower"
    with pytest.raises(versions.UnableToActivate, match=re.escape(words)) as refused:
        versions.activate_version(version=contract_draft)
    assert [one.amount for one in refused.value.found] == [Fraction(29780, 100)]
    contract_draft.refresh_from_db()
    assert contract_draft.status == "draft"
    assert contract_draft.contract.versions.get(number=1).effective_to is None


def test_a_warning_does_not_stop_it(contract_draft) -> None:
    contract_draft.rate_card_rows.all().delete()
    terms.RateCardRow.objects.create(version=contract_draft, channel=factories.make_channel(), unit_amount_micros=2_000_000)
    factories.make_channel(code="email", name="E-mail")
    factories.make_query_type()
    assert codes(contract_draft) == [("class_without_price", "warning")]
    assert versions.activate_version(version=contract_draft).status == "active"


def test_a_class_of_last_quarter_without_a_price_is_an_error(contract_draft) -> None:
    contract_draft.rate_card_rows.update(channel=factories.make_channel())
    count = cards.ClassCount(query_type="network/outage", channel="email", count=Fraction(41))
    assert codes(contract_draft, lint.Evidence(counts=(count,))) == [("class_without_price", "error")]


def test_a_priced_phone_row_needs_a_version_that_prices_voice(contract_draft) -> None:
    phone = terms.Channel.objects.create(code="line-1", name="Line 1", is_voice=True, is_digital=False)
    terms.RateCardRow.objects.create(version=contract_draft, channel=phone, unit_amount_micros=6_000_000)
    assert codes(contract_draft) == [("voice_by_accident", "error")]
    contract_draft.prices_voice = True
    contract_draft.save()
    assert codes(contract_draft) == []


def test_a_plan_under_the_minimum_wage_stays_a_draft(plan_draft) -> None:
    plan_draft.base_hourly_micros = 7_240_000
    plan_draft.save()
    with pytest.raises(versions.UnableToActivate, match=r"The minimum wage of us-federal is 7\.25"):
        versions.activate_version(version=plan_draft)
    plan_draft.base_hourly_micros = 7_250_000
    plan_draft.save()
    assert versions.activate_version(version=plan_draft).status == "active"


def test_a_plan_of_a_law_that_nobody_ships_stays_a_draft(plan_draft) -> None:
    plan_draft.rule_pack = "us-xx"
    plan_draft.save()
    assert codes(plan_draft) == [("invalid", "error")]


def test_a_curve_is_compared_with_the_pools_that_are_known(plan_draft) -> None:
    # The default curve gives 1 at 86%, and chance takes an agent of a pool of 90% down to 86.5%.
    far = {name: Fraction(90, 100) for name in ("csat", "fcr", "qa")}
    near = {name: Fraction(86, 100) for name in ("csat", "fcr", "qa")}
    assert codes(plan_draft, lint.Evidence(pools=far)) == []
    assert codes(plan_draft, lint.Evidence(pools=near)) == [("beaten_by_chance", "warning")]
    assert codes(plan_draft, lint.Evidence(pools={**near, "csat": Fraction(85, 100)})) == [("punishes_expected", "error")]


def test_the_page_of_a_draft_shows_its_findings(client: Client, contract_draft) -> None:
    add_falling_row(contract_draft)
    user = factories.make_user(is_staff=True, is_superuser=True)
    client.force_login(user)
    page = client.get(f"/admin/contracts/contractversion/{contract_draft.pk}/change/").content.decode()
    assert "One case more makes the invoice 297.80 lower" in page
    assert "297.80 USD, each time the count passes the bound" in page
    assert "Mend before activation" in page
    assert "Rate card, row 2, tier 2" in page


@pytest.mark.parametrize(
    ("calendar", "count", "lost"), [("month", 300, None), ("month", 303, 3), ("half_month", 606, 6), ("week", 1_313, 13)]
)
def test_a_tier_below_cost_counts_the_cases_of_each_billing_period(contract_draft, calendar: str, count: int, lost: int | None) -> None:
    """Tiers start anew with each period: a hundred a month never enter the second tier, whatever the quarter comes to."""
    contract_draft.rate_card_rows.all().delete()
    terms.ContractVersion.objects.filter(pk=contract_draft.pk).update(billing_calendar=calendar)
    contract_draft.refresh_from_db()
    row = terms.RateCardRow.objects.create(version=contract_draft, shape="graduated")
    terms.RateTier.objects.create(row=row, up_to=100, unit_amount_micros=2_000_000)
    terms.RateTier.objects.create(row=row, up_to=None, unit_amount_micros=1_000_000)
    cost = rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction(3, 2)))
    known = lint.Evidence(counts=(cards.ClassCount(count=Fraction(count)),), costs=rate_cards.RateCard(rows=(cost,)))
    (found,) = [one for one in lint.lint_version(version=contract_draft, evidence=known) if one.code == "below_cost"]

    assert found.amount == Fraction(1, 2) * (lost or 1)
    assert found.amount_of == ("at last quarter's volume" if lost else "per case")


def test_a_billing_calendar_that_would_cut_a_period_stops_the_activation(contract_draft) -> None:
    contract_draft.billing_calendar = "week"
    contract_draft.save()
    with pytest.raises(versions.UnableToActivate, match="The billing calendar changes on 2016-06-01"):
        versions.activate_version(version=contract_draft)
    contract_draft.refresh_from_db()
    assert contract_draft.status == "draft"

    contract_draft.billing_anchor = date(2016, 6, 1)
    contract_draft.save()
    assert versions.activate_version(version=contract_draft).status == "active"
