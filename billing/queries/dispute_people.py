"""Who has a part in a dispute: who opened it, who answers it, and who reads it and may be mentioned."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from agents.access import Role
from agents.models import QaReview, TeamMembership, User
from billing.models import Dispute

OFFICE = (Role.CONTRACT_ADMIN, Role.APPROVER)


def with_roles(*roles: Role) -> QuerySet[User]:
    """Return the active people who hold one of some roles."""
    return User.objects.filter(is_active=True, groups__name__in=[role.value for role in roles]).distinct()


def list_answerers(*, disputes: Iterable[Dispute], on: date) -> dict[int, set[int]]:
    """Return who answers each dispute, by its id: the lead of the agent's team on a day, else the approvers; the office for a client.

    Whoever wrote a disputed review does not answer about it.
    """
    disputes = list(disputes)
    holders = list(with_roles(*OFFICE).values_list("pk", "groups__name"))
    office = {person for person, _ in holders}
    approvers = {person for person, role in holders if role == Role.APPROVER.value}
    known = TeamMembership.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=on),
        agent__in={dispute.agent_id for dispute in disputes if dispute.agent_id},
        effective_from__lte=on,
        team__lead__isnull=False,
    )
    leads = dict(known.values_list("agent_id", "team__lead_id"))
    reviews = {dispute.qa_review_id for dispute in disputes if dispute.qa_review_id}
    reviewers = dict(QaReview.objects.filter(pk__in=reviews).values_list("pk", "reviewer_id")) if reviews else {}
    found = {}
    for dispute in disputes:
        lead = leads.get(dispute.agent_id or 0)
        people = office if dispute.is_by_client else ({lead} if lead else approvers) - {reviewers.get(dispute.qa_review_id or 0)}
        found[dispute.pk] = {person for person in people or approvers if person is not None}
    return found


def list_openers(*, dispute: Dispute) -> set[int]:
    """Return who hears what became of a dispute: who opened it, and the agent it is about."""
    agent = {dispute.agent.user_id} if dispute.agent is not None else set()
    return {person for person in {dispute.opened_by_id, *agent} if person is not None}


def list_readers(*, dispute: Dispute, on: date) -> QuerySet[User]:
    """Return the people who may see a dispute and can be mentioned in a comment, by name."""
    found = Q(groups__name__in=[Role.APPROVER.value, Role.AUDITOR.value]) | Q(is_superuser=True)
    if dispute.is_by_client:
        found |= Q(groups__name=Role.CONTRACT_ADMIN.value)
        found |= Q(client_contacts__client=dispute.client_id, groups__name=Role.CLIENT.value)
    else:
        found |= Q(agent=dispute.agent_id) | Q(pk__in=list_answerers(disputes=[dispute], on=on)[dispute.pk])
    return User.objects.filter(found, is_active=True).distinct().order_by("name", "email")
