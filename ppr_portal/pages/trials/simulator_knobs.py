"""The simulator's knobs as small drawings: how far bill and pay move from the version's own setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.queries.simulator.simulate_version import Knob, Point
from billing.rules import money
from contracts.rules import exact
from contracts.translation import gettext_lazy
from ppr_portal.pages import drawings
from ppr_portal.templatetags import formats

ZERO = Fraction(0)
TOP, BOTTOM = Fraction(8), Fraction(100)
TITLES: dict[Knob, str] = {
    "silence": gettext_lazy("Silence window"),
    "reopen": gettext_lazy("Reopen window"),
    "reopen_rate": gettext_lazy("Customers who come back"),
}
NOTES: dict[Knob, str] = {
    "silence": gettext_lazy("how long a customer must be silent"),
    "reopen": gettext_lazy("how long a return counts"),
    "reopen_rate": gettext_lazy("more or fewer returns than there were"),
}


@dataclass(frozen=True, kw_only=True)
class KnobPoint:
    """One setting: what it makes of the months, and where it stands in its drawing."""

    label: str
    is_own: bool
    billed_count: int
    bill_micros: int
    bill_change_micros: int
    pay_micros: int
    pay_change_micros: int
    x: str
    bill_y: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One knob: its settings, and lines in a box of 100 by 108; `zero_y` is where nothing changes."""

    knob: Knob
    title: str
    note: str
    points: tuple[KnobPoint, ...]
    bill_path: str
    pay_path: str
    zero_y: str


def draw_panels(*, points: Sequence[Point], currency: str) -> tuple[Panel, ...]:
    """Draw each knob, all on one scale of money; settings stand beside each other, the smallest first.

    Args:
        points: of all knobs; each knob has its version's own setting among them.
        currency: of bill and pay; pay in another currency is left out.
    """
    changes = {knob: _changes([point for point in points if point.knob == knob], currency) for knob in TITLES}
    moves = [move for found in changes.values() for _other, *pair in found for move in pair]
    low, high = min([ZERO, *moves]), max([ZERO, *moves])
    return tuple(_panel(knob, found, low, high, currency) for knob, found in changes.items() if found)


def name_value(*, knob: Knob, value: Fraction) -> str:
    """Write a setting: 72 h, 7 d, +25%.

    >>> name_value(knob="reopen", value=Fraction(7))
    '7 d'
    """
    if knob == "reopen_rate":
        return _("as it was") if value == 0 else formats.signed_percent(value, 0)
    return f"{exact.format_exact(value=value)} {'h' if knob == 'silence' else 'd'}"


def _changes(points: Sequence[Point], currency: str) -> list[tuple[Point, Fraction, Fraction]]:
    own = next((point for point in points if point.is_own), None)
    if own is None:
        return []
    return [(point, point.side.total - own.side.total, _pay(point, currency) - _pay(own, currency)) for point in points]


def _pay(point: Point, currency: str) -> Fraction:
    return ZERO if point.pay is None else point.pay.own.get(currency, ZERO)


def _panel(knob: Knob, found: Sequence[tuple[Point, Fraction, Fraction]], low: Fraction, high: Fraction, currency: str) -> Panel:
    xs = [Fraction(2 * place + 1, 2 * len(found)) for place in range(len(found))]

    def y(move: Fraction) -> str:
        part = (move - low) / (high - low) if high > low else Fraction(1, 2)
        return drawings.coordinate(BOTTOM - part * (BOTTOM - TOP))

    def micros(amount: Fraction) -> int:
        return money.to_micros(amount=amount, currency=currency)

    return Panel(
        knob=knob,
        title=TITLES[knob],
        note=NOTES[knob],
        points=tuple(
            KnobPoint(
                label=name_value(knob=knob, value=point.value),
                is_own=point.is_own,
                billed_count=point.side.billed_count,
                bill_micros=micros(point.side.total),
                bill_change_micros=micros(bill),
                pay_micros=micros(_pay(point, currency)),
                pay_change_micros=micros(pay),
                x=drawings.percent_of(x),
                bill_y=y(bill),
            )
            for x, (point, bill, pay) in zip(xs, found, strict=True)
        ),
        bill_path=_path(xs, [y(bill) for _step, bill, _pay in found]),
        pay_path=_path(xs, [y(pay) for *_others, pay in found]),
        zero_y=y(ZERO),
    )


def _path(xs: Sequence[Fraction], ys: Sequence[str]) -> str:
    return "M" + " L".join(f"{drawings.coordinate(x * 100)},{y}" for x, y in zip(xs, ys, strict=True))
