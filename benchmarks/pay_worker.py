"""A standing worker for the pay benchmark: does what a line on standard input says, then tells its memory and what it found.

One that stands has worked before, so it brings one agent's pay up to date and takes that back before it says that it is ready.
"""

import json
import os
import sys
from collections.abc import Callable

import django

from benchmarks import measurement

Answer = dict[str, int]


def main() -> None:
    """Say that it stands, then do "run NUMBER" and "back_test VERSION", one a line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    _work_once()
    print(json.dumps({}), flush=True)
    work: dict[str, Callable[[int], Answer]] = {"run": _run, "back_test": _back_test}
    for line in sys.stdin:
        kind, number = line.split()
        answer = work[kind](int(number))
        print(json.dumps({**answer, "megabytes": measurement.peak_mib()}), flush=True)


def _run(run_id: int) -> Answer:
    """Compute parts of a run until none is left."""
    from billing.operations import calculate_pay_run

    calculate_pay_run.work_on_pay_run(run_id=run_id, wait_seconds_max=calculate_pay_run.WAIT.total_seconds())
    return {}


def _back_test(version_id: int) -> Answer:
    """Pay the month again as a version would."""
    from benchmarks import pay_world
    from billing.queries import back_test
    from contracts.models import PayPlanVersion

    version = PayPlanVersion.objects.get(pk=version_id)
    found = back_test.run_back_test(version=version, month=pay_world.MARCH, as_of=pay_world.AFTER_MARCH)
    return {"agents": len(found.outcomes), "units": found.summary.unit_count, "failures": len(found.failures)}


def _work_once() -> None:
    from django.db import transaction

    from agents.models import Agent
    from benchmarks import pay_world
    from billing.operations import refresh_accruals

    with transaction.atomic():
        first = Agent.objects.order_by("pk").values_list("pk", flat=True)[:1]
        refresh_accruals.refresh_accruals(as_of=pay_world.LAST_OF_MARCH, agent_ids=list(first))
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
