"""Watching the load of everybody present: the daily look, a look five minutes later with a little news, and one with none.

`python -m benchmarks watch` takes 2,000 agents, each with 17 weeks of shifts and 18 contacts in the last three hours.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db import connection

from benchmarks import scratch
from benchmarks.measurement import Measurement, timed

AGENTS = 2_000
NOON = datetime(2016, 3, 31, 16, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
# Every twentieth agent has something new in five minutes.
NEWS = 20
ENTRIES = """
    INSERT INTO agents_timeentry (source_id, agent_id, category, started_at, ended_at)
    SELECT %(source)s, a.id, part.category, day + part.starts, day + part.ends
    FROM agents_agent a,
        generate_series(TIMESTAMPTZ '2015-12-04 13:00+00', '2016-03-31 13:00+00', '1 day') day,
        (VALUES ('productive', interval '0', interval '4 hours'), ('meal_unpaid', interval '4 hours', interval '4 hours 30 minutes'),
                ('productive', interval '4 hours 30 minutes', interval '8 hours')) part (category, starts, ends)
    WHERE extract(isodow FROM day) < 6"""
LATE = """
    UPDATE agents_timeentry SET started_at = started_at - interval '1 minute'
    WHERE started_at = '2016-03-31 13:00+00' AND agent_id %% %s = 0"""
CONTACTS = """
    INSERT INTO agents_caseevent (source_id, key, body_hash, case_id, type, occurred_at, sequence, agent_identity_id, handle_seconds,
        is_hostile, received_at, {others})
    SELECT %(source)s, 'W' || i.id || '/' || n, '', 1, 'contact', TIMESTAMPTZ '2016-03-31 16:00+00' - n * interval '10 minutes', 0,
        i.id, 300, false, TIMESTAMPTZ '2016-03-31 16:00+00', {defaults}
    FROM agents_sourceidentity i, generate_series(1, 18) n"""


def measure(size: int = AGENTS) -> Iterator[Measurement]:
    """Make the agents, then look at them three times."""
    from agents.operations.fairness.watch_guardrails import watch_guardrails

    with scratch.own_database():
        _make(size)
        for case, at in (("daily look at everybody", NOON), ("five minutes later, no news", NOON + FIVE_MINUTES)):
            with timed() as watch:
                report = watch_guardrails(as_of=at)
            yield Measurement(
                benchmark="watch", case=f"{case}: {report.agent_count:,} looked at", unit="agents", count=size, seconds=watch.seconds
            )
        with connection.cursor() as cursor:
            cursor.execute(LATE, [NEWS])
        with timed() as watch:
            report = watch_guardrails(as_of=NOON + 2 * FIVE_MINUTES)
        yield Measurement(
            benchmark="watch",
            case=f"five minutes later, news of every {NEWS}th: {report.agent_count:,} looked at",
            unit="agents",
            count=size,
            seconds=watch.seconds,
        )


def _make(size: int) -> None:
    from datetime import date

    from agents import models

    site = models.Site.objects.create(code="bench", name="Bench", timezone="America/New_York")
    source = models.Source.objects.create(code="bench", name="Bench", vendor="other")
    agents = models.Agent.objects.bulk_create(
        models.Agent(code=f"A-{number:06d}", name=f"Agent {number}", site=site, employed_from=date(2015, 1, 1)) for number in range(size)
    )
    models.SourceIdentity.objects.bulk_create(
        models.SourceIdentity(source=source, space="agent", value=agent.code, agent=agent) for agent in agents
    )
    named = {
        "source_id",
        "key",
        "body_hash",
        "case_id",
        "type",
        "occurred_at",
        "sequence",
        "agent_identity_id",
        "handle_seconds",
        "is_hostile",
        "received_at",
    }
    others = [field for field in models.CaseEvent._meta.local_concrete_fields if field.column not in named | {"id"} and not field.null]
    columns = {str(field.column): repr(field.get_default() if field.has_default() else "") for field in others}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(ENTRIES, {"source": source.pk})
        cursor.execute(CONTACTS.format(others=", ".join(columns), defaults=", ".join(columns.values())), {"source": source.pk})
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
