"""The nightly look for gaming signals: review items, holds that end, decisions that can be taken back, and no cut of pay."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from agents.models import Agent, CaseEvent, GamingSignal, Hold, SourceIdentity
from agents.operations.fairness import decide_signal, find_signals
from contracts.models import ContractVersion
from tests import factories

AS_OF = datetime(2016, 4, 20, 9, 45, tzinfo=UTC)
FIRST = datetime(2016, 4, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make_work(agent: Agent, version: ContractVersion, *, opened_count: int, count: int = 40, first: datetime = FIRST) -> None:
    """Let an agent resolve cases, the first ones of which they opened themselves."""
    source = factories.make_source()
    identity = SourceIdentity.objects.create(source=source, space="who", value=agent.code, agent=agent)
    for place in range(count):
        resolved = factories.make_resolution(agent=agent, version=version, resolved_at=first + timedelta(hours=place))
        if place < opened_count:
            CaseEvent.objects.create(
                source=source,
                key=f"opened-{resolved.pk}",
                body_hash="x",
                case=resolved.case,
                type="opened",
                occurred_at=resolved.case.opened_at,
                agent_identity=identity,
                received_at=AS_OF,
            )


@pytest.fixture
def suspect() -> Agent:
    return make_suspect(FIRST)


def make_suspect(first: datetime) -> Agent:
    """An agent who opened 20 of 40 cases; three others opened one of 40 each."""
    version = factories.make_contract_version()
    site = factories.make_site()
    for _ in range(3):
        make_work(factories.make_agent(site=site), version, opened_count=1, first=first)
    agent = factories.make_agent(name="Sal Opener", site=site, user=factories.make_user(roles=["agent"]))
    make_work(agent, version, opened_count=20, first=first)
    return agent


def open_holds(agent: Agent) -> int:
    return Hold.objects.filter(resolution__agent=agent, reason="gaming_signal", released_at=None).count()


def test_a_signal_has_its_base_rate_its_evidence_and_holds_what_it_doubts(suspect: Agent) -> None:
    report = find_signals.find_signals(as_of=AS_OF)
    signal = GamingSignal.objects.get()

    assert (report.new_count, report.held_count) == (1, 20)
    assert (signal.agent, signal.kind, signal.observed_count, signal.marked_count) == (suspect, "self_created", 40, 20)
    assert (signal.expected_count, signal.base_observed_count) == (1, 120)
    assert signal.expires_at == AS_OF + timedelta(days=7)
    assert signal.resolutions.count() == open_holds(suspect) == 20
    assert "it is paid" in Hold.objects.filter(reason="gaming_signal").first().message


def test_a_second_night_changes_nothing(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)
    report = find_signals.find_signals(as_of=AS_OF + timedelta(hours=1))

    assert (report.new_count, report.held_count, report.released_count) == (0, 0, 0)
    assert GamingSignal.objects.get().until_at == AS_OF


def test_a_signal_that_nobody_decides_ends_and_its_units_are_paid(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)
    report = find_signals.find_signals(as_of=AS_OF + timedelta(days=7))

    assert (report.expired_count, report.released_count, open_holds(suspect)) == (1, 20, 0)
    assert GamingSignal.objects.get().status == "expired"


def test_a_dismissed_signal_releases_its_units_and_does_not_come_back(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)
    lead = factories.make_user(roles=["lead"])
    decide_signal.decide_signal(
        signal_id=GamingSignal.objects.get().pk, person=lead, decision="dismissed", reason="Callers without a form.", as_of=AS_OF
    )

    assert open_holds(suspect) == 0
    report = find_signals.find_signals(as_of=AS_OF + timedelta(days=1))
    assert (report.new_count, open_holds(suspect)) == (0, 0)


def test_a_decision_can_be_taken_back_and_history_keeps_it(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)
    lead, pk = factories.make_user(roles=["lead"]), GamingSignal.objects.get().pk
    decide_signal.decide_signal(signal_id=pk, person=lead, decision="dismissed", reason="By mistake", as_of=AS_OF)
    again = decide_signal.take_decision_back(signal_id=pk, person=lead, as_of=AS_OF + timedelta(days=2))

    assert (again.status, again.decided_by, again.decision_reason) == ("open", None, "")
    assert again.expires_at == AS_OF + timedelta(days=9)
    assert open_holds(suspect) == 20
    assert "dismissed" in GamingSignal.pgh_event_model.objects.filter(id=pk).values_list("status", flat=True)


def test_a_confirmed_signal_keeps_its_units_held_for_a_person(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)
    lead = factories.make_user(roles=["lead"])
    decide_signal.decide_signal(
        signal_id=GamingSignal.objects.get().pk, person=lead, decision="confirmed", reason="No customer called.", as_of=AS_OF
    )
    find_signals.find_signals(as_of=AS_OF + timedelta(days=8))

    assert open_holds(suspect) == 20
    assert "confirmed" in Hold.objects.filter(reason="gaming_signal").first().message


@pytest.mark.parametrize(("decision", "reason"), [("dismissed", "  "), ("expired", "Why"), ("", "Why")])
def test_a_decision_needs_a_choice_and_a_reason(suspect: Agent, decision: str, reason: str) -> None:
    find_signals.find_signals(as_of=AS_OF)
    signal = GamingSignal.objects.get()

    with pytest.raises(decide_signal.UnableToDecide):
        decide_signal.decide_signal(signal_id=signal.pk, person=factories.make_user(), decision=decision, reason=reason, as_of=AS_OF)
    signal.refresh_from_db()
    assert signal.status == "open"


def test_nobody_decides_a_signal_about_themselves(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)

    with pytest.raises(decide_signal.UnableToDecide, match="somebody else"):
        decide_signal.decide_signal(
            signal_id=GamingSignal.objects.get().pk, person=suspect.user, decision="dismissed", reason="It is fine.", as_of=AS_OF
        )


def test_the_database_refuses_a_decision_of_nobody(suspect: Agent) -> None:
    find_signals.find_signals(as_of=AS_OF)

    with pytest.raises(IntegrityError), transaction.atomic():
        GamingSignal.objects.update(status="confirmed")


def test_units_of_a_closed_period_are_not_held() -> None:
    agent = make_suspect(FIRST + timedelta(days=20))
    report = find_signals.find_signals(as_of=datetime(2016, 5, 3, 9, tzinfo=UTC))

    assert (report.new_count, report.held_count, open_holds(agent)) == (1, 0, 0)
