"""Pay runs as the people who approve them read them: what each agent gets beside the period before, and who failed."""

from dataclasses import dataclass

from django.db import connection

from billing.models import PayRun

# Each agent of a run, in order of name, with the latest settlement before it.
AGENTS = """
    SELECT a.id, a.name, s.currency, s.resolution_count, s.total_micros,
        CASE WHEN earlier.currency = s.currency THEN earlier.total_micros END
    FROM billing_settlement s
    JOIN agents_agent a ON a.id = s.agent_id
    LEFT JOIN LATERAL (
        SELECT b.currency, b.total_micros FROM billing_settlement b
        WHERE b.agent_id = s.agent_id AND b.period_start < %(start)s ORDER BY b.period_start DESC LIMIT 1) earlier ON true
    WHERE s.run_id = %(run)s
    ORDER BY a.name, a.code"""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent's settlement; `before_micros` is the total of the period before, None without one in its currency."""

    agent_id: int
    name: str
    currency: str
    resolution_count: int
    total_micros: int
    before_micros: int | None


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with its agents in order of name, and the agents that could not be computed."""

    run: PayRun
    agents: tuple[AgentRow, ...]
    failures: tuple[dict[str, str], ...]


def read_run(*, run: PayRun) -> RunView:
    """Return every agent's pay of a run, in two queries."""
    with connection.cursor() as cursor:
        cursor.execute(AGENTS, {"run": run.pk, "start": run.period_start})
        agents = tuple(AgentRow(*row) for row in cursor.fetchall())
    failures = run.shards.order_by("number").values_list("failures", flat=True)
    return RunView(run=run, agents=agents, failures=tuple(failure for found in failures for failure in found))
