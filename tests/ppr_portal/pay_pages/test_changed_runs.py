"""The card of a run that names whose pay changed since: nobody is left out, and everybody whose pay it shows is written down."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import User
from billing import tasks
from billing.models import PayRead, PayRun
from billing.operations import calculate_pay_run
from ppr_portal.pages.pay import run_rows
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
AFTER = pay_world.AFTER_MARCH


@pytest.fixture
def world() -> pay_world.World:
    """Three agents who worked in March, which is calculated."""
    world = pay_world.make_world(agent_count=3)
    for agent in world.agents:
        pay_world.work_a_week(agent)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=AFTER)
    return world


@pytest.fixture(autouse=True)
def approver(client: Client, settings: Any) -> User:
    settings.PPR_NOW = AFTER + timedelta(hours=2)
    user = factories.make_user(roles=["approver"])
    client.force_login(user)
    return user


def read(client: Client, **asked: str) -> tuple[list[str], list[str]]:
    """Return the names in the card, and those in the list of agents."""
    page = client.get(reverse("pay_run", args=[PayRun.objects.get().pk]), asked).content.decode()
    card, _, rows = page.partition('id="agents"')
    return re.findall(r'todo__title"><a[^>]*>(.*?)</a>', card), re.findall(r'<th scope="row"><a[^>]*>(.*?)</a>', rows)


def read_by(person: User) -> set[str]:
    return set(PayRead.objects.filter(person=person, route="pay_run").values_list("agent__name", flat=True))


def test_the_pay_of_who_came_since_and_of_who_stands_on_another_page_is_written_down(
    world: pay_world.World, approver: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_, last = sorted(world.agents, key=lambda agent: agent.name)
    pay_world.work_a_week(last, first=pay_world.MARCH_7 + timedelta(days=7), days=1)
    pay_world.work_a_week(pay_world.add_agent(world, name="Zoe Came"))
    tasks.refresh_pay.delay()
    monkeypatch.setattr(run_rows, "ROWS_MAX", 1)

    assert read(client) == (["Zoe Came", last.name], [first.name])
    assert read_by(approver) == {first.name, last.name, "Zoe Came"}


def test_the_card_and_the_list_that_it_leads_to_name_everybody_whose_pay_changed(
    world: pay_world.World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = sorted(agent.name for agent in world.agents)
    for agent in world.agents:
        pay_world.work_a_week(agent, first=pay_world.MARCH_7 + timedelta(days=7), days=1)
    for number in range(2):
        pay_world.work_a_week(pay_world.add_agent(world, name=f"Zoe {number}"))
    tasks.refresh_pay.delay()

    monkeypatch.setattr(run_rows, "CHANGED_MAX", 3)
    assert read(client, show="pay_changed") == (["Zoe 0", "Zoe 1", inside[0]], inside)
    monkeypatch.setattr(run_rows, "CHANGED_MAX", 1)
    assert read(client, show="pay_changed") == (["Zoe 0", "Zoe 1"], inside)
