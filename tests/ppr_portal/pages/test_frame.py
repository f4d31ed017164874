"""What stands around every page: colors, time zone, sign-in, and the words when something is not there."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from agents.models import Agent, Feedback, Site
from ppr_portal.pages import errors
from tests import factories
from tests.ppr_portal.company import Company
from tests.ppr_portal.pages.routes import address


def test_a_chosen_look_is_in_the_page_at_once(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    response = client.post("/appearance/", {"theme": "dark", "next": "/more/"})

    assert response["Location"] == "/more/"
    assert '<html lang="en-US" data-theme="dark"' in client.get("/more/").content.decode()

    client.post("/appearance/", {"theme": "system", "next": "/more/"})
    assert "data-theme=" not in client.get("/more/").content.decode()


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_a_look_never_leads_away(company: Company, client: Client, back: str) -> None:
    assert client.post("/appearance/", {"theme": "light", "next": back})["Location"] == "/"


def test_a_look_that_is_none_is_the_systems(client: Client, db: None) -> None:
    client.cookies["ppr_theme"] = '"><script>'

    assert '<html lang="en-US">' in client.get("/accounts/login/").content.decode()


def test_pages_are_told_in_the_agents_time_zone(company: Company, client: Client) -> None:
    Site.objects.filter(pk=company.agent.site_id).update(timezone="Asia/Tokyo")
    client.force_login(company.agent.user)

    assert "Thursday, April 21, 2016" in client.get("/").content.decode()


def test_the_demo_says_that_it_is_one_and_which_day_it_is(company: Company, client: Client) -> None:
    client.force_login(company.auditor)

    assert "Demo company; today is Wednesday, April 20, 2016." in client.get("/").content.decode()


def test_paper_says_of_which_page_it_is(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    said = {name: client.get(address(company, name)).content.decode().partition('data-running="')[2] for name in ("pay_run", "ledger")}

    assert said["pay_run"].startswith("Pay run March 2016, Manchester. Printed by ")
    assert said["ledger"].startswith("Ledger. Printed by ")


def test_a_title_with_quotation_marks_ends_no_attribute(company: Company, client: Client) -> None:
    Agent.objects.filter(pk=company.agent.pk).update(name='Maya "May" <Torres>')
    client.force_login(company.approver)

    page = client.get(f"/agents/{company.agent.pk}/statements/").content.decode()
    assert 'data-running="Maya &quot;May&quot; &lt;Torres&gt;, ' in page


def test_pages_are_kept_out_of_shared_caches(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)

    assert "no-store" in client.get("/")["Cache-Control"]


def test_signing_in_by_email_leads_home(company: Company, client: Client) -> None:
    user = company.agent.user
    assert user is not None
    response = client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})

    assert response["Location"] == "/"


def test_a_wrong_password_is_answered_in_words(company: Company, client: Client) -> None:
    response = client.post("/accounts/login/", {"login": company.lead.email, "password": "not this one"})

    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/", "/accounts/inactive/"]
)
def test_pages_before_sign_in_are_in_the_design(client: Client, db: None, path: str) -> None:
    page = client.get(path)

    assert page.status_code == 200
    assert 'class="entrance"' in page.content.decode()


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/logout/"])
def test_account_pages_are_in_the_design(company: Company, client: Client, path: str) -> None:
    client.force_login(company.lead)

    assert "PPR Portal" in client.get(path).content.decode()


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert "Accounts are made for you" in client.get("/accounts/signup/").content.decode()


def test_a_fault_of_ours_says_what_is_safe_and_gives_a_code(rf: RequestFactory, caplog: pytest.LogCaptureFixture) -> None:
    response = errors.broken(rf.get("/team/"))
    page = response.content.decode()
    code = page.split("say <b>")[1][:7]

    assert response.status_code == 500
    assert "no pay has changed" in page
    assert code in caplog.text


def test_a_stale_form_says_that_nothing_was_sent(company: Company) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(company.agent.user)
    response = strict.post("/appearance/", {"theme": "dark"})

    assert response.status_code == 403
    assert "Nothing was sent and nothing has changed." in response.content.decode()


def test_an_address_that_makes_no_sense_is_answered_in_words(rf: RequestFactory) -> None:
    response: HttpResponse = errors.unreadable(rf.get("/"))

    assert response.status_code == 400
    assert "We could not read this address" in response.content.decode()


def test_every_error_has_a_page_of_ours() -> None:
    from ppr_portal import urls

    assert {urls.handler400, urls.handler403, urls.handler404, urls.handler500} == {
        f"ppr_portal.pages.errors.{name}" for name in ("unreadable", "refused", "closed", "broken")
    }
    assert settings.CSRF_FAILURE_VIEW == "ppr_portal.pages.errors.stale"


def test_feedback_is_marked_as_read_and_can_be_taken_back(company: Company, client: Client) -> None:
    found = Feedback.objects.filter(agent=company.agent, read_at=None).earliest("pk")
    page = reverse("feedback_reading", args=[found.pk])
    client.force_login(company.agent.user)

    assert client.post(page, {"next": "/"})["Location"] == "/"
    found.refresh_from_db()
    assert found.read_at is not None

    fragment = client.post(page, {"undo": "1"}, HTTP_HX_REQUEST="true").content.decode()
    found.refresh_from_db()
    assert found.read_at is None
    assert fragment.lstrip().startswith("<article")
    assert "Mark as read" in fragment


def test_marking_twice_keeps_the_first_reading(company: Company, client: Client) -> None:
    found = Feedback.objects.filter(agent=company.agent, read_at=None).earliest("pk")
    Feedback.objects.filter(pk=found.pk).update(read_at=factories.NOON)
    client.force_login(company.agent.user)
    client.post(reverse("feedback_reading", args=[found.pk]), {"next": "https://elsewhere.example/"})
    found.refresh_from_db()

    assert found.read_at == factories.NOON


def test_an_auditor_finds_an_agent_by_a_part_of_the_name(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    rows = client.get("/agents/", {"find": "torres"}).context["page"].rows

    assert [(row.name, row.team_name) for row in rows] == [("Maya Torres", "Network A")]
