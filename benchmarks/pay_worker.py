"""A standing worker for the pay benchmarks: for each run on standard input it computes parts until none is left, then tells its memory."""

import json
import os
import resource
import sys

import django

KIB_EACH_MIB = 1024


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
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_EACH_MIB
        print(json.dumps({"megabytes": peak}), flush=True)


if __name__ == "__main__":
    main()
