"""Workers say that they live, and are forgotten when they say so no more."""

from datetime import datetime, timedelta

from agents.models import Worker

FORGOTTEN_AFTER = timedelta(days=1)


def report_worker(*, name: str, process_count: int, started_at: datetime, now: datetime) -> None:
    """Record that a worker lives, and forget those that were silent for a day.

    Args:
        name: as it calls itself.
        process_count: how many tasks it works on at once.
        started_at: wall clock.
        now: wall clock.
    """
    values = {"process_count": process_count, "started_at": started_at, "seen_at": now}
    Worker.objects.update_or_create(name=name, defaults=values)
    Worker.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()


def forget_worker(*, name: str) -> None:
    """Forget a worker that stops because it was told to.

    Args:
        name: as the worker calls itself.
    """
    Worker.objects.filter(name=name).delete()
