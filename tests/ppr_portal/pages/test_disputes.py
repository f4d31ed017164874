"""An agent contests a line in their own words; somebody else answers; a refused act writes nothing."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agents.models import Resolution
from billing.models import Adjustment, Dispute
from ppr_portal.pages.keyset import PAGE_ROWS
from tests import factories
from tests.ppr_portal.company import NOW, Company, line_of


def form_of(company: Company, *, kind: str = "base") -> str:
    return reverse("statement_dispute", args=[company.agent.pk, factories.MARCH, line_of(company.agent, kind=kind).position])


def test_an_agent_disputes_a_line(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    response = client.post(
        form_of(company), {"reason": "wrong_hours", "words": "I worked 40 hours.", "proposed_micros": "1,200.50"}, follow=True
    )
    opened = Dispute.objects.latest("pk")

    assert response.redirect_chain[-1][0] == reverse("dispute", args=[opened.pk])
    assert "Your dispute is sent. The rest of your pay is not delayed." in response.content.decode()
    assert (opened.words, opened.proposed_micros, opened.line) == ("I worked 40 hours.", 1_200_500_000, line_of(company.agent, kind="base"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "other", "words": ""}, "Write what you expected and why."),
        ({"reason": "other", "words": "Wrong.", "proposed_micros": "1.4o"}, "Enter an amount like 1.40."),
        ({"reason": "other", "words": "Wrong.", "proposed_micros": "-1"}, "Enter an amount like 1.40."),
        ({"reason": "other", "words": "Wrong.", "proposed_micros": "7/12"}, "Enter an amount like 1.40."),
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
    response = client.post(form_of(company, kind="unit"), {"reason": "other", "words": "Once more."})

    assert "is about the same and is answered by" in response.content.decode()
    assert Dispute.objects.filter(agent=company.agent).count() == 1


@pytest.mark.parametrize(("language", "typed"), [("en", "1.40"), ("en", "1,40"), ("es", "1,40"), ("es", "1.40")])
def test_forty_cents_are_forty_cents_in_every_language(company: Company, client: Client, language: str, typed: str) -> None:
    client.force_login(company.agent.user)
    client.post(
        form_of(company), {"reason": "other", "words": "It is more.", "proposed_micros": typed}, headers={"accept-language": language}
    )

    assert Dispute.objects.latest("pk").proposed_micros == 1_400_000


def test_a_form_says_by_when_it_is_answered_and_in_which_money(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    page = client.get(form_of(company)).content.decode()

    assert "a person answers in words <b>by Wednesday, April 27</b>" in page
    assert "In US dollars, like 1.40. You can leave it empty." in page


@pytest.mark.parametrize("role", ["colleague", "lead", "auditor", "approver"])
def test_nobody_disputes_for_another(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))

    assert client.post(form_of(company), {"reason": "other", "words": "For her."}).status_code == 404
    assert Dispute.objects.count() == 1


def test_the_lead_answers_and_the_amount_waits_for_a_second_person(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    page = reverse("dispute", args=[company.dispute.pk])
    response = client.post(page, {"status": "accepted", "amount_micros": "1.40", "words": "You did the whole case."}, follow=True)
    adjustment = Adjustment.objects.get(dispute=company.dispute)

    assert "waits for a second person" in response.content.decode()
    assert Dispute.objects.get(pk=company.dispute.pk).status == "accepted"
    assert (adjustment.amount_micros, adjustment.approved_by) == (1_400_000, None)


def test_the_lead_decides_about_cases_and_reads_no_price(company: Company, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(company.lead)
    with django_assert_max_num_queries(12):
        response = client.get(reverse("dispute", args=[company.dispute.pk]))
    cases = response.context["cases"]

    assert cases.count > 0
    assert all(row.url in response.content.decode() for row in cases.rows)
    Dispute.objects.filter(pk=company.dispute.pk).update(status="refused", answer="No.", answered_at=NOW)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("dispute", args=[company.dispute.pk])).context["cases"].count == cases.count
    client.force_login(company.user_of("agent"))
    assert client.get(reverse("dispute", args=[company.dispute.pk])).context["cases"] is None


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

    assert "You have not disputed anything here." in client.get("/disputes/").content.decode()


def test_pages_of_disputes_follow_each_other_without_gap_or_repetition(company: Company, client: Client) -> None:
    known = company.dispute
    answered = {"status": Dispute.Status.REFUSED, "answered_at": factories.NOON, "answer": "No.", "opened_at": factories.NOON}
    made = Dispute.objects.bulk_create(
        Dispute(agent=company.agent, line=known.line, words="Old.", currency="USD", due_at=factories.NOON, **answered)
        for _ in range(PAGE_ROWS + 1)
    )
    client.force_login(company.auditor)
    assert [row.pk for row in client.get(reverse("disputes")).context["rows"]] == [known.pk]
    first = client.get(reverse("disputes"), {"state": "refused"}).context
    second = client.get(reverse("disputes") + first["next_url"]).context
    assert [row.pk for row in (*first["rows"], *second["rows"])] == sorted((row.pk for row in made), reverse=True)
    assert second["next_url"] == ""
    assert len(client.get(reverse("disputes"), {"state": "all", "format": "csv"}).content.decode().splitlines()) == PAGE_ROWS + 3


def test_the_list_asks_as_often_for_many_disputes_as_for_few(company: Company, client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(company.auditor)
    client.get(reverse("disputes"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("disputes"), {"state": "all"})
    values = {"status": Dispute.Status.WITHDRAWN, "opened_at": factories.NOON, "due_at": factories.NOON, "currency": "USD", "words": "Old."}
    Dispute.objects.bulk_create(Dispute(agent=company.agent, line=company.dispute.line, **values) for _ in range(20))
    with django_assert_num_queries(len(few)):
        client.get(reverse("disputes"), {"state": "all"})


def test_a_comment_mentions_and_mails_those_who_may_see_it(
    company: Company, client: Client, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(company.agent.user)
    page = reverse("dispute_comment", args=[company.dispute.pk])
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"words": "Please look.", "mentioned": [company.lead.pk]}).status_code == 302
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([company.lead.email], f"You are mentioned in dispute D-{company.dispute.pk}")
    ]
    assert client.post(page, {"words": "And you.", "mentioned": [company.colleague.user.pk]}).status_code == 422
    client.force_login(company.auditor)
    assert client.post(page, {"words": "I only read."}).status_code == 404
    client.force_login(company.colleague.user)
    assert client.post(page, {"words": "Me too."}).status_code == 404


def test_an_agent_withdraws_and_nobody_else(company: Company, client: Client) -> None:
    page = reverse("dispute_withdrawal", args=[company.dispute.pk])
    for role in ("lead", "approver", "auditor", "colleague"):
        client.force_login(company.user_of(role))
        assert client.post(page).status_code == 404
    client.force_login(company.agent.user)
    assert client.post(page).status_code == 302
    assert Dispute.objects.get(pk=company.dispute.pk).status == "withdrawn"


def test_only_a_second_person_approves_what_a_dispute_adds(company: Company, client: Client) -> None:
    answer = {"status": "partly_accepted", "amount_micros": "1.40", "words": "Half of it."}
    client.force_login(company.lead)
    client.post(reverse("dispute", args=[company.dispute.pk]), answer)
    made = Adjustment.objects.get(dispute=company.dispute)
    page = reverse("adjustment_approval", args=[made.pk])
    for role in ("lead", "agent", "auditor", "client"):
        client.force_login(company.user_of(role))
        assert client.post(page).status_code == 404
    client.force_login(company.approver)
    assert "Approve" in client.get(reverse("dispute", args=[company.dispute.pk])).content.decode()
    assert client.post(page).status_code == 302
    made.refresh_from_db()
    assert made.approved_by == company.approver


def billed_case(company: Company) -> Resolution:
    return Resolution.objects.filter(booked_lines__invoiced__invoice=company.invoice).earliest("pk")


def ask(company: Company, client: Client, **given: str) -> Any:
    client.force_login(company.client)
    values = {"case": billed_case(company).case.key, "reason": "not_resolved", "words": "The customer called again.", **given}
    return client.post(reverse("invoice_question", args=[company.invoice.pk]), values)


def test_a_client_questions_a_case_and_gets_a_credit_note_once(company: Company, client: Client) -> None:
    assert ask(company, client).status_code == 302
    asked = Dispute.objects.get(kind="client_case")
    assert (asked.client, asked.agent, asked.resolution) == (company.invoice.contract.client, None, billed_case(company))
    for role in ("agent", "lead", "client", "auditor"):
        client.force_login(company.user_of(role))
        refused = client.post(reverse("dispute", args=[asked.pk]), {"status": "refused", "words": "No."})
        assert refused.status_code == 404
    client.force_login(company.admin)
    assert asked.disputed_micros is not None
    more = {"status": "accepted", "amount_micros": str((asked.disputed_micros + 10_000) / 1_000_000), "words": "You are right."}
    assert client.post(reverse("dispute", args=[asked.pk]), more).status_code == 422
    given = {**more, "amount_micros": str(asked.disputed_micros / 1_000_000)}
    assert client.post(reverse("dispute", args=[asked.pk]), given).status_code == 302
    asked.refresh_from_db()
    assert asked.credit_note is not None
    assert (asked.credit_note.invoice, asked.credit_note.subtotal_micros) == (company.invoice, asked.disputed_micros)
    again = ask(company, client)
    assert again.status_code == 422
    assert "given once" in again.content.decode()


@pytest.mark.parametrize("given", [{"case": "no-such-case"}, {"proposed_micros": "9999"}, {"reason": "wrong_hours"}, {"words": ""}])
def test_a_question_that_fits_nothing_is_refused(company: Company, client: Client, given: dict[str, str]) -> None:
    assert ask(company, client, **given).status_code == 422
    assert not Dispute.objects.filter(kind="client_case").exists()


def test_an_empty_list_tells_a_client_where_to_question_a_case(company: Company, client: Client) -> None:
    client.force_login(company.user_of("client"))
    assert "You have not questioned a case here." in client.get("/disputes/?find=zzz").content.decode()
    client.force_login(company.lead)
    assert "Nobody disputes anything here." in client.get("/disputes/?find=zzz").content.decode()


def test_an_agent_reaches_hours_of_any_day_to_dispute_them(company: Company, client: Client) -> None:
    entries = company.agent.time_entries.order_by("-started_at", "-pk")
    first, last = entries[len(entries) - 1], entries[0]
    client.force_login(company.agent.user)
    reached, address = [], reverse("dispute_new")
    while address:
        hours = client.get(address).context["hours"]
        reached += hours["rows"]
        address = hours["next_url"] and reverse("dispute_new") + hours["next_url"]
    assert reached == list(entries)

    day = timezone.localtime(first.started_at, ZoneInfo(company.agent.site.timezone)).date()
    shown = client.get(reverse("dispute_new"), {"day": day.isoformat()}).context["hours"]["rows"]
    assert first in shown
    assert last not in shown
    assert "No hours of yours are recorded on this day." in client.get(reverse("dispute_new"), {"day": "2010-01-01"}).content.decode()
    assert client.get(reverse("dispute_new"), {"day": "x", "hours": "x", "reviews": "x"}).status_code == 200


def test_an_agent_disputes_a_resolution_a_review_and_hours(company: Company, client: Client) -> None:
    entry = company.agent.time_entries.earliest("pk")
    own = Resolution.objects.filter(agent=company.agent).earliest("pk")
    client.force_login(company.agent.user)
    assert client.get(reverse("dispute_new")).status_code == 200
    for name, pk, reason in (("resolution_dispute", own.pk, "not_counted"), ("hours_dispute", entry.pk, "wrong_hours")):
        assert client.post(reverse(name, args=[pk]), {"reason": reason, "words": "Look again."}).status_code == 302
    assert sorted(company.agent.disputes.values_list("kind", flat=True)) == ["hours", "line", "resolution"]
    for role in ("colleague", "lead", "approver"):
        client.force_login(company.user_of(role))
        assert client.post(reverse("hours_dispute", args=[entry.pk]), {"reason": "other", "words": "Hers."}).status_code == 404


def test_statistics_count_what_was_accepted_and_how_long_it_took(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    client.post(
        reverse("dispute", args=[company.dispute.pk]), {"status": "accepted", "amount_micros": "1.40", "words": "You did the whole case."}
    )
    tables = client.get(reverse("dispute_statistics")).context["tables"]
    (reason,), (reviewer,) = tables[0][3], tables[1][3]
    assert (reason.count, reason.accepted_count, reason.answered_count, reason.overdue_count) == (1, 1, 1, 0)
    assert (reviewer.label, reviewer.count) == ("Dana Okafor", 1)
    for language in ("en", "es"):
        asked = client.get(reverse("dispute_statistics"), {"format": "csv"}, headers={"accept-language": language})
        assert "Dana Okafor,1,0,1,1,1.0000," in asked.content.decode()
