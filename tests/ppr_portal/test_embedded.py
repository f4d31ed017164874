"""The embedded servers with real processes: joined, shared, killed, adopted, stopped."""

import os
import pathlib
import resource
import signal
import subprocess

import psutil
import psycopg

from ppr_portal import embedded
from tests.ppr_portal import processes


def ask(var_dir: pathlib.Path, query: str) -> object:
    settings = embedded.database_settings(var_dir=var_dir)
    with psycopg.connect(host=settings["HOST"], port=settings["PORT"], user=settings["USER"], dbname=settings["NAME"]) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_last_user_to_leave_stops_the_servers(var_dir: pathlib.Path) -> None:
    with processes.member(var_dir=var_dir) as first:
        with processes.member(var_dir=var_dir):
            running = processes.postmaster(var_dir=var_dir)
        assert first.poll() is None
        assert ask(var_dir, "SHOW timezone") == "UTC"
        assert str(ask(var_dir, "SHOW server_version")).startswith("18")
        assert ask(var_dir, "SHOW fsync") == "on"
        assert ask(var_dir, "SHOW listen_addresses") == ""

    processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop after the last user")
    assert processes.is_gone(running)


def test_commands_that_start_at_once_share_one_server(place: pathlib.Path) -> None:
    members = [processes.start_member(var_dir=place) for _ in range(4)]
    try:
        said = [member.stdout.readline().strip() for member in members if member.stdout]
        assert said == ["joined"] * 4
        keeper = embedded.keeper_pid(where=embedded.places(var_dir=place))
        assert processes.postmaster(var_dir=place).ppid() == keeper
        assert ask(place, "SELECT 1") == 1
    finally:
        for member in members:
            processes.finish(member)

    processes.wait_until(lambda: processes.are_stopped(var_dir=place), what="the stop after the last user")


def test_a_killed_user_needs_no_cleaning_up(var_dir: pathlib.Path) -> None:
    with processes.member(var_dir=var_dir) as member:
        member.send_signal(signal.SIGKILL)
        member.wait()
        processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop after the only user was killed")


def test_servers_of_a_killed_keeper_are_adopted(var_dir: pathlib.Path) -> None:
    with processes.member(var_dir=var_dir):
        keeper = embedded.keeper_pid(where=embedded.places(var_dir=var_dir))
        assert keeper is not None
        os.kill(keeper, signal.SIGKILL)
        left = processes.postmaster(var_dir=var_dir)
    assert not processes.is_gone(left)

    with processes.member(var_dir=var_dir):
        assert processes.postmaster(var_dir=var_dir).pid == left.pid
        assert ask(var_dir, "SELECT 1") == 1

    processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop of the adopted server")


def test_a_server_that_dies_is_started_again(var_dir: pathlib.Path) -> None:
    with processes.member(var_dir=var_dir):
        died = processes.postmaster(var_dir=var_dir)
        died.kill()
        where = embedded.places(var_dir=var_dir)
        processes.wait_until(lambda: _pid_in_file(where) not in (None, died.pid) and _answers(var_dir), what="the new start")


def test_a_command_whose_servers_were_all_killed_gets_new_ones(var_dir: pathlib.Path) -> None:
    kill_them = """
import os, signal
from django.conf import settings
from django.db import connection
from ppr_portal import embedded
connection.ensure_connection()
where = embedded.places(var_dir=settings.PPR_VAR_DIR)
os.kill(embedded.keeper_pid(where=where), signal.SIGKILL)
os.kill(int((where.postgres_dir / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
connection.close()
with connection.cursor() as cursor:
    cursor.execute("SELECT 40 + 2")
    print(cursor.fetchone()[0])
"""
    done = processes.manage("shell", "--verbosity", "0", "--command", kill_them, var_dir=var_dir)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "42\n"


