"""Draw resolutions to review so that chance picks them, each agent is heard, and a stranger can draw the same ones again.

Between agents the reviews are shared out by how much each resolved, never below a minimum. Within an agent every resolution has the
same chance: they stand in a row sorted by class, and equal steps from a random start pick them, so that classes come in proportion.
All chance comes from SHA-256 of a seed and names, which any computer works out alike.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

from contracts.rules import errors

METHOD = "stratified-systematic-1"
_SPAN = 1 << 256


class InvalidSample(errors.InvalidInput):
    """A draw that cannot be: nothing to draw from, a name twice, or fewer asked for than the minimum of all agents."""


@dataclass(frozen=True, kw_only=True)
class Drawable:
    """One resolution that can be drawn: a name that is its own, whose work it was, and its class."""

    key: str
    agent: str
    class_code: str


@dataclass(frozen=True, kw_only=True)
class Pick:
    """A drawn resolution, with the size of its stratum (agent × class) and how many of that were drawn."""

    key: str
    agent: str
    class_code: str
    stratum_count: int
    picked_count: int
    is_second: bool


def draw_sample(*, frame: Iterable[Drawable], size: int, agent_min: int, second_count: int, seed: str) -> tuple[Pick, ...]:
    """Draw resolutions of every agent at random, and some of them for a second, blind review.

    Args:
        frame: what is drawn from, in any order, each key once.
        size: how many to draw, 1 or more; all of them where there are fewer.
        agent_min: at least so many of each agent, 0 or more; all of an agent who has fewer.
        second_count: how many of the drawn ones are reviewed twice, 0 or more.
        seed: any text; the same seed and frame give the same draw on every computer.

    Returns: the drawn ones by agent and place in the row.
    Raises: InvalidSample.
    Source: W. G. Cochran, Sampling Techniques (1977), chapters 5 and 8: stratified and systematic sampling.

    >>> frame = [Drawable(key=f"INC{number}", agent="a-1", class_code="outage/chat") for number in range(8)]
    >>> [pick.key for pick in draw_sample(frame=frame, size=2, agent_min=1, second_count=1, seed="one")]
    ['INC2', 'INC0']
    """
    rows = sorted(frame, key=lambda row: row.key)
    _check(rows, size, agent_min, second_count)
    by_agent = {
        agent: list(found) for agent, found in groupby(sorted(rows, key=lambda row: (row.agent, row.key)), key=lambda row: row.agent)
    }
    shares = share_out(counts={agent: len(found) for agent, found in by_agent.items()}, size=size, agent_min=agent_min, seed=seed)
    picked = [row for agent, found in by_agent.items() for row in _steps(found, shares[agent], agent, seed)]
    drawn = _count(picked)
    there = _count(rows)
    second = {row.key for row in sorted(picked, key=lambda row: _chance(seed, "second", row.key))[:second_count]}
    return tuple(
        Pick(
            key=row.key,
            agent=row.agent,
            class_code=row.class_code,
            stratum_count=there[row.agent, row.class_code],
            picked_count=drawn[row.agent, row.class_code],
            is_second=row.key in second,
        )
        for row in picked
    )


def share_out(*, counts: Mapping[str, int], size: int, agent_min: int, seed: str) -> dict[str, int]:
    """Share reviews out between agents: the minimum to each, the rest by how much else each resolved.

    Args:
        counts: resolutions by agent, 1 or more each.
        size: reviews in all.
        agent_min: at least so many each, or all that they have.
        seed: decides between equal remainders.

    Returns: reviews by agent; they add up to the size, or to all resolutions where there are fewer.
    Raises: InvalidSample if the minimum of all agents is more than the size.
    Source: docs/quality-work.md; parts by largest remainder.

    >>> share_out(counts={"a-1": 80, "a-2": 20, "a-3": 1}, size=10, agent_min=1, seed="one")
    {'a-1': 7, 'a-2': 2, 'a-3': 1}
    """
    least = {agent: min(agent_min, count) for agent, count in counts.items()}
    rest = min(size, sum(counts.values())) - sum(least.values())
    if rest < 0:
        raise InvalidSample(
            f"{agent_min} of each of {len(counts)} agents are {sum(least.values())} reviews, and {size} were asked for; "
            "ask for more reviews or a lower minimum.",
            path=("size",),
        )
    left = {agent: counts[agent] - least[agent] for agent in counts}
    whole = sum(left.values())
    if whole == 0:
        return least
    exact = {agent: Fraction(rest * left[agent], whole) for agent in counts}
    shares = {agent: least[agent] + int(exact[agent]) for agent in counts}
    over = rest - sum(int(part) for part in exact.values())
    order = sorted(counts, key=lambda agent: (int(exact[agent]) - exact[agent], _chance(seed, "remainder", agent)))
    for agent in order[:over]:
        shares[agent] += 1
    return shares


def write_frame(*, frame: Iterable[Drawable]) -> str:
    """Write what is drawn from as text: a line per resolution, sorted by key, fields split by tabs.

    >>> write_frame(frame=[Drawable(key="desk/INC2/1", agent="a-1", class_code="outage/chat")])
    'desk/INC2/1\\ta-1\\toutage/chat\\n'
    """
    return "".join(f"{row.key}\t{row.agent}\t{row.class_code}\n" for row in sorted(frame, key=lambda row: row.key))


def read_frame(*, text: str) -> tuple[Drawable, ...]:
    """Read what `write_frame` wrote.

    >>> read_frame(text="desk/INC2/1\\ta-1\\toutage/chat\\n")[0].agent
    'a-1'
    """
    parts = [line.split("\t") for line in text.splitlines()]
    return tuple(Drawable(key=key, agent=agent, class_code=class_code) for key, agent, class_code in parts)


def hash_frame(*, text: str) -> str:
    """Return the SHA-256 of a written frame, which tells whether two people draw from the same.

    >>> hash_frame(text="")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def choose_one(*, names: tuple[str, ...], seed: str, about: str) -> str:
    """Return one of some names by chance, the same for the same seed and matter.

    Args:
        names: one or more, in any order.
        seed: that of the draw.
        about: what is chosen for, such as the resolution; another matter may choose another name.

    Raises: InvalidSample without a name.
    Source: docs/quality-work.md.

    >>> choose_one(names=("7", "9"), seed="one", about="desk/INC2/1")
    '7'
    """
    if not names:
        raise InvalidSample("There is nobody to choose from; add somebody first.", path=("names",))
    return min(names, key=lambda name: _chance(seed, "one", about, name))


