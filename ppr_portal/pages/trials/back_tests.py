"""Back-test: what a plan version would have cost on a real month, and whom it would have helped or hurt."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.operations.jobs import kept_answers
from billing import access, tasks
from billing.operations import back_test_job
from billing.queries import back_test
from billing.rules import back_test as rules
from billing.rules import money
from contracts import clock
from contracts.models import PayPlanVersion
from ppr_portal.pages import drawings, exports, list_tools, pay_seen, watched
from ppr_portal.pages.entry import PortalRequest, asked_month_or_first, asked_text, portal_page

PAGE = "plans/back_test.html"
ROWS_MAX = 50
# Who could not be worked out is told by name so far, and counted beyond.
FAILURES_MAX = 50
CSV_HEAD = ("agent", "name", "resolutions", "difference", "then_multiplier", "premium_withheld_then", "top_up_then")
PAY_HEAD = ("now", "then")
SIDES: Mapping[str, Callable[[int], bool]] = {
    "more": lambda micros: micros > 0,
    "less": lambda micros: micros < 0,
    "same": lambda micros: micros == 0,
}


@dataclass(frozen=True, kw_only=True)
class AgentRow:
    """One agent's difference; now and then only for those who may see pay."""

    name: str
    unit_count: int
    difference_micros: int
    now_micros: int
    then_micros: int


@dataclass(frozen=True, kw_only=True)
class SpreadRow:
    """One point of the spread, with its bar: from the middle to the right if more, to the left if less."""

    percent: int
    micros: int
    x: str
    width: str


