"""The rows of the team table and the list of who needs their lead today, from what the queries read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.queries import team_overview
from billing.models import Dispute
from ppr_portal.pages import drawings, limits, quality, statement_rows
from ppr_portal.templatetags import formats, times

TODO_MAX = 7
FEW_NAMED_MAX = 3


@dataclass(frozen=True, kw_only=True)
class TeamRow:
    """One agent in the team table."""

    agent_id: int
    name: str
    team_name: str
    url: str
    scored: quality.QualityView | None
    decisions: tuple[limits.DecisionView, ...]
    pending_count: int
    dispute_count: int
    worked_seconds: int
    spark: drawings.Spark | None

    @property
    def fcr(self) -> quality.MetricView | None:
        """First contact resolution, if anything was observed."""
        return self.scored.by_code.get("fcr") if self.scored else None

    @property
    def csat(self) -> quality.MetricView | None:
        """CSAT, if anybody answered."""
        return self.scored.by_code.get("csat") if self.scored else None

    @property
    def qa(self) -> quality.MetricView | None:
        """QA, if anything was reviewed."""
        return self.scored.by_code.get("qa") if self.scored else None

    @property
    def load(self) -> str:
        """The state of load: stop, warn or nothing to say."""
        if not self.decisions:
            return ""
        return "stop" if self.decisions[0].is_stop else "warn"

    @property
    def load_words(self) -> str:
        """What was measured where a limit is near or reached."""
        return ", ".join(decision.short for decision in self.decisions[:2])

    @property
    def is_few(self) -> bool:
        """Whether there are too few results to lower pay."""
        return self.scored is None or self.scored.is_provisional

    @property
    def is_outside(self) -> bool:
        """Whether a score lies outside what was expected."""
        return self.scored is not None and self.scored.is_outside


@dataclass(frozen=True, kw_only=True)
class Todo:
    """Something that needs the lead: who, the fact with numbers, by when, and one act."""

    look: str
    icon: str
    title: str
    fact: str
    when: str
    is_due: bool
    url: str
    act: str


def list_todos(*, rows: Sequence[TeamRow], disputes: Iterable[Dispute], at: datetime, due: Sequence[Todo] = ()) -> tuple[Todo, ...]:
    """Return what needs the lead, the most urgent first: stops, disputes, notices, what is due of quality work and what is not yet.

    Scores below expected stand between what is due and what can wait; agents with few results come last.
    """
    found = [_decision_todo(decision) for row in rows for decision in row.decisions if decision.is_stop or decision.is_rest]
    found += [_dispute_todo(dispute, at) for dispute in disputes]
    found += [_decision_todo(decision) for row in rows for decision in row.decisions[:1] if not (decision.is_stop or decision.is_rest)]
    found += [todo for todo in due if todo.is_due]
    found += [
        _below_todo(row, metric)
        for row in rows
        if row.is_outside and row.scored
        for metric in row.scored.metrics
        if metric.verdict == "below"
    ]
    found += [todo for todo in due if not todo.is_due]
    few = [row for row in rows if row.is_few]
    return (*found, *([_few_todo(few)] if few else []))


def spark_of(rates: Sequence[team_overview.WeekRate], expected: Fraction | None) -> drawings.Spark | None:
    """Draw an agent's weekly first contact rates."""
    return drawings.draw_spark(rates=[Fraction(rate.successes, rate.n) if rate.n else None for rate in rates], expected=expected)


def pick(rows: Sequence[TeamRow], show: str) -> list[TeamRow]:
    """Return the rows that a filter keeps."""
    keeps: Callable[[TeamRow], bool] = KEEPERS.get(show, _everybody)
    return [row for row in rows if keeps(row)]


def count_filters(rows: Sequence[TeamRow]) -> Mapping[str, int]:
    """Return how many rows each filter keeps."""
    return {name: len(pick(rows, name)) for name in KEEPERS}


def _everybody(row: TeamRow) -> bool:
    return True


KEEPERS: Mapping[str, Callable[[TeamRow], bool]] = {
    "": _everybody,
    "outside": lambda row: row.is_outside,
    "load": lambda row: bool(row.load),
    "few": lambda row: row.is_few,
    "disputes": lambda row: row.dispute_count > 0,
}


def _decision_todo(decision: limits.DecisionView) -> Todo:
    look, icon = ("stop", "s-stop") if decision.is_stop else ("plain", "i-rest") if decision.is_rest else ("warn", "s-warn")
    return Todo(
        look=look,
        icon=icon,
        title=decision.lead_title,
        fact=_("%(title)s: %(fact)s. From %(plan)s. %(effects)s")
        % {"title": decision.title, "fact": decision.fact, "plan": decision.plan, "effects": decision.lead_effect},
        when=limits.since(decision.starts_at),
        is_due=False,
        url=f"{reverse('load')}?agent={decision.agent_id}",
        act=_("See decision"),
    )


def _dispute_todo(dispute: Dispute, at: datetime) -> Todo:
    about = dispute.get_kind_display().lower()
    if dispute.line or dispute.resolution:
        about = (
            f"“{statement_rows.label_of(dispute.line)}”"
            if dispute.line
            else _("case %(key)s") % {"key": dispute.resolution.case.key}
            if dispute.resolution
            else about
        )
    return Todo(
        look="stop" if dispute.due_at <= at else "plain",
        icon="i-dispute",
        title=_("%(party_name)s disputes %(about)s") % {"party_name": dispute.party_name, "about": about},
        fact=_("%(words)s Undisputed pay is not delayed.") % {"words": dispute.words},
        when=_("Answer by %(due_at)s") % {"due_at": times.day(dispute.due_at)},
        is_due=True,
        url=reverse("dispute", args=[dispute.pk]),
        act=_("Answer"),
    )


def _below_todo(row: TeamRow, metric: quality.MetricView) -> Todo:
    return Todo(
        look="plain",
        icon="i-below",
        title=_("%(name)s: %(label)s is below expected") % {"name": row.name, "label": metric.label},
        fact=(
            _("Score %(score)s, expected %(expected)s for these cases, %(n)s results. The band, %(low)s–%(high)s, leaves chance unlikely.")
            % {
                "score": formats.percent(metric.score),
                "expected": formats.percent(metric.expected),
                "n": metric.n,
                "low": formats.bare_percent(metric.low),
                "high": formats.percent(metric.high),
            }
        ),
        when=_("This month"),
        is_due=False,
        url=f"{reverse('coaching_new')}?agent={row.agent_id}&metric={metric.code}",
        act=_("Plan coaching"),
    )


def _few_todo(few: Sequence[TeamRow]) -> Todo:
    named = ", ".join(_few_words(row) for row in few[:FEW_NAMED_MAX])
    others = _(" and %(few)s more") % {"few": len(few) - FEW_NAMED_MAX} if len(few) > FEW_NAMED_MAX else ""
    people = _("1 agent has") if len(few) == 1 else _("%(few)s agents have") % {"few": len(few)}
    return Todo(
        look="plain",
        icon="i-info",
        title=_("%(people)s few results so far") % {"people": people},
        fact=_("%(named)s%(others)s. Until there are enough, quality cannot lower their pay, and a low score says little.")
        % {"named": named, "others": others},
        when=_("This month"),
        is_due=False,
        url="?show=few",
        act=_("Show them"),
    )


def _few_words(row: TeamRow) -> str:
    total = row.scored.n if row.scored else 0
    return ngettext("%(name)s (%(count)s result)", "%(name)s (%(count)s results)", total) % {"name": row.name, "count": total}
