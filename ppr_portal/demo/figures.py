"""What the demo's terminal table says, read from the database: agents, clients, holds, and where every ticket went."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import models as db

from agents.models import Agent, Case, HeldRow, Hold, Resolution
from agents.queries.case_counts import CaseCounts, count_cases
from billing.models import BookedLine, Settlement, SettlementLine
from billing.queries.pay_by_kind import PayByKind
from contracts.models import Client

OPEN_HOLD = db.Q(holds__isnull=False, holds__released_at=None)
UNREAD_CLIENT = "not known yet"
NO_AGENT = "Unmapped"


@dataclass(kw_only=True)
class AgentRow(PayByKind):
    """One agent's resolutions and pay, closed and open period together."""

    name: str = ""
    payable_count: int = 0
    pending_count: int = 0
    held_count: int = 0
    total_micros: int = 0

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to say about the agent yet."""
        return not any(getattr(self, column.name) for column in fields(self) if column.name != "name")


@dataclass(kw_only=True)
class ClientRow:
    """Where one client's tickets stand, each counted once."""

    name: str
    payable_count: int = 0
    pending_count: int = 0
    reopened_count: int = 0
    void_count: int = 0
    held_count: int = 0
    booked_micros: int = 0

    @property
    def ticket_count(self) -> int:
        """All of them."""
        return self.payable_count + self.pending_count + self.reopened_count + self.void_count + self.held_count


@dataclass(frozen=True, kw_only=True)
class HeldGroup:
    """What is held for one reason. Amount at stake is None where nothing can be priced yet."""

    reason: str
    example: str
    count: int
    unit: str
    amount_micros: int | None


@dataclass(frozen=True, kw_only=True)
class Period:
    """The state of one pay period over all sites."""

    name: str
    status: str
    agent_count: int
    total_micros: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Everything that the terminal shows."""

    counts: CaseCounts
    agents: tuple[AgentRow, ...]
    total: AgentRow
    clients: tuple[ClientRow, ...]
    held: tuple[HeldGroup, ...]
    periods: tuple[Period, ...]
    blank_agent_count: int
    confirmed_count: int


def read_figures(*, source_code: str, as_of: datetime) -> Figures:
    """Read everything that the terminal shows, in a fixed number of queries."""
    rows = _agent_rows()
    shown = (*(row for row in rows if not row.is_blank), _nobodys_row())
    total = AgentRow(name="All agents")
    for column in fields(AgentRow):
        if column.name != "name":
            setattr(total, column.name, sum(getattr(row, column.name) for row in shown))
    return Figures(
        counts=count_cases(source_code=source_code, as_of=as_of),
        agents=shown,
        total=total,
        clients=_client_rows(source_code, as_of),
        held=(*_held_resolutions(), *_held_rows(source_code)),
        periods=_periods(),
        blank_agent_count=sum(row.is_blank for row in rows),
        confirmed_count=Resolution.objects.filter(is_payable=True, state="confirmed").exclude(OPEN_HOLD).count(),
    )


def _agent_rows() -> list[AgentRow]:
    rows: dict[int, AgentRow] = {agent.pk: AgentRow(name=agent.name) for agent in Agent.objects.order_by("name", "code")}
    counted = (
        Resolution.objects.filter(agent__isnull=False)
        .order_by()
        .values("agent")
        .annotate(
            payable=db.Count("pk", filter=db.Q(is_payable=True) & ~OPEN_HOLD, distinct=True),
            pending=db.Count("pk", filter=db.Q(state="pending"), distinct=True),
            held=db.Count("pk", filter=OPEN_HOLD, distinct=True),
        )
    )
    for found in counted:
        row = rows[found["agent"]]
        row.payable_count, row.pending_count, row.held_count = found["payable"], found["pending"], found["held"]
    lines = SettlementLine.objects.order_by().values("settlement__agent", "kind").annotate(amount=db.Sum("amount_micros"))
    for line in lines:
        row = rows[line["settlement__agent"]]
        row.add(kind=line["kind"], amount_micros=line["amount"])
        row.total_micros += line["amount"]
    return list(rows.values())


def _nobodys_row() -> AgentRow:
    """Count what is held because the log's name for the resolver stands for no agent, or none is given."""
    return AgentRow(
        name=NO_AGENT, held_count=Hold.objects.filter(released_at=None, resolution__agent=None).values("resolution").distinct().count()
    )


