"""Every page of the administration opens on the demo company, for whoever may open it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Hold, SourceIdentity, User
from contracts.models import ContractVersion, PayPlanVersion
from contracts.operations import versions

QUERY_COUNT_MAX = 40


def admin_url(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)  # type: ignore[attr-defined]


@pytest.fixture
def owner(demo: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser(email="owner@example.org"))
    return client


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label), ids=lambda model: model._meta.label)
def test_the_owner_opens_lists_searches_and_rows(owner: Client, model: type, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(QUERY_COUNT_MAX):  # type: ignore[operator]
        assert owner.get(admin_url(model, "changelist")).status_code == 200
    if admin.site._registry[model].search_fields:
        assert owner.get(admin_url(model, "changelist"), {"q": "maya"}).status_code == 200
    row = model._default_manager.first()  # type: ignore[attr-defined]
    if row is not None:
        assert owner.get(admin_url(model, "change", row.pk)).status_code == 200
    assert owner.get(admin_url(model, "add")).status_code in (200, 403)


def test_a_contract_page_reads_like_the_contract(owner: Client) -> None:
    version = ContractVersion.objects.filter(status="active").first()
    assert version is not None
    page = owner.get(admin_url(ContractVersion, "change", version.pk)).content.decode()
    assert "pays in USD for each case that is really resolved" in page
    assert "silence means 72 hours after the last message" in page
    assert "a command or job" in page


def test_an_active_version_has_no_field_to_edit_and_can_be_copied(owner: Client) -> None:
    version = ContractVersion.objects.filter(status="active").first()
    assert version is not None
    page = owner.get(admin_url(ContractVersion, "change", version.pk)).content.decode()
    assert 'name="currency"' not in page
    copied = owner.get(reverse("admin:contracts_contractversion_copy_to_draft", args=[version.pk]), follow=True)
    assert "is a draft. Nothing changes for anyone until you activate it." in copied.content.decode()
    assert 'name="currency"' in copied.content.decode()


def shown_form(page: Any) -> dict[str, Any]:
    """Return what a browser would send if somebody pressed Save without touching anything."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
        for form in inline.formset.forms:
            for nested in getattr(form, "nested_formsets", []):
                forms += [nested.formset.management_form, *nested.formset.forms]
    sent = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def test_a_draft_can_be_saved_and_a_price_is_stored_exactly(owner: Client) -> None:
    source = ContractVersion.objects.filter(status="active").first()
    assert source is not None
    draft = versions.clone_version(version=source, effective_from=source.effective_from + timedelta(days=30))
    page = admin_url(ContractVersion, "change", draft.pk)
    sent = shown_form(owner.get(page))
    price = next(name for name, value in sent.items() if name.endswith("unit_amount_micros") and value == "9.80")
    saved = owner.post(page, {**sent, price: "9.905", "_continue": "1"}, follow=True)
    assert "was changed successfully" in saved.content.decode()
    before, after = ([row.unit_amount_micros for row in version.rate_card_rows.all()] for version in (source, draft))
    assert after == [9_905_000 if micros == 9_800_000 else micros for micros in before]
    refused = owner.post(page, {**sent, price: "9.9051234", "_continue": "1"}, follow=True)
    assert "Ensure that there are no more than 6 decimal places" in refused.content.decode()


def test_a_plan_draft_can_be_saved_in_percent(owner: Client) -> None:
    source = PayPlanVersion.objects.filter(status="active").first()
    assert source is not None
    draft = versions.clone_version(version=source, effective_from=source.effective_from + timedelta(days=30))
    page = admin_url(PayPlanVersion, "change", draft.pk)
    sent = shown_form(owner.get(page))
    saved = owner.post(page, {**sent, "quality_high_multiplier_bp": "112.5", "_continue": "1"}, follow=True)
    assert "was changed successfully" in saved.content.decode()
    draft.refresh_from_db()
    assert draft.quality_high_multiplier_bp == 11_250


def test_a_confirmed_activation_opens_the_page_again_with_what_happened(owner: Client) -> None:
    source = ContractVersion.objects.filter(status="active").first()
    assert source is not None
    draft = versions.clone_version(version=source, effective_from=source.effective_from + timedelta(days=30))
    activate = reverse("admin:contracts_contractversion_activate", args=[draft.pk])
    asked = owner.get(activate, headers={"HX-Request": "true"})
    assert "It can never be edited again" in asked.content.decode()
    done = owner.post(activate, {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == admin_url(ContractVersion, "change", draft.pk)
    assert "is active from" in owner.get(done.headers["HX-Redirect"]).content.decode()
    draft.refresh_from_db()
    assert draft.status == "active"


def test_a_mapped_name_brings_its_held_work_to_the_agent(owner: Client) -> None:
    hold = Hold.objects.filter(reason="unmapped_identity", released_at=None).select_related("resolution__identity").first()
    agent = Agent.objects.first()
    assert hold is not None
    assert agent is not None
    identity = hold.resolution.identity
    assert identity is not None
    answer = owner.post(admin_url(SourceIdentity, "change", identity.pk), {"agent": agent.pk}, follow=True)
    assert f"What {identity.value} resolved now counts for {agent}" in answer.content.decode()
    hold.refresh_from_db()
    assert hold.released_at is not None
    assert not Hold.objects.filter(resolution__identity=identity, reason="unmapped_identity", released_at=None).exists()
