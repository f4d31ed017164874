"""A small company in which every state that a page can show is there, paid by the real operations."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from agents import models as work
from agents.models import Agent, Team, User
from agents.operations.quality_work import draw_reviews
from billing.models import CreditNote, Dispute, Invoice, PayRun, SettlementLine
from billing.operations import (
    approve_pay_run,
    book_resolutions,
    calculate_pay_run,
    count_value,
    credit_invoice,
    draft_invoices,
    finalize_invoice,
    pay_out,
    refresh_accruals,
)
from tests import factories
from tests.billing import billing_world, pay_world

NOW = datetime.fromisoformat("2016-04-20T20:44:00-04:00")
APRIL_11 = datetime.fromisoformat("2016-04-11T10:00:00-04:00")
APRIL_18 = datetime.fromisoformat("2016-04-18T10:00:00-04:00")
LONG_NAME = "Wolfeschlegelsteinhausen-Bergerdorff, Maximiliana Theodora"


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who signs in, and whose pages are looked at."""

    agent: Agent
    colleague: Agent
    newcomer: Agent
    outsider: Agent
    team: Team
    other_team: Team
    lead: User
    other_lead: User
    auditor: User
    approver: User
    client: User
    admin: User
    nobody: User
    dispute: Dispute
    signal: work.GamingSignal
    invoice: Invoice
    draft: Invoice
    credit_note: CreditNote
    sample: work.SampleDraw
    talk: work.CoachingSession
    improvement: work.ImprovementPlan
    task: work.TrainingTask

    def user_of(self, role: str) -> User:
        """Return the person who stands for a role in tests over all roles."""
        found = {"agent": self.agent.user, "colleague": self.colleague.user, "newcomer": self.newcomer.user}.get(role) or getattr(
            self, role
        )
        assert isinstance(found, User)
        return found


def make_company() -> Company:
    """Make people, terms and work; March is paid, April accrues up to NOW."""
    world = pay_world.make_world()
    world.agents.clear()
    _set_references()
    lead, other_lead = (factories.make_user(name=name, roles=["lead"]) for name in ("Dana Okafor", "Omar Weiss"))
    team = factories.make_team(name="Network A", lead=lead, site=world.site)
    other_team = factories.make_team(name="Network B", lead=other_lead, site=world.site)
    agents = [_join(world, name, team) for name in ("Maya Torres", LONG_NAME, "Aisha Rahman", "Bo-ra Chang")]
    outsider, newcomer = _join(world, "Olu Outsider", other_team), _join(world, "Nia Novak", team)
    for agent in (*agents, outsider):
        _work_march(world, agent)
    approver = factories.make_user(name="Ruth Adeyemi", roles=["approver"])
    _pay_march(world, approver)
    for agent in (*agents, outsider):
        _work_april(world, agent)
    _say_and_decide(agents, lead)
    book_resolutions.book_resolutions(as_of=NOW)
    refresh_accruals.refresh_accruals(as_of=NOW)
    invoice = _invoice(world, approver)
    return Company(
        agent=agents[0],
        colleague=agents[1],
        newcomer=newcomer,
        outsider=outsider,
        team=team,
        other_team=other_team,
        lead=lead,
        other_lead=other_lead,
        auditor=factories.make_user(name="Ines Calloway", roles=["auditor"]),
        approver=approver,
        client=_client_contact(world),
        admin=factories.make_user(name="Sam Whitaker", roles=["contract_admin"], is_staff=True),
        nobody=factories.make_user(name="Newly Hired"),
        dispute=_dispute(agents[0]),
        signal=factories.make_signal(agent=agents[0]),
        invoice=invoice,
        draft=Invoice.objects.get(status=Invoice.Status.DRAFT),
        credit_note=_credit_note(invoice, approver),
        sample=_draw_reviews(team),
        talk=factories.make_talk(agent=agents[0], coach=lead, planned_on=date(2016, 3, 28), follow_up_on=date(2016, 4, 20)),
        improvement=factories.make_improvement_plan(agent=agents[0], by=lead),
        task=factories.make_training_task(agent=agents[0], by=lead),
    )


def _draw_reviews(team: Team) -> work.SampleDraw:
    """Draw from a week that is over; the other lead scores some of it too."""
    factories.make_scorecard()
    return draw_reviews.draw_reviews(
        team=team,
        period_from=date(2016, 4, 11),
        period_to=date(2016, 4, 18),
        wish=draw_reviews.Wish(size=8, agent_min=1, second_count=2),
        person=team.lead,
        as_of=NOW,
        seed="company",
    )


