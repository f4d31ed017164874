"""Load is watched from clocked time and contacts; each decision is recorded once and goes on while it lasts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from agents.models import Agent, Case, CaseEvent, GuardrailDecision, SourceIdentity
from agents.operations.fairness.watch_guardrails import watch_guardrails
from agents.queries import work_facts, work_frames
from contracts.models import PayPlanLimit, PayPlanVersion, VersionStatus
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NINE = datetime(2016, 4, 18, 13, tzinfo=UTC)


@pytest.fixture
def agent() -> Agent:
    return factories.make_agent(name="Ada")


def decisions(limit: str) -> list[tuple[object, ...]]:
    found = GuardrailDecision.objects.filter(limit=limit).order_by("starts_at", "level", "effect")
    return list(found.values_list("level", "effect", "value", "threshold", "starts_at", "ends_at"))


def test_a_long_shift_without_a_break_is_prompted_and_then_stopped(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=13)
    report = watch_guardrails(as_of=NINE + 6 * HOUR)
    assert (report.agent_count, report.new_count) == (1, 1)
    assert decisions("break_after") == [("act", "prompt", Decimal(6), Decimal(6), NINE + 6 * HOUR, NINE + 13 * HOUR)]
    watch_guardrails(as_of=NINE + 13 * HOUR)
    assert decisions("shift_length") == [("act", "stop_assignment", Decimal(13), Decimal(12), NINE + 12 * HOUR, NINE + 24 * HOUR)]


def test_a_second_watch_writes_nothing(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=13)
    first = watch_guardrails(as_of=NINE + 14 * HOUR)
    before = list(GuardrailDecision.objects.order_by("pk").values())
    again = watch_guardrails(as_of=NINE + 14 * HOUR)
    assert first.new_count == len(before) > 0
    assert (again.new_count, again.moved_count) == (0, 0)
    assert list(GuardrailDecision.objects.order_by("pk").values()) == before


def test_a_decision_that_goes_on_keeps_its_start(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=15)
    watch_guardrails(as_of=NINE + 12 * HOUR)
    report = watch_guardrails(as_of=NINE + 14 * HOUR)
    assert report.moved_count >= 1
    assert decisions("shift_length") == [("act", "stop_assignment", Decimal(14), Decimal(12), NINE + 12 * HOUR, NINE + 25 * HOUR)]


def test_what_was_reached_in_a_shift_is_found_the_day_after(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=5)
    factories.make_time(agent=agent, started_at=NINE + 5 * HOUR, hours=0.5, category="meal_unpaid")
    factories.make_time(agent=agent, started_at=NINE + 5.5 * HOUR, hours=7)
    watch_guardrails(as_of=NINE + 20 * HOUR)
    assert [row[:2] for row in decisions("shift_length")] == [("act", "stop_assignment")]
    assert decisions("break_after")[0][4] == NINE + 11.5 * HOUR


def test_a_short_gap_is_a_break_and_a_long_one_ends_the_shift(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=5)
    factories.make_time(agent=agent, started_at=NINE + 6 * HOUR, hours=5)
    factories.make_time(agent=agent, started_at=NINE + 12.01 * HOUR, hours=1)
    watch_guardrails(as_of=NINE + 13.01 * HOUR)
    assert decisions("break_after") == []
    assert decisions("shift_length") == []


def test_a_decision_that_a_person_lifted_is_left_alone(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=15)
    watch_guardrails(as_of=NINE + 12 * HOUR)
    GuardrailDecision.objects.filter(limit="shift_length").update(lifted_at=NINE + 12 * HOUR, lift_reason="Nobody else is there.")
    watch_guardrails(as_of=NINE + 14 * HOUR)
    found = GuardrailDecision.objects.get(limit="shift_length")
    assert (found.value, found.lift_reason) == (Decimal(12), "Nobody else is there.")


def test_a_week_of_sixty_hours_stops_assignment_and_suspends_premium(agent: Agent) -> None:
    for day in range(6):
        factories.make_time(agent=agent, started_at=NINE + timedelta(days=day), hours=10)
    watch_guardrails(as_of=NINE + timedelta(days=5, hours=10))
    acted = [row for row in decisions("weekly_hours") if row[0] == "act"]
    assert [(effect, value) for _, effect, value, *_ in acted] == [("premium_suspended", Decimal(60)), ("stop_assignment", Decimal(60))]
    assert {threshold for _, _, _, threshold, *_ in acted} == {Decimal(55)}
    assert {starts_at for *_, starts_at, _ in acted} == {NINE + timedelta(days=5, hours=5)}


def test_three_hostile_contacts_in_a_shift_give_paid_recovery(agent: Agent) -> None:
    version = factories.make_contract_version()
    source = factories.make_source()
    identity = SourceIdentity.objects.create(source=source, space="agent", value="Ada", agent=agent)
    case = Case.objects.create(source=source, key="C-1", contract=version.contract, opened_at=NINE)
    for number in range(1, 4):
        CaseEvent.objects.create(
            source=source,
            key=f"C-1/{number}",
            body_hash="x",
            case=case,
            type="contact",
            occurred_at=NINE + number * HOUR,
            agent_identity=identity,
            is_hostile=True,
            handle_seconds=600,
            received_at=NINE,
        )
    factories.make_time(agent=agent, started_at=NINE, hours=5)
    watch_guardrails(as_of=NINE + 4 * HOUR)
    reached = NINE + 3 * HOUR + timedelta(minutes=10)
    assert decisions("hostile_contacts") == [("act", "paid_recovery", Decimal(3), Decimal(3), reached, reached + timedelta(minutes=15))]


def test_the_plan_of_the_agents_day_sets_the_limits(agent: Agent) -> None:
    version = factories.make_plan_version()
    factories.assign_plan(agent=agent, version=version)
    stricter = PayPlanVersion.objects.create(
        plan=version.plan, number=3, effective_from=date(2016, 4, 19), currency="USD", rule_pack="us-federal"
    )
    PayPlanLimit.objects.create(version=stricter, limit="shift_length", act=Decimal(5))
    PayPlanVersion.objects.filter(pk=version.pk).update(effective_to=date(2016, 4, 19))
    stricter.status = VersionStatus.ACTIVE
    stricter.save()
    factories.make_time(agent=agent, started_at=NINE, hours=5.5)
    watch_guardrails(as_of=NINE + 5.5 * HOUR)
    assert decisions("shift_length") == []
    factories.make_time(agent=agent, started_at=NINE + timedelta(days=1), hours=5.5)
    watch_guardrails(as_of=NINE + timedelta(days=1, hours=5.5))
    assert GuardrailDecision.objects.get(limit="shift_length").plan_version == stricter


def test_a_plan_whose_limits_make_no_sense_leaves_the_usual_ones_and_stops_nobody_s_watch(agent: Agent) -> None:
    version = factories.make_plan_version()
    factories.assign_plan(agent=agent, version=version)
    draft = PayPlanVersion.objects.create(
        plan=version.plan, number=3, effective_from=date(2016, 5, 1), currency="USD", rule_pack="us-federal"
    )
    PayPlanLimit.objects.create(version=draft, limit="daily_rest", act=Decimal(30))
    PayPlanLimit.objects.create(version=draft, limit="shift_length", act=Decimal(5))
    assert work_facts.limits_of_versions(version_ids=[draft.pk])[draft.pk] == work_facts.limits_of_versions(version_ids=[])[0]


def test_only_the_agents_asked_for_and_those_at_work_are_looked_at(agent: Agent) -> None:
    other, resting = factories.make_agent(), factories.make_agent()
    for somebody, start in ((agent, NINE), (other, NINE), (resting, NINE - timedelta(days=3))):
        factories.make_time(agent=somebody, started_at=start, hours=6)
    assert watch_guardrails(as_of=NINE + 6 * HOUR).agent_count == 2
    assert watch_guardrails(as_of=NINE + 6 * HOUR, agent_ids=[agent.pk]).agent_count == 1


def test_the_number_of_queries_does_not_grow_with_the_agents(agent: Agent, django_assert_num_queries: object) -> None:
    for number in range(3):
        factories.make_time(agent=factories.make_agent(), started_at=NINE + number * HOUR, hours=2)
    with django_assert_num_queries(11):  # type: ignore[operator]
        watch_guardrails(as_of=NINE + 4 * HOUR)


def test_only_news_and_what_time_brings_is_looked_at_again(agent: Agent) -> None:
    other = factories.make_agent()
    for somebody in (agent, other):
        factories.make_time(agent=somebody, started_at=NINE, hours=4)
    assert watch_guardrails(as_of=NINE + HOUR).agent_count == 2
    assert watch_guardrails(as_of=NINE + 2 * HOUR).agent_count == 0
    factories.make_time(agent=other, started_at=NINE + 4 * HOUR, hours=9)
    assert watch_guardrails(as_of=NINE + 4 * HOUR).agent_count == 1
    assert watch_guardrails(as_of=NINE + 5.9 * HOUR).agent_count == 0
    # The first has rested since; of the other a break is due.
    assert watch_guardrails(as_of=NINE + 6 * HOUR).new_count == 1
    assert GuardrailDecision.objects.get(limit="break_after").agent == other


def test_a_correction_of_time_is_news(agent: Agent) -> None:
    entry = factories.make_time(agent=agent, started_at=NINE, hours=13)
    watch_guardrails(as_of=NINE + 5 * HOUR)
    entry.ended_at = NINE + 4 * HOUR
    entry.save()
    assert [watch_guardrails(as_of=NINE + (5 + step) * HOUR).agent_count for step in (0.1, 0.2)] == [1, 0]


def test_everybody_is_looked_at_once_a_day(agent: Agent) -> None:
    factories.make_time(agent=agent, started_at=NINE, hours=2)
    watch_guardrails(as_of=NINE + 1 * HOUR)
    assert watch_guardrails(as_of=NINE + 3 * HOUR).agent_count == 0
    assert watch_guardrails(as_of=NINE + 25 * HOUR).agent_count == 1


def test_the_columns_find_whom_the_scalar_rule_decides(agent: Agent) -> None:
    """Shifts built in columns are those of the scalar rule, whatever the entries."""
    for start, hours, category in (
        (0, 3, "rest_break"),
        (3, 3, "productive"),
        (6.5, 0.25, "meal_unpaid"),
        (7.75, 2, "training"),
        (11, 1, "off"),
    ):
        factories.make_time(agent=agent, started_at=NINE + start * HOUR, hours=hours, category=category)
    at = NINE + 12 * HOUR
    facts = work_facts.load_work_facts(as_of=at)[0]
    built, pauses = work_frames.read_shifts(agent_ids=[agent.pk], as_of=at)
    assert [row[1:3] for row in built.rows()] == [tuple(_us(edge) for edge in (shift.start, shift.end) if edge) for shift in facts.shifts]
    assert [row[2:] for row in pauses.rows()] == [
        tuple(_us(edge) for edge in (pause.start, pause.end) if edge) for shift in facts.shifts for pause in shift.breaks
    ]
    assert [row[3] for row in built.rows()] == [shift.start.date().toordinal() for shift in facts.shifts]


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
