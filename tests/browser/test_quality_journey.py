"""A lead's journey in the browser: draw, score, and coach with a follow-up; the agent takes it in, answers and disputes."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agents.models import Assessment, CoachingSession, Feedback, QaReview, SampleDraw
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


def test_a_lead_draws_scores_and_coaches_and_the_agent_has_their_say(visits: Visits, company: Company) -> None:
    lead = visits(company.lead)
    lead.open("/reviews/")
    assert lead.check() == []
    lead.page.get_by_role("link", name="Draw reviews").click()
    for label, value in (("From", "2016-04-18"), ("To", "2016-04-19"), ("Reviews in all", "5")):
        lead.page.get_by_label(label, exact=True).fill(value)
    lead.page.get_by_label("Scored by a second reviewer, blind").fill("0")
    assert lead.check() == []
    lead.page.get_by_role("button", name="Draw", exact=True).click()
    expect(lead.page.get_by_text("Drawn again: the same cases")).to_be_visible()
    assert lead.check() == []

    drawn = SampleDraw.objects.latest("pk")
    # At least one case of each agent is drawn; the seed is new each time, so now and then there are two of hers.
    review = Assessment.objects.filter(sampled__draw=drawn, sampled__agent=company.agent).earliest("pk")
    lead.open(reverse("review", args=[review.pk]))
    for group in lead.page.get_by_role("radiogroup").all():
        group.get_by_role("radio", name="Yes", exact=True).focus()
        lead.page.keyboard.press("Space")
    lead.page.get_by_label("One thing to try").fill("Say the day before the goodbye.")
    assert lead.check() == []
    lead.page.get_by_role("button", name=f"Publish to {company.agent.name}").press("Enter")
    expect(lead.page.get_by_text(f"Published. {company.agent.name} reads it in their feedback.")).to_be_visible()
    made = QaReview.objects.get(assessment=review, score=100)

    agent = visits(company.agent.user, width=390)
    agent.open("/feedback/?kind=qa")
    item = agent.page.locator(f"#feedback-{Feedback.objects.get(review=made).pk}")
    expect(item.get_by_text("100 of 100")).to_be_visible()
    item.get_by_role("button", name="Acknowledge").click()
    expect(item.get_by_role("button", name="Acknowledge")).to_have_count(0)
    item.locator("summary").press("Enter")
    item.get_by_label("Your answer").fill("I said it in the mail.")
    assert agent.check() == []
    item.get_by_role("button", name="Send the answer").click()
    expect(item.get_by_text("I said it in the mail.")).to_be_visible()
    item.get_by_role("link", name="Dispute").click()
    agent.page.get_by_label("What is wrong?").select_option(label="Wrong score")
    agent.page.get_by_label("What did you expect, and why?").fill("The last item was not asked for.")
    agent.page.get_by_role("button", name="Send the dispute").click()
    expect(agent.page.get_by_text("Your dispute is sent.")).to_be_visible()

    lead.open("/reviews/?state=published")
    expect(lead.page.get_by_text("set aside, does not count")).to_be_visible()
    lead.open(reverse("review", args=[review.pk]))
    assert lead.check() == []
    lead.page.get_by_role("link", name="Plan coaching").click()
    expect(lead.page.get_by_label("Goal")).to_have_value("Say the day before the goodbye.")
    lead.page.get_by_label("Day of the talk").fill("2016-04-19")
    lead.page.get_by_label("Look at what came of it on").fill("2016-04-20")
    assert lead.check() == []
    lead.page.get_by_role("button", name="Plan it").click()
    lead.page.get_by_role("button", name="It took place").click()
    expect(lead.page.get_by_role("button", name="It took place")).to_have_count(0)
    talk = reverse("coaching_session", args=[CoachingSession.objects.latest("pk").pk])

    agent.open(talk)
    agent.page.get_by_label("Your words").fill("Fine with me.")
    assert agent.check() == []
    agent.page.get_by_role("button", name="I have read it").click()
    expect(agent.page.get_by_role("button", name="I have read it")).to_have_count(0)
    lead.open(talk)
    expect(lead.page.get_by_text("Fine with me.")).to_be_visible()
    lead.page.get_by_label("What you two make of it").select_option(label="Going on with it")
    lead.page.get_by_label("What you saw, and what comes next").fill("We look again in two weeks.")
    assert lead.check() == []
    lead.page.get_by_role("button", name="Close with this").click()
    expect(lead.page.get_by_role("heading", name="Going on with it")).to_be_visible()
    assert lead.check() == []


def test_the_pages_of_quality_work_are_whole(visits: Visits, company: Company) -> None:
    own = Assessment.objects.filter(reviewer=company.lead, status="waiting").earliest("pk")
    led = [
        reverse("review", args=[own.pk]),
        "/team/load/",
        "/team/changes/",
        reverse("team_agent", args=[company.agent.pk]),
        "/reviews/calibration/",
        "/training/new/",
        reverse("improvement_plan", args=[company.improvement.pk]),
        "/coaching/?find=zzz",
    ]
    assert visits(company.lead).check_looks(led) == []
    assert visits(company.agent.user).check_looks(["/training/", "/check-ins/", "/feedback/"]) == []
