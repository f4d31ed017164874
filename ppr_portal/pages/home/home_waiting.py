"""What is not in the figure yet: pending until a window ends, held until a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.queries import pending_pay
from contracts import clock
from ppr_portal import stored_sentences
from ppr_portal.templatetags import formats, times

HELD_NAMED_MAX = 3


@dataclass(frozen=True, kw_only=True)
class OpenRow:
    """Something that is not in the figure yet: pending or held."""

    fill: str
    name: str
    how: str
    amount_micros: int | None
    count: int
    sentences: tuple[str, ...]
    url: str


def list_waiting(*, units: Sequence[pending_pay.OpenUnit], currency: str, zone: ZoneInfo, resolutions_url: str) -> tuple[OpenRow, ...]:
    """Return what is pending and what is held, each with its date; nothing where there is none."""
    pending = [unit for unit in units if not unit.is_held]
    held = [unit for unit in units if unit.is_held]
    found = []
    if pending:
        found.append(_pending_row(pending, currency, zone, f"{resolutions_url}?state=pending"))
    if held:
        found.append(_held_row(held, f"{resolutions_url}?state=held"))
    return tuple(found)


def _pending_row(pending: Sequence[pending_pay.OpenUnit], currency: str, zone: ZoneInfo, url: str) -> OpenRow:
    ends: dict[date, int] = {}
    for unit in pending:
        if unit.window_ends_at is not None:
            day = unit.window_ends_at.astimezone(zone).date()
            ends[day] = ends.get(day, 0) + (unit.amount_micros or 0)
    last = _(", until %(ends)s at the latest") % {"ends": times.short_day(max(ends))} if ends else ""
    soon = [
        _("%(amount)s on %(day)s") % {"amount": formats.amount(amount, currency), "day": times.day(day)}
        for day, amount in sorted(ends.items())[:3]
        if amount
    ]
    sentences = [_("The customer has your answer and has not replied.")]
    if soon:
        rest = _(", the rest after that") if len(ends) > len(soon) else ""
        sentences.append(_("If nobody comes back, this is yours: %(soon)s%(rest)s.") % {"soon": ", ".join(soon), "rest": rest})
    if any(unit.amount_micros is None for unit in pending):
        sentences.append(_("Some of them have no price yet and are not in the estimate."))
    return OpenRow(
        fill="pending",
        name=_("Pending"),
        how=f"{_units(pending)}{last}",
        amount_micros=pending_pay.total_micros(pending),
        count=len(pending),
        sentences=tuple(sentences),
        url=url,
    )


def _held_row(held: Sequence[pending_pay.OpenUnit], url: str) -> OpenRow:
    decided_by, who = min((unit.decided_by, unit.hold_owner) for unit in held if unit.decided_by)
    said = _("%(who)s decides by %(decided_by)s") if decided_by > clock.now() else _("%(who)s was to decide by %(decided_by)s")
    by = said % {"who": who or _("a person"), "decided_by": times.short_day(decided_by)}
    sentences = [
        _("Case %(case_key)s: %(hold_message)s") % {"case_key": unit.case_key, "hold_message": stored_sentences.tell(unit.hold_message)}
        for unit in held[:HELD_NAMED_MAX]
    ]
    if len(held) > HELD_NAMED_MAX:
        sentences.append(_("And %(held)s more.") % {"held": formats.count(len(held) - HELD_NAMED_MAX)})
    if decided_by <= clock.now():
        sentences.append(
            _("The day has passed, and nothing is lost: it stays here until a person decides. You can dispute it from its page.")
        )
    return OpenRow(
        fill="held",
        name=_("Held"),
        how=f"{_units(held)}, {by}",
        amount_micros=pending_pay.total_micros(held),
        count=len(held),
        sentences=tuple(sentences),
        url=url,
    )


def _units(units: Sequence[pending_pay.OpenUnit]) -> str:
    return ngettext("%(count)s resolution", "%(count)s resolutions", len(units)) % {"count": formats.count(len(units))}
