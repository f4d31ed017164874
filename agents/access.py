"""Who may see which people and which of their work. Views and endpoints read these querysets and nothing else.

What a person may not see does not exist for them: pages answer 404, so an id tells nothing.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, Model, OuterRef, Q, QuerySet

from agents.models import (
    AccountMonth,
    Agent,
    Assessment,
    CoachingNote,
    CoachingSession,
    Feedback,
    GamingSignal,
    GuardrailDecision,
    HeldRow,
    Hold,
    HoldAct,
    ImportRun,
    ImprovementPlan,
    RawDelivery,
    Resolution,
    SampleDraw,
    Source,
    SourceIdentity,
    Team,
    TrainingTask,
    Upload,
    User,
)
from contracts.models import Client

Row = TypeVar("Row", bound=Model)


class Role(StrEnum):
    """A group that decides what somebody may open."""

    AGENT = "agent"
    LEAD = "lead"
    CONTRACT_ADMIN = "contract_admin"
    APPROVER = "approver"
    AUDITOR = "auditor"
    CLIENT = "client"


def roles_of(user: User) -> frozenset[Role]:
    """Return a person's roles; read once per request and kept on the user object."""
    known = user.__dict__.get("_roles")
    if known is None:
        known = roles_named(user.groups.values_list("name", flat=True))
        remember_roles(user, known)
    return known


def remember_roles(user: User, roles: frozenset[Role]) -> None:
    """Keep roles that a query has already read, so that no second query asks for them."""
    user.__dict__["_roles"] = roles


def roles_named(names: Iterable[str]) -> frozenset[Role]:
    """Return the roles among group names; a group that is no role gives no access."""
    found = set(names)
    return frozenset(role for role in Role if role.value in found)


def reads_everyone(user: User) -> bool:
    """Tell whether a person reads all agents' work: an auditor, a pay approver, or the owner of the installation."""
    return user.is_superuser or bool(roles_of(user) & {Role.AUDITOR, Role.APPROVER})


def reads_intake(user: User) -> bool:
    """Tell whether a person reads what comes in and what waits: a contract admin, an auditor, or the owner of the installation."""
    return user.is_superuser or bool(roles_of(user) & {Role.CONTRACT_ADMIN, Role.AUDITOR})


def changes_intake(user: User) -> bool:
    """Tell whether a person puts right what waits, uploads files and changes mappings: a contract admin, or the owner."""
    return user.is_superuser or Role.CONTRACT_ADMIN in roles_of(user)


def reads_jobs(user: User) -> bool:
    """Tell whether a person reads what runs by itself and how fresh data is: contract admins, approvers, auditors, the owner."""
    return reads_everyone(user) or Role.CONTRACT_ADMIN in roles_of(user)


def runs_jobs(user: User) -> bool:
    """Tell whether a person may start a job by hand: a contract admin, who keeps the schedules, or the owner."""
    return changes_intake(user)


def account_clients_for(user: User) -> QuerySet[Client]:
    """Return the clients of whose accounts anything is known to a person: a contact's own, all for the office and auditors."""
    roles = roles_of(user)
    known = Client.objects.filter(Exists(AccountMonth.objects.filter(client=OuterRef("pk"))))
    if reads_everyone(user) or Role.CONTRACT_ADMIN in roles:
        return known
    return known.filter(contacts__user=user) if Role.CLIENT in roles else known.none()


def account_months_for(user: User) -> QuerySet[AccountMonth]:
    """Return the account months that a person may see; as for their clients."""
    return AccountMonth.objects.filter(client__in=account_clients_for(user))


def account_owners_for(user: User) -> QuerySet[Client]:
    """Return the clients whose account data a person may bring: a contact their own, contract admins all."""
    if changes_intake(user):
        return Client.objects.all()
    return Client.objects.filter(contacts__user=user) if Role.CLIENT in roles_of(user) else Client.objects.none()


def account_uploads_for(user: User) -> QuerySet[Upload]:
    """Return the uploaded files of account data: readers of intake all, contacts those of their own client."""
    found = Upload.objects.filter(kind=Upload.Kind.ACCOUNTS)
    if reads_intake(user):
        return found
    return found.filter(source__client__contacts__user=user) if Role.CLIENT in roles_of(user) else found.none()


