"""Say of several names at once whom they stand for, and take it back as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from agents.models import Agent, CaseEvent, SourceIdentity
from agents.operations import history
from agents.operations.mappings.map_identity import UnableToMap
from agents.operations.resolutions import resolve_cases


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whom a name stands for: an agent, a system user, or nobody yet."""

    agent_id: int | None
    is_system: bool


@dataclass(frozen=True, kw_only=True)
class NamesReport:
    """What changed: how the names stood before, the cases they are in, and holds released and opened."""

    before: Mapping[int, Standing]
    case_ids: tuple[int, ...]
    released_count: int
    opened_count: int


def set_names(*, standings: Mapping[int, Standing], as_of: datetime) -> NamesReport:
    """Let names stand for agents, system users or nobody, and fold the cases they are in once, in one transaction.

    What was settled before stays as it was settled.

    Args:
        standings: whom each name stands for from now on, by identity.
        as_of: business instant.

    Returns: how they stood, and what changed.
    Raises: UnableToMap if a name or an agent is unknown, or a name would be a system user's and an agent's at once.
    """
    wanted = {standing.agent_id for standing in standings.values() if standing.agent_id is not None}
    known = set(Agent.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise UnableToMap(_("There is no agent %(wanted)s; choose one of the list.") % {"wanted": min(wanted - known)})
    if any(standing.is_system and standing.agent_id is not None for standing in standings.values()):
        raise UnableToMap(_("A system user is never paid, so a name cannot stand for one and for an agent; choose one of the two."))
    with history.act(name="set_names", as_of=as_of):
        found = {row.pk: row for row in SourceIdentity.objects.select_for_update().filter(pk__in=standings).order_by("pk")}
        if missing := set(standings) - set(found):
            raise UnableToMap(_("There is no source identity %(missing)s; reload the list.") % {"missing": min(missing)})
        before = {pk: Standing(agent_id=row.agent_id, is_system=row.is_system) for pk, row in found.items()}
        for pk, standing in standings.items():
            SourceIdentity.objects.filter(pk=pk).update(agent_id=standing.agent_id, is_system=standing.is_system)
        events = CaseEvent.objects.filter(agent_identity__in=list(standings))
        case_ids = tuple(events.order_by().values_list("case_id", flat=True).distinct())
        folded = resolve_cases.resolve_cases(as_of=as_of, case_ids=case_ids)
    return NamesReport(before=before, case_ids=case_ids, released_count=folded.released_hold_count, opened_count=folded.opened_hold_count)
