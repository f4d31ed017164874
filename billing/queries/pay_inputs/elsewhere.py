"""Months that other sites closed for agents who left them: what is verified there and was never paid comes into the open period."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from billing.rules import periods
from billing.rules.pay import workweeks

# Agents who never left a site are looked for in a small table, and found in nothing more.
CLOSED = """
    SELECT s.agent_id, p.period_start, p.period_end, t.timezone
    FROM billing_settlement s JOIN billing_payrun p ON p.id = s.run_id JOIN agents_site t ON t.id = p.site_id
    WHERE s.agent_id IN (SELECT e.pgh_obj_id FROM agents_leftsite e WHERE e.pgh_obj_id = ANY(%(agents)s))
      AND p.site_id <> %(site)s AND p.period_start < %(start)s AND p.status IN ('approved', 'posted', 'paid')
    ORDER BY s.agent_id, p.period_start"""

WITHIN = """
    FROM agents_resolution r JOIN (
        SELECT mover, range_agg(tstzrange(starts_at, ends_at)) AS closed
        FROM unnest(%(movers)s::bigint[], %(closed_from)s::timestamptz[], %(closed_to)s::timestamptz[]) AS m (mover, starts_at, ends_at)
        GROUP BY mover
    ) spans ON spans.mover = r.agent_id
    WHERE is_payable AND verified_at < %(start_at)s AND verified_at <= %(as_of)s
      AND verified_at >= lower(closed) AND verified_at <@ closed"""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Agents with the spans of time that other sites closed for them, one beside the other; none for nearly all scopes."""

    agent_ids: Sequence[int] = ()
    starts_at: Sequence[datetime] = ()
    ends_at: Sequence[datetime] = ()

    @property
    def params(self) -> dict[str, object]:
        """The parameters of a statement that reads within them."""
        return {"movers": list(self.agent_ids), "closed_from": list(self.starts_at), "closed_to": list(self.ends_at)}


def closed_of(*, rows: Iterable[Mapping[str, Any]], period: workweeks.PayPeriod) -> Closed:
    """Return what other sites closed, each by its own clock.

    Where the month begins later here than it ended there, the time between is closed as well: no other run reads it. A site whose clock
    cannot be read closes nothing.

    Args:
        rows: of CLOSED.
        period: in the time zone of the site now.
    """
    found: list[tuple[int, datetime, datetime]] = []
    for row in rows:
        here = replace(period, start=date.fromisoformat(row["period_start"]), end=date.fromisoformat(row["period_end"]))
        try:
            there = replace(here, timezone=row["timezone"])
        except periods.InvalidPeriod:
            continue
        found.append((row["agent_id"], there.starts_at, max(there.ends_at, here.ends_at)))
    agent_ids, starts_at, ends_at = zip(*found, strict=True) if found else ((), (), ())
    return Closed(agent_ids=agent_ids, starts_at=starts_at, ends_at=ends_at)
