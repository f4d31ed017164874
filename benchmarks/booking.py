"""Bringing the books to stored resolutions, from stored rows to stored lines: everything, a hundredth of a month reopened, one case.

`python -m benchmarks booking:10000000` makes as many as it says; each line tells the most memory that the program held meanwhile.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks import pay_world, scratch
from benchmarks.measurement import Measurement, forget_peak, peak_mib, timed

RESOLUTIONS = 100_000
AGENTS = 200
AS_OF = datetime(2026, 12, 1, tzinfo=UTC)


def measure(resolution_count: int = RESOLUTIONS) -> Iterator[Measurement]:
    """Measure a first booking, one that finds nothing new, and corrections after news."""
    from django.db import connection
    from django.db.models import F

    from agents.models import Resolution
    from billing.operations import book_resolutions

    def book(case: str, *, is_news: bool) -> Measurement:
        forget_peak()
        with timed() as watch:
            report = book_resolutions.book_resolutions(as_of=AS_OF, case_ids=() if is_news else None)
        lines = f"{report.booked_count + report.corrected_count:,} lines"
        return Measurement("booking", f"{case}: {lines}, {peak_mib():,} MiB at most", "resolutions stored", resolution_count, watch.seconds)

    with scratch.own_database():
        pay_world.make_world(resolution_count=resolution_count, agent_count=AGENTS)
        yield book("everything, for the first time", is_news=False)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield book("everything again", is_news=False)
        yield book("news without a changed unit", is_news=True)
        # One case of one class first, then a hundredth of all.
        one = Resolution.objects.filter(is_payable=True).order_by("pk").values_list("pk", flat=True)[0]
        for case, chosen in (
            ("one case reopened", Resolution.objects.filter(pk=one)),
            ("a hundredth reopened", Resolution.objects.alias(part=F("pk") % 100).filter(is_payable=True, part=0)),
        ):
            chosen.update(is_payable=False, state="reopened", reason="reopened")
            yield book(case, is_news=True)
