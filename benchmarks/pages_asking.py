"""One page asked for again and again as one person, through the portal's WSGI application as its server calls it."""

import gzip
import html
import io
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

WARM = 3
FAR = 20
LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
# What scripts and styles bring with them: modules, pictures, fonts, styles.
BROUGHT = re.compile(r"""(?:from|import)\s*["'](\.{1,2}/[^"']+)["']|url\(["']?([^"')#:]+)["']?\)|@import\s*["']([^"']+)["']""")
NEXT = re.compile(r'<a class="[^"]*\bpush\b[^"]*" href="([^"]*\bafter=[^"]*)"|href="([^"]*\bafter=[^"]*)"[^>]*rel="next"')
LEVEL = 6


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one page took: on the clock (95th percentile and median) and computed, in milliseconds; queries; kilobytes of a first load."""

    role: str
    address: str
    status: int
    milliseconds: float
    median: float
    computed: float
    query_count: int
    kilobytes: float
    seconds: float
    next_url: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server sent."""

    status: int
    content: bytes


class Visitor:
    """One person who is signed in."""

    def __init__(self, *, handler: WSGIHandler, role: str, user: object) -> None:
        client = Client()
        client.force_login(user)  # type: ignore[arg-type]
        self.handler, self.role = handler, role
        self.cookies = "; ".join(f"{name}={found.value}" for name, found in client.cookies.items())

    def ask(self, *, address: str, shown: str, times: int) -> Asked:
        """Ask for a page so many times, after it was warmed up."""
        for _ in range(WARM):
            answer = self.get(address)
        with CaptureQueriesContext(connection) as queries:
            self.get(address)
            # The next request forgets them.
            query_count = len(queries.captured_queries)
        taken = []
        computed = _computed_seconds()
        for _ in range(times):
            started = time.perf_counter()
            self.get(address)
            taken.append(time.perf_counter() - started)
        computed = _computed_seconds() - computed
        seconds = sum(taken)
        taken.sort()
        return Asked(
            role=self.role,
            address=shown,
            status=answer.status,
            milliseconds=taken[int(times * 0.95) - 1] * 1000,
            median=taken[times // 2] * 1000,
            computed=computed / times * 1000,
            query_count=query_count,
            kilobytes=_first_load(answer.content) / 1024,
            seconds=seconds,
            next_url=_next_url(address, answer),
        )

    def far_on(self, url: str) -> str:
        """Follow the links to the next page many times, and return where that leads."""
        for _ in range(FAR):
            following = _next_url(url, self.get(url))
            if not following:
                break
            url = following
        return url

    def get(self, address: str) -> Answer:
        """Send one request."""
        parts = urlsplit(address)
        sent: list[str] = []

        def start_response(status: str, _headers: object, _fault: object = None) -> object:
            sent.append(status)
            return None

        response = self.handler(self._environ(parts.path, parts.query), start_response)
        content = b"".join(response)
        response.close()
        return Answer(status=int(sent[0].split()[0]), content=content)

    def _environ(self, path: str, query: str) -> Mapping[str, object]:
        return {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query.replace(" ", "%20"),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": self.cookies,
            "HTTP_ACCEPT_LANGUAGE": "en",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
        }


def _next_url(address: str, answer: Answer) -> str:
    found = NEXT.search(answer.content.decode(errors="replace"))
    return urljoin(address, html.unescape(found[1] or found[2])) if found else ""


def _computed_seconds() -> float:
    """Return what this process and its database process computed so far; without /proc, this process alone."""
    assert connection.connection is not None
    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    of_database = int(told.read_text().split()[0]) / 1e9 if told.exists() else 0.0
    return time.process_time() + of_database


def _first_load(content: bytes) -> int:
    """Return the bytes of a page with all its files, each compressed as a server sends it."""
    waiting = {link.removeprefix(settings.STATIC_URL) for link in LINKED.findall(content.decode(errors="replace"))}
    total, seen = len(gzip.compress(content, LEVEL)), set()
    while waiting:
        name = waiting.pop()
        path = finders.find(name)
        if name in seen or not isinstance(path, str):
            continue
        seen.add(name)
        file = Path(path).read_bytes()
        total += len(gzip.compress(file, LEVEL))
        if name.endswith((".js", ".css")):
            brought = ("".join(found) for found in BROUGHT.findall(file.decode(errors="replace")))
            waiting |= {urljoin(f"/{name}", link).removeprefix("/") for link in brought}
    return total
