"""Beside a dispute: files, timers, the client's default at the deadline, and pages that ask as often whatever stands on them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agents.models import ClientContact, Notification, User
from billing import models as pay
from billing.operations import attach_file, comment_dispute, open_dispute, watch_disputes
from billing.operations.open_dispute import Claim
from tests import factories
from tests.billing import billing_world as world_of
from tests.billing.evidence.evidence_world import finalize

pytestmark = pytest.mark.django_db
AT = world_of.APRIL_6
PDF = b"%PDF-1.7 a page"
DAY = timedelta(days=1)


@pytest.fixture
def approver() -> User:
    return factories.make_user(name="Ruth Adeyemi", roles=["approver"])


@pytest.fixture
def dispute(approver: User) -> pay.Dispute:
    """An agent's dispute about a resolution, opened now."""
    world = world_of.make_billed()
    resolution = world_of.resolve(world, 1)[0]
    agent = factories.make_agent_with_account()
    factories.make_settlement(agent=agent, plan_version=factories.make_plan_version())
    assert agent.user is not None
    return open_dispute.open_dispute(agent=agent, person=agent.user, as_of=AT, claim=Claim(words="Mine."), resolution_id=resolution.pk)


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=f"dispute_{kind}").values_list("person__name", flat=True))


def add(client: Client, dispute: pay.Dispute, name: str, content: bytes) -> str:
    response = client.post(reverse("dispute_attachment", args=[dispute.pk]), {"file": SimpleUploadedFile(name, content)}, follow=True)
    return response.content.decode()


def test_a_file_is_kept_as_it_came_and_given_to_who_sees_the_dispute(dispute: pay.Dispute, approver: User, client: Client) -> None:
    assert dispute.agent is not None
    client.force_login(dispute.agent.user)
    assert "proof.pdf stands beside the dispute." in add(client, dispute, "..\\..\\proof.pdf", PDF)
    kept = pay.DisputeAttachment.objects.select_related("document").get()
    assert (bytes(kept.document.content), kept.document.kind, kept.document.content_type) == (PDF, "dispute_file", "application/pdf")
    assert "is here already" in add(client, dispute, "again.pdf", PDF)

    client.force_login(approver)
    response = client.get(reverse("dispute_file", args=[kept.pk]))
    assert (response.content, response["Content-Disposition"]) == (PDF, 'attachment; filename="proof.pdf"')
    client.force_login(factories.make_user(roles=["auditor"]))
    assert client.get(reverse("dispute_file", args=[kept.pk])).status_code == 200
    assert client.post(reverse("dispute_attachment", args=[dispute.pk]), {"file": SimpleUploadedFile("b.txt", b"b")}).status_code == 404
    client.force_login(factories.make_user(roles=["agent"]))
    assert client.get(reverse("dispute_file", args=[kept.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"<html>", "no PDF, PNG, JPEG or text file"),
        ("a.exe", PDF, "no PDF, PNG, JPEG or text file"),
        ("a.html", b"<script>", "no PDF, PNG, JPEG or text file"),
        ("a.txt", b"\x00\x01", "no PDF, PNG, JPEG or text file"),
        ("a.txt", b"x" * (attach_file.BYTES_MAX + 1), "larger than 10 MB"),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused(dispute: pay.Dispute, approver: User, name: str, content: bytes, words: str) -> None:
    with pytest.raises(attach_file.UnableToAttach, match=words):
        attach_file.attach_file(dispute_id=dispute.pk, name=name, content=content, person=approver, as_of=AT)
    assert not pay.DisputeAttachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", b"\x89PNG\r\n\x1a\n1"), ("a.JPG", b"\xff\xd8\xff1"), ("mail.eml", "Größe".encode())]
)
def test_pictures_and_texts_are_taken(dispute: pay.Dispute, approver: User, name: str, content: bytes) -> None:
    made = attach_file.attach_file(dispute_id=dispute.pk, name=name, content=content, person=approver, as_of=AT)
    assert made.document.name == name


def test_whoever_answers_is_asked_for_a_first_reply_once(dispute: pay.Dispute) -> None:
    assert watch_disputes.watch_disputes(as_of=AT + 2 * DAY - timedelta(seconds=1)).unreplied_count == 0
    assert watch_disputes.watch_disputes(as_of=AT + 2 * DAY).unreplied_count == 1
    assert watch_disputes.watch_disputes(as_of=AT + 3 * DAY).unreplied_count == 0
    assert told("reply") == {"Ruth Adeyemi"}


def test_a_reply_in_time_asks_nobody(dispute: pay.Dispute, approver: User) -> None:
    assert dispute.agent is not None
    assert dispute.agent.user is not None
    comment_dispute.comment_dispute(dispute_id=dispute.pk, person=dispute.agent.user, words="And the log says so.", as_of=AT)
    dispute.refresh_from_db()
    assert dispute.replied_at is None
    comment_dispute.comment_dispute(dispute_id=dispute.pk, person=approver, words="I look into it.", as_of=AT + DAY)

    assert watch_disputes.watch_disputes(as_of=AT + 2 * DAY).unreplied_count == 0
    dispute.refresh_from_db()
    assert dispute.replied_at == AT + DAY


def test_an_escalated_dispute_has_a_deadline_of_its_own(dispute: pay.Dispute) -> None:
    watch_disputes.watch_disputes(as_of=AT + 7 * DAY)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.decide_by_at) == ("escalated", AT + 12 * DAY)
    assert watch_disputes.watch_disputes(as_of=AT + 12 * DAY - timedelta(seconds=1)).overdue_count == 0
    assert watch_disputes.watch_disputes(as_of=AT + 12 * DAY).overdue_count == 1
    assert watch_disputes.watch_disputes(as_of=AT + 13 * DAY).overdue_count == 0
    assert told("overdue") == {"Ruth Adeyemi"}


