"""Guardrails in words: what was measured, what the limit is, and what follows, for the agent and for their lead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import GuardrailDecision
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal.templatetags import formats, times


@dataclass(frozen=True, kw_only=True)
class LimitWords:
    """How one limit is named and measured; `fact` tells a decision, `short` is what a lead reads in the team table."""

    name: str
    unit: str
    short: str
    fact: str
    about: str = ""
    is_minimum: bool = False
    is_rate: bool = False


LIMITS = {
    "weekly_hours": LimitWords(
        name=gettext_lazy("Average week"),
        unit="h",
        short=gettext_lazy("{} h a week"),
        about=gettext_lazy("over 17 weeks"),
        fact=gettext_lazy("{value} of work a week; {bound}"),
    ),
    "daily_rest": LimitWords(
        name=gettext_lazy("Rest between days"),
        unit="h",
        short=gettext_lazy("{} h of rest"),
        about=gettext_lazy("before the last shift"),
        fact=gettext_lazy("The longest rest in 24 hours was {value}; {bound}"),
        is_minimum=True,
    ),
    "weekly_rest": LimitWords(
        name=gettext_lazy("Rest in a week"),
        unit="h",
        short=gettext_lazy("{} h of weekly rest"),
        about=gettext_lazy("in the last 7 days"),
        fact=gettext_lazy("The longest rest in 7 days was {value}; {bound}"),
        is_minimum=True,
    ),
    "consecutive_days": LimitWords(
        name=gettext_lazy("Days in a row"),
        unit=gettext_lazy("days"),
        short=gettext_lazy("{} days in a row"),
        fact=gettext_lazy("{value} of work in a row; {bound}"),
    ),
    "shift_length": LimitWords(
        name=gettext_lazy("Length of the shift"),
        unit="h",
        short=gettext_lazy("a shift of {} h"),
        fact=gettext_lazy("A shift of {value}; {bound}"),
    ),
    "break_after": LimitWords(
        name=gettext_lazy("Since the last break"),
        unit="h",
        short=gettext_lazy("{} h without a break"),
        fact=gettext_lazy("{value} without a break; {bound}"),
    ),
    "occupancy": LimitWords(
        name=gettext_lazy("Busy time, last 4 hours"),
        unit="%",
        short=gettext_lazy("busy {}"),
        about=gettext_lazy("of available time"),
        fact=gettext_lazy("Busy {value} of the last four hours; {bound}"),
        is_rate=True,
    ),
    "hostile_contacts": LimitWords(
        name=gettext_lazy("Hostile contacts"),
        unit=gettext_lazy("hostile contacts"),
        short=gettext_lazy("{} hostile contacts"),
        about=gettext_lazy("in one shift"),
        fact=gettext_lazy("{value} in one shift; {bound}"),
    ),
    "pace": LimitWords(
        name=gettext_lazy("Resolutions an hour"),
        unit=gettext_lazy("an hour"),
        short=gettext_lazy("{} resolutions an hour"),
        fact=gettext_lazy("{value} resolutions were solved; {bound}"),
    ),
}
# By limit, where one of it is called otherwise than several.
SINGULAR = {"consecutive_days": gettext_lazy("day"), "hostile_contacts": gettext_lazy("hostile contact")}

WITH_UNIT = frozenset({"consecutive_days"})

# What a limit does, the gravest first, and what the agent reads about it.
EFFECTS = {
    "stop_assignment": gettext_lazy(
        "New contacts stop until you have rested. Hours you worked are paid, and nothing you earned is taken away."
    ),
    "paid_recovery": gettext_lazy("The rest is paid at your average hour, so resting costs you nothing."),
    "premium_suspended": gettext_lazy("Resolutions worked beyond the limit earn their base pay, but no premium."),
    "prompt": gettext_lazy("A notice only: nothing is stopped, and no pay changes."),
}
# What their lead reads of it, where it is about the agent.
LEAD_EFFECTS = {
    "stop_assignment": gettext_lazy("New contacts stop until they have rested. Hours worked are paid, and nothing earned is taken away."),
    "paid_recovery": gettext_lazy("The rest is paid at their average hour, so it costs them nothing."),
}
HEADLINES = {
    "stop_assignment": gettext_lazy("New contacts stopped on {day}"),
    "paid_recovery": gettext_lazy("Your paid rest on {day}"),
    "premium_suspended": gettext_lazy("Premium suspended on {day}"),
    "prompt": gettext_lazy("A limit was reached on {day}"),
}
TITLES = {
    "stop_assignment": gettext_lazy("{name} gets no new contacts{until}"),
    "paid_recovery": gettext_lazy("{name} has a paid rest{until}"),
    "premium_suspended": gettext_lazy("{name} works beyond a limit"),
    "prompt": gettext_lazy("{name} reached a limit"),
}


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """What the guardrails decided about one limit of one agent, ready to be shown."""

    pk: int
    agent_id: int
    title: str
    headline: str
    lead_title: str
    is_stop: bool
    is_rest: bool
    short: str
    fact: str
    effects: tuple[str, ...]
    lead_effects: tuple[str, ...]
    plan: str
    starts_at: datetime
    ends_at: datetime | None
    is_over: bool
    is_lifted: bool
    lift_words: str
    may_be_lifted: bool


def views_of(decisions: Iterable[GuardrailDecision]) -> tuple[DecisionView, ...]:
    """Prepare decisions for a page, one for each agent, limit and start, the gravest first.

    Agent and plan must be loaded, and who lifted it where lifted ones are among them.
    """
    joined: dict[tuple[int, str, str, datetime], list[GuardrailDecision]] = {}
    for decision in decisions:
        joined.setdefault((decision.agent_id, decision.limit, decision.level, decision.starts_at), []).append(decision)
    return tuple(_view(rows) for rows in joined.values())


def in_force(views: Sequence[DecisionView]) -> tuple[DecisionView, ...]:
    """Return the gravest decision about each limit, stops first: a notice says nothing more once the limit acts."""
    found: dict[str, DecisionView] = {}
    for view in sorted(views, key=_gravity):
        found.setdefault(view.title, view)
    return tuple(found.values())


def _gravity(view: DecisionView) -> int:
    return 0 if view.is_stop else 1 if view.is_rest else 2


def _view(rows: Sequence[GuardrailDecision]) -> DecisionView:
    effects = [effect for effect in EFFECTS if any(row.effect == effect for row in rows)]
    row, words = rows[0], LIMITS[rows[0].limit]
    is_act = row.level == GuardrailDecision.Level.ACT
    value, bound = measured(row.limit, Fraction(row.value)), with_percent(row.limit, Fraction(row.threshold))
    until = _until(row.ends_at) if row.ends_at else ""
    title = TITLES[effects[0]] if is_act else _("{name} is close to a limit")
    return DecisionView(
        pk=row.pk,
        agent_id=row.agent_id,
        title=words.name,
        headline=(HEADLINES[effects[0]] if is_act else _("A first notice on {day}")).format(day=times.weekday(row.starts_at)),
        lead_title=title.format(name=row.agent.name, until=until),
        is_stop=is_act and "stop_assignment" in effects,
        is_rest=is_act and "paid_recovery" in effects,
        short=words.short.format(with_percent(row.limit, Fraction(row.value))),
        fact=words.fact.format(value=value, bound=_bound_words(words, bound, is_act)),
        effects=tuple(EFFECTS[effect] for effect in effects),
        lead_effects=tuple({**EFFECTS, **LEAD_EFFECTS}[effect] for effect in effects),
        plan=formats.version_name(row.plan_version) if row.plan_version else _("the default limits"),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_over=row.ends_at is not None and row.ends_at <= clock.now(),
        is_lifted=row.lifted_at is not None,
        lift_words=_lift_words(row),
        may_be_lifted=is_act and row.lifted_at is None and (row.ends_at is None or row.ends_at > clock.now()),
    )


def _lift_words(row: GuardrailDecision) -> str:
    """Say who lifted a decision, when and why."""
    if row.lifted_at is None:
        return ""
    said = _("%(person)s, %(lifted_at)s: %(reason)s") if row.lifted_by_id else _("%(lifted_at)s: %(reason)s")
    return said % {"person": row.lifted_by, "lifted_at": times.moment(row.lifted_at), "reason": row.lift_reason}


def since(value: datetime) -> str:
    """Say since when something is so, to people who look at their day: of today the time alone."""
    if _is_today(value):
        return _("Since %(clock)s") % {"clock": times.clock(value)}
    return _("Since %(starts_at)s") % {"starts_at": times.moment(value)}


def _until(value: datetime) -> str:
    if _is_today(value):
        return _(" until %(clock)s") % {"clock": times.clock(value)}
    return _(" until %(ends_at)s") % {"ends_at": times.moment(value)}


def _is_today(value: datetime) -> bool:
    return timezone.localtime(value).date() == timezone.localtime(clock.now()).date()


def _bound_words(words: LimitWords, bound: str, is_act: bool) -> str:
    if words.is_minimum:
        return _("at least %(bound)s %(unit)s is needed") % {"bound": bound, "unit": words.unit}
    return (_("the limit is %(bound)s") if is_act else _("the first notice is %(bound)s")) % {"bound": bound}


def measured(code: str, value: Fraction) -> str:
    """Write a measure with its unit: 91%, 7 days, 38.4 h."""
    words, digits = LIMITS[code], number(code, value)
    if words.is_rate:
        return with_percent(code, value)
    return f"{digits} {SINGULAR.get(code, words.unit) if digits == '1' else words.unit}"


def with_percent(code: str, value: Fraction) -> str:
    """Write a measure without its unit, a rate in percent."""
    return formats.percent(value, 0) if LIMITS[code].is_rate else number(code, value)


def bound_of(code: str, value: Fraction) -> str:
    """Write a limit beside its measure: with hours and days, which the measure alone need not show; 48 h, 90%, 3."""
    return measured(code, value) if LIMITS[code].unit == "h" or code in WITH_UNIT else with_percent(code, value)


def number(code: str, value: Fraction) -> str:
    """Write a measure without its unit."""
    scaled = value * 100 if LIMITS[code].is_rate else value
    return formats.number(value=scaled, places=0 if scaled.denominator == 1 or LIMITS[code].is_rate else 1)
