"""Runs a command for as long as its owner lives: `python -m ppr_portal.leash OWNER_PID COMMAND ...`.

`manage.py serve` starts its parts through this, so that a serve that is killed leaves no worker or web server behind.
"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import psutil

from ppr_portal.processes import is_alive

POLL_SECONDS = 0.2
# Below honcho's five seconds, after which it would kill this process and orphan the command.
GRACE_SECONDS = 4.0


def main(arguments: list[str]) -> int:
    """Run the command; end it when the owner dies or this process is told to stop."""
    owner = _find(int(arguments[0]))
    told: list[int] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        told.append(signum)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A session of its own: only the command's first process is asked to stop, and it asks its children in its own order.
    child = subprocess.Popen(arguments[1:], start_new_session=True)
    while child.poll() is None:
        if told or owner is None or not is_alive(owner):
            return _end(child)
        time.sleep(POLL_SECONDS)
    return child.returncode


def _find(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _end(child: subprocess.Popen[bytes]) -> int:
    child.terminate()
    try:
        return child.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
