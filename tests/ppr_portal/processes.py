"""Starts real processes of the portal for tests, and waits for what they do."""

import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil

from ppr_portal import embedded

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WAIT_SECONDS = 40
MEMBER = """
import pathlib, sys
from ppr_portal import embedded
try:
    embedded.join(var_dir=pathlib.Path(sys.argv[1]))
except embedded.UnableToStartServices as fault:
    print(fault)
    sys.exit(1)
print("joined", flush=True)
sys.stdin.read()
"""


def environment(*, var_dir: pathlib.Path, **extra: str) -> dict[str, str]:
    """Return the environment of a bare clone whose var directory is var_dir."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PPR_", "DATABASE_URL", "REDIS_URL", "DJANGO_"))}
    return {**kept, "PPR_VAR_DIR": str(var_dir), **extra}


def manage(*arguments: str, var_dir: pathlib.Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a management command to its end."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(var_dir=var_dir, **extra),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@contextmanager
def member(*, var_dir: pathlib.Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has joined the embedded servers, until the block ends."""
    process = start_member(var_dir=var_dir, **options)
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        assert said == "joined", said
        yield process
    finally:
        finish(process)


def start_member(*, var_dir: pathlib.Path, **options: Any) -> subprocess.Popen[str]:
    """Start a process that joins, prints "joined" or what is wrong, and lives until its input closes."""
    command = [sys.executable, "-c", MEMBER, str(var_dir)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


def finish(process: subprocess.Popen[str]) -> None:
    """Let a member end by itself."""
    if process.poll() is None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=WAIT_SECONDS)
    if process.stdout is not None:
        process.stdout.close()


def wait_until(happened: Callable[[], Any], *, what: str) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {WAIT_SECONDS} s"
        time.sleep(0.05)


def postmaster(*, var_dir: pathlib.Path) -> psutil.Process:
    """Return the PostgreSQL server of a var directory."""
    first = (var_dir / "postgres" / "postmaster.pid").read_text(encoding="ascii").split("\n")[0]
    return psutil.Process(int(first))


def is_gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended; one that nobody collects has ended too."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def are_stopped(*, var_dir: pathlib.Path) -> bool:
    """Tell whether no keeper runs and no server was left behind."""
    where = embedded.places(var_dir=var_dir)
    return embedded.keeper_pid(where=where) is None and not (where.postgres_dir / "postmaster.pid").exists()


def stop_for_good(process: subprocess.Popen[Any], family: list[psutil.Process]) -> None:
    """End what a failed test may have left, each process by itself."""
    for left in [*family, psutil.Process(process.pid)] if psutil.pid_exists(process.pid) else family:
        if not is_gone(left):
            left.send_signal(signal.SIGKILL)
    process.wait(timeout=WAIT_SECONDS)
