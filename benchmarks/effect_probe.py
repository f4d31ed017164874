"""The work of `benchmarks.effect`: serve a company, load it with single events, and watch one agent's page."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

RATE = 200
SECONDS = 12
SENDERS = 6
AGENTS = 25
PROBES = 20
PROBE_EVERY_SECONDS = 0.5
WAIT_SECONDS_MAX = 60
AMOUNT = re.compile(r"\$[\d,]+\.\d\d")


@dataclass
class World:
    """What the probe needs to know of the company that it made."""

    key: str
    cookie: str
    agent_id: int


@dataclass
class Load:
    """What the senders of the load found."""

    sent_count: int = 0
    refused_count: int = 0
    seconds: list[float] = field(default_factory=list)
    took_seconds: float = 0.0


def main() -> None:
    """Print a line of JSON for each measured figure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    world = _make_world()
    port = _free_port()
    with _served(port):
        _seed(world, port)
        _watch(world, port, count=2)
        load = Load()
        senders = _start_load(world, port, load)
        took = _watch(world, port, count=PROBES, first=2)
        for sender in senders:
            sender.join()
        rest = _wait_until_worked_off()
    _tell("one event to the agent's page, median", took[len(took) // 2])
    _tell("one event to the agent's page, 95th percentile", took[int(len(took) * 0.95) - 1])
    answered = sorted(load.seconds)
    _tell("answer of the events API to one event, 95th percentile", answered[int(len(answered) * 0.95)])
    print(
        json.dumps(
            {
                "case": f"single events accepted, {RATE} a second offered",
                "unit": "events",
                "count": load.sent_count,
                "seconds": load.took_seconds,
            }
        )
    )
    print(json.dumps({"case": "until the last was folded and accrued", "unit": "times", "count": 1, "seconds": rest}))
    if load.refused_count:
        raise SystemExit(f"{load.refused_count} events were refused")


def _tell(case: str, seconds: float, *, count: int = 1) -> None:
    print(json.dumps({"case": case, "unit": "events", "count": count, "seconds": seconds}))


def _seed(world: World, port: int) -> None:
    """Offer a solution for each probe, which then waits for the customer's yes."""
    before = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    connection = _connect(port)
    for number in range(PROBES + 2):
        offered = _event(f"seed-{number}", f"P-{number}", "solution_offered")
        _post(connection, world.key, {**offered, "occurred_at": before, "agent": "agent 0"})
    _wait_until_worked_off()


def _watch(world: World, port: int, *, count: int, first: int = 0) -> list[float]:
    """Let a customer say yes, again and again, and time how long the agent's page takes to show what that earned."""
    took = []
    shown = _amounts(world, port)
    for number in range(first, first + count):
        started = time.perf_counter()
        at = datetime.now(UTC).isoformat()
        _post(_connect(port), world.key, {**_event(f"probe-{number}", f"P-{number}", "customer_acknowledged"), "occurred_at": at})
        while (now := _changed(world, port, shown)) is None:
            if time.perf_counter() - started > WAIT_SECONDS_MAX:
                raise SystemExit(f"The page did not change within {WAIT_SECONDS_MAX} s")
            time.sleep(0.05)
        shown = now
        took.append(time.perf_counter() - started)
        time.sleep(PROBE_EVERY_SECONDS)
    return sorted(took)


def _changed(world: World, port: int, shown: list[str]) -> list[str] | None:
    """Look at the page when the figures in the database moved, and return its amounts if they differ."""
    from billing.models import Settlement

    stamp = tuple(Settlement.objects.filter(agent=world.agent_id).order_by("pk").values_list("pk", "inputs_hash"))
    if stamp == _changed.__dict__.get("stamp"):
        return None
    amounts = _amounts(world, port)
    if amounts == shown:
        return None
    _changed.__dict__["stamp"] = stamp
    return amounts


def _amounts(world: World, port: int) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/", headers={"Cookie": world.cookie})
    answer = connection.getresponse()
    page = answer.read().decode()
    connection.close()
    if answer.status != http.client.OK:
        raise SystemExit(f"The agent's page answered {answer.status}")
    return AMOUNT.findall(page)


def _start_load(world: World, port: int, load: Load) -> list[threading.Thread]:
    start, lock = time.perf_counter() + 0.5, threading.Lock()

    def send(sender: int) -> None:
        connection = _connect(port)
        for number in range(sender, RATE * SECONDS, SENDERS):
            due = start + number / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            is_accepted = _post(connection, world.key, _load_event(number))
            with lock:
                load.sent_count += is_accepted
                load.refused_count += not is_accepted
                load.seconds.append(time.perf_counter() - sent)
                load.took_seconds = max(load.took_seconds, time.perf_counter() - start)

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(SENDERS)]
    for sender in senders:
        sender.start()
    return senders


def _load_event(number: int) -> dict[str, Any]:
    """Write one event of the load: each case is opened, answered, solved, and acknowledged."""
    step, case = divmod(number, RATE)
    lap, kind = divmod(step, 4)
    told = _event(f"load-{number}", f"L-{lap}-{case}", ("opened", "contact", "solution_offered", "customer_acknowledged")[kind])
    if kind in (1, 2):
        told |= {"agent": f"agent {1 + case % (AGENTS - 1)}"}
    if kind == 1:
        told |= {"direction": "out", "medium": "message", "content": "answer", "handle_seconds": 240}
    return {**told, "sequence": kind, "customer": f"customer {case}-{lap}"}


def _event(key: str, case: str, kind: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {
        "source": "bench",
        "id": key,
        "type": kind,
        "case": case,
        "occurred_at": now,
        "query_type": "bench/one",
        "channel": "bench-chat",
    }


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _post(connection: http.client.HTTPConnection, key: str, event: dict[str, Any]) -> bool:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for attempt in range(2):
        try:
            connection.request("POST", "/api/v1/events/", json.dumps([event]), headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status == 207 and json.loads(content)["results"][0]["status"] in ("accepted", "duplicate")
        except (http.client.HTTPException, ConnectionError):
            # The server closes a connection that was idle; the same event again is known.
            connection.close()
            if attempt:
                raise
    return False


def _wait_until_worked_off() -> float:
    from agents.models import ChangedCase

    started = time.perf_counter()
    while ChangedCase.objects.exists():
        if time.perf_counter() - started > WAIT_SECONDS_MAX:
            raise SystemExit(f"The changes were not worked off within {WAIT_SECONDS_MAX} s")
        time.sleep(0.05)
    return time.perf_counter() - started


@contextmanager
def _served(port: int) -> Iterator[None]:
    """Run the portal until the block ends; its processes are leashed to the one that is started here."""
    environment = {**os.environ, "PPR_PORT": str(port)}
    portal = subprocess.Popen([sys.executable, "manage.py", "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_open(port, portal)
        yield
    finally:
        portal.send_signal(signal.SIGINT)
        portal.wait(timeout=WAIT_SECONDS_MAX)


def _wait_until_open(port: int, portal: subprocess.Popen[bytes]) -> None:
    started = time.perf_counter()
    while time.perf_counter() - started < WAIT_SECONDS_MAX and portal.poll() is None:
        try:
            connection = _connect(port)
            connection.request("GET", "/health/")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The portal did not open")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _make_world() -> World:
    """Make a company whose agents have a pay plan, and a case of the first for each probe that waits for the customer's yes."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from agents import models as work
    from benchmarks import intake
    from contracts import models as terms

    key, _ = intake.make_world()
    plan = terms.PayPlan.objects.create(code="bench", name="Bench")
    version = terms.PayPlanVersion.objects.create(
        plan=plan, number=1, effective_from=date(2015, 1, 1), currency="USD", rule_pack="us-federal", base_hourly_micros=12_500_000
    )
    terms.PayPlanTier.objects.create(version=version, share_bp=2_000)
    version.status = terms.VersionStatus.ACTIVE
    version.save()
    agents = list(work.Agent.objects.order_by("pk"))
    work.PlanAssignment.objects.bulk_create(
        work.PlanAssignment(agent=agent, plan=plan, effective_from=date(2015, 1, 1)) for agent in agents
    )
    user = work.User.objects.create_user(email="agent@example.com", name="Agent 0")
    user.groups.add(Group.objects.get_or_create(name="agent")[0])
    work.Agent.objects.filter(pk=agents[0].pk).update(user=user)
    client = Client()
    client.force_login(user)
    return World(key=key, cookie=client.cookies.output(attrs=[], header="").strip(), agent_id=agents[0].pk)


if __name__ == "__main__":
    main()
