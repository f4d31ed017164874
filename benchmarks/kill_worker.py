"""The beats and workers that `benchmarks.kills` kills: for each line on standard input one is forked, ready to go."""

import os
import signal
import sys
import time

import django

TICK_SECONDS = 0.02
AGENTS_PER_SHARD = 2


def main() -> None:
    """Read "beat SITE" and "worker SITE" lines; answer each with the number of the process that does it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    # Whoever ends is forgotten at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import billing.operations.calculate_pay_run  # noqa: F401 (imported once, before the forks)

    for line in sys.stdin:
        role, site_id = line.split()
        child = os.fork()
        if child == 0:
            try:
                (_beat if role == "beat" else _work)(int(site_id))
            finally:
                os._exit(0)
        print(child, flush=True)


def _beat(site_id: int) -> None:
    """Open the run that is due; a beat that was killed in the middle leaves nothing, and the next one opens it."""
    from agents.models import Site
    from benchmarks import pay_world
    from billing.models import PayRunShard
    from billing.operations import calculate_pay_run
    from billing.queries import pay_periods

    site = Site.objects.get(pk=site_id)
    period = pay_periods.period_of(site=site, day=pay_world.MARCH)
    while not PayRunShard.objects.filter(run__site=site).exists():
        calculate_pay_run.open_pay_run(site=site, period=period, as_of=pay_world.AFTER_MARCH, agents_per_shard=AGENTS_PER_SHARD)
        time.sleep(TICK_SECONDS)


def _work(site_id: int) -> None:
    """Compute parts of the run until it is calculated."""
    from billing.models import PayRun
    from billing.operations import calculate_pay_run

    while True:
        run = PayRun.objects.filter(site=site_id).first()
        if run is not None and calculate_pay_run.work_on_pay_run(run_id=run.pk):
            return
        time.sleep(TICK_SECONDS)


if __name__ == "__main__":
    main()
