"""Say which agent a source's name stands for, or that it stands for nobody."""

from datetime import datetime

from django.utils.translation import gettext as _

from agents.models import Agent, CaseEvent, SourceIdentity
from agents.operations import history
from agents.operations.resolutions import resolve_cases
from agents.operations.resolutions.resolve_cases import ResolveReport


class UnableToMap(Exception):
    """An identity cannot be mapped; nothing changed."""


def map_identity(*, identity_id: int, agent_id: int | None, as_of: datetime) -> ResolveReport:
    """Map a name to an agent, release what it held, and credit its resolutions; None takes the mapping back and holds them again.

    What was settled before stays as it was settled.

    Args:
        identity_id: the name, in its space of its source.
        agent_id: whom it stands for, or None.
        as_of: business instant.

    Returns: what changed.
    Raises: UnableToMap if the name is a system user's, or either is unknown.
    """
    if agent_id is not None and not Agent.objects.filter(pk=agent_id).exists():
        raise UnableToMap(_("There is no agent %(agent_id)s; choose one of the list.") % {"agent_id": agent_id})
    with history.act(name="map_identity", as_of=as_of):
        identity = _locked(identity_id)
        if identity.is_system and agent_id is not None:
            raise UnableToMap(
                _("%(identity)s is marked as a system user, which is never paid; take that mark away first.") % {"identity": identity}
            )
        identity.agent_id = agent_id
        identity.save(update_fields=["agent"])
        return _fold_again(identity, as_of)


def mark_system(*, identity_id: int, is_system: bool, as_of: datetime) -> ResolveReport:
    """Say whether a name is a bot or system user, whose closing of a case is no resolution.

    Args:
        identity_id: the name, in its space of its source.
        is_system: whether it is one.
        as_of: business instant.

    Returns: what changed.
    Raises: UnableToMap if the name stands for an agent, or is unknown.
    """
    with history.act(name="mark_system", as_of=as_of):
        identity = _locked(identity_id)
        if is_system and identity.agent_id is not None:
            raise UnableToMap(
                _("%(identity)s stands for %(agent)s; take that mapping back before you mark it as a system user.")
                % {"identity": identity, "agent": identity.agent}
            )
        identity.is_system = is_system
        identity.save(update_fields=["is_system"])
        return _fold_again(identity, as_of)


def _locked(identity_id: int) -> SourceIdentity:
    identity = SourceIdentity.objects.select_for_update().filter(pk=identity_id).first()
    if identity is None:
        raise UnableToMap(_("There is no source identity %(identity_id)s; reload the list.") % {"identity_id": identity_id})
    return identity


def _fold_again(identity: SourceIdentity, as_of: datetime) -> ResolveReport:
    case_ids = CaseEvent.objects.filter(agent_identity=identity).values_list("case_id", flat=True).distinct()
    return resolve_cases.resolve_cases(as_of=as_of, case_ids=list(case_ids))