def test_a_pid_file_of_a_dead_process_is_stale(var_dir: pathlib.Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    _write_pid_file(var_dir, ended.pid)

    with processes.member(var_dir=var_dir):
        assert ask(var_dir, "SELECT 1") == 1


def test_a_pid_file_that_names_a_stranger_is_stale(var_dir: pathlib.Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        _write_pid_file(var_dir, stranger.pid)
        with processes.member(var_dir=var_dir):
            assert ask(var_dir, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_deep_checkout_keeps_its_sockets_elsewhere(place: pathlib.Path) -> None:
    deep = place / ("d" * 60) / ("e e" * 20)
    deep.mkdir(parents=True)
    where = embedded.places(var_dir=deep)
    assert len(os.fsencode(where.socket_dir / embedded.SOCKET_NAME)) <= embedded.SOCKET_PATH_BYTES_MAX
    assert where.socket_dir != embedded.places(var_dir=place).socket_dir

    for _ in range(2):
        with processes.member(var_dir=deep):
            assert ask(deep, "SELECT 1") == 1
        assert where.socket_dir.stat().st_mode & 0o777 == 0o700

    processes.wait_until(lambda: processes.are_stopped(var_dir=deep), what="the stop after the last user")
    where.socket_dir.rmdir()


def test_a_place_that_cannot_be_written_is_named(place: pathlib.Path) -> None:
    (place / "file").write_text("not a directory")

    done = processes.manage("migrate", var_dir=place / "file" / "var")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Cannot write to" in done.stderr
    assert "PPR_VAR_DIR" in done.stderr


def test_a_set_up_that_fails_half_way_leaves_nothing_half_made(place: pathlib.Path) -> None:
    def allow_small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    refused = processes.start_member(var_dir=place, preexec_fn=allow_small_files_only)
    said, _ = refused.communicate(timeout=processes.WAIT_SECONDS)
    assert refused.returncode == 1
    assert said.count("\n") == 1
    assert "PostgreSQL could not be set up" in said
    assert not (place / "postgres").exists()

    with processes.member(var_dir=place):
        assert ask(place, "SELECT 1") == 1


def test_a_cluster_of_another_release_is_refused(var_dir: pathlib.Path) -> None:
    with processes.member(var_dir=var_dir):
        pass
    processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop after the last user")
    version = var_dir / "postgres" / "PG_VERSION"
    version.write_text("17\n")
    try:
        done = processes.manage("migrate", var_dir=var_dir)
    finally:
        version.write_text("18\n")

    assert done.returncode == 1
    assert "was made by PostgreSQL 17, but 18 is installed" in done.stderr
    assert done.stderr.count("\n") == 1


def test_services_can_be_seen_and_stopped(var_dir: pathlib.Path) -> None:
    assert "are stopped" in processes.manage("services", var_dir=var_dir).stdout

    with processes.member(var_dir=var_dir):
        assert "run under process" in processes.manage("services", "status", var_dir=var_dir).stdout
        stopped = processes.manage("services", "stop", var_dir=var_dir)
        assert stopped.returncode == 0
        assert "are stopped" in stopped.stdout
        assert processes.are_stopped(var_dir=var_dir)


def test_commands_without_a_query_start_no_database(place: pathlib.Path) -> None:
    checked = processes.manage("check", var_dir=place)
    described = processes.manage("calculate", "--schema", "price", var_dir=place)

    assert checked.returncode == 0, checked.stderr
    assert described.returncode == 0, described.stderr
    assert not (place / "run").exists()
    assert not (place / "postgres").exists()


def _write_pid_file(var_dir: pathlib.Path, pid: int) -> None:
    with processes.member(var_dir=var_dir):
        content = (var_dir / "postgres" / "postmaster.pid").read_text().split("\n")
    processes.wait_until(lambda: processes.are_stopped(var_dir=var_dir), what="the stop after the last user")
    (var_dir / "postgres" / "postmaster.pid").write_text("\n".join([str(pid), *content[1:]]))


def _pid_in_file(where: embedded.Places) -> int | None:
    try:
        return int((where.postgres_dir / "postmaster.pid").read_text().split("\n")[0])
    except (OSError, ValueError, psutil.Error):
        return None


def _answers(var_dir: pathlib.Path) -> bool:
    try:
        return ask(var_dir, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False
