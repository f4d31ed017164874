"""Whose pay, which period, and what is known: what every loader of pay inputs asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.models import Site
from billing.rules.pay import workweeks


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Some agents of one site, one pay period, and the instant whose knowledge counts."""

    site: Site
    agent_ids: Sequence[int]
    period: workweeks.PayPeriod
    as_of: datetime

    @property
    def params(self) -> dict[str, object]:
        """The parameters of a loader's statement."""
        return {
            "site": self.site.pk,
            # As one text: a list is written number by number into each of a statement's places.
            "agents": f"{{{','.join(map(str, self.agent_ids))}}}",
            "start": self.period.start,
            "start_at": self.period.starts_at,
            "end_at": self.period.ends_at,
            "as_of": self.as_of,
            "zone": self.period.timezone,
        }
