"""A pay run of a month from stored rows to stored lines, beside the best single SQL statement and beside a row-by-row loop.

`python -m benchmarks pay` takes 1,000,000 resolutions; `python -m benchmarks pay:10000000` as many as it says, 500 for each
agent. All are measured in one run on one database, so that their ratios mean something. The statement does less than the
run: joins, running-count tiers and a multiplier, into a table without an index. The loop is measured on a sample.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from benchmarks import pay_world, scratch
from benchmarks.measurement import Measurement, timed

RESOLUTIONS = 1_000_000
RESOLUTIONS_EACH = 500
# What else the machine does falls into one of them; ten millions take long enough to bear it.
ROUNDS = 3
Worker = subprocess.Popen[str]
LOOP_SAMPLE = 2_000
EVENTS = 20
LINES = 1_000
# One month's units of every agent in their order, each through the tiers of its running count, times quality.
STATEMENT = """
    INSERT INTO bench_earning
        (settlement_id, agent_id, resolution_id, verified_at, price_micros, credit_micros, line_position)
    SELECT p.agent_id, p.agent_id, p.id, p.verified_at,
           p.amount_micros * CASE WHEN place <= %(first)s THEN 1000 WHEN place <= %(second)s THEN 1250 ELSE 1500 END / 10000
           * m.multiplier_bp / 10000, 1000000, 1
    FROM (SELECT r.id, r.agent_id, r.verified_at, b.amount_micros, q.code, h.code,
                 row_number() OVER (PARTITION BY r.agent_id ORDER BY r.verified_at, r.id) AS place
          FROM agents_resolution r
          JOIN billing_bookedline b ON b.resolution_id = r.id
          JOIN contracts_querytype q ON q.id = r.query_type_id
          JOIN contracts_channel h ON h.id = r.channel_id
          WHERE r.is_payable AND r.verified_at >= '2016-03-01 05:00+00' AND r.verified_at < '2016-04-01 04:00+00') p
    JOIN bench_multiplier m ON m.agent_id = p.agent_id"""


def measure(size: int = RESOLUTIONS) -> Iterator[Measurement]:
    """Make a month, book it, then pay it in every way."""
    rounds = ROUNDS if size <= RESOLUTIONS else 1
    with scratch.own_database():
        world = pay_world.make_world(resolution_count=size, agent_count=max(2, size // RESOLUTIONS_EACH))
        with timed() as booked:
            _book()
        yield _line("one SQL statement: joins, tiers, multiplier, no index", size, _state(world, rounds))
        for workers in (1, 2):
            seconds, megabytes = _run(world, workers, rounds)
            yield _line(f"the pay run, {workers} worker{'s' if workers > 1 else ''}, {megabytes:,} MiB each at most", size, seconds)
        with timed() as looped:
            sample = _loop(min(LOOP_SAMPLE, size))
        yield _line(f"row-by-row ORM loop, measured on {sample:,}", sample, looped.seconds)
        yield _line("booking of the same resolutions, before all this", size, booked.seconds)
        yield _line("a back-test of the month, paid both ways, in all", size, _back_test(world, rounds))
        yield _again()
        yield _line(f"a statement of {LINES:,} lines explained", LINES, _explain(), unit="lines")
        yield _line("one agent's accrual after an event", EVENTS, _accrue(world), unit="events")


def _line(case: str, count: int, seconds: float, *, unit: str = "resolutions") -> Measurement:
    return Measurement(benchmark="pay", case=case, unit=unit, count=count, seconds=seconds)


def _book() -> None:
    from billing.operations import book_resolutions

    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)


def _settle_down() -> None:
    """Let the database do now what it puts off, so that nobody pays for what was written before."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _again() -> Measurement:
    """Book once more, which finds nothing to write."""
    with timed() as watch:
        _book()
    return _line("booking once more, nothing to write", 1, watch.seconds, unit="bookings")


