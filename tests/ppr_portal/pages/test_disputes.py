"""An agent contests a line in their own words; somebody else answers; a refused act writes nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Adjustment, Dispute
from ppr_portal.pages.disputes import LIST_MAX
from tests import factories
from tests.ppr_portal.company import Company, line_of


def form_of(company: Company, *, kind: str = "base") -> str:
    return reverse("statement_dispute", args=[company.agent.pk, factories.MARCH, line_of(company.agent, kind=kind).position])


def test_an_agent_disputes_a_line(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    response = client.post(form_of(company), {"words": "I worked 40 hours.", "proposed_micros": "1,200.50"}, follow=True)
    opened = Dispute.objects.latest("pk")

    assert response.redirect_chain[-1][0] == reverse("dispute", args=[opened.pk])
    assert "Your dispute is sent. The rest of your pay is not delayed." in response.content.decode()
    assert (opened.words, opened.proposed_micros, opened.line) == ("I worked 40 hours.", 1_200_500_000, line_of(company.agent, kind="base"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"words": ""}, "Write what you expected and why."),
        ({"words": "Wrong.", "proposed_micros": "1.4o"}, "Enter an amount like 1.40."),
        ({"words": "Wrong.", "proposed_micros": "-1"}, "Enter an amount like 1.40."),
        ({"words": "Wrong.", "proposed_micros": "7/12"}, "Enter an amount like 1.40."),
    ],
)
def test_a_form_that_lacks_something_says_what_and_keeps_the_rest(
    company: Company, client: Client, given: dict[str, str], words: str
) -> None:
    before = Dispute.objects.count()
    client.force_login(company.agent.user)
    response = client.post(form_of(company), given)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert given["words"] in response.content.decode()
    assert Dispute.objects.count() == before


def test_a_second_dispute_of_the_same_line_is_refused_in_words(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    response = client.post(form_of(company, kind="unit"), {"words": "Once more."})

    assert "is about the same and is answered by" in response.content.decode()
    assert Dispute.objects.filter(agent=company.agent).count() == 1


@pytest.mark.parametrize("role", ["colleague", "lead", "auditor", "approver"])
def test_nobody_disputes_for_another(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))

    assert client.post(form_of(company), {"words": "For her."}).status_code == 404
    assert Dispute.objects.count() == 1


def test_the_lead_answers_and_the_amount_waits_for_a_second_person(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    page = reverse("dispute", args=[company.dispute.pk])
    response = client.post(page, {"status": "accepted", "amount_micros": "1.40", "words": "You did the whole case."}, follow=True)
    adjustment = Adjustment.objects.get(dispute=company.dispute)

    assert "waits for a second person" in response.content.decode()
    assert Dispute.objects.get(pk=company.dispute.pk).status == "accepted"
    assert (adjustment.amount_micros, adjustment.approved_by) == (1_400_000, None)


def test_an_answer_that_does_not_fit_is_refused_in_words(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    page = reverse("dispute", args=[company.dispute.pk])
    response = client.post(page, {"status": "refused", "amount_micros": "1.40", "words": "No."})

    assert response.status_code == 422
    assert "A refused dispute adds nothing" in response.content.decode()
    assert Dispute.objects.get(pk=company.dispute.pk).status == "open"


@pytest.mark.parametrize("role", ["agent", "auditor"])
def test_who_may_read_a_dispute_may_not_therefore_answer_it(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))
    page = reverse("dispute", args=[company.dispute.pk])

    assert "Is the agent right?" not in client.get(page).content.decode()
    assert client.post(page, {"status": "refused", "words": "No."}).status_code == 404
    assert Dispute.objects.get(pk=company.dispute.pk).status == "open"


def test_an_empty_list_says_what_one_can_do(company: Company, client: Client) -> None:
    client.force_login(company.newcomer.user)

    assert "You have not disputed anything." in client.get("/disputes/").content.decode()


def test_an_open_dispute_stands_first_however_many_were_answered(company: Company, client: Client) -> None:
    known = company.dispute
    answered = {"status": Dispute.Status.REFUSED, "answered_at": factories.NOON, "answer": "No.", "opened_at": factories.NOON}
    Dispute.objects.bulk_create(
        Dispute(agent=company.agent, line=known.line, words="Old.", currency="USD", due_at=factories.NOON, **answered)
        for _ in range(LIST_MAX + 1)
    )
    client.force_login(company.auditor)
    page = client.get(reverse("disputes"))
    assert [row.pk for row in page.context["open_disputes"]] == [known.pk]
    assert len(page.context["answered"]) == LIST_MAX - 1
