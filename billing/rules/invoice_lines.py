"""What an invoice adds to what was billed before: each line of a period as it stands now, less what earlier invoices billed of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from billing.rules import money
from billing.rules.prices import lines

ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True, order=True)
class LineKey:
    """What tells lines apart: the period they belong to, the version, the kind, and the row or service level."""

    origin: date
    version_id: int
    kind: str
    row_id: int = 0
    metric: str = ""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An amount under a key: `exact` and `rounded` in the major unit; `quantity` is None for a line about money alone."""

    label: str
    exact: Fraction
    rounded: Fraction
    quantity: Fraction | None = None
    words: str = ""
    tax_percent: Fraction = ZERO


@dataclass(frozen=True, kw_only=True)
class Tax:
    """A tax of one version: its percent of the net lines of that version."""

    version_id: int
    name: str
    percent: Fraction


@dataclass(frozen=True, kw_only=True)
class TaxAmount:
    """What a tax comes to on an invoice: rounded amounts of all taxes add up to the one rounded tax."""

    name: str
    percent: Fraction
    net: Fraction
    amount: Fraction


def add_to_billed(*, now: Mapping[LineKey, Amount], billed: Mapping[LineKey, Amount], period_start: date) -> dict[LineKey, Amount]:
    """Return what is to be billed on top of earlier invoices: the difference of each line, signed.

    Args:
        now: lines of the invoice's own period and of corrected earlier ones, as they stand now.
        billed: sums of the lines that earlier invoices, not void, billed under each key.
        period_start: the invoice's own period; a line of it stays although it comes to nothing, a correction of nothing does not.

    Returns: the lines in the order of their keys' periods, those of the invoice's own period first, else as given.
    Source: design.md section 5, "Corrections": rate the cumulative net count, subtract what was booked, write the difference.

    >>> key = LineKey(origin=date(2016, 3, 1), version_id=1, kind="rated", row_id=1)
    >>> five, four = (Amount(label="Chat", exact=Fraction(n), rounded=Fraction(n), quantity=Fraction(n)) for n in (5, 4))
    >>> str(add_to_billed(now={key: four}, billed={key: five}, period_start=date(2016, 4, 1))[key].rounded)
    '-1'
    """
    found: dict[LineKey, Amount] = {}
    for key in (*now, *(key for key in billed if key not in now)):
        stands, before = now.get(key), billed.get(key)
        made = _less(stands, before)
        is_own = key.origin == period_start
        if made.rounded or made.quantity or (is_own and stands is not None and before is None):
            found[key] = made
    own = {key: amount for key, amount in found.items() if key.origin == period_start}
    others = {key: found[key] for key in sorted(found, key=lambda key: key.origin) if key not in own}
    return {**own, **others}


def add_up(*, billed: Iterable[tuple[LineKey, Amount]]) -> dict[LineKey, Amount]:
    """Add up what earlier invoices billed under each key; the last one's label and tax stand.

    Args:
        billed: lines of invoices that are not void, in their order.

    Source: design.md section 5, "Corrections".

    >>> key = LineKey(origin=date(2016, 3, 1), version_id=1, kind="true_up")
    >>> amount = Amount(label="", exact=Fraction(2), rounded=Fraction(2))
    >>> str(add_up(billed=[(key, amount), (key, amount)])[key].rounded)
    '4'
    """
    found: dict[LineKey, Amount] = {}
    for key, amount in billed:
        before = found.get(key)
        if before is None:
            found[key] = amount
            continue
        quantity = amount.quantity if before.quantity is None else before.quantity + (amount.quantity or ZERO)
        found[key] = replace(amount, exact=amount.exact + before.exact, rounded=amount.rounded + before.rounded, quantity=quantity)
    return found


def use_credits(*, left: Fraction, gross: Fraction) -> Fraction:
    """Return the prepaid credits that an invoice uses: all that is left, at most what it comes to.

    Args:
        left: prepaid credits that can be used, major unit.
        gross: lines and taxes together, major unit.

    Source: formats.md, `invoice`: prepaid credits, down to 0.

    >>> [str(use_credits(left=Fraction(5), gross=Fraction(gross))) for gross in (8, 3, -1)]
    ['5', '3', '0']
    """
    return max(min(left, gross), ZERO)


def add_taxes(*, amounts: Mapping[LineKey, Amount], taxes: Sequence[Tax], rounding: money.Round) -> tuple[TaxAmount, ...]:
    """Compute the taxes of an invoice's lines; all together are rounded once.

    Args:
        amounts: the lines.
        taxes: of each version on the invoice; taxes of one name and percent are shown as one.
        rounding: how their sum is rounded.

    Returns: one amount for each name and percent, in the order given; none without net amount.
    Source: formats.md, `invoice`: tax of all net fees, rounded once.
    """
    nets: dict[tuple[str, Fraction], Fraction] = {}
    for tax in taxes:
        net = sum((amount.rounded for key, amount in amounts.items() if key.version_id == tax.version_id), ZERO)
        nets[tax.name, tax.percent] = nets.get((tax.name, tax.percent), ZERO) + net
    exact = [net * percent / 100 for (_, percent), net in nets.items()]
    rounded = lines.round_running(amounts=exact, rounding=rounding)
    return tuple(
        TaxAmount(name=name, percent=percent, net=net, amount=amount)
        for ((name, percent), net), amount in zip(nets.items(), rounded, strict=True)
        if net
    )


def _less(stands: Amount | None, before: Amount | None) -> Amount:
    if before is None:
        assert stands is not None
        return stands
    if stands is None:
        taken = None if before.quantity is None else -before.quantity
        return replace(before, exact=-before.exact, rounded=-before.rounded, quantity=taken)
    quantity = None if stands.quantity is None else stands.quantity - (before.quantity or ZERO)
    return replace(stands, exact=stands.exact - before.exact, rounded=stands.rounded - before.rounded, quantity=quantity)
