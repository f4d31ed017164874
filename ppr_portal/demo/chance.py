"""Chance that comes out the same on every machine and at every run: numbers drawn from names by a hash, never from a generator."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def draw(*names: object, below: int) -> int:
    """Draw a whole number from 0 up to, and without, `below`; the same names always give the same number.

    >>> draw("shift", "a-001", "2016-03-07", below=30)
    28
    """
    digest = hashlib.sha256("\x1f".join(str(name) for name in names).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def happens(*names: object, percent: int) -> bool:
    """Tell whether something that happens in so many of a hundred cases happens in this one."""
    return draw(*names, below=100) < percent


def pick(*names: object, items: Sequence[Item]) -> Item:
    """Pick one of the items."""
    return items[draw(*names, below=len(items))]
