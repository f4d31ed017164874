"""Every page as the people who open it, on a phone and a desk, in light and dark: no fault, no violation, no sideways scroll."""

import pytest
from django.urls import reverse

from agents.models import Resolution
from billing.models import PayRun
from contracts.models import ContractVersion, PayPlanVersion
from tests import factories
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


def addresses(company: Company, role: str) -> list[str]:
    """Return the pages that a role opens."""
    agent = company.agent
    statement = reverse("statement", args=[agent.pk, factories.MARCH])
    dispute = reverse("dispute", args=[company.dispute.pk])
    life = reverse("resolution", args=[Resolution.objects.filter(agent=agent, state="pending").latest("pk").pk])
    line = company.dispute.line
    run = PayRun.objects.get(period_start=factories.MARCH)
    assert line is not None
    return {
        "agent": [
            "/",
            reverse("agent_statements", args=[agent.pk]),
            f"{statement}?why={line.position}",
            reverse("statement", args=[agent.pk, factories.APRIL]),
            reverse("statement_dispute", args=[agent.pk, factories.MARCH, line.position]),
            "/resolutions/",
            life,
            "/feedback/",
            "/load/",
            "/plan/",
            "/performance/",
            "/what-if/?more_0=2",
            "/disputes/",
            dispute,
            "/more/",
            "/preferences/",
            "/accounts/password/change/",
        ],
        "newcomer": ["/", "/performance/", "/what-if/", "/statements/", "/resolutions/", "/feedback/", "/load/", "/disputes/"],
        "lead": [
            "/",
            "/fcr/?by=team&from=2016-03-01",
            "/fcr/?from=x",
            "/team/?show=load",
            "/team/?find=zzz",
            "/plan/readers/",
            "/resolutions/",
            "/disputes/",
            dispute,
            "/signals/",
            reverse("signal", args=[company.signal.pk]),
            f"/performance/?agent={agent.pk}",
            f"/load/?agent={agent.pk}",
        ],
        "auditor": ["/", "/fcr/?by=queue&from=2016-03-01", "/agents/", f"/team/?team={company.team.pk}", statement],
        "approver": [
            "/",
            reverse("plan_back_test", args=[PayPlanVersion.objects.earliest("pk").pk]),
            reverse("version_simulation", args=[ContractVersion.objects.earliest("pk").pk]) + "?sensitivity=on",
            "/runs/",
            f"/runs/{run.pk}/",
            "/runs/?find=zzz",
            "/jobs/",
            "/freshness/",
        ],
        "client": [
            "/",
            reverse("contract_version", args=[ContractVersion.objects.earliest("pk").pk]),
            reverse("value_report", args=[company.invoice.contract_id, factories.MARCH]),
            "/value/accounts/",
        ],
    }[role]


@pytest.mark.parametrize("role", ["agent", "newcomer", "lead", "auditor", "approver", "client"])
def test_pages_have_no_fault(visits: Visits, company: Company, role: str) -> None:
    assert visits(company.user_of(role)).check_looks(addresses(company, role)) == []


@pytest.mark.parametrize("role", ["agent", "lead", "auditor", "approver", "client", "admin"])
def test_each_role_signs_in_with_the_form(visits: Visits, company: Company, role: str) -> None:
    visit = visits()
    visit.sign_in(company.user_of(role).email)

    assert company.user_of(role).name in visit.page.content()
    assert visit.faults == []


def test_pages_before_sign_in_have_no_fault(visits: Visits) -> None:
    assert visits().check_looks(["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]) == []


@pytest.mark.parametrize("width", [pages.PHONE, pages.DESK])
def test_a_page_that_is_not_open_has_no_fault_but_its_status(visits: Visits, company: Company, width: int) -> None:
    visit = visits(company.user_of("colleague"), width=width)
    response = visit.open(reverse("statement", args=[company.agent.pk, factories.MARCH]))

    assert response.status == 404
    assert [fault for fault in visit.check() if "404" not in fault] == []


@pytest.mark.parametrize("role", ["agent", "lead", "client", "approver"])
def test_no_words_lie_over_others_on_a_telephone_in_spanish(visits: Visits, company: Company, role: str) -> None:
    visit = visits(company.user_of(role), width=pages.PHONE, language="es-ES")
    found = []
    for path in addresses(company, role):
        assert visit.open(path).status == 200, path
        for width in (pages.PHONE, pages.NARROWEST):
            visit.look(width, "light")
            if beyond := visit.page.evaluate(pages.OVERFLOW):
                found.append(f"{width} px: {path} scrolls sideways by {beyond} px")
            found += [f"{width} px: {path}: {fault}" for fault in visit.page.evaluate(pages.COVERED)]
    assert found == []
