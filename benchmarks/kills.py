"""`python -m benchmarks.kills [COUNT]`: kill what a pay run rests on at random points, and compare what is written byte for byte.

Each time a run is opened and calculated by three processes: a beat that opens due runs, and two workers. One of them is
killed by SIGKILL at a random point, or its database connection is cut; it is started again, as its supervisor would, and the
run ends. Every run has to leave the same lines, settlements and earnings as the one that nobody disturbed.
"""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import django

RESOLUTIONS, AGENTS = 1_200, 24
COUNT = 200
SEED = 20160331
WORKERS = 2
POLL_SECONDS = 0.01
LONGER, SHORTER = 1.05, 0.85
RUN_SECONDS_MAX = 120
VICTIMS = ("worker", "connection", "beat")
# What a run leaves, without the numbers that the database gives rows and without wall-clock seconds.
WRITTEN = (
    "SELECT site_id, period_start, period_end, status, as_of, inputs_hash, variance FROM billing_payrun",
    """SELECT agent_id, period_start, period_end, status, plan_version_id, rule_version, rule_pack_version, currency, total_micros,
        resolution_count, paid_seconds, evidence, inputs_hash, as_of FROM billing_settlement""",
    """SELECT s.agent_id, l.position, l.kind, l.rule, l.label, l.week, l.quantity, l.rate, l.exact, l.amount_micros, l.inputs, l.source
        FROM billing_settlementline l JOIN billing_settlement s ON s.id = l.settlement_id""",
    "SELECT agent_id, resolution_id, verified_at, price_micros, credit_micros, line_position FROM billing_earning",
)
FORGET = ("earning", "settlementline", "settlement", "payrunshard", "payrun")


@dataclass(kw_only=True)
class KillReport:
    """How many were killed of each kind while the run was going on, and how many runs left something else."""

    killed: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    changed: list[int] = field(default_factory=list)


@dataclass(kw_only=True)
class Crew:
    """The process that forks beats and workers, and those that live now."""

    process: "subprocess.Popen[str]"
    site_id: int
    pids: dict[str, int] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a beat or a worker."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{name.split()[0]} {self.site_id}\n")
        self.process.stdin.flush()
        self.pids[name] = int(self.process.stdout.readline())

    def kill(self, name: str) -> None:
        """End a process without a word, then start another in its place."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pids[name], signal.SIGKILL)
        self.start(name)

    def revive(self) -> None:
        """Start again whoever ended with an error, as a supervisor would; a beat whose run is open has done its work."""
        from billing.models import PayRunShard

        for name, pid in list(self.pids.items()):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                if name != "beat" or not PayRunShard.objects.exists():
                    self.start(name)

    def end(self) -> None:
        """End all of them."""
        for pid in self.pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.pids.clear()


def kill_runs(*, site_id: int, count: int, environment: dict[str, str], seed: int = SEED) -> KillReport:
    """Calculate March 2016 of a site undisturbed, then again until `count` kills hit in the middle of a run, on the present database."""
    report, moments = KillReport(), random.Random(seed)
    with _crew(site_id, environment) as crew:
        _calculate(crew, None, 0)
        started = time.monotonic()
        expected = _calculate(crew, None, 0)
        lasts = time.monotonic() - started
        number = 0
        while sum(report.killed.values()) < count:
            victim = VICTIMS[number % len(VICTIMS)]
            was_going_on = _calculate_disturbed(crew, victim, moments.uniform(0, lasts))
            (report.killed if was_going_on else report.late)[victim] += 1
            # A kill after the end proves nothing: the moments move to where runs are still going on, and on to their ends again.
            lasts *= LONGER if was_going_on else SHORTER
            if _picture() != expected:
                report.changed.append(number)
            number += 1
    return report


def main() -> int:
    """Kill as often as asked on a database of its own, and say whether anything came out differently."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    from benchmarks import pay_world, scratch
    from billing.operations import book_resolutions

    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with scratch.own_database():
        world = pay_world.make_world(resolution_count=RESOLUTIONS, agent_count=AGENTS)
        book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
        started = time.monotonic()
        report = kill_runs(site_id=world.site_id, count=count, environment=scratch.environment())
    print(
        f"{sum(report.killed.values())} kills in the middle of a run ({_tell(report.killed)}), {sum(report.late.values())} after its end,"
    )
    print(f"in {time.monotonic() - started:.0f} s. Runs that left anything else: {report.changed or 'none'}.")
    return 1 if report.changed else 0


def _tell(counted: Counter[str]) -> str:
    return ", ".join(f"{number} of the {name}" for name, number in sorted(counted.items()))


@contextmanager
def _crew(site_id: int, environment: dict[str, str]) -> Iterator[Crew]:
    command = [sys.executable, "-m", "benchmarks.kill_worker"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        crew = Crew(process=process, site_id=site_id)
        try:
            yield crew
        finally:
            crew.end()
            assert process.stdin is not None
            process.stdin.close()


def _calculate_disturbed(crew: Crew, victim: str, after_seconds: float) -> bool:
    """Calculate with a kill; return whether the run was still going on then."""
    return _calculate(crew, victim, after_seconds) != ""


def _calculate(crew: Crew, victim: str | None, after_seconds: float) -> str:
    """Forget the run before, start everybody, disturb, and wait for the end; return the picture, or "" if the kill came too late."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in FORGET:
            cursor.execute(f"DELETE FROM billing_{table}")
    names = ["beat", *(f"worker {number}" for number in range(1, WORKERS + 1))]
    for name in names:
        crew.start(name)
    was_going_on = True
    if victim is not None:
        time.sleep(after_seconds)
        was_going_on = not _is_calculated()
        if victim == "connection":
            _cut_connection()
        else:
            crew.kill("worker 1" if victim == "worker" else victim)
    deadline = time.monotonic() + RUN_SECONDS_MAX
    while not _is_calculated():
        if time.monotonic() > deadline:
            raise RuntimeError(f"The run did not end after a kill of the {victim} after {after_seconds:.3f} s.")
        if victim == "connection":
            # Whoever lost it may have ended with an error.
            crew.revive()
        time.sleep(POLL_SECONDS)
    crew.end()
    return _picture() if was_going_on else ""


def _is_calculated() -> bool:
    from billing.models import PayRun

    return PayRun.objects.filter(status=PayRun.Status.CALCULATED).exists()


def _cut_connection() -> None:
    """End one session of this database that is not our own, as a firewall or a restart would."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
               ORDER BY state = 'idle', random() LIMIT 1"""
        )


def _picture() -> str:
    """Digest everything that a run left."""
    from django.db import connection

    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for statement in WRITTEN:
            cursor.execute(f"SELECT row(x.*)::text FROM ({statement}) x ORDER BY 1")
            for (text,) in cursor.fetchall():
                digest.update(f"{text}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
