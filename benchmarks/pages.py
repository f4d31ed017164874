"""Server time of every page as the role that opens it, with its queries and the size of a first load, in two worlds of which one is ten
times the other: a page whose time does not grow is flat.

Time is that of a whole request through the portal's WSGI application, middleware, queries and template included: the 95th percentile of
what passed on the clock, and, because other work on the machine lengthens that, the mean of what this process and its database process
computed. A first load is the page with its styles, scripts and pictures, each compressed.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import override_settings
from rich.console import Console

from benchmarks import pages_list, pages_world, scratch
from benchmarks.measurement import Measurement, timed
from benchmarks.pages_asking import Asked, Visitor
from benchmarks.pages_table import write_pages
from ppr_portal.collector import settle_collector

RESOLUTIONS, AGENTS, TIMES = 3_000_000, 2_000, 20


def measure(resolution_count: int = RESOLUTIONS, *, report: Path | None = None) -> Iterator[Measurement]:
    """Ask for every page in a world of a tenth of the size, and in one of the whole.

    Args:
        resolution_count: in the larger world.
        report: a document whose section between its marks for pages is written anew.
    """
    pages_list.check_routes()
    small, large = (list(_ask_all(size)) for size in (resolution_count // 10, resolution_count))
    write_pages(small=small, large=large, resolution_count=resolution_count, agent_count=AGENTS, times=TIMES, report=report)
    for found in large:
        yield Measurement(benchmark="pages", case=f"{found.role} {found.address}", unit="pages", count=TIMES, seconds=found.seconds)


def _ask_all(resolution_count: int) -> Iterator[Asked]:
    with ExitStack() as stack:
        stack.enter_context(scratch.own_database())
        kept = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(override_settings(PPR_NOW=pages_world.NOW, CACHES=_memory(), MEDIA_ROOT=kept))
        # The world before had the same ids: what was kept of it is not to be shown as what this one came to.
        cache.clear()
        began = time.monotonic()
        world = pages_world.make_world(resolution_count=resolution_count, agent_count=AGENTS)
        Console(stderr=True).print(f"{resolution_count:,} resolutions made in {time.monotonic() - began:.0f} s")
        _work_out(world)
        yield from ask_world(world)


def _work_out(world: pages_world.World) -> None:
    """Work out what workers would while a page waits, and say how long they are at it: the pages are asked for as they show it."""
    from billing.operations import back_test_job
    from billing.queries import back_test
    from billing.queries.simulator import simulate_version
    from contracts.models import ContractVersion, PayPlanVersion
    from contracts.rules import calendar_months
    from ppr_portal.pages.trials import simulator, simulator_kept

    version = ContractVersion.objects.select_related("contract__client").filter(contract=world.contract_id).latest("pk")
    known = simulate_version.list_months(contract=version.contract)
    months = calendar_months.list_months(first=known[min(simulator.MONTHS_AT_FIRST, len(known)) - 1], last=known[0])
    plan = PayPlanVersion.objects.get(pk=world.plan_version_id)
    month = back_test.list_months(plan_id=plan.plan_id)[0]
    question = simulator_kept.Question(version=version, months=months, against=None, with_knobs=False)
    with timed() as watch:
        simulator_kept.work_out(question=question, as_of=pages_world.NOW)
    Console(stderr=True).print(f"A simulation of {len(months)} months worked out in {watch.seconds:.1f} s")
    with timed() as watch:
        back_test_job.work_out(version=plan, month=month, as_of=pages_world.NOW)
    Console(stderr=True).print(f"A back-test of a month worked out in {watch.seconds:.1f} s")


def ask_world(world: pages_world.World) -> Iterator[Asked]:
    """Ask for every page of a world, and for a page far on wherever there is a pager."""
    ids = pages_list.ids_of(world)
    # One connection for all, so that one process of the database is watched.
    connection.settings_dict["CONN_MAX_AGE"] = None
    connection.close()
    handler = WSGIHandler()
    # As ppr_portal/wsgi.py does for every server.
    settle_collector()
    for visits in pages_list.PAGES.values():
        for role, address in visits:
            visitor = Visitor(handler=handler, role=role, user=world.users[role])
            first = visitor.ask(address=address.format(**ids), shown=address, times=TIMES)
            yield first
            if first.next_url:
                yield visitor.ask(address=visitor.far_on(first.next_url), shown=f"{address}, far on", times=TIMES)


def _memory() -> dict[str, Any]:
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
