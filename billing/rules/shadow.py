"""Why a line of a present invoice or payslip differs from ours: a walk from their amount to ours, each step with its cause.

The steps are differences between amounts that both sides would write, so they add up to the difference whatever the lines are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations

from billing.rules import invoice_split, money
from contracts.rules import rate_cards

ZERO = Fraction(0)
MICRO_PLACES = 6
SAME, HELD = "same", "held"
# What a price means on a line of pay, and what its count means; anything else is a price and a count.
PRICE_CAUSES = {"tier_uplift": "tier", "quality": "multiplier", **dict.fromkeys(("base", "category", "rest", "nonproductive"), "rate")}
COUNT_CAUSES = {"quality": "basis", **dict.fromkeys(("base", "category", "rest", "nonproductive", "overtime"), "hours")}
# A line of ours that theirs lacks is named after what it does, where that is known.
LACKING = {"tier_uplift": "tier", "quality": "multiplier", "rounding": "rounding", "correction": "correction", "stale": "stale"}


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """A line of the file: amount in the major unit; count and price where it tells them; `kind` as mapped, empty if unknown."""

    amount: Fraction
    count: Fraction | None = None
    price: Fraction | None = None
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A line of ours.

    Args:
        amount: rounded, major unit.
        count: what the price multiplies; None where the line has none.
        price: of one, exact.
        kind: of pay or of an invoice line; a class for a case.
        row: the row of the rate card that prices it, where it does.
        is_unit: whether it is a single unit at its place in that row, and not all that the row prices.
        parts: what the amount is made of beyond its first price, by cause: tier, multiplier, guardrail.
    """

    amount: Fraction
    count: Fraction | None = None
    price: Fraction | None = None
    kind: str = ""
    row: rate_cards.RateCardRow | None = None
    is_unit: bool = False
    parts: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One step from theirs to ours: what it is, what it moves in the major unit, and the figures that its sentence needs."""

    code: str
    amount: Fraction
    facts: Mapping[str, Fraction | str] = field(default_factory=dict)


def explain_pair(*, theirs: Theirs, ours: Ours, places: int, their_row: rate_cards.RateCardRow | None = None) -> tuple[Cause, ...]:
    """Say step by step what leads from their amount to ours.

    Args:
        theirs: a line of the file.
        ours: the line that it was matched with.
        places: decimals of the currency; less than one such unit is rounding.
        their_row: the row that prices the class they name, where it is another one than ours.

    Returns: causes that move something; their amounts, whole micros, add up to ours less theirs.
    Source: docs/shadow.md.

    >>> row = rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction(2)))
    >>> theirs = Theirs(amount=Fraction(9), count=Fraction(3), price=Fraction(3))
    >>> found = explain_pair(theirs=theirs, ours=Ours(amount=Fraction(8), count=Fraction(4), price=Fraction(2), row=row), places=2)
    >>> [(cause.code, int(cause.amount)) for cause in found]
    [('price', -3), ('count', 2)]
    """
    if theirs.amount == ours.amount and theirs.count in (None, ours.count):
        return ()
    walk = _Walk(at=theirs.amount, least=Fraction(1, 10**places))
    theirs = _count_by_price(theirs, walk.least)
    _own_sum(walk, theirs)
    if ours.parts:
        _parts(walk, ours)
    elif ours.row is not None and not ours.is_unit and theirs.count is not None and ours.count is not None:
        _by_row(walk, theirs, ours, ours.row)
    elif ours.count is not None and ours.price is not None:
        _by_price(walk, theirs, ours, their_row)
    walk.to("rounding" if walk.is_told or abs(ours.amount - walk.at) < walk.least else "other", ours.amount)
    return _whole_micros(walk.causes, ours.amount - theirs.amount)


def explain_lacking(*, ours: Ours) -> tuple[Cause, ...]:
    """Say that theirs has no such line.

    Args:
        ours: amounts in the major unit.

    Source: docs/shadow.md.

    >>> [cause.code for cause in explain_lacking(ours=Ours(amount=Fraction(3), kind="quality"))]
    ['multiplier']
    """
    code = LACKING.get(ours.kind, "missing_there")
    return _whole_micros(
        [Cause(code=code, amount=ours.amount, facts=_figures(lacking="1", count=ours.count, price=ours.price))], ours.amount
    )


def explain_surplus(*, theirs: Theirs, code: str, facts: Mapping[str, Fraction | str] | None = None) -> tuple[Cause, ...]:
    """Say that ours has no such line, and why.

    Args:
        theirs: a line of the file.
        code: why: window_open, reopened, excluded, capped, held_here, no_price, no_solution, other_period, other_agent, other_party,
            not_payable, twice_there, unknown or unmapped.
        facts: what the sentence needs.

    Source: docs/shadow.md.

    >>> [int(cause.amount) for cause in explain_surplus(theirs=Theirs(amount=Fraction(3)), code="window_open")]
    [-3]
    """
    return _whole_micros([Cause(code=code, amount=-theirs.amount, facts=facts or {})], -theirs.amount)


def main_cause(*, causes: Sequence[Cause]) -> str:
    """Name the cause that moves most; `same` where nothing differs.

    >>> main_cause(causes=[Cause(code="count", amount=Fraction(1)), Cause(code="price", amount=Fraction(-2))])
    'price'
    """
    return max(causes, key=lambda cause: abs(cause.amount)).code if causes else SAME


@dataclass(kw_only=True)
class _Walk:
    at: Fraction
    least: Fraction
    causes: list[Cause] = field(default_factory=list)
    # Whether count and price led to ours before it was rounded, so that only rounding is left.
    is_told: bool = False

    def to(self, code: str, amount: Fraction, **facts: Fraction | str | None) -> None:
        if amount != self.at:
            self.causes.append(Cause(code=code, amount=amount - self.at, facts=_figures(**facts)))
        self.at = amount


def _count_by_price(theirs: Theirs, least: Fraction) -> Theirs:
    """Find the count that their price multiplies, where they tell only price and amount and a whole number leads from one to the other."""
    if theirs.count is not None or not theirs.price:
        return theirs
    count = Fraction(round(theirs.amount / theirs.price))
    return replace(theirs, count=count) if abs(count * theirs.price - theirs.amount) < least else theirs


def _own_sum(walk: _Walk, theirs: Theirs) -> None:
    """Take up what their own count and price give, where that is not the amount that they write."""
    if theirs.count is None or theirs.price is None:
        return
    given = theirs.count * theirs.price
    code = "rounding" if abs(given - walk.at) < walk.least else "their_sum"
    walk.to(code, given, count=theirs.count, price=theirs.price, told=theirs.amount)


def _by_row(walk: _Walk, theirs: Theirs, ours: Ours, row: rate_cards.RateCardRow) -> None:
    """Price their count by the row of the card, then move on to our count: what the tiers make of it is in the price."""
    assert theirs.count is not None
    assert ours.count is not None
    priced = invoice_split.price_of(row=row, quantity=theirs.count)
    counted = invoice_split.price_of(row=row, quantity=ours.count)
    if priced is None or counted is None or not theirs.count:
        # Without a price of ours either, nothing tells count and price apart, and the difference stays in one sum.
        if ours.price is not None:
            _by_price(walk, theirs, ours, None)
        return
    if abs(priced - walk.at) < walk.least:
        walk.to("rounding", priced)
    tiers, told = _tier_prices(row), walk.at / theirs.count
    standing = invoice_split.describe_price(row=row, quantity=theirs.count)
    walk.to("tier" if told in tiers and len(tiers) > 1 else "price", priced, their_price=told, count=theirs.count, standing=standing)
    walk.to("count", counted, their_count=theirs.count, our_count=ours.count)
    walk.is_told = True


def _by_price(walk: _Walk, theirs: Theirs, ours: Ours, their_row: rate_cards.RateCardRow | None) -> None:
    """Price what they count too much or too little at their price, then move on to our price."""
    assert ours.count is not None
    assert ours.price is not None
    count = theirs.count if theirs.count is not None else ours.count
    if abs(walk.at - count * ours.price) < walk.least:
        walk.to("rounding", count * ours.price)
    told = theirs.price if theirs.price is not None else (walk.at / count if count else ours.price)
    if abs(told - ours.price) < walk.least and walk.at == count * ours.price:
        told = ours.price
    walk.to(COUNT_CAUSES.get(ours.kind, "count"), walk.at + (ours.count - count) * told, their_count=count, our_count=ours.count)
    if their_row is not None and ours.row is not None and their_row != ours.row:
        other, own = _first_price(their_row), _first_price(ours.row)
        if other is not None and own is not None:
            walk.to("class", walk.at + ours.count * (own - other), their_price=other, our_price=own)
            told += own - other
    tiers = _tier_prices(ours.row) if ours.row is not None else ()
    code = "tier" if told in tiers and ours.price in tiers else PRICE_CAUSES.get(ours.kind, "price")
    walk.to(code, walk.at + ours.count * (ours.price - told), their_price=told, our_price=ours.price, count=ours.count)
    # An amount of nothing, or a price alone that no whole count leads to, leads nowhere: what is left then is no rounding.
    walk.is_told = walk.at == ours.count * ours.price


def _parts(walk: _Walk, ours: Ours) -> None:
    """Find which of our parts theirs leaves out; where none of them explains it, the price differs."""
    first = ours.amount - sum(ours.parts.values(), ZERO)
    moving = [code for code, amount in ours.parts.items() if amount]
    for size in range(len(moving), -1, -1):
        for kept in combinations(moving, size):
            told = first + sum((ours.parts[code] for code in kept), ZERO)
            if abs(told - walk.at) < walk.least:
                walk.to("rounding", told)
                for code in (code for code in moving if code not in kept):
                    walk.to(code, walk.at + ours.parts[code], lacking="1")
                return
    walk.to("price", ours.amount, their_price=walk.at, our_price=ours.amount)


def _first_price(row: rate_cards.RateCardRow) -> Fraction | None:
    return invoice_split.price_of(row=row, quantity=Fraction(1))


def _tier_prices(row: rate_cards.RateCardRow) -> tuple[Fraction, ...]:
    price = row.price
    if not isinstance(price, rate_cards.Graduated | rate_cards.Volume):
        return ()
    return tuple(dict.fromkeys(tier.unit_amount for tier in price.tiers))


def _whole_micros(causes: Sequence[Cause], difference: Fraction) -> tuple[Cause, ...]:
    """Take steps of one cause together and round each to a micro; the last absorbs what that leaves, so that they still add up."""
    joined: dict[str, Cause] = {}
    for cause in causes:
        before = joined.get(cause.code, Cause(code=cause.code, amount=ZERO))
        joined[cause.code] = Cause(code=cause.code, amount=before.amount + cause.amount, facts={**before.facts, **cause.facts})
    rounding = money.Round(places=MICRO_PLACES)
    found = [Cause(code=one.code, amount=rounding.apply(one.amount), facts=one.facts) for one in joined.values() if one.amount]
    if not found:
        return ()
    rest = difference - sum((cause.amount for cause in found), ZERO)
    found[-1] = Cause(code=found[-1].code, amount=found[-1].amount + rest, facts=found[-1].facts)
    return tuple(cause for cause in found if cause.amount)


def _figures(**facts: Fraction | str | None) -> dict[str, Fraction | str]:
    return {name: value for name, value in facts.items() if value is not None}
