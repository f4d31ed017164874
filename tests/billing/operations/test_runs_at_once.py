"""Steps of runs that two people take at once: an agent is paid by one run, and who comes late is told."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Site, User
from billing.models import Adjustment, LedgerEntry, PayRun, Settlement
from billing.operations import approve_adjustment, approve_pay_run, calculate_pay_run, pay_out, review_pay_run, withdraw_final_run
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


def at_once(first: Callable[[], object], second: Callable[[], object]) -> list[BaseException]:
    """Take two steps: the second one begins while the first is not yet written, and waits for it. Return what refused the second."""
    refused: list[BaseException] = []

    def take() -> None:
        try:
            second()
        except BaseException as fault:
            refused.append(fault)
        finally:
            connection.close()

    with transaction.atomic():
        first()
        other = threading.Thread(target=take)
        other.start()
        while other.is_alive() and not is_waiting():
            other.join(0.01)
    other.join(30)
    assert not other.is_alive()
    return refused


STATES = {"approve": "calculated", "calculate": "calculated", "review": "calculated", "post": "approved", "pay": "posted"}


@pytest.mark.parametrize(
    ("first", "second", "refusal"),
    [
        ("approve", "approve", "is approved; only a calculated run can be approved"),
        ("approve", "calculate", "is approved and is not calculated again"),
        ("approve", "review", "is approved; only a calculated run can be sent to review"),
        ("calculate", "approve", "is calculating; only a calculated run can be approved"),
        ("calculate", "review", "is calculating; only a calculated run can be sent to review"),
        ("post", "post", "is posted; only an approved run can be posted"),
        ("pay", "pay", "is paid; only a posted run can be paid"),
    ],
)
def test_of_two_steps_at_once_the_second_is_refused(first: str, second: str, refusal: str) -> None:
    world = pay_world.make_busy_world(resolution_counts=(2, 2), as_of=AFTER)
    later, people = AFTER.replace(hour=13), [factories.make_user(roles=["approver"]) for _ in range(2)]
    run_id = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=AFTER).run_id
    assert run_id is not None
    period = pay_periods.period_of(site=world.site, day=factories.MARCH)

    def act(name: str, person: User) -> None:
        match name:
            case "approve":
                approve_pay_run.approve_pay_run(run_id=run_id, person=person, as_of=later)
            case "calculate":
                calculate_pay_run.open_pay_run(site=world.site, period=period, as_of=later)
            case "review":
                review_pay_run.send_to_review(run_id=run_id, person=person, as_of=later)
            case "post":
                approve_pay_run.post_pay_run(run_id=run_id, person=person, as_of=later)
            case "pay":
                pay_out.mark_pay_run_paid(run_id=run_id, person=person, paid_on=later.date(), as_of=later)

    for name in ("approve", "post"):
        if STATES[first] in {"approve": ("approved", "posted"), "post": ("posted",)}[name]:
            act(name, people[0])
    before = LedgerEntry.objects.count()

    [fault] = at_once(lambda: act(first, people[0]), lambda: act(second, people[1]))

    assert refusal in str(fault)
    # Two agents: what is owed is posted once, and what is sent once, by two entries each.
    assert LedgerEntry.objects.count() - before == (4 if first in ("post", "pay") else 0)


def test_an_adjustment_that_is_decided_while_final_pay_is_approved_counts_in_the_month_after() -> None:
    pay_world.make_busy_world(resolution_counts=(2,), as_of=AFTER)
    Agent.objects.update(employed_to=LEFT_ON)
    leaver, approver, lead = Agent.objects.get(), factories.make_user(roles=["approver"]), factories.make_user(roles=["lead"])
    at = AFTER.replace(month=3, day=20)
    run = calculate_pay_run.open_final_run(agent=leaver, as_of=at)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    entered = {"agent": leaver, "period_start": factories.MARCH, "amount_micros": 7_000_000, "currency": "USD", "reason": "Holiday"}
    own = Adjustment.objects.create(**entered, entered_by=lead)

    faults = at_once(
        lambda: approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=at),
        lambda: approve_adjustment.approve_adjustment(adjustment_id=own.pk, person=approver, as_of=at),
    )

    own.refresh_from_db()
    assert (faults, own.period_start) == ([], factories.APRIL)


def test_final_pay_is_not_approved_while_an_adjustment_of_it_is_decided() -> None:
    world = pay_world.make_busy_world(resolution_counts=(2,), as_of=AFTER)
    Agent.objects.update(employed_to=LEFT_ON)
    leaver, approver, lead = Agent.objects.get(), factories.make_user(roles=["approver"]), factories.make_user(roles=["lead"])
    at = AFTER.replace(month=3, day=20)
    run = calculate_pay_run.open_final_run(agent=leaver, as_of=at)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    entered = {"agent": leaver, "period_start": factories.MARCH, "amount_micros": 7_000_000, "currency": "USD", "reason": "Holiday"}
    own = Adjustment.objects.create(**entered, entered_by=lead)

    [fault] = at_once(
        lambda: approve_adjustment.approve_adjustment(adjustment_id=own.pk, person=approver, as_of=at.replace(hour=13)),
        lambda: approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=at.replace(hour=14)),
    )

    assert "Something was decided about the pay of" in str(fault)
    assert world.agents[0].settlements.get().status == "calculated"


def test_two_parts_that_hold_one_agent_at_once_write_one_settlement() -> None:
    """The agent moved after the parts of both runs were cut."""
    world = pay_world.make_busy_world(resolution_counts=(2, 2), as_of=AFTER)
    mover, second_site = world.agents[0], factories.make_site(name="Leeds")
    first = open_month(world.site)
    Agent.objects.filter(pk=mover.pk).update(site=second_site)
    second = open_month(second_site)
    assert {agent_id for part in second.shards.all() for agent_id in part.agent_ids} == {mover.pk}

    faults = at_once(
        lambda: calculate_pay_run.work_on_pay_run(run_id=second.pk, wait_seconds_max=1),
        lambda: calculate_pay_run.work_on_pay_run(run_id=first.pk, wait_seconds_max=30),
    )

    assert faults == []
    held = dict(Settlement.objects.values_list("agent", "run"))
    assert held == {mover.pk: second.pk, world.agents[1].pk: first.pk}
    assert set(PayRun.objects.values_list("status", flat=True)) == {"calculated"}