def _set_references() -> None:
    for metric in ("fcr", "qa"):
        for month in (factories.MARCH, factories.APRIL):
            work.ReferenceRate.objects.create(metric=metric, period_start=month, success_count=80, observation_count=100, basis="test")


def _join(world: pay_world.World, name: str, team: Team) -> Agent:
    agent = factories.make_agent_with_account(name=name, team=team)
    factories.assign_plan(agent=agent, version=world.plan)
    world.agents.append(agent)
    return agent


def _work_march(world: pay_world.World, agent: Agent) -> None:
    pay_world.work_a_week(agent, hours=7.5)
    resolved = pay_world.resolve(world, agent, 6)
    pay_world.answer_surveys(resolved, favorable=5)


def _pay_march(world: pay_world.World, approver: User) -> None:
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    run = PayRun.objects.get(site=world.site)
    approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    approve_pay_run.post_pay_run(run_id=run.pk, person=approver, as_of=pay_world.AFTER_MARCH)
    pay_out.mark_pay_run_paid(run_id=run.pk, person=approver, paid_on=date(2016, 4, 7), as_of=pay_world.AFTER_MARCH)


def _work_april(world: pay_world.World, agent: Agent) -> None:
    pay_world.work_a_week(agent, first=APRIL_11, hours=7.5)
    pay_world.work_a_week(agent, first=APRIL_18, days=3, hours=7.5)
    resolved = pay_world.resolve(world, agent, 9, first=APRIL_11)
    pay_world.answer_surveys(resolved, favorable=7)
    pay_world.resolve(world, agent, 3, first=APRIL_11 + timedelta(days=2), state="assumed")
    pay_world.resolve(world, agent, 2, first=APRIL_18 + timedelta(days=1), state="pending")
    pay_world.resolve(world, agent, 1, first=APRIL_18, state="reopened")
    pay_world.resolve(world, agent, 1, first=APRIL_18 + timedelta(hours=2), state="void")
    (held,) = pay_world.resolve(world, agent, 1, first=APRIL_18 + timedelta(hours=4), state="pending")
    work.Hold.objects.create(
        resolution=held,
        reason="possible_duplicate",
        message="It may be the same case as another one. Decide whether they are two.",
        expires_at=NOW + timedelta(days=3),
        opened_at=NOW - timedelta(days=1),
    )


def _say_and_decide(agents: list[Agent], lead: User) -> None:
    maya = agents[0]
    factories.make_feedback(
        agent=maya, words="I expected three more calls about this. Maya told me the day it would come. Done in one call."
    )
    factories.make_feedback(agent=maya, words="94 of 100, passed. Clear steps and a warm tone.", kind="qa", author=lead, tags=[])
    rest = APRIL_18 + timedelta(days=1, hours=3)
    factories.make_decision(
        agent=maya,
        limit="hostile_contacts",
        value=3,
        threshold=3,
        effect="paid_recovery",
        starts_at=rest,
        ends_at=rest + timedelta(minutes=15),
    )
    factories.make_decision(agent=agents[1], level="warn", effect="prompt", value=6, threshold=6, ends_at=NOW + timedelta(days=1))
    factories.make_decision(agent=agents[2], ends_at=NOW + timedelta(hours=20))


def _client_contact(world: pay_world.World) -> User:
    user = factories.make_user(name="Robin Alder", roles=["client"])
    work.ClientContact.objects.create(client=world.contract.contract.client, user=user)
    return user


def _dispute(agent: Agent) -> Dispute:
    line = line_of(agent, kind="unit")
    return factories.make_dispute(line=line, opened_at=NOW - timedelta(days=2), due_at=NOW + timedelta(days=5))


def line_of(agent: Agent, *, kind: str) -> SettlementLine:
    """Return the first line of a kind of an agent's March statement."""
    return SettlementLine.objects.filter(settlement__agent=agent, settlement__period_start=factories.MARCH, kind=kind).earliest("position")


def _invoice(world: pay_world.World, approver: User) -> Invoice:
    """Bill March, and let April collect."""
    client = world.contract.contract.client
    billing_world.make_buyer(client=client, seller=billing_world.make_seller())
    draft_invoices.refresh_drafts(as_of=NOW)
    count_value.count_value(as_of=NOW)
    draft = Invoice.objects.get(period_start=factories.MARCH)
    return finalize_invoice.finalize_invoice(invoice_id=draft.pk, person=approver, as_of=NOW)


def _credit_note(invoice: Invoice, approver: User) -> CreditNote:
    line = invoice.lines.earliest("position")
    items = [credit_invoice.Credited(line_id=line.pk, amount=Fraction(1))]
    return credit_invoice.credit_invoice(invoice_id=invoice.pk, items=items, reason="Outage on March 12", person=approver, as_of=NOW)
