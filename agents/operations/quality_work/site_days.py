"""Which day it is where agents work: what is due today there is not past because a day ended elsewhere."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from agents.models import Agent, Site


def earliest_today(*, agents: Collection[Agent], as_of: datetime) -> date:
    """Return the earliest day that it is at a site of some agents.

    Args:
        agents: at least one.
        as_of: business instant.
    """
    zones = Site.objects.filter(pk__in={agent.site_id for agent in agents}).values_list("timezone", flat=True).distinct()
    return min(as_of.astimezone(ZoneInfo(zone)).date() for zone in zones)
