"""The rows of a pay run as its page shows them: each agent beside the period before, with what is flagged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from billing.models import PayRun
from billing.queries import runs
from billing.rules import money, variance
from contracts.translation import gettext_lazy as _
from ppr_portal.templatetags import formats

ROWS_MAX = 50
CHANGED = "pay_changed"
CHANGED_MAX = 10
FLAG_WORDS = {
    CHANGED: _("Changed since"),
    "missing_agent": _("Paid before, not now"),
    "new_agent": _("New"),
    "zero_pay": _("No pay"),
    "agent_swing": _("Large change"),
    "guardrail_hits": _("Guardrail"),
    "total_swing": _("Large change"),
}


# What raises a flag that has no limit of its own; those of a swing and of guardrails name theirs.
RAISED_BY = {
    "missing_agent": _("paid in the period before, not in this one"),
    "new_agent": _("paid in this period, not in the one before; nobody is new in the first run of a site"),
    "zero_pay": _("a total of zero or less"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One agent of a run; amounts are None where there is no settlement."""

    agent_id: int
    name: str
    currency: str
    resolution_count: int
    now_micros: int | None
    before_micros: int | None
    flags: tuple[str, ...]
    period_start: date

    @property
    def url(self) -> str:
        """The agent's statement; that of who was not paid is among all of theirs."""
        if self.now_micros is None:
            return reverse("agent_statements", args=[self.agent_id])
        return reverse("statement", args=[self.agent_id, self.period_start])

    @property
    def change_micros(self) -> int:
        """What changed; all of it for who was not paid before."""
        return (self.now_micros or 0) - (self.before_micros or 0)

    @property
    def change_percent(self) -> Fraction | None:
        """The change as a part of what was before, if there was any."""
        if not self.before_micros or self.now_micros is None:
            return None
        return variance.change_percent(now_micros=self.now_micros, before_micros=self.before_micros)

    @property
    def flag_words(self) -> tuple[str, ...]:
        """The flags in words."""
        return tuple(FLAG_WORDS.get(flag, flag) for flag in self.flags)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Rows from one place of a sorted list, and the place of the next."""

    rows: tuple[Row, ...]
    next_after: str


SORTS: Mapping[str, Callable[[Row], Any]] = {
    "name": lambda row: (row.name, row.agent_id),
    "total": lambda row: (row.now_micros or 0, row.name, row.agent_id),
    "change": lambda row: (row.change_micros, row.name, row.agent_id),
    "resolutions": lambda row: (row.resolution_count, row.name, row.agent_id),
}


def list_rows(*, view: runs.RunView) -> list[Row]:
    """Return the agents of a run, those included who were paid in the period before and are not now."""
    flagged = {(found["agent_id"], found["currency"]): found for found in (view.run.variance or {}).get("flagged", [])}
    changed = {found["agent_id"] for found in view.run.changed}
    rows = []
    for agent in view.agents:
        found = flagged.pop((agent.agent_id, agent.currency), None)
        flags = ((CHANGED,) if agent.agent_id in changed else ()) + (tuple(found["flags"]) if found else ())
        rows.append(_row(agent, flags, view.run.period_start))
    missing = [found for found in flagged.values() if found["now_micros"] is None]
    return rows + [_missing(found, view.run.period_start) for found in missing]


def list_thresholds(*, run: PayRun) -> list[tuple[str, str]]:
    """Return each flag and from which change on it is raised, as the thresholds were when the run was calculated."""
    kept = {found["flag"]: found for found in (run.variance or {}).get("thresholds", [])}
    names = {**FLAG_WORDS, "agent_swing": _("Large change of an agent's pay"), "total_swing": _("Large change of the total")}
    return [(str(names[flag]), _raised_by(flag, kept.get(flag))) for flag in FLAG_WORDS if flag != CHANGED] if kept else []


def _raised_by(flag: str, found: Mapping[str, Any] | None) -> str:
    if found is None:
        return gettext("not flagged")
    if flag in RAISED_BY:
        return str(RAISED_BY[flag])
    if flag == "guardrail_hits":
        count = max(1, found["count_min"] or 1)
        return ngettext("from %(count)s line that a guardrail made", "from %(count)s lines that guardrails made", count) % {"count": count}
    percent_bp, amount_micros = found["percent_bp"], found["amount_micros"]
    limits = [] if percent_bp is None else [formats.fine_percent(Fraction(percent_bp, variance.BASIS_POINTS))]
    limits += [] if amount_micros is None else [formats.number(value=money.from_micros(micros=amount_micros), places=2)]
    return gettext("from %(limits)s up or down") % {"limits": gettext(" and ").join(limits)} if limits else gettext("any change")


def list_changed(*, run: PayRun) -> list[dict[str, Any]]:
    """Return agents whose pay changed since a run was calculated, with the address of their statements.

    Who is not in the run stands in no list of its agents, so all of them stand here, first; of the others the first ones.
    """
    missing, others = ([found for found in run.changed if (found["run_micros"] is None) == is_missing] for is_missing in (True, False))
    shown = missing + others[: max(0, CHANGED_MAX - len(missing))]
    return [{**found, "url": reverse("agent_statements", args=[found["agent_id"]])} for found in shown]


def pick_rows(*, rows: Sequence[Row], find: str, show: str, sort: str) -> list[Row]:
    """Return the rows that a search and a filter keep, in the order asked for."""
    kept = [row for row in rows if find.lower() in row.name.lower() and (not show or show in (*row.flags, row.flags and "flagged"))]
    return sorted(kept, key=SORTS.get(sort.lstrip("-"), SORTS["name"]), reverse=sort.startswith("-"))


def cut_rows(*, rows: Sequence[Row], after: int) -> Slice:
    """Return the rows that follow an agent's; the first ones if that agent is not among them."""
    start = next((place for place, row in enumerate(rows, start=1) if row.agent_id == after), 0)
    part = rows[start : start + ROWS_MAX]
    has_more = len(rows) > start + ROWS_MAX
    return Slice(rows=tuple(part), next_after=str(part[-1].agent_id) if has_more and part else "")


def count_flags(*, rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows each filter keeps, those that keep none left out."""
    flagged = [row.flags for row in rows if row.flags]
    counted = {flag: sum(flag in flags for flags in flagged) for flag in FLAG_WORDS}
    return {"": len(rows), "flagged": len(flagged), **{flag: count for flag, count in counted.items() if count}}


def _row(agent: runs.AgentRow, flags: tuple[str, ...], period_start: date) -> Row:
    return Row(
        agent_id=agent.agent_id,
        name=agent.name,
        currency=agent.currency,
        resolution_count=agent.resolution_count,
        now_micros=agent.total_micros,
        before_micros=agent.before_micros,
        flags=flags,
        period_start=period_start,
    )


def _missing(found: Mapping[str, Any], period_start: date) -> Row:
    return Row(
        agent_id=found["agent_id"],
        name=found["name"],
        currency=found["currency"],
        resolution_count=0,
        now_micros=None,
        before_micros=found["before_micros"],
        flags=tuple(found["flags"]),
        period_start=period_start,
    )
