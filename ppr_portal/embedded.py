"""The embedded PostgreSQL and Valkey: where they live, and how a process joins and leaves them.

A process that needs them holds a shared lock for as long as it lives. A small keeper process (keeper.py) owns the servers and
stops them once nobody holds that lock. The kernel drops the lock of a killed process too, so no list of users can go stale.
docs/adr/0002-embedded-services.md tells why.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import pwd
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

DATABASE = "ppr"
PORT = "5432"
SOCKET_NAME = f".s.PGSQL.{PORT}"
# 104 bytes with the closing zero on macOS, 108 on Linux.
SOCKET_PATH_BYTES_MAX = 103
# Both servers put the path into lists and command lines of their own, so only plain characters are used there.
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 60
LOCK_WAIT_SECONDS_MAX = 60
POLL_SECONDS = 0.05
# This account exists everywhere and owns nothing else.
ROOT_STAND_IN = "nobody"
READY = "ready"
NOTE = "note: "
BASE_DIR = pathlib.Path(__file__).resolve().parent.parent

_memberships: dict[pathlib.Path, int] = {}
_thread_lock = threading.Lock()


class UnableToStartServices(Exception):
    """The embedded servers did not start; the message is one sentence for the person at the terminal."""


class UnableToStopServices(Exception):
    """The embedded servers did not stop; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Places:
    """Every path that the embedded servers use."""

    var_dir: pathlib.Path
    socket_dir: pathlib.Path

    @property
    def postgres_dir(self) -> pathlib.Path:
        return self.var_dir / "postgres"

    @property
    def valkey_dir(self) -> pathlib.Path:
        return self.var_dir / "valkey"

    @property
    def log_dir(self) -> pathlib.Path:
        return self.var_dir / "log"

    @property
    def valkey_socket(self) -> pathlib.Path:
        return self.socket_dir / "valkey.sock"

    @property
    def users_lock(self) -> pathlib.Path:
        return self.var_dir / "run" / "users.lock"

    @property
    def start_lock(self) -> pathlib.Path:
        return self.var_dir / "run" / "start.lock"

    @property
    def keeper_lock(self) -> pathlib.Path:
        return self.var_dir / "run" / "keeper.lock"


@functools.lru_cache(maxsize=32)
def places(*, var_dir: pathlib.Path) -> Places:
    """Lay out the paths under var_dir; sockets move to /tmp when var_dir is too deep or oddly named for them."""
    var_dir = var_dir.resolve()
    socket_dir = var_dir / "run"
    longest = str(socket_dir / SOCKET_NAME)
    if len(os.fsencode(longest)) > SOCKET_PATH_BYTES_MAX or not PLAIN_PATH.fullmatch(longest):
        # Always /tmp and not TMPDIR: two terminals must find the same socket.
        digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
        socket_dir = pathlib.Path("/tmp") / f"ppr-{os.geteuid()}-{digest}"  # noqa: S108
    return Places(var_dir=var_dir, socket_dir=socket_dir)


def database_settings(*, var_dir: pathlib.Path) -> dict[str, Any]:
    """Return Django's connection values for the embedded database; starts nothing."""
    socket_dir = str(places(var_dir=var_dir).socket_dir)
    return {"NAME": DATABASE, "USER": DATABASE, "PASSWORD": "", "HOST": socket_dir, "PORT": PORT, "OPTIONS": {}}


def redis_url(*, var_dir: pathlib.Path) -> str:
    """Return the address of the embedded Valkey, as Django's cache reads it; starts nothing."""
    return f"unix://{places(var_dir=var_dir).valkey_socket}?db=1"


def broker_url(*, address: str) -> str:
    """Turn a cache address into Celery's; they differ for Unix sockets only."""
    if not address.startswith("unix://"):
        return address
    path = address.removeprefix("unix://").partition("?")[0]
    return f"redis+socket://{quote(path)}?virtual_host=0"


def is_embedded(*, address: str, var_dir: pathlib.Path) -> bool:
    """Tell whether this address is the embedded Valkey."""
    return address == redis_url(var_dir=var_dir)


def join(*, var_dir: pathlib.Path, is_doubtful: bool = False) -> None:
    """Make sure both servers answer, and keep them alive for as long as this process and its children live.

    Args:
        is_doubtful: look again even if this process has joined, since a server did not answer it. Otherwise a second call is free.

    Raises: UnableToStartServices.
    """
    where = places(var_dir=var_dir)
    if where.var_dir in _memberships and not is_doubtful:
        return
    with _thread_lock:
        users = _memberships.get(where.var_dir)
        if users is not None and not is_doubtful:
            return
        if users is None:
            _make_directories(where)
            users = _lock_within(where.users_lock, fcntl.LOCK_SH, what="the embedded servers to finish stopping")
        try:
            with _held(where.start_lock, what="another command to finish starting the embedded servers"):
                if keeper_pid(where=where) is None:
                    _start_keeper(where)
        except BaseException:
            _memberships.pop(where.var_dir, None)
            os.close(users)
            raise
        _memberships[where.var_dir] = users


