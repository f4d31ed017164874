"""A worker that is killed at any point, or loses its database connection, changes no cent."""

import contextlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
from urllib.parse import quote

import pytest
from django.db import connection

from benchmarks import kills, scratch
from billing.models import Earning, PayRun, Settlement
from billing.operations import book_resolutions, calculate_pay_run
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = pathlib.Path(__file__).resolve().parents[3]
KILLS = 5
SEED = 20160331


@pytest.fixture
def world():
    world = pay_world.make_world(agent_count=12)
    for place, agent in enumerate(world.agents):
        pay_world.work_a_week(agent, days=3)
        pay_world.answer_surveys(pay_world.resolve(world, agent, 3 + place % 4), favorable=2)
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    return world


@pytest.fixture
def worker():
    """Start the process that forks workers, connected to the test database."""
    at = connection.settings_dict
    url = f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@/{at['NAME']}?host={quote(str(at['HOST']), safe='')}&port={at['PORT']}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.billing.operations.worker_process"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


def start(worker, world):
    """Start one calculation and return its process id."""
    worker.stdin.write(f"{world.site.pk} {pay_world.AFTER_MARCH.isoformat()}\n")
    worker.stdin.flush()
    return int(worker.stdout.readline())


def calculate(world):
    return calculate_pay_run.calculate_pay_run(
        site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH, agents_per_shard=2
    )


def test_workers_killed_at_random_points_change_no_byte(world, worker):
    calculate(world)
    expected = pay_world.picture(world.site)
    moments = random.Random(SEED)
    for _ in range(KILLS):
        Earning.objects.all().delete()
        Settlement.objects.all().delete()
        PayRun.objects.update(status=PayRun.Status.CALCULATED)
        child = start(worker, world)
        killer = threading.Timer(moments.uniform(0.05, 0.5), _kill, [child])
        killer.start()
        assert worker.stdout.readline() == "ended\n"
        killer.cancel()
        calculate(world)
        assert pay_world.picture(world.site) == expected


def test_a_lost_connection_is_made_again_and_changes_no_byte(world, worker):
    calculate(world)
    expected = pay_world.picture(world.site)
    PayRun.objects.update(status=PayRun.Status.CALCULATED)
    start(worker, world)
    ended = threading.Event()
    reader = threading.Thread(target=lambda: (worker.stdout.readline(), ended.set()))
    reader.start()
    for _ in range(4):
        ended.wait(0.12)
        _cut_connections()
    reader.join(timeout=120)
    calculate(world)
    assert pay_world.picture(world.site) == expected


def _kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _cut_connections():
    """End every other session of this database, as a restart or a firewall would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_killed_beats_workers_and_connections_change_no_byte():
    """The quick one; `python -m benchmarks.kills` does it 200 times."""
    world = pay_world.make_world(agent_count=12)
    for place, agent in enumerate(world.agents):
        pay_world.work_a_week(agent, days=3)
        pay_world.resolve(world, agent, 3 + place % 4)
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    report = kills.kill_runs(
        site_id=world.site.pk,
        count=8,
        environment={**scratch.environment(), "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)},
    )
    assert report.changed == []
    assert sum(report.killed.values()) == 8
