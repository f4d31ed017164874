"""Steps of runs that two people take at once: an agent is paid by one run, and who comes late is told."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from agents.models import Site
from billing.models import PayRun
from billing.operations import calculate_pay_run, withdraw_final_run
from billing.operations.calculate_pay_run import UnableToCalculate
from billing.queries import pay_periods
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db(transaction=True)
AFTER, LEFT_ON = pay_world.AFTER_MARCH, factories.MARCH.replace(day=16)


def open_month(site: Site) -> PayRun:
    period = pay_periods.period_of(site=site, day=factories.MARCH)
    return calculate_pay_run.open_pay_run(site=site, period=period, as_of=AFTER)


def is_waiting() -> bool:
    """Say whether somebody waits for what another holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("is_month_first", [True, False])
def test_an_agent_is_in_one_of_two_runs_that_are_opened_at_once(is_month_first: bool) -> None:
    world = pay_world.make_busy_world(resolution_counts=(2, 2), as_of=AFTER)
    leaver = world.agents[0]
    type(leaver).objects.filter(pk=leaver.pk).update(employed_to=LEFT_ON)
    leaver.refresh_from_db()
    acts = [lambda: open_month(world.site), lambda: calculate_pay_run.open_final_run(agent=leaver, as_of=AFTER)]
    first, second = acts if is_month_first else acts[::-1]
    told: list[str] = []

    def run() -> None:
        try:
            second()
        except UnableToCalculate as refused:
            told.append(str(refused))
        finally:
            connection.close()

    with transaction.atomic():
        first()
        other = threading.Thread(target=run)
        other.start()
        # Without a lock the other one is through before this one is written.
        while other.is_alive() and not is_waiting():
            other.join(0.01)
    other.join(30)

    parts = PayRun.objects.values_list("shards__agent_ids", flat=True)
    assert sorted(agent_id for agent_ids in parts for agent_id in agent_ids) == sorted(agent.pk for agent in world.agents)
    assert bool(told) == is_month_first


@pytest.mark.parametrize("name", ["review", "approve", "withdraw"])
def test_who_takes_a_step_of_a_run_that_is_withdrawn_meanwhile_is_told(name: str) -> None:
    world = pay_world.make_busy_world(resolution_counts=(2,), as_of=AFTER)
    type(world.agents[0]).objects.update(employed_to=LEFT_ON)
    run = calculate_pay_run.open_final_run(agent=type(world.agents[0]).objects.get(), as_of=AFTER)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    approver = factories.make_user(roles=["approver"])
    pages: list[str] = []

    def take_step() -> None:
        try:
            client = Client()
            client.force_login(approver)
            pages.append(client.post(reverse("run_step", args=[run.pk]), {"step": name, "reason": "Fine."}, follow=True).content.decode())
        finally:
            connection.close()

    with transaction.atomic():
        withdraw_final_run.withdraw_final_run(run_id=run.pk, person=approver)
        other = threading.Thread(target=take_step)
        other.start()
        while other.is_alive() and not is_waiting():
            other.join(0.01)
    other.join(30)

    assert ["This final pay is withdrawn already." in page for page in pages] == [True]
    assert not PayRun.objects.exists()
