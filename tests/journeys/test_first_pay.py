"""A help desk's export becomes a paid statement: import, resolve, book, pay run, approval, statement, reason, dispute."""

import io
import pathlib
from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Hold
from agents.operations.resolutions.resolve_cases import resolve_cases
from billing.models import Adjustment, BookedLine, Earning, PayRun, Reversal, Settlement, SettlementLine
from billing.operations import answer_dispute, approve_adjustment, approve_pay_run, propose_reversals
from billing.queries import explanations
from tests import factories
from tests.agents import desk
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
AFTER_MARCH = desk.instant("31 23:00") + timedelta(days=2)


@pytest.fixture
def agent(settings: object, tmp_path: pathlib.Path) -> Agent:
    """Ada resolves four cases; one comes back, one is nobody's, one is still silent. She works a week."""
    settings.PPR_NOW = AFTER_MARCH  # type: ignore[attr-defined]
    desk.make_desk()
    agent = desk.map_resolver()
    agent.user = factories.make_user(name="Ada", roles=["agent"])
    agent.save()
    factories.assign_plan(agent=agent, version=pay_world.make_plan())
    for day in range(7, 12):
        factories.make_time(agent=agent, started_at=desk.instant(f"{day} 09:00"), hours=8)
    rows = [desk.row(f"C-{number}", "Resolved", f"{number + 6} 10:00", 1) for number in (1, 2, 3, 4)]
    rows += [desk.row("C-2", "Active", "9 10:00", 2), desk.row("C-5", "Resolved", "11 10:00", 1, resolver="Nobody yet")]
    rows += [desk.row("C-6", "Resolved", "30 10:00", 1)]
    path = desk.write_file(tmp_path, rows)
    call_command("import_cases", str(path), "--source", desk.SOURCE, stdout=io.StringIO())
    resolve_cases(as_of=desk.instant("31 23:59"))
    return agent


def pay_march() -> Settlement:
    call_command("pay_run", "2016-03", stdout=io.StringIO())
    return Settlement.objects.select_related("agent__site", "plan_version__plan").get()


def approve(settlement: Settlement) -> None:
    approver = factories.make_user(roles=["approver"])
    for act in (approve_pay_run.approve_pay_run, approve_pay_run.post_pay_run):
        act(run_id=PayRun.objects.get().pk, person=approver, as_of=AFTER_MARCH)


def test_an_export_becomes_a_statement_that_explains_itself(agent: Agent) -> None:
    settlement = pay_march()
    # 3 x 2.40 x 20% and 40 h x 12.50; what came back, is nobody's or is silent is not paid.
    assert pay_world.lines_of(agent) == [("unit", "1.44"), ("quality", "0.00"), ("base", "500.00"), ("floor", "0.00")]
    assert sorted(Earning.objects.values_list("resolution__case__key", flat=True)) == ["C-1", "C-3", "C-4"]
    assert sorted(BookedLine.objects.values_list("resolution__case__key", "amount_micros")) == [
        (key, 2_400_000) for key in ("C-1", "C-3", "C-4", "C-5")
    ]
    assert list(Hold.objects.values_list("resolution__case__key", "reason", "amount_micros")) == [("C-5", "unmapped_identity", 2_400_000)]
    for line in SettlementLine.objects.select_related("settlement__plan_version__plan"):
        found = explanations.explain_line(line=line)
        assert found.steps[-1].value == Fraction(line.amount_micros, 1_000_000)
    assert settlement.total_micros == 501_440_000


def test_the_agent_reads_the_statement_and_the_reason_of_a_line(agent: Agent) -> None:
    approve(pay_march())
    client = Client()
    client.force_login(agent.user)
    address = reverse("statement", args=[agent.pk, factories.MARCH])
    page = client.get(address).content.decode()
    assert "501.44" in page
    assert "Topic 1, phone" in page
    reason = client.get(address, {"why": "1"}).content.decode()
    assert "3 assumed after silence." in reason
    stranger = Client()
    stranger.force_login(factories.make_agent_with_account(name="Ben").user)
    assert stranger.get(address).status_code == 404


def test_a_second_time_nothing_is_added(agent: Agent) -> None:
    pay_march()
    before = pay_world.picture(agent.site)
    resolve_cases(as_of=desk.instant("31 23:59"))
    pay_march()
    assert pay_world.picture(agent.site) == before
    assert BookedLine.objects.count() == 4


def test_corrections_come_into_the_next_month(agent: Agent, tmp_path: pathlib.Path, settings: object) -> None:
    approve(pay_march())
    # C-4 comes back after it was posted, and Ada's dispute of another line is accepted.
    desk.take(tmp_path, desk.row("C-4", "Active", "16 10:00", 5), name="later.csv")
    resolve_cases(as_of=AFTER_MARCH)
    propose_reversals.propose_reversals(as_of=AFTER_MARCH)
    reversal = Reversal.objects.get()
    assert (reversal.resolution.case.key, reversal.paid_micros, reversal.status) == ("C-4", 480_000, "proposed")
    lead, approver = factories.make_user(), factories.make_user()
    client = Client()
    client.force_login(agent.user)
    address = reverse("statement_dispute", args=[agent.pk, factories.MARCH, 3])
    client.post(address, {"reason": "wrong_hours", "words": "I worked on Saturday too.", "proposed_micros": ""})
    dispute = agent.disputes.get()
    answer_dispute.answer_dispute(
        dispute_id=dispute.pk, person=lead, status="accepted", words="You did.", as_of=AFTER_MARCH, amount_micros=50_000_000
    )
    approve_adjustment.approve_adjustment(adjustment_id=Adjustment.objects.get().pk, person=approver, as_of=AFTER_MARCH)
    settings.PPR_NOW = AFTER_MARCH + timedelta(days=30)  # type: ignore[attr-defined]
    call_command("pay_run", "2016-04", stdout=io.StringIO())
    # C-6, silent until April, and the correction; the reversal waits for a person.
    assert pay_world.lines_of(agent, factories.APRIL) == [("unit", "0.48"), ("quality", "0.00"), ("adjustment", "50.00")]
    booked = BookedLine.objects.filter(resolution__case__key="C-4").order_by("revision")
    assert list(booked.values_list("amount_micros", "reason")) == [
        (2_400_000, ""),
        (-2_400_000, "reopened"),
    ]
    assert Settlement.objects.get(period_start=factories.MARCH).total_micros == 501_440_000
