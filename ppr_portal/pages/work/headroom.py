"""How much room each limit leaves, in words and as a drawing."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from agents.queries.load_now import LoadNow
from agents.rules import load
from ppr_portal.pages import drawings
from ppr_portal.pages.work import limits

# What is only measured while somebody works.
OF_THE_SHIFT = frozenset({"shift_length", "break_after", "occupancy", "hostile_contacts", "pace"})
LONG_REST = 24


@dataclass(frozen=True, kw_only=True)
class Headroom:
    """How much room a limit leaves; a rest that has a least and no most has no drawing, nor has what is not measured now."""

    code: str
    name: str
    left: str
    value: str
    bounds: str
    drawing: drawings.HeadroomDrawing | None


def headroom_of(now: LoadNow) -> tuple[Headroom, ...]:
    """Return the room that each limit leaves; limits that a plan does not set are left out."""
    found = []
    for decision in now.decisions:
        limit = now.limits.limit_of(decision.limit)
        if limit.act is not None:
            found.append(_headroom(decision, limit.warn, limit.act, is_on_shift=now.is_on_shift))
    return tuple(found)


def _headroom(decision: load.Decision, warn: Fraction | None, act: Fraction, *, is_on_shift: bool) -> Headroom:
    words, value = limits.LIMITS[decision.limit], decision.value
    is_idle = _is_idle(decision, is_on_shift=is_on_shift)
    nearest = warn if warn is not None and value < warn else act
    bounds = (
        _("at least %(limit)s") % {"limit": limits.measured(decision.limit, act)}
        if words.is_minimum
        else _bounds(decision.limit, warn, act)
    )
    return Headroom(
        code=decision.limit,
        name=words.name,
        left="" if is_idle else _left(decision, words, value, nearest, is_notice=nearest != act),
        value=_value(decision, act, is_on_shift=is_on_shift),
        bounds=bounds,
        drawing=None if words.is_minimum or is_idle else drawings.draw_headroom(value=value, warn=warn, act=act),
    )


def _value(decision: load.Decision, act: Fraction, *, is_on_shift: bool) -> str:
    words = limits.LIMITS[decision.limit]
    if _is_idle(decision, is_on_shift=is_on_shift):
        return _("not on shift now")
    if words.is_minimum and decision.value > act * LONG_REST:
        return _("longer than it can be measured")
    return f"{limits.measured(decision.limit, decision.value)}{f' {words.about}' if words.about else ''}"


def _is_idle(decision: load.Decision, *, is_on_shift: bool) -> bool:
    return decision.limit in OF_THE_SHIFT and not is_on_shift and decision.value == 0


def _left(decision: load.Decision, words: limits.LimitWords, value: Fraction, nearest: Fraction, *, is_notice: bool) -> str:
    if decision.level == "act":
        return _("Rest first") if words.is_minimum else _("At the limit")
    if words.is_minimum:
        return _("Enough")
    room = limits.measured(decision.limit, nearest - value)
    if words.is_rate:
        room = _("%(limit)s points") % {"limit": limits.number(decision.limit, nearest - value)}
    return (_("%(room)s to first notice") if is_notice else _("%(room)s to the limit")) % {"room": room}


def _bounds(code: str, warn: Fraction | None, act: Fraction) -> str:
    notice = _("notice %(notice)s, ") % {"notice": limits.with_percent(code, warn)} if warn is not None else ""
    return _("%(notice)slimit %(limit)s") % {"notice": notice, "limit": limits.bound_of(code, act)}
