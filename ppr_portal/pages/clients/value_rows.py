"""A value report as rows: each figure with what it was made of and how many it rests on, and what is not known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.queries.value_view import ValueView
from billing.rules import client_value, money
from ppr_portal.pages import drawings
from ppr_portal.templatetags import formats

FEW = 20


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of how the saving and the return are worked out; `weight` is "", "result" or "final"."""

    sign: str
    value: str
    name: str
    text: str
    weight: str = ""


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """One channel in figures of the currency; None where a figure cannot be known."""

    name: str
    resolution_count: int
    contact_count: int
    paid_micros: int
    each_micros: int | None
    before_micros: int | None
    contact_micros: int | None
    contact_before_micros: int | None
    saving_micros: int | None
    fcr: client_value.Share
    csat: client_value.Share


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """A rate with its interval, drawn; `verdict` says how it stands to what was before."""

    label: str
    share: client_value.Share
    counted: str
    verdict: str
    drawing: drawings.IntervalDrawing | None


@dataclass(frozen=True, kw_only=True)
class BaselineRow:
    """What a channel is held against."""

    name: str
    since: date
    contact_micros: int
    contacts: Fraction
    fcr: Fraction | None
    csat: Fraction | None
    repeat_micros: int | None
    source: str


def micros_of(*, view: ValueView, amount: Fraction | None) -> int | None:
    """Round an exact amount once, for showing it."""
    return None if amount is None else money.to_micros(amount=amount, currency=view.period.currency)


def name_of(*, view: ValueView, code: str) -> str:
    """Return what people call a channel."""
    return view.channel_names.get(code) or _("channel not told")


def list_channels(*, view: ValueView) -> tuple[ChannelRow, ...]:
    """Return the channels by name."""
    return tuple(_channel(view, value) for value in view.value.channels)


def _channel(view: ValueView, value: client_value.ChannelValue) -> ChannelRow:
    before = value.facts.baseline
    return ChannelRow(
        name=name_of(view=view, code=value.facts.channel),
        resolution_count=value.facts.resolution_count,
        contact_count=value.facts.contact_count,
        paid_micros=micros_of(view=view, amount=value.facts.paid) or 0,
        each_micros=micros_of(view=view, amount=value.per_resolution),
        before_micros=micros_of(view=view, amount=value.before_per_resolution),
        contact_micros=micros_of(view=view, amount=value.per_contact),
        contact_before_micros=micros_of(view=view, amount=before.contact_cost if before else None),
        saving_micros=micros_of(view=view, amount=value.saving),
        fcr=value.fcr,
        csat=value.csat,
    )


def list_steps(*, view: ValueView) -> tuple[Step, ...]:
    """Return how saving and return are worked out, value by value; nothing where there is nothing to compare with."""
    value = view.value
    if value.saving is None or value.cost_before is None:
        return ()
    compared = [found for found in value.channels if found.cost_before is not None and found.facts.resolution_count]
    steps = [_before_step(view, found, is_first=place == 0) for place, found in enumerate(compared)]
    paid = sum((found.facts.paid for found in compared), Fraction(0))
    steps.append(
        Step(
            sign="−",
            value=_amount(view, paid),
            name=_("Paid for them"),
            text=_("What was booked for these resolutions, corrections included"),
        )
    )
    for charge in view.charges:
        label = charge.label or _("Credit notes")
        sign = "−" if charge.micros > 0 else "+"
        steps.append(Step(sign=sign, value=formats.amount(abs(charge.micros), view.period.currency), name=label, text=_("On the invoice")))
    saved = _("Saved") if value.saving >= 0 else _("More than before")
    steps.append(Step(sign="=", value=_amount(view, value.saving), name=saved, text="", weight="result"))
    if value.quality is not None:
        steps.append(_quality_step(view))
    if value.roi is not None:
        steps.append(_roi_step(view))
    return tuple(steps)


def _before_step(view: ValueView, found: client_value.ChannelValue, *, is_first: bool) -> Step:
    assert found.cost_before is not None
    assert found.facts.baseline is not None
    text = _("%(count)s resolutions × %(contacts)s contacts × %(cost)s a contact, as it was before") % {
        "count": formats.count(found.facts.resolution_count),
        "contacts": formats.short_number(found.facts.baseline.contacts_per_resolution),
        "cost": formats.fine_amount(found.facts.baseline.contact_cost),
    }
    return Step(
        sign="" if is_first else "+", value=_amount(view, found.cost_before), name=name_of(view=view, code=found.facts.channel), text=text
    )


def _quality_step(view: ValueView) -> Step:
    value = view.value
    assert value.quality is not None
    assert value.quality_low is not None
    assert value.quality_high is not None
    avoided = sum((found.repeats_avoided for found in value.channels if found.repeats_avoided is not None), Fraction(0))
    words = _("%(count)s cases more resolved at first contact than at the rate of before; chance leaves it between %(low)s and %(high)s")
    fewer = _("%(count)s cases fewer resolved at first contact than at the rate of before; chance leaves it between %(low)s and %(high)s")
    text = (words if avoided >= 0 else fewer) % {
        "count": formats.decimal(abs(avoided), 0),
        "low": _amount(view, value.quality_low),
        "high": _amount(view, value.quality_high),
    }
    return Step(sign="−" if value.quality < 0 else "+", value=_amount(view, abs(value.quality)), name=_("What quality is worth"), text=text)