def question(proposed_micros: int | None = None) -> tuple[world_of.Billed, pay.Dispute]:
    """A client questions the first case of a final March invoice; without an answer it is decided as proposed."""
    pay.DisputeTerms.objects.filter(kind="client_case").update(default_outcome="in_favor")
    world = world_of.make_billed()
    first = world_of.resolve(world, 3)[0]
    invoice = finalize(world)
    contact = factories.make_user(roles=["client"])
    ClientContact.objects.create(client=world.client, user=contact)
    claim = Claim(words="We saw it again.", proposed_micros=proposed_micros)
    return world, open_dispute.question_case(invoice_id=invoice.pk, resolution_id=first.pk, person=contact, as_of=AT, claim=claim)


@pytest.mark.parametrize(("proposed", "given"), [(None, 3_000_000), (1_000_000, 2_000_000)])
def test_a_client_gets_back_what_nobody_answered_for(approver: User, proposed: int | None, given: int) -> None:
    _, asked = question(proposed)
    assert watch_disputes.watch_disputes(as_of=AT + 10 * DAY - timedelta(seconds=1)).accepted_count == 0
    assert watch_disputes.watch_disputes(as_of=AT + 10 * DAY).accepted_count == 1
    assert watch_disputes.watch_disputes(as_of=AT + 11 * DAY).accepted_count == 0

    asked.refresh_from_db()
    assert asked.credit_note is not None
    assert (asked.status, asked.credit_note.subtotal_micros, asked.credit_note.issued_by) == ("accepted", given, None)


def test_a_case_that_fell_by_the_deadline_is_escalated_and_not_given_back_twice(approver: User) -> None:
    asked = question()[1]
    assert asked.resolution is not None
    world_of.fall(asked.resolution)
    world_of.draft(AT + 2 * DAY)

    report = watch_disputes.watch_disputes(as_of=AT + 10 * DAY)

    assert (report.accepted_count, report.escalated_count) == (0, 1)
    assert not pay.CreditNote.objects.exists()


def test_a_draft_says_when_a_case_that_was_credited_falls(approver: User) -> None:
    world, asked = question()
    watch_disputes.watch_disputes(as_of=AT + 10 * DAY)
    asked.refresh_from_db()
    assert asked.resolution is not None
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.fall(asked.resolution)
    world_of.draft(world_of.MAY_6)

    issues = pay.Invoice.objects.get(status="draft").issues
    assert [issue["level"] for issue in issues if issue["code"] == "given_back_twice"] == ["note"]


def test_the_pages_ask_as_often_however_much_stands_on_them(
    dispute: pay.Dispute, approver: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        comment_dispute.comment_dispute(dispute_id=dispute.pk, person=approver, words=f"{number}", as_of=AT, mentioned=[approver.pk])
        attach_file.attach_file(dispute_id=dispute.pk, name=f"{number}.txt", content=str(number).encode(), person=approver, as_of=AT)
    for _ in range(12):
        factories.make_dispute(line=None, agent=dispute.agent, kind="resolution", resolution=dispute.resolution, status="refused",
                               answered_at=AT, answered_by=approver, answer="No.")  # fmt: skip
    client.force_login(approver)
    client.get("/")

    with django_assert_max_num_queries(12):
        page = client.get(reverse("dispute", args=[dispute.pk]))
    assert (len(page.context["comments"]), len(page.context["attachments"])) == (12, 12)
    with django_assert_max_num_queries(8):
        assert client.get(reverse("dispute_statistics")).status_code == 200