def leave(*, var_dir: pathlib.Path, wait_seconds: float = 0) -> bool:
    """Stop needing the servers; they stop when nobody else does.

    Args:
        wait_seconds: how long to wait until they have stopped, zero or more.

    Returns: whether the servers are stopped.
    """
    where = places(var_dir=var_dir)
    with _thread_lock:
        users = _memberships.pop(where.var_dir, None)
    if users is not None:
        os.close(users)
    deadline = time.monotonic() + wait_seconds
    while keeper_pid(where=where) is not None:
        if time.monotonic() >= deadline or _has_users(where):
            return False
        time.sleep(POLL_SECONDS)
    return True


def stand_in_uid() -> int:
    """Return the account that PostgreSQL runs under: our own, or a powerless one when we are root, as it then refuses."""
    return pwd.getpwnam(ROOT_STAND_IN).pw_uid if os.geteuid() == 0 else os.geteuid()


def has_joined(*, var_dir: pathlib.Path) -> bool:
    """Tell whether this process keeps the servers of var_dir alive."""
    return places(var_dir=var_dir).var_dir in _memberships


def stop(*, var_dir: pathlib.Path) -> None:
    """Stop the servers even if somebody still uses them, and those that a killed keeper left behind.

    Raises: UnableToStopServices.
    """
    where = places(var_dir=var_dir)
    if keeper_pid(where=where) is None:
        if not (where.postgres_dir / "postmaster.pid").exists() and not where.valkey_socket.exists():
            return
        # Servers without a keeper are adopted by a new one, which then stops them in good order.
        join(var_dir=var_dir)
    pid = keeper_pid(where=where)
    if pid:
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while keeper_pid(where=where) == pid:
        if time.monotonic() >= deadline:
            raise UnableToStopServices(f"Process {pid} has not stopped the embedded servers within {STOP_SECONDS_MAX} s")
        time.sleep(POLL_SECONDS)
    leave(var_dir=var_dir)


def keeper_pid(*, where: Places) -> int | None:
    """Return the process that keeps the servers of these places, if one does."""
    try:
        descriptor = os.open(where.keeper_lock, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.read(descriptor, 32) or b"0")
    else:
        return None
    finally:
        os.close(descriptor)


def _has_users(where: Places) -> bool:
    try:
        with _held(where.users_lock, seconds_max=0, what=""):
            return False
    except UnableToStartServices:
        # The keeper holds the same lock while it stops the servers; that is not a user.
        return _shared_is_possible(where)


def _shared_is_possible(where: Places) -> bool:
    try:
        os.close(_lock_within(where.users_lock, fcntl.LOCK_SH, seconds_max=0, what=""))
    except UnableToStartServices:
        return False
    return True


def _make_directories(where: Places) -> None:
    try:
        for directory in (where.users_lock.parent, where.log_dir, where.valkey_dir):
            directory.mkdir(parents=True, exist_ok=True)
        if where.socket_dir != where.users_lock.parent:
            where.socket_dir.mkdir(mode=0o700, exist_ok=True)
            # In /tmp anyone could have made it first, to listen in. Root gives it to the account that PostgreSQL runs under.
            found = where.socket_dir.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), stand_in_uid()}:
                raise UnableToStartServices(f"{where.socket_dir} belongs to somebody else; remove it or set PPR_VAR_DIR to a shorter path")
    except OSError as fault:
        raise UnableToStartServices(f"Cannot write to {fault.filename}: {fault.strerror}; free it up or set PPR_VAR_DIR") from fault


def _start_keeper(where: Places) -> None:
    """Start the keeper in a session of its own, so that neither Ctrl-C nor the end of this process reaches it."""
    command = [sys.executable, "-m", "ppr_portal.keeper", str(where.var_dir)]
    with (where.log_dir / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True, text=True
        )
    assert keeper.stdout is not None
    with keeper.stdout:
        # Notes come first, then one last line: "ready", or the sentence that says what is wrong.
        answer = keeper.stdout.readline().strip()
        while answer.startswith(NOTE):
            print(answer.removeprefix(NOTE), file=sys.stderr)
            answer = keeper.stdout.readline().strip()
    if answer == READY:
        return
    keeper.wait(timeout=START_SECONDS_MAX)
    raise UnableToStartServices(answer or f"The embedded servers did not start; {where.log_dir / 'keeper.log'} tells why")


def _lock_within(path: pathlib.Path, kind: int, *, what: str, seconds_max: float = LOCK_WAIT_SECONDS_MAX) -> int:
    """Lock a file and return its descriptor, which holds the lock until it is closed by this process and its forks."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise UnableToStartServices(f"Cannot open {path}: {fault.strerror}") from fault
    deadline = time.monotonic() + seconds_max
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise UnableToStartServices(f"Waited {seconds_max:.0f} s for {what}; `manage.py services stop` clears it") from None
            time.sleep(POLL_SECONDS)
        else:
            return descriptor


@contextlib.contextmanager
def _held(path: pathlib.Path, *, what: str, seconds_max: float = START_SECONDS_MAX) -> Iterator[None]:
    descriptor = _lock_within(path, fcntl.LOCK_EX, what=what, seconds_max=seconds_max)
    try:
        yield
    finally:
        os.close(descriptor)
