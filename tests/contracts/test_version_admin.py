"""The administration of a contract version: a grid that is posted whole, two people on one draft, every field explained."""

import html
import re
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client, RequestFactory

from agents.access import Role
from contracts import models as terms
from contracts.operations import versions
from ppr_portal import roles
from tests import factories
from tests.contracts.forms import read_form
from tests.contracts.operations import test_import_terms

pytestmark = pytest.mark.django_db


def sign_in(name: str) -> Client:
    roles.ensure_roles()
    client = Client()
    client.force_login(factories.make_user(name=name, roles=[Role.CONTRACT_ADMIN], is_staff=True))
    return client


@pytest.fixture
def draft() -> terms.ContractVersion:
    made = versions.clone_version(version=factories.make_contract_version(), effective_from=date(2016, 6, 1))
    terms.MinimumCommitment.objects.create(version=made, amount_micros=100_000_000)
    return made


def page_of(version: Any) -> str:
    return f"/admin/contracts/contractversion/{version.pk}/change/"


def save(client: Client, version: Any, form: dict[str, Any]) -> Any:
    return client.post(page_of(version), {**form, "_continue": "1"})


def test_the_page_posted_as_it_is_changes_nothing(draft: terms.ContractVersion) -> None:
    client = sign_in("Ada Field")
    before = terms.RateCardRow.objects.filter(version=draft).values().get()
    page = client.get(page_of(draft))
    answer = save(client, draft, read_form(page.content))
    assert answer.status_code == 302, answer.context["errors"]
    assert terms.RateCardRow.objects.filter(version=draft).values().get() == before


def test_the_grid_takes_a_new_row_with_its_tiers_and_a_commitment_at_once(draft: terms.ContractVersion) -> None:
    client = sign_in("Ada Field")
    form = read_form(client.get(page_of(draft)).content)
    form |= {
        "rate_card_rows-TOTAL_FORMS": "2",
        "rate_card_rows-1-version": str(draft.pk),
        "rate_card_rows-1-query_type": str(factories.make_query_type().pk),
        "rate_card_rows-1-shape": "graduated",
        "rate_card_rows-1-tiers-TOTAL_FORMS": "2",
        "rate_card_rows-1-tiers-INITIAL_FORMS": "0",
        "rate_card_rows-1-tiers-0-up_to": "100",
        "rate_card_rows-1-tiers-0-unit_amount_micros": "3.00",
        "rate_card_rows-1-tiers-0-flat_amount_micros": "0",
        "rate_card_rows-1-tiers-1-unit_amount_micros": "2.50",
        "rate_card_rows-1-tiers-1-flat_amount_micros": "0",
        "commitment-0-amount_micros": "250.50",
    }
    answer = save(client, draft, form)
    assert answer.status_code == 302, answer.context["errors"]
    row = terms.RateCardRow.objects.get(version=draft, shape="graduated")
    assert list(row.tiers.values_list("up_to", "unit_amount_micros")) == [(100, 3_000_000), (None, 2_500_000)]
    draft.commitment.refresh_from_db()
    assert draft.commitment.amount_micros == 250_500_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shape": "package", "unit_amount_micros": "2.40"}, "A package price needs its package size and package amount."),
        ({"package_size": "50"}, "A field of a package price is filled in on a row of another shape"),
        ({"unit_amount_micros": ""}, "A per unit price needs its unit amount."),
        ({"unit_amount_micros": "-1"}, "An amount is zero or more."),
    ],
)
def test_a_row_that_fits_no_shape_is_refused_in_words(draft: terms.ContractVersion, changes: dict[str, str], said: str) -> None:
    client = sign_in("Ada Field")
    form = read_form(client.get(page_of(draft)).content)
    answer = save(client, draft, {**form, **{f"rate_card_rows-0-{name}": value for name, value in changes.items()}})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert terms.RateCardRow.objects.get(version=draft).unit_amount_micros == 2_400_000


def test_the_second_of_two_admins_is_told_and_loses_nothing(draft: terms.ContractVersion) -> None:
    first, second = sign_in("Ada Field"), sign_in("Bo Marsh")
    hers, his = read_form(first.get(page_of(draft)).content), read_form(second.get(page_of(draft)).content)
    assert save(first, draft, {**hers, "note": "Ada was here.", "rate_card_rows-0-unit_amount_micros": "2.60"}).status_code == 302

    his |= {"note": "Bo was here.", "rate_card_rows-0-unit_amount_micros": "2.80"}
    refused = save(second, draft, his)

    assert refused.status_code == 200
    said = refused.content.decode()
    assert "This draft was changed after you opened it" in said
    assert {change.actor for change in refused.context["meanwhile"]} == {"Ada Field"}
    assert [(row["field"], row["stored"], row["yours"]) for row in refused.context["differences"]] == [
        ("Note", "Ada was here.", "Bo was here."),
        ("Unit amount", "2.60", "2.80"),
    ]
    draft.refresh_from_db()
    assert draft.note == "Ada was here."
    typed = read_form(refused.content)
    assert (typed["note"], typed["rate_card_rows-0-unit_amount_micros"], typed["seen"]) == ("Bo was here.", "2.80", his["seen"])
    assert save(second, draft, typed).status_code == 200

    assert save(second, draft, {**typed, "save_over": "on"}).status_code == 302
    draft.refresh_from_db()
    assert draft.note == "Bo was here."
    assert terms.RateCardRow.objects.get(version=draft).unit_amount_micros == 2_800_000


