"""Time of training on its page: what lies in pay that is approved is refused to agent and lead, in their language."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import TimeEntry
from tests import factories
from tests.billing import payout_world

pytestmark = pytest.mark.django_db


def test_time_of_a_month_that_is_posted_is_neither_recorded_nor_confirmed(client: Client, settings) -> None:
    settings.PPR_NOW = payout_world.POSTED_AT
    world = payout_world.make_payable().world
    lead = factories.make_user(name="Dana Okafor", roles=["lead"])
    user = factories.make_user(name="Ada Byrne", roles=["agent"])
    agent = world.agents[0]
    type(agent).objects.filter(pk=agent.pk).update(user=user)
    team = factories.make_team(lead=lead, site=world.site)
    agent.memberships.create(team=team, effective_from=agent.employed_from)
    task = factories.make_training_task(agent=agent, by=lead)
    acts = reverse("training_act", args=[task.pk])

    client.force_login(user)
    told = client.post(acts, {"act": "done", "began": "2016-03-31T12:00", "minutes": "30"}, follow=True).content.decode()
    assert "The pay of March 2016 is approved already" in told
    assert (
        "is recorded as training, and paid"
        in client.post(acts, {"act": "done", "began": "2016-04-01T12:00", "minutes": "30"}, follow=True).content.decode()
    )

    late = factories.make_training_task(
        agent=agent,
        by=lead,
        title="Second",
        done_at=payout_world.POSTED_AT,
        hours="waiting",
        worked_from=datetime.fromisoformat("2016-03-31T20:00-04:00"),
        worked_minutes=40,
    )
    lead.language = "es"
    lead.save()
    client.force_login(lead)
    told = client.post(reverse("training_act", args=[late.pk]), {"act": "confirm"}, follow=True).content.decode()
    assert "La paga de marzo de 2016 ya está aprobada" in told
    assert TimeEntry.objects.filter(category="training").count() == 1
