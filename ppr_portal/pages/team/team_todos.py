"""Who needs their lead today, and why: what limits, disputes and results ask for, with what is due of quality work between."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Dispute
from ppr_portal.pages.pay import statement_rows
from ppr_portal.pages.team.team_rows import TeamRow
from ppr_portal.pages.todos import Todo
from ppr_portal.pages.work import limits, quality
from ppr_portal.templatetags import formats, times

TODOS_MAX = 7
FEW_NAMED_MAX = 3


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


def _decision_todo(decision: limits.DecisionView) -> Todo:
    look, icon = ("stop", "s-stop") if decision.is_stop else ("plain", "i-rest") if decision.is_rest else ("warn", "s-warn")
    return Todo(
        look=look,
        icon=icon,
        title=decision.lead_title,
        fact=_("%(title)s: %(fact)s. From %(plan)s. %(effects)s")
        % {"title": decision.title, "fact": decision.fact, "plan": decision.plan, "effects": decision.lead_effects[0]},
        when=limits.since(decision.starts_at),
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
        url="?show=few#team",
        act=_("Show them"),
    )


def _few_words(row: TeamRow) -> str:
    total = row.scored.n if row.scored else 0
    return ngettext("%(name)s (%(count)s result)", "%(name)s (%(count)s results)", total) % {"name": row.name, "count": total}
