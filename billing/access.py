"""Who may see which pay. An agent sees their own; a lead sees quality and load but no pay, except what a dispute is about."""

from datetime import date

from django.db.models import QuerySet

from agents import access as work_access
from agents.access import Role
from agents.models import Agent, User
from billing.models import Dispute, Invoice, PayRun, Reversal, Settlement, SettlementLine


def settlements_for(user: User) -> QuerySet[Settlement]:
    """Return the settlements that a person may see: an agent's own, all for approvers and auditors, none for anybody else."""
    if work_access.reads_everyone(user):
        return Settlement.objects.all()
    if Role.AGENT in work_access.roles_of(user):
        return Settlement.objects.filter(agent__user=user)
    return Settlement.objects.none()


def lines_for(user: User) -> QuerySet[SettlementLine]:
    """Return the lines of the settlements that a person may see."""
    return SettlementLine.objects.filter(settlement__in=settlements_for(user))


def payees_for(user: User) -> QuerySet[Agent]:
    """Return the agents whose statements a person may open."""
    if work_access.reads_everyone(user):
        return Agent.objects.all()
    return Agent.objects.filter(user=user) if Role.AGENT in work_access.roles_of(user) else Agent.objects.none()


def runs_for(user: User) -> QuerySet[PayRun]:
    """Return the pay runs that a person may see: all for approvers, auditors and the owner, none for anybody else."""
    return PayRun.objects.all() if work_access.reads_everyone(user) else PayRun.objects.none()


def may_decide_runs(user: User) -> bool:
    """Tell whether a person may start, review, approve, post and pay runs: an approver, or the owner. An auditor changes nothing."""
    return user.is_superuser or Role.APPROVER in work_access.roles_of(user)


def disputes_for(user: User, *, on: date) -> QuerySet[Dispute]:
    """Return the disputes that a person may see: an agent's own, those of a lead's members on that day, all for readers of everything."""
    return Dispute.objects.filter(agent__in=work_access.agents_for(user, on=on))


def reversals_for(user: User) -> QuerySet[Reversal]:
    """Return the reversals of the agents whose statements a person may open."""
    return Reversal.objects.filter(agent__in=payees_for(user))


def may_back_test(user: User) -> bool:
    """Tell whether a person may try plan versions on real months: who sets them up, approves pay or audits it."""
    return sees_all_pay(user) or Role.CONTRACT_ADMIN in work_access.roles_of(user)


def sees_all_pay(user: User) -> bool:
    """Tell whether a person sees what everybody is paid. Who only sets plans up sees differences."""
    return work_access.reads_everyone(user)


def may_dispute(user: User, *, agent: Agent) -> bool:
    """Tell whether a person may dispute this agent's lines: only the agent themselves."""
    return Role.AGENT in work_access.roles_of(user) and agent.user_id == user.pk


def may_answer(user: User, *, dispute: Dispute, on: date) -> bool:
    """Tell whether a person may answer a dispute: the lead of the agent's team on that day, and an approver; never the agent."""
    if dispute.status != Dispute.Status.OPEN or dispute.agent.user_id == user.pk:
        return False
    roles = work_access.roles_of(user)
    return Role.APPROVER in roles or (
        Role.LEAD in roles and Agent.objects.filter(work_access.members_of(led_by=user, on=on), pk=dispute.agent_id).exists()
    )


def invoices_for(user: User) -> QuerySet[Invoice]:
    """Return the invoices that a person may see: a client contact those of their own company, the office and auditors all.

    A draft is among them: pages mark it as an estimate so far.
    """
    roles = work_access.roles_of(user)
    if user.is_superuser or roles & {Role.CONTRACT_ADMIN, Role.APPROVER, Role.AUDITOR}:
        return Invoice.objects.all()
    return Invoice.objects.filter(contract__client__contacts__user=user) if Role.CLIENT in roles else Invoice.objects.none()


def reads_invoices(user: User) -> bool:
    """Tell whether a person has a part in invoices at all, be it that none is there yet."""
    return user.is_superuser or bool(work_access.roles_of(user) & {Role.CONTRACT_ADMIN, Role.APPROVER, Role.AUDITOR, Role.CLIENT})


def may_decide_invoices(user: User) -> bool:
    """Tell whether a person finalizes, voids and credits invoices and records payments: the office. An auditor changes nothing."""
    return user.is_superuser or bool(work_access.roles_of(user) & {Role.CONTRACT_ADMIN, Role.APPROVER})


def reads_ledger(user: User) -> bool:
    """Tell whether a person reads the ledger, which shows everybody's pay and every client's debts: approvers and auditors."""
    return work_access.reads_everyone(user)