def test_what_the_first_admin_added_stays_when_the_second_saves_over(draft: terms.ContractVersion) -> None:
    second = sign_in("Bo Marsh")
    his = read_form(second.get(page_of(draft)).content)
    terms.TaxRate.objects.create(version=draft, name="VAT", rate_ppm=200_000)
    assert save(second, draft, {**his, "note": "Bo"}).status_code == 200
    assert save(second, draft, {**his, "note": "Bo", "save_over": "on"}).status_code == 302
    assert draft.taxes.get().name == "VAT"


def test_a_change_of_a_tier_is_a_change_of_the_draft(draft: terms.ContractVersion) -> None:
    row = terms.RateCardRow.objects.create(version=draft, shape="graduated", query_type=factories.make_query_type())
    tier = terms.RateTier.objects.create(row=row, unit_amount_micros=1)
    client = sign_in("Bo Marsh")
    form = read_form(client.get(page_of(draft)).content)
    terms.RateTier.objects.filter(pk=tier.pk).update(unit_amount_micros=2)
    refused = save(client, draft, form)
    assert refused.status_code == 200
    assert [change.what for change in refused.context["meanwhile"]] == ["rate tier changed"]


def test_a_class_shows_the_row_that_wins_and_why_others_lose(draft: terms.ContractVersion) -> None:
    factories.make_channel()
    terms.RateCardRow.objects.create(version=draft, query_type=factories.make_query_type(), unit_amount_micros=5_000_000)
    said = sign_in("Ada Field").get(page_of(draft)).content.decode()
    assert "any query type, any channel: 2.40 each. Loses, because the query type of the winner is closer." in said


def test_an_active_version_takes_no_post(draft: terms.ContractVersion) -> None:
    client = sign_in("Ada Field")
    form = read_form(client.get(page_of(draft)).content)
    versions.activate_version(version=draft)
    assert save(client, draft, {**form, "note": "changed"}).status_code == 403
    draft.refresh_from_db()
    assert draft.note != "changed"


def test_a_contract_goes_out_as_yaml_and_a_document_is_shown_before_it_is_stored(draft: terms.ContractVersion) -> None:
    client = sign_in("Ada Field")
    sent = client.get(f"/admin/contracts/contractversion/{draft.pk}/export_yaml/")
    assert sent["Content-Disposition"] == f'attachment; filename="{draft.contract.code}.yaml"'
    text = sent.content.decode()
    assert "amount: '100.00'" in text
    changed = text.replace("amount: '100.00'", "amount: '120.00'")
    shown = client.post("/admin/contracts/contractversion/import-yaml/", {"document": changed})
    assert f"Change {draft}" in shown.content.decode()
    assert terms.MinimumCommitment.objects.get().amount_micros == 100_000_000
    assert client.post("/admin/contracts/contractversion/import-yaml/", {"document": changed, "store": "1"}).status_code == 302
    assert terms.MinimumCommitment.objects.get().amount_micros == 120_000_000


def test_a_document_with_faults_is_refused_with_their_places() -> None:
    refused = sign_in("Ada Field").post(
        "/admin/contracts/contractversion/import-yaml/", {"document": "clients: [{name: Larch}]", "store": "1"}
    )
    assert refused.context["faults"] == [{"path": "/clients/0/code", "message": "This field is required."}]
    assert not terms.Client.objects.exists()


IMPORT = "/admin/contracts/contractversion/import-yaml/"


def export_of_a_plan_below_the_wage(monkeypatch: pytest.MonkeyPatch) -> str:
    """An export whose active plan pays less than a minimum wage that came after its activation."""
    written = test_import_terms.export_after(test_import_terms.DOCUMENT.replace("base_hourly: 12.50", "base_hourly: 7.25"))
    test_import_terms.raise_wage(monkeypatch)
    return written


