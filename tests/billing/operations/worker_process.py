"""A worker that a test may kill: for each line on standard input it starts a child that calculates one pay run."""

import os
import sys

import django


def main() -> None:
    """Read "site as_of" lines; answer each with the process id of the child that calculates."""
    django.setup()
    for line in sys.stdin:
        site_id, as_of = line.split()
        child = os.fork()
        if child == 0:
            calculate(int(site_id), as_of)
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


def calculate(site_id: int, as_of: str) -> None:
    """Calculate March 2016 of a site in small parts."""
    from datetime import date, datetime

    from agents.models import Site
    from billing.operations import calculate_pay_run

    calculate_pay_run.calculate_pay_run(
        site=Site.objects.get(pk=site_id), period_start=date(2016, 3, 1), as_of=datetime.fromisoformat(as_of), agents_per_shard=2
    )


if __name__ == "__main__":
    main()
