"""A version's life: copied, checked, activated, ended; and what the database refuses whoever asks."""

from datetime import date

import pytest

from contracts import models as terms
from contracts.operations import versions
from contracts.queries import history, words
from tests.raw_sql import refuse_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> terms.ContractVersion:
    client = terms.Client.objects.create(code="larch", name="Larch")
    contract = terms.Contract.objects.create(client=client, code="larch-it", name="IT desk", timezone="America/New_York")
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2016, 1, 1), currency="USD")
    terms.ResolutionPolicy.objects.create(version=version)
    row = terms.RateCardRow.objects.create(version=version, shape="graduated")
    terms.RateTier.objects.create(row=row, up_to=100, unit_amount_micros=22_000_000)
    terms.RateTier.objects.create(row=row, up_to=None, unit_amount_micros=19_000_000)
    return version


@pytest.fixture
def plan_draft() -> terms.PayPlanVersion:
    plan = terms.PayPlan.objects.create(code="care", name="Care")
    version = terms.PayPlanVersion.objects.create(
        plan=plan, number=1, effective_from=date(2016, 1, 1), currency="USD", rule_pack="us-federal"
    )
    terms.PayPlanTier.objects.create(version=version, share_bp=2_000)
    return version


def test_a_clone_has_every_term_and_its_own_number(draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    copy = versions.clone_version(version=draft, effective_from=date(2016, 6, 1))
    assert (copy.number, copy.status, copy.effective_from, copy.effective_to) == (2, "draft", date(2016, 6, 1), None)
    assert [(tier.up_to, tier.unit_amount_micros) for tier in copy.rate_card_rows.get().tiers.all()] == [
        (100, 22_000_000),
        (None, 19_000_000),
    ]
    assert copy.resolution_policy.silence_window_hours == 72
    assert draft.rate_card_rows.count() == 1


def test_activating_the_next_version_ends_the_one_before(draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    copy = versions.clone_version(version=draft, effective_from=date(2016, 6, 1))
    versions.activate_version(version=copy)
    draft.refresh_from_db()
    copy.refresh_from_db()
    assert (draft.effective_to, draft.status) == (date(2016, 6, 1), "active")
    assert copy.status == "active"


def test_a_version_that_starts_before_the_active_one_is_refused(draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    early = versions.clone_version(version=draft, effective_from=date(2015, 12, 31))
    with pytest.raises(versions.UnableToActivate, match="in force from 2016-01-01, which is not before 2015-12-31"):
        versions.activate_version(version=early)
    early.refresh_from_db()
    assert early.status == "draft"


def test_a_draft_without_prices_is_refused_with_what_to_do(draft: terms.ContractVersion) -> None:
    draft.rate_card_rows.all().delete()
    with pytest.raises(versions.UnableToActivate, match="no prices"):
        versions.activate_version(version=draft)


def test_a_draft_whose_last_tier_ends_is_refused(draft: terms.ContractVersion) -> None:
    terms.RateTier.objects.filter(up_to=None).delete()
    with pytest.raises(versions.UnableToActivate, match="no last tier without an end"):
        versions.activate_version(version=draft)


def test_quality_weights_must_add_up_to_the_whole(plan_draft: terms.PayPlanVersion) -> None:
    terms.PayPlanMetric.objects.create(version=plan_draft, metric="csat", weight_bp=6_000)
    with pytest.raises(versions.UnableToActivate, match="add up to 60%"):
        versions.activate_version(version=plan_draft)
    terms.PayPlanMetric.objects.create(version=plan_draft, metric="fcr", weight_bp=4_000)
    assert versions.activate_version(version=plan_draft).status == "active"


def test_only_an_active_version_ends_and_not_before_it_starts(draft: terms.ContractVersion) -> None:
    with pytest.raises(versions.UnableToEnd, match="only an active version"):
        versions.end_version(version=draft, effective_to=date(2016, 2, 1))
    versions.activate_version(version=draft)
    with pytest.raises(versions.UnableToEnd, match="choose a later day than 2016-01-01"):
        versions.end_version(version=draft, effective_to=date(2016, 1, 1))
    assert versions.end_version(version=draft, effective_to=date(2016, 1, 2)).status == "ended"


def test_raw_sql_cannot_change_an_active_version_or_its_rows(draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    assert "make a new version" in refuse_sql("UPDATE contracts_contractversion SET currency = 'EUR' WHERE id = %s", draft.pk)
    assert "make a new version" in refuse_sql("UPDATE contracts_ratetier SET unit_amount_micros = 1")
    assert "make a new version" in refuse_sql("DELETE FROM contracts_ratetier")
    assert "make a new version" in refuse_sql("UPDATE contracts_resolutionpolicy SET silence_window_hours = 1")
    columns = "row_id, up_to, unit_amount_micros, flat_amount_micros"
    addition = f"INSERT INTO contracts_ratetier ({columns}) SELECT id, 5, 1, 0 FROM contracts_ratecardrow"
    assert "make a new version" in refuse_sql(addition)
    assert "version 1 is active" in refuse_sql("UPDATE contracts_contractversion SET status = 'draft' WHERE id = %s", draft.pk)
    draft.refresh_from_db()
    assert (draft.currency, draft.status) == ("USD", "active")


def test_an_active_plan_refuses_raw_sql_too(plan_draft: terms.PayPlanVersion) -> None:
    versions.activate_version(version=plan_draft)
    assert "make a new version" in refuse_sql("UPDATE contracts_payplantier SET share_bp = 1")
    assert "is active and cannot change" in refuse_sql("UPDATE contracts_payplanversion SET base_hourly_micros = 1")


def test_two_active_versions_never_cover_one_day(draft: terms.ContractVersion) -> None:
    versions.activate_version(version=draft)
    copy = versions.clone_version(version=draft, effective_from=date(2016, 6, 1))
    assert "contract_versions_never_overlap" in refuse_sql("UPDATE contracts_contractversion SET status = 'active' WHERE id = %s", copy.pk)


def test_changes_are_written_down_with_their_values(draft: terms.ContractVersion) -> None:
    draft.note = "Prices of the tender"
    draft.save()
    changes = history.list_changes(row=draft)
    assert any("note: empty → Prices of the tender" in change.change for change in changes)
    assert {change.actor for change in changes} == {"a command or job"}


def test_the_words_of_a_version_name_every_price_and_window(draft: terms.ContractVersion) -> None:
    sentences = words.describe_contract_version(version=draft)
    assert "Any query type, any channel: 1 to 100: 22.00; from 101 on: 19.00 (each at its own tier)." in sentences
    assert "silence means 72 hours after the last message." in " ".join(sentences)
    assert "held, never billed by accident" in " ".join(sentences)


@pytest.mark.parametrize(("channel", "inside"), [("Chat", "chat"), ("SMS", "SMS"), ("WhatsApp", "WhatsApp"), ("E-mail", "e-mail")])
def test_a_price_keeps_the_name_of_its_channel(draft: terms.ContractVersion, channel: str, inside: str) -> None:
    query_type = terms.QueryType.objects.create(code="refund", name="Refund")
    draft.rate_card_rows.update(query_type=query_type, channel=terms.Channel.objects.create(code="channel", name=channel))

    assert [name for name, _price in words.describe_prices(version=draft)] == [f"Refund, {inside}"]


def test_the_words_of_a_plan_name_hours_shares_and_quality(plan_draft: terms.PayPlanVersion) -> None:
    terms.PayPlanMetric.objects.create(version=plan_draft, metric="csat", weight_bp=10_000)
    sentences = " ".join(words.describe_plan_version(version=plan_draft))
    assert "Resolution 1 and every one after it: 20% of the price." in sentences
    assert "from 80% at a score of 76% to 120% at 96%" in sentences
    assert "Hours are not paid by themselves." in sentences


@pytest.mark.parametrize(("effect", "part"), [("reduced_price", None), ("reduced_price", 10_001), ("new_unit", 5_000)])
def test_a_reduced_price_and_its_part_come_together(draft: terms.ContractVersion, effect: str, part: int | None) -> None:
    said = refuse_sql("UPDATE contracts_resolutionpolicy SET reopen_effect = %s, reduced_price_bp = %s", effect, part)
    assert "policy_reduced_price_has_its_part" in said
    policy = draft.resolution_policy
    for kept in (0, 10_000):
        policy.reopen_effect, policy.reduced_price_bp = "reduced_price", kept
        policy.save()
