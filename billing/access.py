"""Who may see which pay. An agent sees their own; a lead sees quality and load but no pay, except what a dispute is about."""

from datetime import date

from django.db.models import Q, QuerySet

from agents import access as work_access
from agents.access import Role
from agents.models import Agent, QaReview, TimeEntry, User
from billing.models import (
    Adjustment,
    BillChange,
    Dispute,
    Invoice,
    PayRead,
    PayRun,
    Reversal,
    Settlement,
    SettlementLine,
    ShadowRun,
    ValueCount,
)
from billing.models.corrections import Decision
from billing.models.disputes import Kind as DisputeKind
from contracts import access as contract_access
from contracts.models import Client


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
    """Return the disputes that a person may see.

    An agent's own, those of a lead's members on that day, a client contact's company's, all clients' for contract admins, and all
    for readers of everything.
    """
    if work_access.reads_everyone(user):
        return Dispute.objects.all()
    allowed = Q(agent__in=work_access.agents_for(user, on=on).values("pk"))
    roles = work_access.roles_of(user)
    if Role.CONTRACT_ADMIN in roles:
        allowed |= Q(kind=DisputeKind.CLIENT_CASE)
    if Role.CLIENT in roles:
        allowed |= Q(kind=DisputeKind.CLIENT_CASE, client__in=Client.objects.filter(contacts__user=user).values("pk"))
    return Dispute.objects.filter(allowed)


def reads_dispute_statistics(user: User) -> bool:
    """Tell whether a person reads how disputes of others ended: leads of their teams, readers of everything of all."""
    return work_access.reads_everyone(user) or Role.LEAD in work_access.roles_of(user)


def reviews_for(user: User) -> QuerySet[QaReview]:
    """Return the QA reviews that a person may dispute: an agent's own."""
    return QaReview.objects.filter(agent__user=user) if Role.AGENT in work_access.roles_of(user) else QaReview.objects.none()


def hours_for(user: User) -> QuerySet[TimeEntry]:
    """Return the recorded hours that a person may dispute: an agent's own."""
    return TimeEntry.objects.filter(agent__user=user) if Role.AGENT in work_access.roles_of(user) else TimeEntry.objects.none()


def may_question(user: User, *, invoice: Invoice) -> bool:
    """Tell whether a person may question cases of an invoice that they see: a contact of its client, once it is final."""
    is_billed = invoice.status in (Invoice.Status.FINAL, Invoice.Status.PAID)
    return is_billed and Role.CLIENT in work_access.roles_of(user) and invoice.contract.client.contacts.filter(user=user).exists()


def may_withdraw(user: User, *, dispute: Dispute) -> bool:
    """Tell whether a person may withdraw a dispute: whoever opened it, and the agent it is about."""
    mine = dispute.opened_by_id == user.pk or (dispute.agent is not None and dispute.agent.user_id == user.pk)
    return dispute.is_waiting and mine


def may_comment(user: User) -> bool:
    """Tell whether a person may say something about a dispute that they see: an auditor only reads."""
    return user.is_superuser or work_access.roles_of(user) != frozenset({Role.AUDITOR})


def may_approve_adjustment(user: User, *, adjustment: Adjustment) -> bool:
    """Tell whether a person may approve an adjustment: an approver, or the owner; never who entered it or is paid by it."""
    other = adjustment.entered_by_id != user.pk and adjustment.agent.user_id != user.pk
    return adjustment.approved_by_id is None and other and may_decide_runs(user)


def reads_corrections(user: User) -> bool:
    """Tell whether a person reads what is to be taken back or added by hand: approvers, auditors and the owner."""
    return work_access.reads_everyone(user)


def adjustments_for(user: User) -> QuerySet[Adjustment]:
    """Return the adjustments that a person may see in the list of corrections."""
    return Adjustment.objects.all() if reads_corrections(user) else Adjustment.objects.none()