def names_for(user: User) -> QuerySet[SourceIdentity]:
    """Return the names that sources use for people; readers of intake see all of them."""
    return SourceIdentity.objects.all() if reads_intake(user) else SourceIdentity.objects.none()


def held_resolutions_for(user: User) -> QuerySet[Hold]:
    """Return all holds, released ones too, to readers of intake."""
    return Hold.objects.all() if reads_intake(user) else Hold.objects.none()


def held_rows_for(user: User) -> QuerySet[HeldRow]:
    """Return the rows that are or were held, to readers of intake."""
    return HeldRow.objects.all() if reads_intake(user) else HeldRow.objects.none()


def deliveries_for(user: User) -> QuerySet[RawDelivery]:
    """Return the deliveries that were not understood, to readers of intake."""
    return RawDelivery.objects.all() if reads_intake(user) else RawDelivery.objects.none()


def hold_acts_for(user: User) -> QuerySet[HoldAct]:
    """Return what people did about what waits, to readers of intake."""
    return HoldAct.objects.all() if reads_intake(user) else HoldAct.objects.none()


def sources_for(user: User) -> QuerySet[Source]:
    """Return the sources of records, to readers of intake."""
    return Source.objects.all() if reads_intake(user) else Source.objects.none()


def imports_for(user: User) -> QuerySet[ImportRun]:
    """Return the imports and deliveries, to readers of intake."""
    return ImportRun.objects.all() if reads_intake(user) else ImportRun.objects.none()


def uploads_for(user: User) -> QuerySet[Upload]:
    """Return the uploaded files of cases, to readers of intake."""
    return Upload.objects.filter(kind=Upload.Kind.CASES) if reads_intake(user) else Upload.objects.none()


def owners_of_holds() -> QuerySet[User]:
    """Return the people who can own what waits: those who can put it right."""
    may = Q(groups__name=Role.CONTRACT_ADMIN.value) | Q(is_superuser=True)
    return User.objects.filter(may, is_active=True).distinct().order_by("name", "email")


def teams_for(user: User) -> QuerySet[Team]:
    """Return the teams whose people a person may see: a lead's own, all for readers of everything."""
    if reads_everyone(user):
        return Team.objects.all()
    return Team.objects.filter(lead=user) if Role.LEAD in roles_of(user) else Team.objects.none()


def own_agent(user: User) -> Agent | None:
    """Return the agent that a person is, as it was read with them; None for who is none, or has not the role."""
    agent: Agent | None = getattr(user, "agent", None)
    return agent if agent is not None and Role.AGENT in roles_of(user) else None


def agents_for(user: User, *, on: date) -> QuerySet[Agent]:
    """Return the agents whose work a person may see on a day: their own, their teams' members of that day, or all."""
    return _about_own_or_led(Agent.objects.all(), user, on, prefix="")


def resolutions_for(user: User, *, on: date) -> QuerySet[Resolution]:
    """Return the resolutions of the agents that a person may see; unmapped ones only for readers of everything."""
    return _about_own_or_led(Resolution.objects.all(), user, on)


def decisions_for(user: User, *, on: date) -> QuerySet[GuardrailDecision]:
    """Return the guardrail decisions about the agents that a person may see."""
    return _about_own_or_led(GuardrailDecision.objects.all(), user, on)


def reviews_signals(user: User) -> bool:
    """Tell whether a person has a part in the review of gaming signals: leads, contract admins, and readers of everything."""
    return reads_everyone(user) or bool(roles_of(user) & {Role.LEAD, Role.CONTRACT_ADMIN})


def signals_for(user: User, *, on: date) -> QuerySet[GamingSignal]:
    """Return the gaming signals that a person reviews: about members of a lead's teams on a day, all for admins and readers.

    Nobody sees those about themselves here; what is held for one stands beside the resolution.
    """
    found = GamingSignal.objects.exclude(agent__user=user)
    if reads_everyone(user) or Role.CONTRACT_ADMIN in roles_of(user):
        return found
    if Role.LEAD not in roles_of(user):
        return found.none()
    return found.filter(agent__in=_led(user, on).values("pk"))


