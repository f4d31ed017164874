"""Pay runs as the people who approve them read them: what each agent gets and of what, beside the period before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Sum

from billing.models import PayRun, Settlement, SettlementLine
from billing.queries.pay_by_kind import PayByKind


@dataclass(kw_only=True)
class AgentRow(PayByKind):
    """One agent's settlement by kind of pay; `before_micros` is the total of the period before, None without one."""

    agent_id: int
    name: str
    currency: str
    resolution_count: int
    paid_seconds: int
    total_micros: int
    before_micros: int | None = None

    @property
    def change_micros(self) -> int | None:
        """What changed against the period before."""
        return None if self.before_micros is None else self.total_micros - self.before_micros


@dataclass(frozen=True, kw_only=True)
class RunTotal:
    """What a run owes in one currency."""

    currency: str
    agent_count: int
    resolution_count: int
    total_micros: int


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with its agents in order of name, its totals, and the agents that could not be computed."""

    run: PayRun
    agents: tuple[AgentRow, ...]
    totals: tuple[RunTotal, ...]
    failures: tuple[dict[str, str], ...] = field(default=())


def read_run(*, run_id: int) -> RunView:
    """Return a run with every agent's pay by kind, in five queries."""
    run = PayRun.objects.select_related("site", "prepared_by", "approved_by").get(pk=run_id)
    rows = _agent_rows(run)
    totals = Settlement.objects.filter(run=run).order_by("currency").values("currency")
    counted = totals.annotate(agent_count=Count("pk"), resolution_count=Sum("resolution_count"), total_micros=Sum("total_micros"))
    return RunView(
        run=run,
        agents=tuple(rows),
        totals=tuple(RunTotal(**total) for total in counted),
        failures=tuple(failure for shard in run.shards.order_by("number") for failure in shard.failures),
    )


def _agent_rows(run: PayRun) -> list[AgentRow]:
    settlements = Settlement.objects.filter(run=run).select_related("agent").order_by("agent__name", "agent__code")
    rows = {
        found.agent_id: AgentRow(
            agent_id=found.agent_id,
            name=found.agent.name,
            currency=found.currency,
            resolution_count=found.resolution_count,
            paid_seconds=found.paid_seconds,
            total_micros=found.total_micros,
        )
        for found in settlements.defer("evidence")
    }
    lines = SettlementLine.objects.filter(settlement__run=run).order_by().values_list("settlement__agent", "kind")
    for agent_id, kind, amount_micros in lines.annotate(Sum("amount_micros")):
        rows[agent_id].add(kind=kind, amount_micros=amount_micros)
    for agent_id, currency, total_micros in _before(rows, run.period_start):
        if rows[agent_id].currency == currency:
            rows[agent_id].before_micros = total_micros
    return list(rows.values())


def _before(agent_ids: Iterable[int], period_start: date) -> Iterable[tuple[int, str, int]]:
    """Return the total of each agent's latest period before this one."""
    earlier = Settlement.objects.filter(agent__in=list(agent_ids), period_start__lt=period_start)
    return earlier.order_by("agent", "-period_start").distinct("agent").values_list("agent", "currency", "total_micros")