def test_versions_in_force_elsewhere_are_told_and_stored_where_somebody_says_that_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    client, text = sign_in("Ada Field"), export_of_a_plan_below_the_wage(monkeypatch)
    plan = "/pay_plans/0/versions/0"
    refused = client.post(IMPORT, {"document": text, "store": "1"})
    assert [fault["path"] for fault in refused.context["faults"]] == [plan]
    assert not terms.PayPlan.objects.exists()

    shown = client.post(IMPORT, {"document": text, "as_in_force": "on"})
    [kept] = shown.context["kept_errors"]
    assert kept["path"] == plan
    assert "The minimum wage of us-federal is 8.00 from 2027-01-01" in kept["message"]
    assert read_form(shown.content)["as_in_force"] == "on"
    assert not terms.PayPlan.objects.exists()

    stored = client.post(IMPORT, {"document": text, "as_in_force": "on", "store": "1"}, follow=True)
    assert f"As in force, though an activation would refuse it: {html.escape(kept['message'])}" in stored.content.decode()
    assert terms.PayPlanVersion.objects.get().status == "active"


def test_who_may_not_activate_cannot_import_as_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    text, client = export_of_a_plan_below_the_wage(monkeypatch), Client()
    adds = factories.make_user(name="Bo Reed", is_staff=True)
    adds.user_permissions.add(*Permission.objects.filter(codename__in=["view_contractversion", "add_contractversion"]))
    client.force_login(adds)

    assert "as_in_force" not in client.get(IMPORT).content.decode()
    refused = client.post(IMPORT, {"document": text, "as_in_force": "on", "store": "1"})
    assert refused.context["faults"]
    assert not terms.PayPlan.objects.exists()


def editable_models() -> list[type[models.Model]]:
    return [model for model in admin.site._registry if model._meta.app_label == "contracts"]


@pytest.mark.parametrize("model", editable_models(), ids=lambda model: model.__name__)
def test_every_field_of_every_form_is_explained(model: type[models.Model]) -> None:
    request = RequestFactory().get("/")
    request.user = factories.make_user(is_staff=True, is_superuser=True)
    page = admin.site._registry[model]
    fields = {f"{name}": field for name, field in page.get_form(request).base_fields.items()}
    for inline in page.get_inline_instances(request):
        nested = [one(inline.model, admin.site) for one in getattr(inline, "inlines", ())]
        for one in (inline, *nested):
            formset = one.get_formset(request)
            # The column that ties a row to its page is no field that anybody sees.
            fields |= {f"{type(one).__name__}.{name}": field for name, field in formset.form.base_fields.items() if name != formset.fk.name}
    assert [name for name, field in fields.items() if not field.help_text] == []


def test_an_agreed_version_reads_as_prices_in_words_money_and_percent(draft: terms.ContractVersion) -> None:
    row = draft.rate_card_rows.get()
    terms.RateCardRow.objects.filter(pk=row.pk).update(shape="graduated", unit_amount_micros=None)
    terms.RateTier.objects.create(row=row, up_to=700, unit_amount_micros=12_880_000)
    terms.RateTier.objects.create(row=row, up_to=None, unit_amount_micros=11_850_000)
    terms.TaxRate.objects.create(version=draft, name="Sales tax", rate_ppm=88_750)
    terms.ServiceCreditTerms.objects.create(version=draft, at_risk_bp=1_050)
    client = sign_in("Ada Field")
    assert 'name="rate_card_rows-0-tiers-0-unit_amount_micros"' in client.get(page_of(draft)).content.decode()
    draft.contract.versions.exclude(pk=draft.pk).update(status="ended", effective_to=draft.effective_from)
    terms.ContractVersion.objects.filter(pk=draft.pk).update(status="active")
    page = client.get(page_of(draft)).content.decode()

    assert "1 to 700: 12.88; from 701 on: 11.85" in page
    assert "Tiers of this row" not in page
    for shown in ("100.00", "8.875%", "10.50%"):
        assert re.search(rf">\s*{re.escape(shown)}\s*<", page), shown
    assert re.search(r"12880000|12,880,000|100000000|88750|\b1050\b", page) is None


def test_every_cell_of_a_table_says_what_it_is(draft: terms.ContractVersion) -> None:
    page = sign_in("Ada Field").get(page_of(draft)).content.decode()
    cells = re.findall(
        r'<(?:input|select)(?=[^>]*name="(?:rate_card_rows|commitment|taxes)-[^"]*")(?![^>]*type="(?:hidden|checkbox)")[^>]*>', page
    )

    assert len(cells) > 10
    assert [cell for cell in cells if "aria-label=" not in cell] == []


def test_a_list_shows_the_last_day_of_a_version_that_ended(draft: terms.ContractVersion) -> None:
    draft.contract.versions.exclude(pk=draft.pk).update(status="ended", effective_to=date(2016, 4, 1))
    page = sign_in("Ada Field").get("/admin/contracts/contractversion/").content.decode()

    assert "Jan 1, 2015 – Mar 31, 2016" in page
    assert "from Jun 1, 2016" in page