def _roi_step(view: ValueView) -> Step:
    value = view.value
    words = (
        _("%(saving)s ÷ %(paid)s paid for it") if value.quality is None else _("(%(saving)s %(sign)s %(quality)s) ÷ %(paid)s paid for it")
    )
    text = words % {
        "saving": _amount(view, value.saving) if value.saving is not None else "",
        "sign": "−" if (value.quality or 0) < 0 else "+",
        "quality": _amount(view, abs(value.quality)) if value.quality is not None else "",
        "paid": _amount(view, value.compared_paid),
    }
    if value.roi_low is not None and value.roi_high is not None and value.quality is not None:
        text += _("; chance leaves it between %(low)s and %(high)s") % {
            "low": formats.percent(value.roi_low),
            "high": formats.percent(value.roi_high),
        }
    return Step(sign="=", value=formats.percent(value.roi), name=_("Return on what was paid"), text=text, weight="final")


def list_rates(*, view: ValueView) -> tuple[RateRow, ...]:
    """Return first contact resolution and CSAT over all channels, on one scale."""
    found = [
        (_("First contact resolution"), view.value.fcr, _("cases resolved at first contact")),
        (_("CSAT"), view.value.csat, _("answers favorable")),
    ]
    known = [rate for _label, share, _words in found for rate in (share.rate, share.before, share.interval and share.interval.low) if rate]
    scale = drawings.fitting_scale(known)
    return tuple(
        RateRow(label=label, share=share, counted=words, verdict=_verdict(share), drawing=_draw(share, scale))
        for label, share, words in found
    )


def scale_of(*, view: ValueView) -> drawings.Scale:
    """Return the scale that the rates of a report are drawn on."""
    shares = (view.value.fcr, view.value.csat)
    return drawings.fitting_scale(
        [rate for share in shares for rate in (share.rate, share.before, share.interval and share.interval.low) if rate]
    )


def _draw(share: client_value.Share, scale: drawings.Scale) -> drawings.IntervalDrawing | None:
    if share.rate is None or share.interval is None:
        return None
    before = share.rate if share.before is None else share.before
    return drawings.draw_interval(
        score=share.rate, low=share.interval.low, high=share.interval.high, expected=before, counted=share.rate, scale=scale
    )


def _verdict(share: client_value.Share) -> str:
    if share.rate is None or share.interval is None:
        return ""
    if share.n < FEW:
        return _("too few to say more")
    if share.before is None:
        return ""
    before = formats.percent(share.before)
    if share.interval.low > share.before:
        return _("above the %(before)s of before") % {"before": before}
    if share.interval.high < share.before:
        return _("below the %(before)s of before") % {"before": before}
    return _("as before: %(before)s lies within what chance explains") % {"before": before}


def list_baselines(*, view: ValueView) -> tuple[BaselineRow, ...]:
    """Return what channels are held against; one that speaks for every channel is told once."""
    rows: dict[int, BaselineRow] = {}
    for value in view.value.channels:
        stated, terms = view.baselines.get(value.facts.channel), value.facts.baseline
        if stated is None or terms is None or stated.pk in rows:
            continue
        rows[stated.pk] = BaselineRow(
            name=name_of(view=view, code=value.facts.channel) if stated.channel_id else _("Every channel"),
            since=stated.starts_on,
            contact_micros=stated.contact_micros,
            contacts=terms.contacts_per_resolution,
            fcr=terms.fcr,
            csat=terms.csat,
            repeat_micros=stated.repeat_micros,
            source=stated.source,
        )
    return tuple(rows.values())


def list_unknown(*, view: ValueView) -> tuple[str, ...]:
    """Say what the report does not know, so that nothing missing is read as zero."""
    return tuple(_unknown(view))


def _unknown(view: ValueView) -> Iterable[str]:
    value = view.value
    if value.uncompared_count:
        words = ngettext(
            "%(count)s resolution has no baseline to be held against, so it is in the cost and not in the saving.",
            "%(count)s resolutions have no baseline to be held against, so they are in the cost and not in the saving.",
            value.uncompared_count,
        )
        yield words % {"count": formats.count(value.uncompared_count)}
    derived = value.contact_count - view.recorded_count
    if derived:
        yield _(
            "%(count)s of %(all)s contacts were not recorded as contacts; they are counted from cases that were opened and came back."
        ) % {"count": formats.count(derived), "all": formats.count(value.contact_count)}
    if view.pending_count:
        words = ngettext(
            "Of %(count)s case it is not known yet whether its first contact solved it; it is counted in neither way.",
            "Of %(count)s cases it is not known yet whether the first contact solved them; they are counted in neither way.",
            view.pending_count,
        )
        yield words % {"count": formats.count(view.pending_count)}
    if value.csat.n:
        yield _("Only customers who answered are in CSAT; whoever did not may think otherwise.")
    else:
        yield _("No survey was answered, so CSAT is not known.")
    if value.saving is not None and value.quality is None:
        yield _("Nobody stated what a case that comes back costs you, so quality is not put into money.")
    yield _("Your own cost of sending cases here and of checking invoices is not known to us and not in the return.")


def _amount(view: ValueView, amount: Fraction) -> str:
    return formats.amount(money.to_micros(amount=amount, currency=view.period.currency), view.period.currency)
