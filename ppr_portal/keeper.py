"""The process that owns the embedded servers: starts them, restarts one that dies, stops them when nobody needs them.

Run as `python -m ppr_portal.keeper VAR_DIR` by embedded.py, never by hand. It imports no Django, to stay small and quick.
"""

import contextlib
import fcntl
import os
import pathlib
import signal
import sys
import time
from types import FrameType

from ppr_portal import embedded, postgres, servers, valkey

POLL_SECONDS = 0.1
# Long enough that a shell loop of short commands finds the servers still up.
LINGER_SECONDS = 1.0


class Keeper:
    """Holds the keeper lock for the whole life of the servers."""

    def __init__(self, *, where: embedded.Places) -> None:
        self.servers: list[servers.Server] = [valkey.Valkey(where=where), postgres.Postgres(where=where)]
        self.users = os.open(where.users_lock, os.O_RDWR | os.O_CREAT, 0o600)
        self.is_told_to_stop = False

    def start(self) -> None:
        """Start or adopt every server; stop again what started if one fails."""
        try:
            for server in self.servers:
                server.start()
        except BaseException:
            self.stop()
            raise

    def keep(self) -> None:
        """Watch until nobody has needed the servers for a moment, holding new users off from then on."""
        idle_since: float | None = None
        while not self.is_told_to_stop:
            time.sleep(POLL_SECONDS)
            for server in self.servers:
                server.revive()
            if not self._lock_out_users():
                idle_since = None
                continue
            idle_since = idle_since or time.monotonic()
            if time.monotonic() - idle_since >= LINGER_SECONDS:
                return
            fcntl.flock(self.users, fcntl.LOCK_UN)

    def stop(self) -> None:
        """Stop every server, last started first."""
        for server in reversed(self.servers):
            server.stop()

    def _lock_out_users(self) -> bool:
        try:
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def main(var_dir: str) -> int:
    """Keep the servers of one var directory; exit at once if another keeper already does."""
    where = embedded.places(var_dir=pathlib.Path(var_dir))
    lock = os.open(where.keeper_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _answer(embedded.READY)
        return 0
    try:
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
    except OSError as fault:
        _answer(f"The embedded servers cannot use {where.var_dir}: {fault.strerror}{servers.disk_hint(where.var_dir)}")
        return 1
    keeper = Keeper(where=where)
    _listen(keeper)
    try:
        keeper.start()
    except servers.UnableToStartServer as fault:
        _answer(str(fault))
        return 1
    _answer(embedded.READY)
    try:
        keeper.keep()
    finally:
        keeper.stop()
        # First the keeper's lock, then the users': who waits for the second must not find the first still held.
        os.close(lock)
        os.close(keeper.users)
    return 0


def _listen(keeper: Keeper) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        keeper.is_told_to_stop = True

    signal.signal(signal.SIGTERM, stop)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)


def _answer(line: str) -> None:
    # Whoever asked may be gone by now; the servers are kept for those who still need them.
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), (line.replace("\n", " ") + "\n").encode())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
