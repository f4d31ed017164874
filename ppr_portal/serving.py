"""Web, worker and scheduler under one command, with their logs in one terminal."""

import os
import shlex
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from honcho import manager

PARTS = ("web", "worker", "beat")
HEALTH_SECONDS_MAX = 60


class UnableToServe(Exception):
    """The portal did not start, or a part of it stopped by itself."""


@dataclass(frozen=True)
class Address:
    """Where the web part listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def require_free(*, address: Address) -> None:
    """Refuse an address that somebody else listens on.

    Raises: UnableToServe naming the port and the remedy.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as fault:
            raise UnableToServe(
                f"Port {address.port} on {address.host} is not free ({fault.strerror}); stop what uses it, or choose another with PPR_PORT"
            ) from fault


def commands(*, address: Address, web_workers: int, task_workers: int, log_level: str) -> dict[str, list[str]]:
    """Return the command line of each part."""
    celery = [sys.executable, "-m", "celery", "--app", "ppr_portal.celery", "--quiet", "--skip-checks"]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "ppr_portal.wsgi:application", "--bind", address.url.removeprefix("http://")),
            *("--workers", str(web_workers), "--threads", "4", "--timeout", "60", "--graceful-timeout", "3", "--no-control-socket"),
            *("--log-level", "warning"),
        ],
        "worker": [*celery, "worker", "--loglevel", log_level, "--concurrency", str(task_workers), "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--loglevel", log_level, "--pidfile="],
    }


class Serving(manager.Manager):  # type: ignore[misc]
    """honcho's manager, which also says when the portal answers and tells a wanted stop from an accident."""

    def __init__(self, *, ask: Callable[[], bool], say: Callable[[str], None], is_demo: bool) -> None:
        super().__init__()
        # Lines appear when they are written, and Celery hands unfinished tasks back to the queue instead of waiting for them.
        self.extra_environment = {"PYTHONUNBUFFERED": "1", "REMAP_SIGTERM": "SIGQUIT"}
        if is_demo:
            # A demo in a container runs as root; in production Celery's warning about that stays.
            self.extra_environment["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
        self.ask = ask
        self.say = say
        self.was_told_to_stop = False

    def add(self, *, name: str, command: list[str]) -> None:
        """Add a part, leashed to this process."""
        leashed = [sys.executable, "-m", "ppr_portal.leash", str(os.getpid()), *command]
        self.add_process(name, f"exec {shlex.join(leashed)}", env={**os.environ, **self.extra_environment})

    def terminate(self) -> None:
        # honcho calls this from its signal handlers, when nothing has stopped yet, and after a part has stopped.
        if not self._any_stopped():
            self.was_told_to_stop = True
        super().terminate()

    def _start(self) -> None:
        super()._start()
        # Only after the parts were forked: a thread and a fork do not mix.
        threading.Thread(target=self._announce, daemon=True).start()

    def _announce(self) -> None:
        deadline = time.monotonic() + HEALTH_SECONDS_MAX
        while not self._terminating and time.monotonic() < deadline:
            if self.ask():
                self.say("ready")
                return
            time.sleep(0.2)
        if not self._terminating:
            self.say(f"the portal has not answered for {HEALTH_SECONDS_MAX} s; its log above tells why")


def answers(*, address: Address, host_header: str) -> bool:
    """Ask the health page once."""
    request = urllib.request.Request(address.url + "/health/", headers={"Host": host_header})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
