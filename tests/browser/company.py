"""A small company in which every state that a page can show is there."""

from dataclasses import dataclass
from datetime import timedelta

from agents.models import Agent, User
from tests import factories
from tests.factories import NOON


@dataclass(frozen=True, kw_only=True)
class Company:
    """Who signs in, and whose pages are looked at."""

    agent: Agent
    newcomer: Agent
    lead: User
    auditor: User
    approver: User
    client: User
    admin: User


def make_company() -> Company:
    """Make people, terms, work and pay."""
    site = factories.make_site()
    lead = factories.make_user(name="Dana Okafor", roles=["lead"])
    team = factories.make_team(name="Network A", lead=lead, site=site)
    plan = factories.make_plan_version()
    contract = factories.make_contract_version()
    names = [
        "Maya Torres",
        "Aisha Rahman",
        "Wolfeschlegelsteinhausen-Bergerdorff, Maximiliana",
        "Bo-ra Chang",
        "Chloé Dubois",
        "Tomás Ferreira",
    ]
    agents = [factories.make_agent_with_account(name=name, team=team) for name in names]
    for agent in agents:
        factories.assign_plan(agent=agent, version=plan)
        for day in range(1, 6):
            factories.make_time(agent=agent, started_at=NOON - timedelta(days=day, hours=3), hours=7.5)
        for number in range(14):
            state = ("confirmed", "assumed", "pending", "reopened", "void")[number % 5]
            factories.make_resolution(agent=agent, version=contract, state=state, resolved_at=NOON - timedelta(days=number, hours=number))
    maya = agents[0]
    factories.make_feedback(
        agent=maya, words="I expected three more e-mails about this. Maya told me the day it would come. Done in one call."
    )
    factories.make_feedback(agent=maya, words="94 of 100, passed. Clear steps and a warm tone.", kind="qa", author=lead, tags=[])
    factories.make_decision(agent=maya, level="warn", effect="prompt", value=6, threshold=6)
    factories.make_decision(agent=agents[5])
    settled = factories.make_settlement(
        agent=maya, plan_version=plan, period_start=factories.MARCH, period_end=factories.APRIL, status="paid",
        lines=[
            {"kind": "base", "label": "Base pay", "amount_micros": 2_106_250_000, "quantity": "168.5", "rate": "12.5", "inputs": {"hours": "168.5", "rate": "12.5"}},
            {"kind": "unit", "label": "Network outage, chat", "amount_micros": 59_520_000, "quantity": "124", "rate": "0.48",
             "inputs": {"basis": "2.4", "credit": "1", "share": "0.2", "count": "124"}},
            {"kind": "quality", "label": "Quality", "amount_micros": 2_470_000, "quantity": "59.52", "rate": "0.0415",
             "inputs": {"unit": "59.52", "tier_uplift": "0", "multiplier": "1.0415", "composite": "0.88", "provisional": "no"}},
            {"kind": "floor", "label": "Minimum wage top-up", "amount_micros": 0, "inputs": {"required": "1221.63", "credited": "2168.24"}},
        ],
    )  # fmt: skip
    factories.make_settlement(
        agent=maya,
        plan_version=plan,
        lines=[{"kind": "base", "label": "Base pay", "amount_micros": 412_500_000, "quantity": "33", "rate": "12.5"}],
    )
    factories.make_dispute(line=settled.lines.get(position=2))
    return Company(
        agent=maya,
        newcomer=factories.make_agent_with_account(name="Nia Novak", team=team),
        lead=lead,
        auditor=factories.make_user(name="Ines Okoye", roles=["auditor"]),
        approver=factories.make_user(name="Ruth Adeyemi", roles=["approver"]),
        client=factories.make_user(name="Cleo Client", roles=["client"]),
        admin=factories.make_user(name="Ada Min", roles=["contract_admin"], is_staff=True, is_superuser=True),
    )
