"""An agent's own check-ins, for that agent's page and no other."""

from dataclasses import dataclass

from agents.models.check_ins import CheckIn

SHOWN_MAX = 60
DAYS = tuple(CheckIn.Day.choices)


@dataclass(frozen=True, kw_only=True)
class OwnCheckIns:
    """The newest notes of one agent, and whether there are older ones."""

    rows: tuple[CheckIn, ...]
    has_older: bool


def list_own(*, agent_id: int) -> OwnCheckIns:
    """Return the newest check-ins of an agent, in one query. Call it with the agent of whoever is signed in and nobody else's."""
    found = list(CheckIn.objects.filter(agent=agent_id).order_by("-noted_at", "-pk")[: SHOWN_MAX + 1])
    return OwnCheckIns(rows=tuple(found[:SHOWN_MAX]), has_older=len(found) > SHOWN_MAX)
