"""What if: an agent tries what more resolutions, other cases, better results or more hours would bring. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access
from billing.queries import class_names, line_labels
from billing.queries import what_if as trials
from billing.rules import money, what_if
from billing.rules.pay import earnings, explain
from contracts import clock
from contracts.translation import gettext_lazy, told
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.pay import reasons
from ppr_portal.pages.work import headroom, quality
from ppr_portal.templatetags import formats, times

MORE_MAX = 500
CLASSES_SHOWN = 6
KIND_NAMES = {
    "unit": gettext_lazy("Resolutions"),
    "tier_uplift": gettext_lazy("Higher tiers"),
    "quality": gettext_lazy("Quality"),
    "guardrail": gettext_lazy("Premium suspended"),
    "base": gettext_lazy("Hours"),
    "category": gettext_lazy("Hours of other work"),
    "piece": gettext_lazy("Piece pay"),
    "recovery": gettext_lazy("Paid rest"),
    "rest": gettext_lazy("Rest breaks"),
    "nonproductive": gettext_lazy("Other hours lifted"),
    "bonus": gettext_lazy("Bonuses"),
    "commission": gettext_lazy("Commission"),
    "shift_differential": gettext_lazy("Shift supplement"),
    "floor": gettext_lazy("Minimum wage top-up"),
    "overtime": gettext_lazy("Overtime"),
    "true_up": gettext_lazy("Overtime of earlier weeks"),
    "holdback": gettext_lazy("Held back"),
    "release": gettext_lazy("Released"),
    "reversal": gettext_lazy("Reversals"),
    "draw": gettext_lazy("Draw"),
    "draw_recovery": gettext_lazy("Draw repaid"),
    "cap": gettext_lazy("Above the cap"),
    "cap_release": gettext_lazy("From above the cap"),
    "adjustment": gettext_lazy("Adjustments"),
}


@dataclass(frozen=True, kw_only=True)
class Sum:
    """One line's reason: its label and the steps that come to its amount."""

    label: str
    steps: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of pay, now and then."""

    name: str
    now_micros: int
    then_micros: int
    difference_micros: int
    is_changed: bool
    sums: tuple[Sum, ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the changes would bring."""

    currency: str
    now_micros: int
    then_micros: int
    difference_micros: int
    rows: tuple[Row, ...]


class TrialForm(forms.Form):
    """Numbers to try; each knows how far it may go, so that nothing beyond a limit can be asked for."""

    def __init__(self, data: Mapping[str, Any] | None, *, trial: trials.Trial, names: class_names.ClassNames) -> None:
        super().__init__()
        self.metric_names: dict[str, str] = {}
        self.class_names: dict[str, str] = {}
        for place, (code, count) in enumerate(trial.class_counts[:CLASSES_SHOWN]):
            # Fewer would be a question about reopens, which the window of each resolution answers; here it would only frighten.
            field = forms.IntegerField(label=names.name(code=code), required=False, min_value=0, max_value=MORE_MAX)
            field.help_text = _("more, beside %(count)s so far") % {"count": formats.count(count)}
            self._add(f"more_{place}", field, 0)
            self.class_names[f"more_{place}"] = code
        for metric in trial.paid_metrics:
            label = str(quality.LABELS.get(metric.code, metric.code))
            field = forms.IntegerField(label=label, required=False, min_value=0, max_value=int(metric.n))
            field.help_text = _("good ones among %(n)s") % {"n": formats.count(int(metric.n))}
            self._add(f"good_{metric.code}", field, int(metric.successes))
            self.metric_names[f"good_{metric.code}"] = metric.code
        room = int(trial.hours_room)
        told = {"max_value": _("Your limits leave %(room)s hours until the period ends; try at most that.") % {"room": room}}
        field = forms.IntegerField(label=_("Hours"), required=False, min_value=0, max_value=room, error_messages=told)
        field.help_text = _("more, at most %(room)s until %(day)s") % {
            "room": formats.count(room),
            "day": times.day(trial.situation.period.end - timedelta(days=1)),
        }
        self._add("hours", field, 0)
        if data is not None:
            # What an address leaves out stays as it is now.
            self.is_bound = True
            self.data = {name: data.get(name, field.initial) for name, field in self.fields.items()}

    def _add(self, name: str, field: forms.IntegerField, now: int) -> None:
        field.initial = now
        field.widget.attrs.update({"inputmode": "numeric", "data-now": now})
        self.fields[name] = field

    @property
    def changes(self) -> what_if.Changes:
        """What is different from now."""
        given: Mapping[str, int | None] = self.cleaned_data
        return what_if.Changes(
            resolutions={code: given[name] or 0 for name, code in self.class_names.items() if given.get(name)},
            hours=Fraction(given.get("hours") or 0),
            successes={code: Fraction(value) for name, code in self.metric_names.items() if (value := given.get(name)) is not None},
        )


@require_safe
@portal_page
def try_out(request: PortalRequest) -> HttpResponse:
    """Show an agent what changes would bring in the open period."""
    agent = access.own_agent(request.user)
    if agent is None:
        raise Http404
    as_of = clock.now()
    trial = trials.read_trial(agent=agent, as_of=as_of)
    if isinstance(trial, trials.NoTrial):
        return render(request, "agent/what_if.html", {"reason": trial.reason})
    form = TrialForm(request.GET if request.GET else None, trial=trial, names=trial.class_names)
    changes = form.changes if form.is_bound and form.is_valid() else what_if.Changes()
    found = trials.try_changes(trial=trial, changes=changes)
    context = {
        "form": form,
        "result": None if isinstance(found, str) else _result(found, trial.situation.currency),
        "refusal": found if isinstance(found, str) else "",
        "unpaid_metrics": [str(quality.LABELS.get(metric.code, metric.code)) for metric in trial.unpaid_metrics],
        "is_stopped": any("stop_assignment" in one.effects for one in trial.load.decisions),
        "headroom": [room for room in headroom.headroom_of(trial.load) if room.left] if trial.load.is_known else (),
        "today": timezone.localtime(as_of),
    }
    return render(request, "agent/_what_if.html" if request.htmx else "agent/what_if.html", context)


def _result(found: what_if.Comparison, currency: str) -> Result:
    return Result(
        currency=currency,
        now_micros=_micros(found.now.total, currency),
        then_micros=_micros(found.then.total, currency),
        difference_micros=_micros(found.then.total, currency) - _micros(found.now.total, currency),
        rows=tuple(_row(row, currency) for row in found.rows if row.now or row.then or row.kind == "floor"),
    )


def _row(row: what_if.Row, currency: str) -> Row:
    return Row(
        name=KIND_NAMES.get(row.kind, row.kind),
        now_micros=_micros(row.now, currency),
        then_micros=_micros(row.then, currency),
        difference_micros=_micros(row.difference, currency),
        is_changed=row.difference != 0,
        sums=tuple(_sum(line, currency) for line in row.lines) if row.difference else (),
    )


def _sum(line: earnings.Line, currency: str) -> Sum:
    steps = explain.explain_line(rule=line.rule, inputs=line.inputs, exact_amount=line.exact, amount=line.amount)
    last = len(steps) - 1
    return Sum(
        label=line_labels.tell_label(line.label),
        steps=tuple(
            (
                step.sign,
                formats.amount(_micros(line.amount, currency), currency) if place == last else reasons.shown(step),
                told(step.name),
                reasons.readable(told(step.note)),
            )
            for place, step in enumerate(steps)
        ),
    )


def _micros(amount: Fraction, currency: str) -> int:
    return money.to_micros(amount=amount, currency=currency)