def may_decide_signal(user: User, *, signal: GamingSignal) -> bool:
    """Tell whether a person who sees a signal may decide it: leads and contract admins; an auditor changes nothing."""
    decides = user.is_superuser or bool(roles_of(user) & {Role.LEAD, Role.CONTRACT_ADMIN})
    return decides and signal.agent.user_id != user.pk


def may_lift(user: User, *, agent: Agent, on: date) -> bool:
    """Tell whether a person may lift a guardrail's decision about an agent: the lead of their team on that day, or the owner."""
    if agent.user_id == user.pk:
        return False
    leads = Role.LEAD in roles_of(user) and _led(user, on).filter(pk=agent.pk).exists()
    return user.is_superuser or leads


def feedback_for(user: User) -> QuerySet[Feedback]:
    """Return the feedback addressed to a person. Nobody reads another's inbox, auditors included."""
    return Feedback.objects.filter(agent__user=user) if Role.AGENT in roles_of(user) else Feedback.objects.none()


def _about_own_or_led(rows: QuerySet[Row], user: User, on: date, *, prefix: str = "agent__") -> QuerySet[Row]:
    """Narrow rows to a person's own agent and the members, on a day, of the teams they lead; readers of everything read all."""
    if reads_everyone(user):
        return rows
    # A role that is not held matches nothing.
    allowed = Q(pk__in=[])
    if Role.AGENT in roles_of(user):
        allowed |= Q(**{f"{prefix}user": user})
    if Role.LEAD in roles_of(user):
        allowed |= Q(**{f"{prefix}pk__in": _led(user, on).values("pk")})
    return rows.filter(allowed)


def _led(user: User, on: date) -> QuerySet[Agent]:
    """Return the members, on a day, of the teams that a person leads; whether they hold the role is asked by the caller."""
    return Agent.objects.filter(members_of(led_by=user, on=on))


def members_of(*, led_by: User, on: date) -> Q:
    """Match agents who on a day are members of a team that somebody leads."""
    return Q(
        Q(memberships__effective_to=None) | Q(memberships__effective_to__gt=on),
        memberships__team__lead=led_by,
        memberships__effective_from__lte=on,
    )


def reads_first_contacts(user: User) -> bool:
    """Tell whether a person reads FCR of others: a lead of their teams, a contract admin and readers of everything of all."""
    return reads_everyone(user) or bool(roles_of(user) & {Role.LEAD, Role.CONTRACT_ADMIN})


def reads_all_first_contacts(user: User) -> bool:
    """Tell whether a person reads FCR of every agent, and not of their teams alone."""
    return reads_everyone(user) or Role.CONTRACT_ADMIN in roles_of(user)


def first_contacts_for(user: User, *, on: date) -> QuerySet[Resolution]:
    """Return the resolutions that a person may read FCR of: those of their teams' agents of that day, or all."""
    if reads_all_first_contacts(user):
        return Resolution.objects.all()
    if Role.LEAD not in roles_of(user):
        return Resolution.objects.none()
    # Known before the days are asked for: a planner that sees so few agents starts with them, and not with everybody's days.
    members = list(_led(user, on).values_list("pk", flat=True).distinct())
    return Resolution.objects.filter(agent__in=members)


def staged_agents_for(user: User, *, on: date) -> QuerySet[Agent]:
    """Return the agents whose time by stage a person may read; as for FCR."""
    if reads_all_first_contacts(user):
        return Agent.objects.all()
    return _led(user, on) if Role.LEAD in roles_of(user) else Agent.objects.none()


def reads_quality_work(user: User) -> bool:
    """Tell whether a person reads draws, calibration and how quality work of others goes: leads, and readers of everything."""
    return reads_everyone(user) or Role.LEAD in roles_of(user)


def draws_for(user: User) -> QuerySet[SampleDraw]:
    """Return the draws of the teams that a person leads; all for readers of everything."""
    return SampleDraw.objects.filter(team__in=teams_for(user).values("pk"))