def may_withdraw_adjustment(user: User, *, adjustment: Adjustment) -> bool:
    """Tell whether a person may withdraw an adjustment: who entered it by hand, until somebody approved it."""
    is_open = adjustment.approved_by_id is None and adjustment.dispute_id is None
    return is_open and adjustment.entered_by_id == user.pk and may_decide_runs(user)


def may_decide_reversal(user: User, *, reversal: Reversal) -> bool:
    """Tell whether a person may decide a reversal: an approver, or the owner; never whose pay it is."""
    is_open = reversal.status == Decision.PROPOSED
    return is_open and reversal.agent.user_id != user.pk and may_decide_runs(user)


def may_approve_bill_change(user: User, *, change: BillChange) -> bool:
    """Tell whether a person may change a client's bill after an agent's dispute: an approver; never who proposed it or whose it is."""
    agent = change.dispute.agent
    other = change.proposed_by_id != user.pk and (agent is None or agent.user_id != user.pk)
    return change.approved_by_id is None and other and may_decide_runs(user)


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
    """Tell whether a person may answer a dispute: the lead of the agent's team on that day, and an approver; the office for a client.

    Never the agent, nor the reviewer of a disputed review. An escalated one is for approvers.
    """
    if not dispute.is_waiting:
        return False
    if dispute.is_by_client:
        return may_decide_invoices(user)
    if dispute.agent is None or dispute.agent.user_id == user.pk or (dispute.qa_review and dispute.qa_review.reviewer_id == user.pk):
        return False
    roles = work_access.roles_of(user)
    if Role.APPROVER in roles:
        return True
    is_open = dispute.status == Dispute.Status.OPEN and Role.LEAD in roles
    return is_open and Agent.objects.filter(work_access.members_of(led_by=user, on=on), pk=dispute.agent.pk).exists()


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


def value_counts_for(user: User) -> QuerySet[ValueCount]:
    """Return the counts of the value reports that a person may see: those of the contracts that they see."""
    return ValueCount.objects.filter(contract__in=contract_access.contracts_for(user))


def reads_value(user: User) -> bool:
    """Tell whether a person reads value reports: client contacts their own, the office and auditors all."""
    return reads_invoices(user)


def reads_ledger(user: User) -> bool:
    """Tell whether a person reads the ledger, which shows everybody's pay and every client's debts: approvers and auditors."""
    return work_access.reads_everyone(user)


def shadow_runs_for(user: User) -> QuerySet[ShadowRun]:
    """Return the comparisons with present invoices and payslips that a person may see: payslips only who sees all pay."""
    if sees_all_pay(user):
        return ShadowRun.objects.all()
    return ShadowRun.objects.filter(side=ShadowRun.Side.BILL) if may_decide_invoices(user) else ShadowRun.objects.none()


def shadow_sides_for(user: User) -> tuple[str, ...]:
    """Return what a person may compare: invoices the office, payslips approvers. An auditor reads what others compared."""
    sides = ((ShadowRun.Side.BILL, may_decide_invoices(user)), (ShadowRun.Side.PAY, may_decide_runs(user)))
    return tuple(side.value for side, is_open in sides if is_open)


def reads_all_pay_reads(user: User) -> bool:
    """Tell whether a person reads who read anybody's pay: auditors and the owner; approvers are among those who are watched."""
    return user.is_superuser or Role.AUDITOR in work_access.roles_of(user)


def reads_pay_reads(user: User) -> bool:
    """Tell whether a person reads who read pay at all: auditors everybody's, agents who read theirs."""
    return reads_all_pay_reads(user) or Role.AGENT in work_access.roles_of(user)


def pay_reads_for(user: User) -> QuerySet[PayRead]:
    """Return who read pay: all for auditors and the owner, what is about their own pay for agents."""
    if reads_all_pay_reads(user):
        return PayRead.objects.all()
    return PayRead.objects.filter(agent__user=user) if Role.AGENT in work_access.roles_of(user) else PayRead.objects.none()
