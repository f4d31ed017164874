"""Parts of a run: each is taken by one worker at a time, and by another once the first one is gone."""

from datetime import UTC, datetime, timedelta

import pytest

from billing.models import PayRun, PayRunShard
from billing.operations import pay_run_shards
from billing.operations.pay_run_shards import Failure
from tests import factories

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2016, 1, 1, tzinfo=UTC)


@pytest.fixture
def run():
    site = factories.make_site()
    run = PayRun.objects.create(site=site, period_start=factories.MARCH, period_end=factories.APRIL, as_of=factories.NOON)
    pay_run_shards.cut_shards(run=run, agent_ids=[11, 12, 13, 14, 15], size=2)
    return run


def nothing_failed(run, agent_ids):
    return []


def statuses(run):
    return list(run.shards.order_by("number").values_list("status", flat=True))


def test_every_agent_is_in_exactly_one_part(run):
    assert list(run.shards.order_by("number").values_list("agent_ids", flat=True)) == [[11, 12], [13, 14], [15]]


def test_two_workers_never_take_the_same_part(run):
    leases = [pay_run_shards.take_lease(run_id=run.pk) for _ in range(4)]
    assert leases[3] is None
    assert len({lease.shard_id for lease in leases[:3]}) == 3


def test_a_part_whose_worker_is_gone_is_taken_over_and_the_late_one_writes_nothing(run):
    first = pay_run_shards.take_lease(run_id=run.pk)
    PayRunShard.objects.filter(pk=first.shard_id).update(leased_until=LONG_AGO)
    second = pay_run_shards.take_lease(run_id=run.pk)
    assert second.shard_id == first.shard_id
    seen = []
    assert not pay_run_shards.compute_shard(lease=first, compute=lambda run, agent_ids: seen.append(agent_ids) or [])
    assert seen == []
    assert pay_run_shards.compute_shard(lease=second, compute=nothing_failed)
    assert statuses(run) == ["done", "waiting", "waiting"]


def test_a_part_that_breaks_leaves_nothing_and_stays_waiting(run):
    lease = pay_run_shards.take_lease(run_id=run.pk)

    def break_down(run, agent_ids):
        factories.make_user(name="half written")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pay_run_shards.compute_shard(lease=lease, compute=break_down)
    assert statuses(run) == ["waiting"] * 3
    assert not factories.work.User.objects.exists()


def test_work_goes_on_until_all_parts_are_done_and_names_the_failed(run):
    def fail_two(run, agent_ids):
        return [
            Failure(agent_id=agent_id, name=f"Agent {agent_id}", message="has no plan") for agent_id in agent_ids if agent_id in (12, 15)
        ]

    assert pay_run_shards.work_off(run_id=run.pk, compute=fail_two, wait_seconds_max=1)
    assert statuses(run) == ["done"] * 3
    failed = [failure["name"] for shard in run.shards.order_by("number") for failure in shard.failures]
    assert failed == ["Agent 12", "Agent 15"]


def test_a_part_that_another_worker_holds_is_not_waited_for_forever(run):
    pay_run_shards.take_lease(run_id=run.pk)
    PayRunShard.objects.filter(leased_until__isnull=False).update(leased_until=datetime.now(UTC) + timedelta(hours=1))
    assert not pay_run_shards.work_off(run_id=run.pk, compute=nothing_failed, wait_seconds_max=0.05)
    assert statuses(run) == ["waiting", "done", "done"]