def may_draw(user: User, *, team: Team) -> bool:
    """Tell whether a person may have reviews drawn for a team: its lead, or the owner. Which ones, chance decides."""
    return user.is_superuser or (Role.LEAD in roles_of(user) and team.lead_id == user.pk)


def assessments_for(user: User, *, on: date) -> QuerySet[Assessment]:
    """Return the reviews that a person fills in, and the published ones of their teams' members, or all of these.

    What another reviewer has not published is seen by nobody else, so that both score blind.
    """
    if reads_everyone(user):
        return Assessment.objects.filter(Q(reviewer=user) | Q(status=Assessment.Status.PUBLISHED))
    if Role.LEAD not in roles_of(user):
        return Assessment.objects.none()
    led = Q(status=Assessment.Status.PUBLISHED, sampled__agent__in=_led(user, on).values("pk"))
    return Assessment.objects.filter(Q(reviewer=user) | led)


def own_assessments_for(user: User) -> QuerySet[Assessment]:
    """Return those of `assessments_for` that a person fills in."""
    return Assessment.objects.filter(reviewer=user)


def published_assessments_for(user: User, *, on: date) -> QuerySet[Assessment]:
    """Return those of `assessments_for` that are published, to be listed and counted: a team's are found by their agents.

    One condition with an or is quick to ask of one review; asked of all, it would look at every review of the company.
    """
    published = Assessment.objects.order_by().filter(status=Assessment.Status.PUBLISHED)
    if reads_everyone(user) or Role.LEAD not in roles_of(user):
        return assessments_for(user, on=on).filter(status=Assessment.Status.PUBLISHED)
    members = list(_led(user, on).values_list("pk", flat=True).distinct())
    found = published.filter(sampled__agent__in=members).values("pk").union(published.filter(reviewer=user).values("pk"))
    return Assessment.objects.filter(_IsAmong(F("pk"), ArraySubquery(found)))


class _IsAmong(Func):
    """Whether a value stands in an array that is made once; as a subquery, a planner may ask for each row instead."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def coached_agents_for(user: User, *, on: date) -> QuerySet[Agent]:
    """Return the agents whom a person may coach, train and open plans for: the other members of the teams they lead on a day."""
    if user.is_superuser:
        return Agent.objects.exclude(user=user)
    if Role.LEAD not in roles_of(user):
        return Agent.objects.none()
    return Agent.objects.filter(pk__in=_led(user, on).values("pk")).exclude(user=user)


def coaching_for(user: User, *, on: date) -> QuerySet[CoachingSession]:
    """Return the coaching talks that a person may read: an agent's own, those with a lead's members, all for readers of everything."""
    return _about_own_or_led(CoachingSession.objects.all(), user, on)


def notes_for(user: User, *, session: CoachingSession, on: date) -> QuerySet[CoachingNote]:
    """Return the notes of a talk that a person may read: private ones are for their author and the agent's lead of the day alone."""
    notes = CoachingNote.objects.filter(session=session)
    if session.agent.user_id == user.pk:
        return notes.filter(is_shared=True)
    if coached_agents_for(user, on=on).filter(pk=session.agent_id).exists():
        return notes
    return notes.filter(Q(is_shared=True) | Q(author=user))


def improvements_for(user: User, *, on: date) -> QuerySet[ImprovementPlan]:
    """Return the improvement plans that a person may read: an agent's own, those of a lead's members, all for readers of everything."""
    return _about_own_or_led(ImprovementPlan.objects.all(), user, on)


def training_for(user: User, *, on: date) -> QuerySet[TrainingTask]:
    """Return the training tasks that a person may read: an agent's own, those of a lead's members, all for readers of everything."""
    return _about_own_or_led(TrainingTask.objects.all(), user, on)


def answers_for(user: User, *, on: date) -> QuerySet[Feedback]:
    """Return the feedback that agents answered to somebody: to its author, and to the lead of the agent on a day.

    What an agent left unanswered stays in their inbox alone.
    """
    answered = Feedback.objects.filter(answered_at__isnull=False).exclude(agent__user=user)
    if Role.LEAD not in roles_of(user):
        return answered.none()
    return answered.filter(Q(author=user) | Q(agent__in=_led(user, on).values("pk")))