def _client_rows(source_code: str, as_of: datetime) -> tuple[ClientRow, ...]:
    """Place every ticket once, in the same order of precedence as the sum of tickets; unread ones have no client."""
    booked = dict(BookedLine.objects.order_by().values_list("version__contract__client").annotate(amount=db.Sum("amount_micros")))
    rows = {client.pk: ClientRow(name=client.name, booked_micros=booked.get(client.pk, 0)) for client in Client.objects.order_by("name")}
    for client_id, place, count in _placed_cases(source_code, as_of):
        setattr(rows[client_id], place, count)
    is_known = db.Exists(Case.objects.filter(source=db.OuterRef("source"), key=db.OuterRef("case_key")))
    held_rows = HeldRow.objects.filter(~is_known, source__code=source_code, released_at=None)
    unread_count = held_rows.values("case_key").distinct().count()
    unread = [ClientRow(name=UNREAD_CLIENT, held_count=unread_count)] if unread_count else []
    return (*rows.values(), *unread)


def _placed_cases(source_code: str, as_of: datetime) -> Iterable[tuple[int, str, int]]:
    """Count the tickets of each client in each place, which is named like the figure it adds to."""
    resolutions = Resolution.objects.filter(case=db.OuterRef("pk"), resolved_at__lte=as_of)
    holds = Hold.objects.filter(resolution__case=db.OuterRef("pk"), released_at=None)
    held_rows = HeldRow.objects.filter(source=db.OuterRef("source"), case_key=db.OuterRef("key"), released_at=None)
    latest = resolutions.exclude(rule="superseded").order_by("-number").values("state")[:1]
    placed = Case.objects.filter(source__code=source_code, opened_at__lte=as_of).annotate(
        state=db.Subquery(latest),
        place=db.Case(
            db.When(db.Exists(holds) | db.Exists(held_rows), then=db.Value("held_count")),
            db.When(db.Exists(resolutions.filter(is_payable=True)), then=db.Value("payable_count")),
            db.When(state="reopened", then=db.Value("reopened_count")),
            db.When(db.Q(state="pending") | db.Q(state=None), then=db.Value("pending_count")),
            default=db.Value("void_count"),
        ),
    )
    return placed.order_by().values_list("contract__client", "place").annotate(count=db.Count("pk"))


def _held_resolutions() -> tuple[HeldGroup, ...]:
    groups: dict[str, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(released_at=None).order_by("reason", "pk"):
        groups[hold.reason].append(hold)
    return tuple(
        HeldGroup(
            reason=reason,
            example=holds[0].message,
            count=len(holds),
            unit="resolutions",
            amount_micros=sum(hold.amount_micros or 0 for hold in holds) if any(hold.amount_micros for hold in holds) else None,
        )
        for reason, holds in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _held_rows(source_code: str) -> tuple[HeldGroup, ...]:
    groups: dict[str, list[HeldRow]] = defaultdict(list)
    for row in HeldRow.objects.filter(source__code=source_code, released_at=None).order_by("reason", "row_number"):
        groups[row.reason].append(row)
    return tuple(
        HeldGroup(reason=reason, example=rows[0].message, count=len(rows), unit="rows of the log", amount_micros=None)
        for reason, rows in sorted(groups.items())
    )


def _periods() -> tuple[Period, ...]:
    found = (
        Settlement.objects.order_by("period_start", "status")
        .values("period_start", "status")
        .annotate(agents=db.Count("pk"), total=db.Sum("total_micros"))
    )
    return tuple(
        Period(name=f"{row['period_start']:%B %Y}", status=row["status"], agent_count=row["agents"], total_micros=row["total"])
        for row in found
    )
