"""What makes no sense in an address of the administration is a page that is not there, or one that says so; never a fault of ours."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from ppr_portal.middleware import AdministrationAddressMiddleware
from tests import factories

pytestmark = pytest.mark.django_db
HUGE = "9" * 20
IDS = ("x", HUGE)
QUERIES = ("e=1", f"p={HUGE}", f"id__exact={HUGE}", "nope__year=1")
DATES = (f"__year={HUGE}", "__year=99999", "__year=0", "__year=2016&{}__month=13")
# Django's own pages of a record, which ask for it themselves.
OWN = ("change/", "history/", "delete/", "")
ADMINS = list(admin.site._registry.values())


@pytest.fixture
def owner(client: Client) -> Client:
    user = factories.make_user(name="The owner", roles=["owner"])
    type(user).objects.filter(pk=user.pk).update(is_superuser=True, is_staff=True)
    client.force_login(type(user).objects.get(pk=user.pk))
    return client


def base_of(model_admin: Any) -> str:
    return reverse(f"admin:{model_admin.model._meta.app_label}_{model_admin.model._meta.model_name}_changelist")


@pytest.mark.parametrize("model_admin", ADMINS, ids=lambda one: one.model.__name__)
def test_no_address_breaks_a_list_or_a_record(owner: Client, model_admin: Any) -> None:
    base = base_of(model_admin)
    days = sorted(field.name for field in model_admin.model._meta.fields if "Date" in field.get_internal_type())
    for query in [*QUERIES, *(f"{day}{query.format(day)}" for day in days[:1] for query in DATES)]:
        assert owner.get(f"{base}?{query}").status_code < 500, query
    pages = {str(found.pattern).removeprefix("<path:object_id>/") for found in model_admin.get_urls() if "<path:" in str(found.pattern)}
    for address in (f"{base}{one}/{page}" for page in pages.difference(OWN) for one in IDS):
        assert owner.get(address).status_code in (302, 400, 403, 404), address
        assert owner.post(address).status_code in (302, 400, 403, 404), address
    for act in ("nope", "delete_selected"):
        for one in ("x", HUGE):
            assert owner.post(base, {"action": act, "_selected_action": one}).status_code < 500, (act, one)


@pytest.mark.parametrize("act", ["copy_to_draft", "activate", "end_today", "export_yaml"])
def test_an_act_on_a_version_that_is_not_there_is_a_page_that_is_not_there(owner: Client, act: str) -> None:
    base = reverse("admin:contracts_contractversion_changelist")
    response = owner.get(f"{base}{HUGE}/{act}/")
    assert response.status_code in (403, 404)


def test_a_huge_year_is_told_as_an_address_that_makes_no_sense(owner: Client) -> None:
    response = owner.get(reverse("admin:contracts_payplanversion_changelist"), {"effective_from__year": HUGE})
    assert response.status_code == 400
    assert "could not read this address" in response.content.decode()


def test_a_fault_of_ours_over_a_record_that_is_there_stays_a_fault(owner: Client, rf: RequestFactory) -> None:
    version = factories.make_contract_version()
    request = rf.post(reverse("admin:contracts_contractversion_changelist") + f"{version.pk}/copy_to_draft/")
    request.resolver_match = resolve(request.path)
    answers = AdministrationAddressMiddleware(lambda found: HttpResponse())
    assert answers.process_exception(request, OverflowError()) is None
    request.resolver_match = resolve(f"/admin/contracts/contractversion/{HUGE}/copy_to_draft/")
    request.user, request.session = AnonymousUser(), {}  # type: ignore[assignment]
    assert answers.process_exception(request, ValueError()).status_code == 404
