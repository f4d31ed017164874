"""Their lines beside ours: matched by key in the order in which they come, what is left over on either side named."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.queries.shadow.file import FileLine
from billing.rules import shadow
from contracts.rules import rate_cards

Key = tuple[str, ...]
Facts = Mapping[str, Fraction | str]


@dataclass(frozen=True, kw_only=True)
class OurLine:
    """One line of ours: what it is matched by, what people call it, and whose or which it is."""

    key: Key
    label: str
    ours: shadow.Ours
    agent_id: int | None = None
    resolution_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class TheirLine:
    """One line of theirs: `key` is empty where nothing here can be what it is about; `why` says so."""

    key: Key
    label: str
    place: int
    theirs: shadow.Theirs
    row: rate_cards.RateCardRow | None = None
    why: str = ""
    facts: Facts | None = None


@dataclass(frozen=True, kw_only=True)
class Surplus:
    """Why ours has no line for one of theirs, and what it is about here."""

    code: str
    facts: Facts | None = None
    agent_id: int | None = None
    resolution_id: int | None = None


Explainer = Callable[[Sequence[TheirLine]], Sequence[Surplus]]


@dataclass(frozen=True, kw_only=True)
class ComparedLine:
    """A line of theirs beside ours, either may be missing, with the causes that add up to the difference."""

    label: str
    place: int | None
    theirs: shadow.Theirs | None
    ours: shadow.Ours | None
    causes: tuple[shadow.Cause, ...]
    agent_id: int | None = None
    resolution_id: int | None = None


def match(
    *,
    theirs: Sequence[TheirLine],
    ours: Sequence[OurLine],
    places: int,
    explain_surplus: Callable[[Sequence[TheirLine]], Sequence[Surplus]],
) -> list[ComparedLine]:
    """Match lines by key; the second line of theirs under one key meets the second of ours.

    Args:
        theirs: lines of the file, in its order.
        ours: all lines of ours, in the order in which those that theirs lacks are told.
        places: decimals of the currency.
        explain_surplus: says why ours has none of some lines whose key nothing of ours bears.

    Returns: their lines in the order of the file, then ours that theirs lacks.
    """
    waiting: dict[Key, deque[OurLine]] = defaultdict(deque)
    for line in ours:
        waiting[line.key].append(line)
    known, taken = set(waiting), set[int]()
    pairs: list[tuple[TheirLine, OurLine | None]] = []
    for told in theirs:
        found = waiting[told.key].popleft() if told.key and waiting.get(told.key) else None
        taken.add(id(found))
        pairs.append((told, found))
    surplus = [told for told, found in pairs if found is None and not told.why and told.key not in known]
    reasons = iter(explain_surplus(surplus) if surplus else ())
    compared = []
    for told, found in pairs:
        if found is not None:
            compared.append(_paired(told, found, places))
        elif told.why:
            compared.append(_left_over(told, Surplus(code=told.why, facts=told.facts)))
        elif told.key in known:
            compared.append(_left_over(told, Surplus(code="twice_there")))
        else:
            compared.append(_left_over(told, next(reasons)))
    return compared + [_lacking(line) for line in ours if id(line) not in taken]


def sum_keys(*, lines: Iterable[TheirLine]) -> list[TheirLine]:
    """Add lines up that mean the same here, so that each of ours meets one of theirs; those without a key stay alone."""
    found: dict[Key, list[TheirLine]] = {}
    for place, line in enumerate(lines):
        found.setdefault(line.key or ("", str(place)), []).append(line)
    return [group[0] if len(group) == 1 else _sum(group) for group in found.values()]


def theirs_of(*, line: FileLine, kind: str = "") -> shadow.Theirs:
    """Return the figures of a line of the file."""
    return shadow.Theirs(amount=line.amount, count=line.count, price=line.price, kind=kind)


def _sum(group: Sequence[TheirLine]) -> TheirLine:
    counts = [line.theirs.count for line in group]
    prices = {line.theirs.price for line in group}
    return TheirLine(
        key=group[0].key,
        label=", ".join(dict.fromkeys(line.label for line in group)),
        place=group[0].place,
        theirs=shadow.Theirs(
            amount=sum((line.theirs.amount for line in group), Fraction(0)),
            count=None if None in counts else sum((count for count in counts if count is not None), Fraction(0)),
            price=prices.pop() if len(prices) == 1 else None,
            kind=group[0].theirs.kind,
        ),
        row=group[0].row,
        why=group[0].why,
        facts=group[0].facts,
    )


def _paired(told: TheirLine, found: OurLine, places: int) -> ComparedLine:
    return ComparedLine(
        label=found.label,
        place=told.place,
        theirs=told.theirs,
        ours=found.ours,
        causes=shadow.explain_pair(theirs=told.theirs, ours=found.ours, places=places, their_row=told.row),
        agent_id=found.agent_id,
        resolution_id=found.resolution_id,
    )


def _left_over(told: TheirLine, why: Surplus) -> ComparedLine:
    return ComparedLine(
        label=told.label,
        place=told.place,
        theirs=told.theirs,
        ours=None,
        causes=shadow.explain_surplus(theirs=told.theirs, code=why.code, facts=why.facts),
        agent_id=why.agent_id,
        resolution_id=why.resolution_id,
    )


def _lacking(line: OurLine) -> ComparedLine:
    return ComparedLine(
        label=line.label,
        place=None,
        theirs=None,
        ours=line.ours,
        causes=shadow.explain_lacking(ours=line.ours),
        agent_id=line.agent_id,
        resolution_id=line.resolution_id,
    )