def _steps(rows: list[Drawable], count: int, agent: str, seed: str) -> list[Drawable]:
    """Pick by equal steps from a random start; the row is sorted by class, and by chance within a class."""
    ordered = sorted(rows, key=lambda row: (row.class_code, _chance(seed, "order", row.key)))
    start = Fraction(_chance(seed, "start", agent), _SPAN)
    return [ordered[int((start + step) * len(ordered) / count)] for step in range(count)]


def _chance(*names: str) -> int:
    return int(hashlib.sha256("\x1f".join(names).encode()).hexdigest(), 16)


def _count(rows: Iterable[Drawable]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        place = (row.agent, row.class_code)
        counts[place] = counts.get(place, 0) + 1
    return counts


def _check(rows: list[Drawable], size: int, agent_min: int, second_count: int) -> None:
    if not rows:
        raise InvalidSample("There is no resolution to draw from; choose other days.", path=("frame",))
    if size < 1 or agent_min < 0 or second_count < 0:
        raise InvalidSample("Ask for 1 review or more, and for a minimum and a number of second reviews of 0 or more.", path=("size",))
    twice = next((row.key for row, other in pairwise(rows) if row.key == other.key), None)
    if twice is not None:
        raise InvalidSample(f'"{twice}" stands twice in what is drawn from; name each resolution once.', path=("frame",))
