"""A standing worker for the pay benchmarks: for each run on standard input it computes parts until none is left, then tells its memory.

One that stands has worked before, so it brings one agent's pay up to date and takes that back before it says that it is ready.
"""

import json
import os
import pathlib
import re
import sys

import django

KIB_EACH_MIB = 1024
STATUS = pathlib.Path("/proc/self/status")


def main() -> None:
    """Say that it stands, then read run numbers, one a line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    from billing.operations import calculate_pay_run

    _work_once()
    print("ready", flush=True)
    for line in sys.stdin:
        calculate_pay_run.work_on_pay_run(run_id=int(line), wait_seconds_max=calculate_pay_run.WAIT.total_seconds())
        print(json.dumps({"megabytes": _peak_mib()}), flush=True)


def _work_once() -> None:
    from django.db import transaction

    from agents.models import Agent
    from benchmarks import pay_world
    from billing.operations import refresh_accruals

    with transaction.atomic():
        first = Agent.objects.order_by("pk").values_list("pk", flat=True)[:1]
        refresh_accruals.refresh_accruals(as_of=pay_world.LAST_OF_MARCH, agent_ids=list(first))
        transaction.set_rollback(True)


def _peak_mib() -> int:
    """Return the most memory that this program held; `getrusage` also tells that of the process that started it, which booked the month."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))
    return int(found[1]) // KIB_EACH_MIB if found else 0


if __name__ == "__main__":
    main()