def _state(world: pay_world.World, rounds: int) -> float:
    """Run the statement into a table as wide as that of earnings, without any index."""
    each = world.resolution_count // len(world.agent_ids)
    seconds = []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_earning (LIKE billing_earning)")
        cursor.execute("CREATE TABLE bench_multiplier AS SELECT id AS agent_id, 9000 + id %% 2000 AS multiplier_bp FROM agents_agent", [])
        for _ in range(rounds):
            cursor.execute("TRUNCATE bench_earning")
            _settle_down()
            with timed() as watch:
                cursor.execute(STATEMENT, {"first": each // 3, "second": each * 2 // 3})
            seconds.append(watch.seconds)
        cursor.execute("DROP TABLE bench_earning, bench_multiplier")
    return statistics.median(seconds)


def _run(world: pay_world.World, workers: int, rounds: int) -> tuple[float, int]:
    """Calculate the month with standing workers; return seconds from opening the run to its end, and the greatest worker's memory."""
    with _standing(workers) as started:
        timings = [_run_once(world, started) for _ in range(rounds)]
    return statistics.median(seconds for seconds, _ in timings), max(megabytes for _, megabytes in timings)


def _run_once(world: pay_world.World, workers: list[Worker]) -> tuple[float, int]:
    from agents.models import Site
    from billing.operations import calculate_pay_run
    from billing.queries import pay_periods

    _forget_run()
    site = Site.objects.get(pk=world.site_id)
    with timed() as watch:
        period = pay_periods.period_of(site=site, day=pay_world.MARCH)
        run = calculate_pay_run.open_pay_run(site=site, period=period, as_of=pay_world.AFTER_MARCH)
        for worker in workers:
            _tell(worker, f"run {run.pk}")
        answers = [_answer(worker) for worker in workers]
    run.refresh_from_db()
    if run.status != run.Status.CALCULATED or any(run.shards.values_list("failures", flat=True)):
        raise RuntimeError(f"{run} is {run.status}: {list(run.shards.values_list('failures', flat=True))[:1]}")
    return watch.seconds, max(answer["megabytes"] for answer in answers)


@contextmanager
def _standing(count: int) -> Iterator[list[Worker]]:
    """Start workers, and let them end afterwards."""
    command = [sys.executable, "-m", "benchmarks.pay_worker"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, env=scratch.environment(), **pipes) for _ in range(count)]
    for worker in started:
        _answer(worker)
    yield started
    for worker in started:
        worker.communicate()


def _tell(worker: Worker, line: str) -> None:
    assert worker.stdin is not None
    worker.stdin.write(f"{line}\n")
    worker.stdin.flush()


def _answer(worker: Worker) -> dict[str, int]:
    assert worker.stdout is not None
    found: dict[str, int] = json.loads(worker.stdout.readline())
    return found


def _forget_run() -> None:
    """Remove what a run wrote, as if it had never been, and let the tables be small again."""
    with connection.cursor() as cursor:
        # Records of pay refuse this to everybody; a scratch database may.
        cursor.execute(
            "SET session_replication_role = replica; TRUNCATE billing_earning, billing_payrun CASCADE; RESET session_replication_role"
        )
    _settle_down()


def _loop(count: int) -> int:
    """Pay some resolutions as one would in a loop: read each with its class, find its price and tier, write its earning."""
    from agents.models import Resolution
    from billing.models import Earning, Settlement

    settlements = {found.agent_id: found.pk for found in Settlement.objects.all()}
    Earning.objects.filter(resolution__in=Resolution.objects.order_by("pk")[:count]).delete()
    places: dict[int, int] = {}
    with transaction.atomic():
        for resolution in Resolution.objects.select_related("query_type", "channel", "case").order_by("pk")[:count]:
            price = sum(line.amount_micros for line in resolution.booked_lines.all())
            place = places[resolution.agent_id] = places.get(resolution.agent_id, 0) + 1
            share = Fraction(10 if place <= RESOLUTIONS_EACH // 3 else 15, 100)
            Earning.objects.create(
                settlement_id=settlements[resolution.agent_id],
                agent_id=resolution.agent_id,
                resolution=resolution,
                verified_at=resolution.verified_at,
                price_micros=int(price * share),
                credit_micros=1_000_000,
                line_position=1,
            )
        transaction.set_rollback(True)
    return count


def _back_test(world: pay_world.World, rounds: int) -> float:
    """Pay the month again as a draft with higher rates would, by a standing worker; return the seconds of all."""
    from contracts.models import PayPlanVersion
    from contracts.operations import versions

    draft = versions.clone_version(version=PayPlanVersion.objects.get(pk=world.plan_version_id), effective_from=pay_world.APRIL)
    draft.tiers.update(share_bp=F("share_bp") + 100)
    seconds = []
    with _standing(1) as (worker,):
        for _ in range(rounds):
            with timed() as watch:
                _tell(worker, f"back_test {draft.pk}")
                found = _answer(worker)
            if found["failures"] or found["agents"] != len(world.agent_ids) or found["units"] != world.resolution_count:
                raise RuntimeError(f"The back-test paid {found}.")
            seconds.append(watch.seconds)
    return statistics.median(seconds)


def _explain() -> float:
    """Explain a statement's lines until there were as many as a very long one has; return the seconds."""
    from billing.models import SettlementLine
    from billing.queries import explanations

    lines = list(SettlementLine.objects.select_related("settlement__plan_version__plan")[:LINES])
    with timed() as watch:
        explanations.explain_lines(lines=[lines[place % len(lines)] for place in range(LINES)])
    return watch.seconds


def _accrue(world: pay_world.World) -> float:
    """Let one more resolution of an agent become payable and bring their open month up to date; return the seconds of all."""
    from agents.models import Resolution
    from billing.operations import refresh_accruals

    _forget_run()
    agent_id = world.agent_ids[0]
    refresh_accruals.refresh_accruals(as_of=pay_world.LAST_OF_MARCH, agent_ids=[agent_id])
    taken = list(Resolution.objects.filter(agent=agent_id, verified_at__lt=pay_world.LAST_OF_MARCH).values_list("pk", flat=True)[:EVENTS])
    seconds = 0.0
    for pk in taken:
        Resolution.objects.filter(pk=pk).update(is_payable=False)
        with timed() as watch:
            report = refresh_accruals.refresh_accruals(as_of=pay_world.LAST_OF_MARCH, agent_ids=[agent_id])
        if report.changed_count != 1:
            raise RuntimeError(f"The accrual did not follow the event: {report}")
        seconds += watch.seconds
    return seconds
