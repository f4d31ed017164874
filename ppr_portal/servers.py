"""How one embedded server is set up, started, adopted, watched and stopped. Used by keeper.py alone."""

import abc
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
from typing import Any

import psutil

from ppr_portal import embedded
from ppr_portal.processes import is_alive

READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOG_BYTES_MAX = 5_000_000
# Below this, a failure is most likely the full disk's.
FREE_BYTES_MIN = 64_000_000
LOG_LINE_START = re.compile(r"^.*?(FATAL|PANIC|ERROR|error): +")


class UnableToStartServer(Exception):
    """A server did not start; the message is one sentence for the person at the terminal."""


class Server(abc.ABC):
    """A server process that this keeper started, or found running and adopted."""

    name: str

    def __init__(self, *, where: embedded.Places) -> None:
        self.where = where
        self.process: psutil.Process | None = None

    @abc.abstractmethod
    def prepare(self) -> None:
        """Make the data directory ready."""

    @abc.abstractmethod
    def find_running(self) -> psutil.Process | None:
        """Return the server of this directory that still runs, left by a keeper that was killed."""

    @abc.abstractmethod
    def command(self) -> tuple[list[str], dict[str, Any]]:
        """Return the command line and the options of its process."""

    @abc.abstractmethod
    def answers(self) -> bool:
        """Tell whether the server takes requests."""

    @property
    def log_path(self) -> pathlib.Path:
        return self.where.log_dir / f"{self.name.lower()}.log"

    def start(self) -> None:
        """Start the server, or adopt the one that runs, and wait until it answers."""
        try:
            self.process = self.find_running()
            if self.process is None:
                self.prepare()
                self._launch()
        except OSError as fault:
            place = fault.filename or self.where.var_dir
            raise UnableToStartServer(f"{self.name} cannot use {place}: {fault.strerror}{disk_hint(self.where.var_dir)}") from fault
        self._wait_until_it_answers()

    def revive(self) -> None:
        """Start the server again if its process has died."""
        if self.process is not None and not is_alive(self.process):
            self.process = None
            self.start()

    def stop(self) -> None:
        """Stop cleanly, and by force only when that does not help."""
        if self.process is None:
            return
        for ask in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            try:
                self.process.send_signal(ask)
                self.process.wait(timeout=STOP_SECONDS_MAX)
            except psutil.TimeoutExpired:
                continue
            except psutil.NoSuchProcess:
                pass
            break
        self.process = None

    def _launch(self) -> None:
        arguments, options = self.command()
        mode = "ab" if self.log_path.exists() and self.log_path.stat().st_size < LOG_BYTES_MAX else "wb"
        with self.log_path.open(mode) as log:
            self.log_start = log.tell()
            started = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **options
            )
        self.process = psutil.Process(started.pid)
        self.popen = started

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not self.answers():
            assert self.process is not None
            if not is_alive(self.process):
                self.process = None
                hint = disk_hint(self.where.var_dir)
                raise UnableToStartServer(f"{self.name} stopped while starting: {self._last_words()}{hint} (see {self.log_path})")
            if time.monotonic() >= deadline:
                raise UnableToStartServer(f"{self.name} did not answer within {READY_SECONDS_MAX} s (see {self.log_path})")
            time.sleep(0.03)

    def _last_words(self) -> str:
        with self.log_path.open("rb") as log:
            log.seek(self.log_start)
            lines = log.read().decode(errors="replace").splitlines()
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line] or lines
        return LOG_LINE_START.sub("", telling[-1]).strip() if telling else "it wrote nothing"


def disk_hint(directory: pathlib.Path) -> str:
    """Name the likeliest cause of a failure when the disk is nearly full."""
    free = shutil.disk_usage(directory).free
    return "" if free >= FREE_BYTES_MIN else f"; only {free // 1_000_000} MB are free there, make room or set PPR_VAR_DIR to another disk"


def plain_environment() -> dict[str, str]:
    """Keep the caller's PG* and locale settings away from initdb."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}
