"""Server time of every page as the role that opens it, with its queries and the size of a first load, in two worlds of which one is ten
times the other: a page whose time does not grow is flat.

Time is that of a whole request in this process, middleware, queries and template included; what is printed is the 95th percentile.
"""

import gzip
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from rich.console import Console
from rich.table import Table

from benchmarks import pages_world, scratch
from benchmarks.measurement import Measurement

RESOLUTIONS, AGENTS, TIMES = 3_000_000, 2_000, 20
WARM = 3
QUERIES_MAX, MILLISECONDS_MAX, KILOBYTES_MAX = 12, 100, 150
# Role and address; names in braces are ids of the world.
PAGES: tuple[tuple[str, str], ...] = (
    ("agent", "/"),
    ("agent", "/agents/{agent}/statements/"),
    ("agent", "/agents/{agent}/statements/2016-03-01/"),
    ("agent", "/resolutions/"),
    ("agent", "/resolutions/?state=pending"),
    ("agent", "/resolutions/{resolution}/"),
    ("agent", "/feedback/"),
    ("agent", "/performance/"),
    ("agent", "/load/"),
    ("agent", "/what-if/"),
    ("agent", "/plan/"),
    ("agent", "/disputes/"),
    ("lead", "/team/"),
    ("lead", "/fcr/?from=2016-03-01"),
    ("lead", "/resolutions/"),
    ("lead", "/performance/?agent={agent}"),
    ("lead", "/load/?agent={agent}"),
    ("lead", "/signals/"),
    ("lead", "/disputes/"),
    ("auditor", "/team/"),
    ("auditor", "/agents/"),
    ("auditor", "/agents/?after=Agent 001500|{agent}"),
    ("auditor", "/resolutions/"),
    ("auditor", "/runs/"),
    ("auditor", "/runs/{run}/"),
    ("auditor", "/fcr/?from=2016-03-01"),
    ("auditor", "/ledger/?from=2016-03-01&to=2016-03-31"),
    ("auditor", "/ledger/agent_pay/USD/?from=2016-01-01&to=2016-04-20"),
    ("auditor", "/disputes/"),
    ("contract_admin", "/holds/"),
    ("contract_admin", "/imports/"),
    ("contract_admin", "/imports/{import}/"),
    ("contract_admin", "/signals/"),
    ("contract_admin", "/plan/readers/"),
    ("contract_admin", "/jobs/"),
    ("contract_admin", "/freshness/"),
    ("client", "/invoices/"),
    ("client", "/invoices/{invoice}/"),
    ("client", "/value/{contract}/2016-03-01/"),
    ("client", "/contracts/"),
)
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one page took: its 95th percentile and its median in milliseconds, queries, and kilobytes of a first load, compressed."""

    role: str
    address: str
    status: int
    milliseconds: float
    median: float
    query_count: int
    kilobytes: float
    seconds: float


def measure(resolution_count: int = RESOLUTIONS) -> Iterator[Measurement]:
    """Ask for every page in a world of a tenth of the size, and in one of the whole."""
    small, large = (list(_ask_all(size)) for size in (resolution_count // 10, resolution_count))
    _show(small, large, resolution_count)
    for found in large:
        yield Measurement(benchmark="pages", case=f"{found.role} {found.address}", unit="pages", count=TIMES, seconds=found.seconds)


def _ask_all(resolution_count: int) -> Iterator[Asked]:
    with scratch.own_database(), override_settings(PPR_NOW=pages_world.NOW, DEBUG=False, CACHES=_memory(), ALLOWED_HOSTS=["*"]):
        began = time.monotonic()
        world = pages_world.make_world(resolution_count=resolution_count, agent_count=AGENTS)
        Console(stderr=True).print(f"{resolution_count:,} resolutions made in {time.monotonic() - began:.0f} s")
        ids = _ids(world)
        for role, address in PAGES:
            client = Client(raise_request_exception=False)
            client.force_login(world.users[role])
            yield _ask(client, role, address, ids)


def _memory() -> dict[str, dict[str, str]]:
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def _ids(world: pages_world.World) -> Mapping[str, int]:
    from agents.models import ImportRun, Resolution
    from billing.models import Invoice, PayRun

    return {
        "agent": world.agent_id,
        "contract": world.contract_id,
        "resolution": Resolution.objects.filter(agent=world.agent_id).latest("resolved_at").pk,
        "run": PayRun.objects.latest("period_start").pk,
        "import": ImportRun.objects.latest("pk").pk,
        "invoice": Invoice.objects.filter(contract=world.contract_id, status="final").latest("period_start").pk,
    }


def _ask(client: Client, role: str, address: str, ids: Mapping[str, int]) -> Asked:
    url = address.format(**ids)
    for _ in range(WARM):
        response = client.get(url)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    query_count = len(queries)
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        response = client.get(url)
        taken.append(time.perf_counter() - started)
    taken.sort()
    return Asked(
        role=role,
        address=address,
        status=response.status_code,
        milliseconds=taken[int(len(taken) * 0.95) - 1] * 1000,
        median=taken[len(taken) // 2] * 1000,
        query_count=query_count,
        kilobytes=_first_load(response.content) / 1024,
        seconds=sum(taken),
    )


def _first_load(content: bytes) -> int:
    """Return the bytes of a page with all its files, each compressed as a server sends it."""
    total = len(gzip.compress(content, 6))
    for linked in set(LINKED.findall(content.decode(errors="replace"))):
        path = finders.find(urlsplit(linked).path.removeprefix(settings.STATIC_URL))
        if isinstance(path, str):
            with open(path, "rb") as file:
                total += len(gzip.compress(file.read(), 6))
    return total


def _show(small: list[Asked], large: list[Asked], resolution_count: int) -> None:
    heads = (f"p95 ms at {resolution_count // 10:,}", f"at {resolution_count:,}", "Median ms", "Queries", "First load KB", "")
    table = Table("Role", "Page", *heads)
    for before, found in zip(small, large, strict=True):
        slow = found.milliseconds > MILLISECONDS_MAX
        over = [name for name, is_over in (("slow", slow), ("queries", found.query_count > QUERIES_MAX)) if is_over]
        over += ["heavy"] if found.kilobytes > KILOBYTES_MAX else []
        over += [] if found.status == 200 else [f"status {found.status}"]
        table.add_row(
            found.role,
            found.address,
            f"{before.milliseconds:.0f}",
            f"{found.milliseconds:.0f}",
            f"{found.median:.0f}",
            str(found.query_count),
            f"{found.kilobytes:.0f}",
            ", ".join(over),
        )
    Console(width=150).print(table)
