"""Seeds who works here: sites, teams, agents with their plans, and the people who sign in."""

import hmac
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group

from agents import models
from agents.access import Role
from contracts.models import Client, PayPlan
from ppr_portal import roles
from ppr_portal.demo.company import AgentDefinition, Company

IN_FORCE_FROM = date(2016, 1, 1)
SIGN_IN_AGENT = "agent"
STAFF_ROLES = {Role.CONTRACT_ADMIN, Role.APPROVER, Role.AUDITOR}


def seed_people(*, company: Company, agents: tuple[AgentDefinition, ...], showcase: str) -> None:
    """Write sites, teams, agents and users. Everything is new; call it inside a transaction.

    Args:
        showcase: code of the agent who gets the printed sign-in.
    """
    sites = {code: models.Site.objects.create(code=code, name=site.name, timezone=site.timezone) for code, site in company.sites.items()}
    roles.ensure_roles()
    users = _seed_users(company)
    teams = {
        team.code: models.Team.objects.create(
            site=sites[team.site], code=team.code, name=f"{team.name} ({team.groups})", lead=users[team.lead]
        )
        for team in company.teams
    }
    models.ClientContact.objects.bulk_create(
        models.ClientContact(client=Client.objects.get(code=person.client), user=users[person.sign_in])
        for person in company.people
        if person.client
    )
    plans = {plan.code: plan for plan in PayPlan.objects.all()}
    rows = {
        agent.code: models.Agent(
            code=agent.code, name=agent.name, site=teams[agent.team].site, employed_from=agent.employed_from, is_simulated=True
        )
        for agent in agents
    }
    rows[showcase].user = _make_user(company, SIGN_IN_AGENT, rows[showcase].name, (Role.AGENT,))
    models.Agent.objects.bulk_create(rows.values())
    starts = {agent.code: max(agent.employed_from, IN_FORCE_FROM) for agent in agents}
    models.TeamMembership.objects.bulk_create(
        models.TeamMembership(agent=rows[agent.code], team=teams[agent.team], effective_from=starts[agent.code]) for agent in agents
    )
    models.PlanAssignment.objects.bulk_create(
        models.PlanAssignment(agent=rows[agent.code], plan=plans[agent.plan], effective_from=starts[agent.code]) for agent in agents
    )


def demo_password() -> str:
    """Return this installation's demo password: the same at every run, another on every machine, so none is published."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"demo sign-in", "sha256").hexdigest()
    return f"demo-{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


def refresh_passwords(*, company: Company) -> None:
    """Give the demo's users the password that will be printed, should the installation's key have changed."""
    users = models.User.objects.filter(email__endswith=f"@{company.domain}")
    first = users.first()
    if first is not None and not check_password(demo_password(), first.password):
        users.update(password=make_password(demo_password()))


def address_of(*, company: Company, sign_in: str) -> str:
    """Return the e-mail address that somebody signs in with."""
    return f"{sign_in}@{company.domain}"


def _seed_users(company: Company) -> dict[str, models.User]:
    return {
        person.sign_in: _make_user(company, person.sign_in, person.name, tuple(Role(role) for role in person.roles))
        for person in company.people
    }


def _make_user(company: Company, sign_in: str, name: str, held: tuple[Role, ...]) -> models.User:
    # One hash for all: hashing takes a third of a second each, and they share the password anyway.
    user = models.User.objects.create(
        email=address_of(company=company, sign_in=sign_in), name=name, password=_password_hash(), is_staff=bool(STAFF_ROLES & set(held))
    )
    user.groups.set(Group.objects.filter(name__in=held))
    return user


_hashes: dict[str, str] = {}


def _password_hash() -> str:
    password = demo_password()
    if password not in _hashes:
        _hashes[password] = make_password(password)
    return _hashes[password]
