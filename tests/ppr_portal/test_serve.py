"""`manage.py serve` with real processes: it opens, it stops what it started, and it says why it cannot open."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psutil
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from ppr_portal import embedded
from tests import template_database
from tests.ppr_portal import processes

_given: set[int] = set()


@pytest.fixture
def database_url(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A migrated database of its own, since serve commits."""
    name = f"{connection.settings_dict['TEST']['NAME']}_serve"
    with django_db_blocker.unblock():
        template_database.clone(name=name)
        settings = connection.settings_dict
        yield f"postgresql://{quote(settings['USER'])}@/{name}?host={quote(settings['HOST'], safe='')}"
        template_database.drop(name=name)


@contextmanager
def serving(*, var_dir: pathlib.Path, port: int, database_url: str) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    """Serve until the block ends, and give the process with all that it started."""
    command = [sys.executable, "manage.py", "serve"]
    env = processes.environment(var_dir=var_dir, PPR_PORT=str(port), PPR_WEB_WORKERS="1", PPR_TASK_WORKERS="1", DATABASE_URL=database_url)
    process = subprocess.Popen(command, cwd=processes.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    family: list[psutil.Process] = []
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "PPR Portal is open" in line:
                break
        assert process.poll() is None, "".join(said)
        family.extend(psutil.Process(process.pid).children(recursive=True))
        yield process, family
    finally:
        processes.stop_for_good(process, family)
        process.stdout.close()


def stop(process: subprocess.Popen[str], family: list[psutil.Process], *, ask: signal.Signals, port: int) -> str:
    """Ask serve to stop, hold that it ended well with all that it started, and return what it said."""
    process.send_signal(ask)
    said, _ = process.communicate(timeout=processes.WAIT_SECONDS)
    assert process.returncode == 0, said
    assert said.rstrip().endswith("Stopped.") or "stay up for another command" in said
    assert [part for part in family if not processes.is_gone(part)] == []
    assert is_free(port)
    return str(said)


def test_serve_opens_and_stops_everything_it_started(var_dir: pathlib.Path, database_url: str) -> None:
    port = free_port()
    with serving(var_dir=var_dir, port=port, database_url=database_url) as (process, family):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=processes.WAIT_SECONDS) as response:
            assert response.status == 200
        commands = [" ".join(part.cmdline()) for part in family]
        for part in ("gunicorn", "worker", "beat"):
            assert any(part in command for command in commands), part

        said = stop(process, family, ask=signal.SIGTERM, port=port)

        assert said.rstrip().endswith("Stopped.")
        assert processes.are_stopped(var_dir=var_dir)


def test_serve_leaves_servers_that_others_use(var_dir: pathlib.Path, database_url: str) -> None:
    port = free_port()
    with processes.member(var_dir=var_dir):
        with serving(var_dir=var_dir, port=port, database_url=database_url) as (process, family):
            said = stop(process, family, ask=signal.SIGINT, port=port)

        assert "stay up for another command" in said
        assert embedded.keeper_pid(where=embedded.places(var_dir=var_dir)) is not None
    processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop after the last user")


def test_a_killed_serve_leaves_nothing_behind(var_dir: pathlib.Path, database_url: str) -> None:
    with serving(var_dir=var_dir, port=free_port(), database_url=database_url) as (process, family):
        process.kill()
        process.wait()

        processes.wait_until(lambda: all(processes.is_gone(part) for part in family), what="the end of all parts")
        processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop of the embedded servers")


def test_a_part_that_dies_ends_the_rest(var_dir: pathlib.Path, database_url: str) -> None:
    with serving(var_dir=var_dir, port=free_port(), database_url=database_url) as (process, family):
        beat = next(part for part in family if "beat" in part.cmdline() and "ppr_portal.leash" not in part.cmdline())
        beat.kill()
        said, _ = process.communicate(timeout=processes.WAIT_SECONDS)

        assert process.returncode == 1
        assert "A part of the portal stopped by itself" in said
        assert [part for part in family if not processes.is_gone(part)] == []


def test_a_busy_port_is_named(place: pathlib.Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        done = processes.manage("serve", var_dir=place, PPR_PORT=str(port))

    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is not free" in done.stderr
    assert "PPR_PORT" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (place / "run").exists()


def test_a_database_that_does_not_answer_is_named(place: pathlib.Path) -> None:
    url = f"postgresql://portal:secret@127.0.0.1:{free_port()}/portal"

    done = processes.manage("serve", var_dir=place, PPR_PORT=str(free_port()), DATABASE_URL=url)

    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_production_does_not_migrate_by_itself(var_dir: pathlib.Path) -> None:
    with processes.member(var_dir=var_dir):
        socket_dir = quote(str(embedded.places(var_dir=var_dir).socket_dir), safe="")
        done = processes.manage(
            "serve",
            var_dir=var_dir,
            PPR_MODE="production",
            PPR_SECRET_KEY="k" * 60,
            PPR_HASH_KEY="h" * 60,
            PPR_ALLOWED_HOSTS="portal.example.org",
            PPR_PORT=str(free_port()),
            DATABASE_URL=f"postgresql://ppr@/ppr?host={socket_dir}",
            REDIS_URL="redis://127.0.0.1:1/0",
        )

    assert done.returncode == 1
    assert "migrations are not applied; run `manage.py migrate`" in done.stderr


def free_port() -> int:
    """Return a port that nobody listens on, below those that the system gives to whoever connects somewhere in the meantime."""
    for port in range(10_000 + os.getpid() * 50 % 20_000, 32_000):
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise AssertionError("No port is free.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
