"""Agents are told once that a statement is ready, with a link and without an amount."""

import io
import smtplib
from datetime import date

import pypdf
import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from agents.models import Agent, Site, User
from billing.models import PayRun, StatementNotice
from billing.operations import approve_pay_run, calculate_pay_run
from ppr_portal import statement_mail, tasks
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


class RefusingBackend(locmem.EmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages: object) -> int:
        raise smtplib.SMTPServerDisconnected("closed")


@pytest.fixture
def posted() -> PayRun:
    """A posted run of one agent who can be told and one who has no sign-in."""
    world = pay_world.make_world()
    world.agents.clear()
    told = factories.make_agent_with_account(name="Maya Torres", team=factories.make_team(site=world.site))
    factories.assign_plan(agent=told, version=world.plan)
    silent = pay_world.add_agent(world, name="No Sign-in")
    for agent in (told, silent):
        pay_world.work_a_week(agent)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    run, approver = PayRun.objects.get(), factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    return approve_pay_run.post_pay_run(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)


def test_an_agent_is_told_once_with_a_link_and_no_amount(posted: PayRun) -> None:
    tasks.send_statement_notices()
    tasks.send_statement_notices()

    (letter,) = mail.outbox
    notice = StatementNotice.objects.get()
    assert (letter.to, letter.subject) == ([notice.address], "Your statement for March 2016 is ready")
    assert f"/agents/{notice.settlement.agent_id}/statements/2016-03-01/" in letter.body
    assert letter.body.startswith(
        "Hello Maya Torres,\n\nyour statement for March 2016 is ready. It is to be paid by Thursday, April 7, 2016."
    )
    assert "$" not in letter.body
    assert notice.sent_at is not None


def test_the_payday_of_a_statement_is_that_of_the_site_that_pays_it_wherever_the_agent_went(posted: PayRun, client: Client) -> None:
    agent = posted.settlements.get(agent__name="Maya Torres").agent
    other = Site.objects.create(code="leeds", name="Leeds", timezone="Asia/Manila", payday_rule=12)
    Agent.objects.filter(pk=agent.pk).update(site=other)

    tasks.send_statement_notices()

    assert "It is to be paid by Thursday, April 7, 2016." in mail.outbox[0].body
    client.force_login(User.objects.get(agent=agent))
    statement = reverse("statement", args=[agent.pk, factories.MARCH])
    assert client.get(statement).context["payday"] == date(2016, 4, 7)
    assert [payday for _found, _state, payday in client.get(reverse("agent_statements", args=[agent.pk])).context["rows"]] == [
        date(2016, 4, 7)
    ]
    pdf = pypdf.PdfReader(io.BytesIO(client.get(reverse("statement_pdf", args=[agent.pk, factories.MARCH])).content))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "April 7, 2016" in words


def test_a_mail_is_written_in_the_language_that_its_reader_chose(posted: PayRun) -> None:
    User.objects.filter(agent__name="Maya Torres").update(language="es")

    tasks.send_statement_notices()

    (letter,) = mail.outbox
    assert letter.subject == "El recibo de marzo de 2016 está listo"
    assert letter.body.startswith("Hola, Maya Torres:\n\nel recibo de marzo de 2016 está listo. Se pagará el jueves, 7 de abril de 2016.")


def test_a_mail_server_that_refuses_is_tried_again(posted: PayRun, settings) -> None:
    kept, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.RefusingBackend"
    assert statement_mail.send_notices() == 0
    noted = StatementNotice.objects.get()
    assert (noted.sent_at, noted.refused_count, noted.refusal) == (None, 1, "closed")
    assert statement_mail.count_mails(run_id=posted.pk) == {"sent": 0, "waiting": 1, "given_up": 0}

    settings.EMAIL_BACKEND = kept
    assert statement_mail.send_notices() == 1
    assert len(mail.outbox) == 1


def test_the_schedule_tries_again_what_was_refused_and_gives_up_in_the_end(posted: PayRun) -> None:
    assert PeriodicTask.objects.get(task="ppr_portal.send_statement_notices").enabled
    StatementNotice.objects.update(refused_count=statement_mail.TRIES_MAX)

    tasks.send_statement_notices()

    assert mail.outbox == []
    assert statement_mail.count_mails(run_id=posted.pk) == {"sent": 0, "waiting": 0, "given_up": 1}
