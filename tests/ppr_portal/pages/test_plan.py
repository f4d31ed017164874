"""My plan: words, a real example, what changed, and a record that it was read; and who of a team has read theirs."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from agents.models import PlanAcknowledgement, PlanAssignment
from agents.operations.people import acknowledge_plan
from billing.queries import plan_example
from contracts import models as terms
from contracts.operations import versions
from contracts.queries import plan_words
from tests import factories
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya(company: Company, client: Client) -> Client:
    client.force_login(company.agent.user)
    return client


def current_version(company: Company) -> terms.PayPlanVersion:
    assignment = PlanAssignment.objects.filter(agent=company.agent).latest("effective_from")
    return assignment.plan.versions.latest("number")


def test_the_plan_is_shown_in_words_with_an_example_that_adds_up(company: Company, maya: Client) -> None:
    page = maya.get("/plan/")
    version = current_version(company)
    assert [sentence for part in page.context["parts"] for sentence in part.sentences] == plan_words.describe_plan_version(version=version)
    example = page.context["example"]
    assert example.refusal == ""
    cents = [
        int(amount.replace(",", "").replace(".", "").replace("−", "-"))
        for amount in (*(line.amount for line in example.lines), example.total)
    ]
    assert sum(cents[:-1]) == cents[-1]
    assert "This is your first version of a plan here" in page.content.decode()


def test_the_example_is_what_the_engine_pays() -> None:
    version = factories.make_plan_version(base_hourly_micros=12_500_000, share_bp=2_000)
    example = plan_example.example_of(version)
    told = [(line.label, line.how.replace("\u00a0", " "), line.amount) for line in example.lines]
    # 120 x 2.40 x 20%; 160 h x 12.50; (0.88 + 4 / 150) on the curve from 0.76 to 0.96 is 1.0866..., of 57.60.
    assert told == [
        ("Resolutions", "120 × 0.48", "57.60"),
        ("Quality", "57.60 × 9.3333%", "5.38"),
        ("Base pay", "160 × 12.50", "2,000.00"),
        ("Minimum wage top-up", "tested, not needed", "0.00"),
    ]
    assert example.total == "2,062.98"
    assert example.story.startswith("You work 20 days of 8 hours, and 120 of your resolutions with a price of 2.40 USD each are verified.")


def test_a_plan_that_cannot_pay_says_why_instead_of_an_example(company: Company, maya: Client) -> None:
    version = factories.make_plan_version()
    broken = versions.clone_version(version=version, effective_from=date(2016, 1, 1))
    terms.PayPlanVersion.objects.filter(pk=broken.pk).update(rule_pack="atlantis")
    broken.refresh_from_db()
    assert plan_example.example_of(broken).refusal.startswith('There is no rule pack "atlantis"')


def test_reading_a_plan_is_recorded_once_with_the_words_that_were_shown(company: Company, maya: Client) -> None:
    version = current_version(company)
    for _ in range(2):
        assert maya.post("/plan/acknowledgement/", {"version": version.pk}, follow=True).status_code == 200
    record = PlanAcknowledgement.objects.get()
    sentences = plan_words.describe_plan_version(version=version)
    assert (record.agent, record.version, record.words) == (company.agent, version, "\n".join(sentences))
    assert record.words_hash == acknowledge_plan.hash_words(sentences=sentences)
    assert "that you have read this version" in maya.get("/plan/").content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanAcknowledgement.objects.update(words="Something else.")


def test_an_older_page_is_asked_to_be_read_again(company: Company, maya: Client) -> None:
    page = maya.post("/plan/acknowledgement/", {"version": "0"}, follow=True)
    assert "Your plan has changed since you opened this page" in page.content.decode()
    assert not PlanAcknowledgement.objects.exists()


def test_what_changed_is_told_against_the_version_before(company: Company, maya: Client) -> None:
    version = current_version(company)
    draft = versions.clone_version(version=version, effective_from=date(2016, 4, 1))
    draft.base_hourly_micros = 15_000_000
    draft.save()
    versions.activate_version(version=draft)
    page = maya.get("/plan/")
    assert [(one.what, one.after) for one in page.context["changes"]] == [("Base hourly", "15.00")]
    assert [span.version for span in page.context["history"]] == [version]


def test_without_a_plan_the_page_says_so(company: Company, maya: Client) -> None:
    PlanAssignment.objects.all().delete()
    assert "You have no plan in force today" in maya.get("/plan/").content.decode()
    assert maya.post("/plan/acknowledgement/", {"version": "1"}).status_code == 302
    assert not PlanAcknowledgement.objects.exists()


def test_a_team_plan_is_its_members_plan_unless_they_have_their_own(company: Company, maya: Client) -> None:
    other = factories.make_plan_version(name="Team plan")
    PlanAssignment.objects.filter(agent=company.agent).delete()
    PlanAssignment.objects.create(team=company.team, plan=other.plan, effective_from=date(2015, 1, 1))
    assert maya.get("/plan/").context["current"].version == other
    own = factories.make_plan_version(name="Own plan")
    PlanAssignment.objects.create(agent=company.agent, plan=own.plan, effective_from=date(2016, 4, 1))
    page = maya.get("/plan/")
    assert page.context["current"].version == own
    assert [(span.version, span.ends_on) for span in page.context["history"]] == [(other, date(2016, 4, 1))]


def test_a_team_has_one_plan_at_a_time_and_a_row_names_one_of_both(company: Company) -> None:
    plan = factories.make_plan_version().plan
    PlanAssignment.objects.create(team=company.team, plan=plan, effective_from=date(2015, 1, 1), effective_to=date(2016, 1, 1))
    PlanAssignment.objects.create(team=company.team, plan=plan, effective_from=date(2016, 1, 1))
    refused = (
        {"team": company.team, "effective_from": date(2015, 12, 31), "effective_to": date(2016, 1, 1)},
        {"effective_from": date(2016, 1, 1)},
        {"team": company.team, "agent": company.agent, "effective_from": date(2014, 1, 1), "effective_to": date(2014, 2, 1)},
    )
    for values in refused:
        with pytest.raises(DatabaseError), transaction.atomic():
            PlanAssignment.objects.create(plan=plan, **values)


def test_a_lead_sees_who_of_the_team_has_read_theirs_and_nobody_else(company: Company, client: Client) -> None:
    acknowledge_plan.acknowledge_plan(
        agent=company.agent, version_id=current_version(company).pk, sentences=["Words."], as_of=factories.NOON
    )
    client.force_login(company.lead)
    rows = client.get("/plan/readers/").context["rows"]
    read = {agent.name: reading.acknowledged_at for agent, reading in rows}
    assert read[company.agent.name] == factories.NOON
    assert read[company.colleague.name] is None
    assert company.outsider.name not in read
    lines = client.get("/plan/readers.csv").content.decode().splitlines()
    assert any(company.agent.code in line and "2016-04-20" in line for line in lines)


def test_the_list_asks_as_often_for_one_agent_as_for_many(company: Company, client: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client.force_login(company.auditor)
    client.get("/plan/readers/")
    with django_assert_max_num_queries(9):
        client.get("/plan/readers/")
