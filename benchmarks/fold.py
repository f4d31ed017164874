"""Seconds to fold a million stored events from scratch into resolutions and their steps, windows of business hours included.

Beside it, in the same run: the fold alone on frames already read, and the scalar rule one case at a time over rows of the ORM.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from django.db import connection, transaction

from agents.models import Agent, Case, Site, Source, SourceIdentity
from agents.operations.resolutions import folding, resolve_cases
from agents.queries import case_frames, policies
from agents.rules import resolutions
from agents.rules.events import Event
from benchmarks import scratch
from benchmarks.measurement import Measurement, timed
from contracts import models as terms

EVENTS = 1_000_000
EVENTS_PER_CASE = 4
LOOPED_CASES = 2_000
AS_OF = datetime(2016, 6, 30, tzinfo=UTC)

INSERT_CASES = """
    INSERT INTO agents_case (source_id, key, contract_id, customer_hash, opened_at)
    SELECT %(source)s, 'C-' || n, (%(contracts)s::bigint[])[1 + n %% 2], CASE WHEN n %% 3 = 0 THEN '' ELSE 'k' || n %% 70000 END,
        timestamptz '2016-03-01 09:00+00' + n * interval '20 seconds'
    FROM generate_series(1, %(count)s) n"""

# Every case is opened, answered, claimed solved, and then closed again, acknowledged, reopened or asked about once more.
INSERT_EVENTS = """
    INSERT INTO agents_caseevent (source_id, key, body_hash, case_id, type, occurred_at, sequence, agent_identity_id, query_type_id,
        channel_id, customer_hash, queue, direction, medium, content, code, received_at)
    SELECT c.source_id, c.key || '/' || step, '', c.id, CASE step WHEN 0 THEN 'opened' WHEN 1 THEN 'contact' WHEN 2 THEN 'solution_offered'
            ELSE (ARRAY['closed', 'customer_acknowledged', 'reopened', 'contact'])[1 + c.id %% 4] END,
        c.opened_at + step * interval '3 hours', step, CASE WHEN step > 0 THEN (%(identities)s::bigint[])[1 + c.id %% 50] END,
        %(query_type)s, %(channel)s, '', 'q' || c.id %% 9, CASE step WHEN 1 THEN 'in' WHEN 3 THEN 'in' ELSE '' END,
        CASE step WHEN 1 THEN 'live' ELSE '' END, '', '', c.opened_at
    FROM agents_case c CROSS JOIN generate_series(0, 3) step"""


def measure(event_count: int = EVENTS) -> Iterator[Measurement]:
    """Fold everything once, and once more; then fold frames alone, and some cases one by one."""
    case_count = event_count // EVENTS_PER_CASE
    with scratch.own_database():
        make_world(cases=case_count)
        case_ids = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:LOOPED_CASES])
        with timed() as looped:
            fold_one_by_one(case_ids)
        yield Measurement(
            benchmark="fold",
            case="one case at a time, ORM rows",
            unit="events",
            count=LOOPED_CASES * EVENTS_PER_CASE,
            seconds=looped.seconds,
        )
        with timed() as whole:
            report = resolve_cases.resolve_cases(as_of=AS_OF)
        assert report.case_count == case_count, report
        yield Measurement(
            benchmark="fold",
            case="from scratch: read, folded, written",
            unit="events",
            count=case_count * EVENTS_PER_CASE,
            seconds=whole.seconds,
        )
        with timed() as again:
            report = resolve_cases.resolve_cases(as_of=AS_OF)
        assert (report.changed_count, report.step_count) == (0, 0), report
        yield Measurement(
            benchmark="fold", case="again, nothing is new", unit="events", count=case_count * EVENTS_PER_CASE, seconds=again.seconds
        )
        cases, events = case_frames.load_cases(case_ids=None), case_frames.load_events(case_ids=None, as_of=AS_OF)
        known = policies.load_policies()
        with timed() as framed:
            folding.fold_cases(cases=cases, events=events, policies=known, as_of=AS_OF)
        yield Measurement(benchmark="fold", case="frames alone", unit="events", count=case_count * EVENTS_PER_CASE, seconds=framed.seconds)


def make_world(*, cases: int = EVENTS // EVENTS_PER_CASE) -> None:
    """Store a client with business hours and a million events of two contracts: one counts them, one counts every hour."""
    site = Site.objects.create(code="bench", name="Bench", timezone="America/New_York")
    source = Source.objects.create(code="bench", name="Bench desk", vendor="other")
    identities = [
        SourceIdentity.objects.create(
            source=source,
            space="name",
            value=f"Resolver {number}",
            agent=Agent.objects.create(code=f"b-{number}", name=f"Agent {number}", site=site, employed_from=date(2015, 1, 1)),
        ).pk
        for number in range(50)
    ]
    client = terms.Client.objects.create(code="bench", name="Bench client")
    calendar = terms.BusinessCalendar.objects.create(
        client=client, code="bench", name="Bench hours", timezone="America/New_York", holidays_until=date(2016, 12, 31)
    )
    for weekday in range(1, 6):
        calendar.hours.create(weekday=weekday, opens_at="08:00", closes_at="18:00")
    calendar.holidays.create(day=date(2016, 5, 30), name="Memorial Day")
    contracts = [_make_contract(client, "business", calendar), _make_contract(client, "calendar", None)]
    values = {
        "source": source.pk,
        "contracts": contracts,
        "count": cases,
        "identities": identities,
        "query_type": terms.QueryType.objects.create(code="network/outage", name="Outage").pk,
        "channel": terms.Channel.objects.create(code="chat", name="Chat").pk,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT_CASES, values)
        cursor.execute(INSERT_EVENTS, values)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE agents_case, agents_caseevent")


def _make_contract(client: terms.Client, clock: str, calendar: terms.BusinessCalendar | None) -> int:
    contract = terms.Contract.objects.create(client=client, code=f"bench-{clock}", name=clock, timezone="America/New_York")
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2015, 1, 1), currency="USD")
    clocks = {f"{window}_clock": clock for window in ("silence", "reopen", "repeat")}
    terms.ResolutionPolicy.objects.create(version=version, calendar=calendar, silence_window_hours=30, **clocks)
    terms.ContractVersion.objects.filter(pk=version.pk).update(status=terms.VersionStatus.ACTIVE)
    return contract.pk


def fold_one_by_one(case_ids: list[int]) -> None:
    """Fold cases as somebody in a hurry would: a query for each, and no repeats of other cases."""
    known = policies.load_policies()
    version = terms.ContractVersion.objects.get(contract__code="bench-business").pk
    policy = known.effective(version_id=version, query_type="network/outage", channel="chat")
    for case in Case.objects.filter(pk__in=case_ids):
        events = [
            Event(
                type=row.type,  # type: ignore[arg-type]
                at=row.occurred_at,
                id=row.key,
                sequence=row.sequence,
                agent=str(row.agent_identity.agent_id) if row.agent_identity else None,
                direction=row.direction or None,  # type: ignore[arg-type]
                medium=row.medium or None,  # type: ignore[arg-type]
            )
            for row in case.events.select_related("agent_identity")
        ]
        resolutions.fold_case(events=events, policy=policy, as_of=AS_OF)
