"""A run's parts as rows with a lease, so that any number of workers share a run and any of them may die at any point.

A worker takes a waiting part by writing a short lease. Within it, it locks the row and keeps the lock while it computes
and writes, all in one transaction. If it dies, the database rolls the transaction back and frees the row; the lease has
run out by then, and the next worker takes the part. Whoever comes back late finds the lease no longer theirs.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from billing.models import PayRun, PayRunShard

AGENTS_PER_SHARD = 32
# Reading costs less by the agent in a larger part, so a large run has about this many parts, which still feed many workers.
SHARDS_OF_LARGE_RUN = 8
AGENTS_PER_SHARD_MAX = 500
# From taking a part to locking its row; the lock itself lasts as long as the work.
LEASE_SECONDS = 2
# A worker that hangs in the middle of its transaction is ended by the database, and its part is free again.
HANGING_SECONDS_MAX = 120
# A run is shared by its workers already: helpers of one statement would take their cores, and cost more than they do.
ONE_PART = "SELECT set_config('idle_in_transaction_session_timeout', %s, true), set_config('max_parallel_workers_per_gather', '0', true)"
POLL_SECONDS = 0.03
# A restart of the database is survived; one that never comes back is reported.
LOST_CONNECTIONS_MAX = 5


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An agent that could not be computed, and why, as one sentence."""

    agent_id: int
    name: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A part that this worker may compute, and the mark that it is theirs."""

    shard_id: int
    leased_until: datetime


Compute = Callable[[PayRun, Sequence[int]], Sequence[Failure]]


def part_size(*, agent_count: int) -> int:
    """Return how many agents of a run make one part.

    >>> [part_size(agent_count=count) for count in (1, 256, 257, 2_000, 4_000, 100_000)]
    [32, 32, 33, 250, 500, 500]
    """
    return min(max(-(-agent_count // SHARDS_OF_LARGE_RUN), AGENTS_PER_SHARD), AGENTS_PER_SHARD_MAX)


def cut_shards(*, run: PayRun, agent_ids: Sequence[int], size: int | None = None) -> None:
    """Replace a run's parts by new ones; waits for workers that hold an old one.

    Args:
        run: locked by the caller.
        agent_ids: agents of the run, in an order that never depends on chance.
        size: agents of one part, one or more; None: as the count of agents asks for.
    """
    size = size or part_size(agent_count=len(agent_ids))
    run.shards.all().delete()
    PayRunShard.objects.bulk_create(
        PayRunShard(run=run, number=number, agent_ids=list(agent_ids[start : start + size]))
        for number, start in enumerate(range(0, len(agent_ids), size), start=1)
    )


def take_lease(*, run_id: int) -> Lease | None:
    """Take the next part that is waiting and not leased, or whose lease ran out; None if there is none now.

    Source: design.md section 9: any worker may die at any point.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE billing_payrunshard SET leased_until = clock_timestamp() + make_interval(secs => %s)
            WHERE id = (SELECT id FROM billing_payrunshard
                        WHERE run_id = %s AND status = 'waiting' AND (leased_until IS NULL OR leased_until < clock_timestamp())
                        ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, leased_until""",
            [LEASE_SECONDS, run_id],
        )
        row = cursor.fetchone()
    return Lease(shard_id=row[0], leased_until=row[1]) if row else None


def compute_shard(*, lease: Lease, compute: Compute) -> bool:
    """Compute a leased part and write its result, in one transaction.

    Args:
        lease: as `take_lease` gave it.
        compute: reads, computes and writes some agents of the run; returns those that could not be computed.

    Returns: whether it was written; False if the lease was lost meanwhile.
    """
    started = time.monotonic()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ONE_PART, [f"{HANGING_SECONDS_MAX}s"])
        waiting = PayRunShard.objects.filter(pk=lease.shard_id, leased_until=lease.leased_until, status=PayRunShard.Status.WAITING)
        shard = waiting.select_for_update(of=["self"]).select_related("run__site").first()
        if shard is None:
            return False
        shard.failures = [asdict(failure) for failure in compute(shard.run, shard.agent_ids)]
        shard.status, shard.leased_until, shard.seconds = PayRunShard.Status.DONE, None, time.monotonic() - started
        shard.save(update_fields=["failures", "status", "leased_until", "seconds"])
    return True


def work_off(*, run_id: int, compute: Compute, wait_seconds_max: float) -> bool:
    """Compute parts of a run until none is waiting.

    Args:
        run_id: the run.
        compute: as in `compute_shard`.
        wait_seconds_max: how long to wait for parts that other workers hold, after there is none left to take.

    Returns: whether all parts are done; False if others still hold one after the wait.
    """
    deadline = time.monotonic() + wait_seconds_max
    lost = 0
    while time.monotonic() < deadline:
        try:
            lease = take_lease(run_id=run_id)
            if lease is not None:
                compute_shard(lease=lease, compute=compute)
                deadline = time.monotonic() + wait_seconds_max
                continue
            if not PayRunShard.objects.filter(run=run_id, status=PayRunShard.Status.WAITING).exists():
                return True
        except (OperationalError, InterfaceError):
            lost += 1
            if connection.in_atomic_block or lost > LOST_CONNECTIONS_MAX:
                raise
            connection.close()
        time.sleep(POLL_SECONDS)
    return False
