"""Training on its page: the time that it took, and what is typed into a form that is refused."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from agents.models import User
from contracts import clock
from tests.ppr_portal.company import Company


def _as(user: User, client: Client) -> Client:
    client.force_login(user)
    return client


def test_training_time_is_said_recorded_confirmed_and_read_in_the_list(company: Company, client: Client) -> None:
    acts = reverse("training_act", args=[company.task.pk])
    began = f"{clock.now().date() - timedelta(days=3)}T00:05"
    agent = _as(company.agent.user, client)
    assert "Say when you began" in agent.post(acts, {"act": "done", "began": "9", "minutes": "30"}, follow=True).content.decode()
    assert agent.post(acts, {"act": "confirm"}).status_code == 404
    said = agent.post(acts, {"act": "done", "began": began, "minutes": "400"}, follow=True).content.decode()
    assert "your lead confirms the time" in said

    lead = _as(company.lead, client)
    assert "1 training took longer than planned" in lead.get("/team/").content.decode()
    assert "Do not confirm" in lead.get("/training/?state=hours").content.decode()
    assert "Write why" in lead.post(acts, {"act": "refuse", "words": ""}, follow=True).content.decode()
    kept = lead.post(f"{acts}?state=hours&find=a", {"act": "confirm"})["Location"]
    assert kept == "/training/?state=hours&find=a"
    company.task.refresh_from_db()
    assert company.task.hours in ("recorded", "within")
    assert "Time to confirm" in lead.get("/training/?state=done").content.decode()
    assert ",400," in lead.get("/training/?state=done&format=csv").content.decode()


def test_a_refused_training_form_keeps_what_was_typed_and_the_filter(company: Company, client: Client) -> None:
    acts = reverse("training_act", args=[company.task.pk]) + "?find=outage"
    late = f"{(clock.now().date() + timedelta(days=2)).isoformat()}T09:00"
    typed = {"act": "done", "began": late, "minutes": "45", "words": "Clear, but long."}
    agent = _as(company.agent.user, client)
    answer = agent.post(acts, typed)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert all(f'value="{typed[name]}"' in page for name in ("began", "minutes", "words"))
    assert page.count('class="field__error" role="alert"') == 1
    assert agent.get(f"{acts}&state=done")["Location"] == "/training/?find=outage&state=done"
    company.task.refresh_from_db()
    assert company.task.done_at is None