@dataclass(frozen=True, kw_only=True)
class SummaryView:
    """A back-test's figures as people read them."""

    summary: rules.Summary
    difference_micros: int
    now_micros: int
    then_micros: int
    won_micros: int
    lost_micros: int
    then_withheld_micros: int
    unchanged_count: int
    change: Fraction | None
    spread: tuple[SpreadRow, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def plan_back_test(request: PortalRequest, pk: int) -> HttpResponse:
    """Try a plan version on a month that its plan paid; what was worked out is kept until somebody wants it anew."""
    if not access.may_back_test(request.user):
        raise Http404
    version = get_object_or_404(PayPlanVersion.objects.select_related("plan"), pk=pk)
    months = back_test.list_months(plan_id=version.plan_id)
    month = asked_month_or_first(request, known=months)
    context = {"version": version, "months": months, "month": month}
    if month is None:
        return render(request, PAGE, context)
    if request.method == "POST":
        kept_answers.forget(key=back_test_job.key_of(version=version, month=month))
        return redirect(_address(version, month))
    state = back_test_job.read_or_start(
        version=version,
        month=month,
        as_of=clock.now(),
        start=lambda: tasks.back_test.delay(version_id=version.pk, month=month.isoformat()),
    )
    return watched.show_answer(
        request,
        state=state,
        template=PAGE,
        context=context,
        watch_url=_address(version, month),
        show=lambda found: _show(request, version, month, found, context),
    )


def _address(version: PayPlanVersion, month: date) -> str:
    return f"{reverse('plan_back_test', args=[version.pk])}?{urlencode({'month': f'{month:%Y-%m}'})}"


def _show(
    request: PortalRequest, version: PayPlanVersion, month: date, state: back_test_job.Found, context: dict[str, Any]
) -> HttpResponse:
    """Show what was found, a page of agents at a time: by name, or the largest difference first where only one side is shown."""
    agents, shows_pay = state.agents, access.sees_all_pay(request.user)
    asked = {"month": f"{month:%Y-%m}", **list_tools.read_asked(request, "find", "show")}
    picked = _pick(agents, asked)
    if request.GET.get("format") == "csv":
        pay_seen.saw(request, (agents.ids[place] for place in picked))
        return _csv(version, month, agents, picked, shows_pay=shows_pay)
    after = asked_text(request, "after")
    start = next((count for count, place in enumerate(picked, start=1) if agents.codes[place] == after), 0)
    shown = picked[start : start + ROWS_MAX]
    # A difference tells of somebody's pay too.
    pay_seen.saw(request, (agents.ids[place] for place in shown))
    next_after = agents.codes[shown[-1]] if len(picked) > start + ROWS_MAX else ""
    told = {
        "as_of": state.as_of,
        "view": _view(state.summary, version.currency),
        "failures": state.failures[:FAILURES_MAX],
        "more_failure_count": max(0, len(state.failures) - FAILURES_MAX),
        "rows": [_row(agents, place) for place in shown],
        "chips": _chips(state.summary, asked),
        "find": asked.get("find", ""),
        "show": asked.get("show", ""),
        "shows_pay": shows_pay,
    }
    return render(request, PAGE, {**context, **told, **list_tools.links(asked=asked, after=after, next_after=next_after)})


def _pick(agents: back_test_job.Agents, asked: Mapping[str, str]) -> list[int]:
    """Return the places of the agents that a search and a filter keep."""
    find, keeps = asked.get("find", "").lower(), SIDES.get(asked.get("show", ""))
    found = [place for place, name in enumerate(agents.names) if find in name.lower()]
    if keeps is None:
        return found
    kept = [place for place in found if keeps(agents.difference_micros(place))]
    return sorted(kept, key=lambda place: (-abs(agents.difference_micros(place)), agents.names[place], agents.codes[place]))


def _chips(summary: rules.Summary, asked: Mapping[str, str]) -> list[list_tools.Chip]:
    same_count = summary.agent_count - summary.winner_count - summary.loser_count
    states = (
        ("", _("Everybody"), summary.agent_count),
        ("more", _("Would have more"), summary.winner_count),
        ("less", _("Would have less"), summary.loser_count),
        ("same", _("The same"), same_count),
    )
    return list_tools.chips(name="show", states=states, asked=asked, keeps=True, part="#list")


def _row(agents: back_test_job.Agents, place: int) -> AgentRow:
    return AgentRow(
        name=agents.names[place],
        unit_count=agents.unit_counts[place],
        difference_micros=agents.difference_micros(place),
        now_micros=agents.now_micros[place],
        then_micros=agents.then_micros[place],
    )


def _view(summary: rules.Summary, currency: str) -> SummaryView:
    def micros(amount: Fraction) -> int:
        return money.to_micros(amount=amount, currency=currency)

    most = max((abs(one.difference) for one in summary.spread), default=Fraction(0)) or Fraction(1)
    return SummaryView(
        summary=summary,
        difference_micros=micros(summary.cost_difference),
        now_micros=micros(summary.cost_now),
        then_micros=micros(summary.cost_then),
        won_micros=micros(summary.won),
        lost_micros=micros(summary.lost),
        then_withheld_micros=micros(summary.then_withheld),
        unchanged_count=summary.agent_count - summary.winner_count - summary.loser_count,
        change=summary.cost_difference / summary.cost_now if summary.cost_now else None,
        spread=tuple(
            SpreadRow(
                percent=one.percent,
                micros=micros(one.difference),
                x=drawings.percent_of(Fraction(1, 2) + min(Fraction(0), one.difference) / most / 2),
                width=drawings.percent_of(abs(one.difference) / most / 2),
            )
            for one in summary.spread
        ),
    )


def _csv(version: PayPlanVersion, month: date, agents: back_test_job.Agents, picked: Iterable[int], *, shows_pay: bool) -> HttpResponse:
    def written(micros: int) -> str:
        return exports.amount(micros=micros, currency=version.currency)

    def cells(place: int) -> tuple[object, ...]:
        plain = (
            agents.codes[place], agents.names[place], agents.unit_counts[place], written(agents.difference_micros(place)),
            agents.then_multipliers[place], written(agents.then_suspended_micros[place]), written(agents.then_floor_micros[place]),
        )  # fmt: skip
        return (*plain, written(agents.now_micros[place]), written(agents.then_micros[place])) if shows_pay else plain

    head = (*CSV_HEAD, *PAY_HEAD) if shows_pay else CSV_HEAD
    name = f"back-test-{version.plan.code}-{version.number}-{month:%Y-%m}"
    return exports.csv_response(name=name, head=head, rows=map(cells, picked))
