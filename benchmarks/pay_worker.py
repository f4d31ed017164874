"""A standing worker for the pay benchmarks: for each run on standard input it computes parts until none is left, then tells its memory."""

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
    from django.db import connection

    from billing.operations import calculate_pay_run

    connection.ensure_connection()
    print("ready", flush=True)
    for line in sys.stdin:
        calculate_pay_run.work_on_pay_run(run_id=int(line), wait_seconds_max=calculate_pay_run.WAIT.total_seconds())
        print(json.dumps({"megabytes": _peak_mib()}), flush=True)


def _peak_mib() -> int:
    """Return the most memory that this program held; `getrusage` also tells that of the process that started it, which booked the month."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))
    return int(found[1]) // KIB_EACH_MIB if found else 0


if __name__ == "__main__":
    main()
