"""The first page of the administration: what is active, what is draft, what would change, and what waits."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import JobRun
from contracts.models import ContractVersion, PayPlanVersion
from contracts.operations import versions
from ppr_portal import administration_index, roles
from tests import factories
from tests.ppr_portal.company import NOW, Company

QUERIES_MAX = 16
TODAY = NOW.date()


@pytest.fixture
def admin(company: Company, client: Client) -> Client:
    roles.ensure_roles()
    client.force_login(company.admin)
    return client


def lines_of(page: Any) -> dict[str, Any]:
    return {line.name: line for table in page.context["tables"] for line in table["lines"]}


def test_active_versions_and_drafts_stand_side_by_side(admin: Client, django_assert_max_num_queries: Any) -> None:
    version, plan = ContractVersion.objects.earliest("pk"), PayPlanVersion.objects.earliest("pk")
    draft = versions.clone_version(version=version, effective_from=TODAY + timedelta(days=60))
    admin.get("/admin/")
    with django_assert_max_num_queries(QUERIES_MAX):
        page = admin.get("/admin/")
    line = lines_of(page)[version.contract.name]

    assert [part.name for part in line.active] == [f"Version {version.number}"]
    assert [part.try_url for part in line.drafts] == [f"/contracts/versions/{draft.pk}/simulation/"]
    assert [part.name for part in lines_of(page)[plan.plan.name].active] == [f"Version {plan.number}"]
    assert not any("is a draft" in todo.title for todo in page.context["todos"])


def test_a_draft_that_was_to_begin_waits_for_somebody(admin: Client) -> None:
    version = ContractVersion.objects.earliest("pk")
    draft = versions.clone_version(version=version, effective_from=TODAY - timedelta(days=1))
    (todo,) = [todo for todo in admin.get("/admin/").context["todos"] if "is a draft" in todo.title]

    assert todo.url == f"/admin/contracts/contractversion/{draft.pk}/change/"
    assert "was to begin" in todo.fact


@pytest.mark.parametrize(("days", "is_told"), [(14, True), (15, False), (-14, True), (-15, False)])
def test_an_end_without_a_successor_is_told_two_weeks_ahead_and_after(admin: Client, days: int, is_told: bool) -> None:
    version = ContractVersion.objects.earliest("pk")
    versions.end_version(version=version, effective_to=TODAY + timedelta(days=days))

    assert any("nothing follows" in todo.fact for todo in admin.get("/admin/").context["todos"]) is is_told


def test_a_gap_before_the_next_version_is_told_until_it_begins(admin: Client) -> None:
    version = ContractVersion.objects.earliest("pk")
    later = versions.clone_version(version=version, effective_from=TODAY + timedelta(days=30))
    versions.end_version(version=version, effective_to=TODAY - timedelta(days=15))
    versions.activate_version(version=later)
    (todo,) = [todo for todo in admin.get("/admin/").context["todos"] if "Nothing is in force between" in todo.fact]

    assert todo.url == f"/admin/contracts/contract/{version.contract_id}/change/"


def test_what_stands_in_no_row_of_the_tables_waits_all_the_same_and_a_cut_is_told(
    admin: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    ended, late = factories.make_contract_version(), factories.make_contract_version(client_name="Birch Travel")
    versions.end_version(version=ended, effective_to=TODAY + timedelta(days=1))
    versions.clone_version(version=late, effective_from=TODAY - timedelta(days=1))
    monkeypatch.setattr(administration_index, "ROWS_MAX", 0)
    monkeypatch.setattr(administration_index, "TODOS_MAX", 1)
    admin.get("/admin/")
    with django_assert_max_num_queries(QUERIES_MAX):
        page = admin.get("/admin/")
    told = [*page.context["todos"], *page.context["more_todos"]]

    assert len(page.context["todos"]) == 1
    assert f"and {len(told) - 1} more" in page.content.decode()
    assert any("nothing follows" in todo.fact and "Larch Home" in todo.title for todo in told)
    assert any("Birch Travel" in todo.title and "is a draft" in todo.title for todo in told)


def test_a_failed_job_comes_first_and_an_agent_without_plan_is_counted(admin: Client, company: Company) -> None:
    factories.make_agent(name="Nobody’s plan", site=company.agent.site)
    JobRun.objects.create(job="verify_due_resolutions", started_at=timezone.now(), as_of=NOW, outcome=JobRun.Outcome.FAILED, message="no")
    page = admin.get("/admin/")
    looks = [todo.look for todo in page.context["todos"]]

    assert looks == sorted(looks, key=("stop", "warn", "held").index)
    assert page.context["todos"][0].url == "/jobs/"
    assert any("no pay plan" in todo.title for todo in page.context["todos"])


def test_lists_come_in_sections_and_the_portal_is_one_press_away(admin: Client) -> None:
    page = admin.get("/admin/")
    sections = {str(section["title"]): section["lists"] for section in page.context["sections"]}

    assert list(sections)[:2] == ["Contracts", "Pay plans"]
    assert {str(found["title"]): bool(found["add_url"]) for found in sections["Contracts"]}["Clients"]
    assert "holds" in {place.route for place in page.context["places"]}


def test_who_reads_only_is_offered_nothing_to_add(company: Company, client: Client) -> None:
    roles.ensure_roles()
    auditor = factories.make_user(name="Reads All", roles=["auditor"], is_staff=True)
    client.force_login(auditor)
    page = client.get("/admin/")

    assert page.status_code == 200
    assert not any(found["add_url"] for section in page.context["sections"] for found in section["lists"])
    assert not any(table["add_url"] for table in page.context["tables"])
