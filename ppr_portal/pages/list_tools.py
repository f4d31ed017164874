"""What stands around a list: filters that are links, and the addresses of its pages and its file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from ppr_portal.pages import keyset
from ppr_portal.pages.entry import PortalRequest, asked_text

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Select:
    """A filter to choose from a list; `any_label` is what it says while nothing is chosen."""

    name: str
    label: str
    any_label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class ListDay:
    """A day that a list begins or ends with, where one is chosen."""

    name: str
    label: str
    value: date | None


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that is a link, with a count where one is known; `is_more` says that there are more than that."""

    label: str
    url: str
    count: int | None
    is_current: bool
    is_more: bool = False


@dataclass(frozen=True, kw_only=True)
class ListPage(Generic[M]):
    """The rows of one page of a list, and the addresses around it, as `links` returns them."""

    rows: list[M]
    links: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SortLink:
    """The head of a column that sorts, and how it is sorted now."""

    url: str
    direction: str


def selects(*, asked: Mapping[str, str], rows: Iterable[tuple[str, str, str, Iterable[tuple[object, str | Promise]]]]) -> list[Select]:
    """Return filters with the options that they offer.

    Args:
        asked: what the address asks for.
        rows: for each filter what the address calls it, what it is, for who cannot see where it stands, what it says while it
            narrows nothing, and values with their words.
    """
    return [
        Select(name=name, label=label, any_label=any_label, choices=_choices(options, asked.get(name, "")))
        for name, label, any_label, options in rows
    ]


def _choices(options: Iterable[tuple[object, str | Promise]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=str(value), label=str(words), is_chosen=str(value) == chosen) for value, words in options)


def read_asked(request: PortalRequest, *names: str) -> dict[str, str]:
    """Return what an address narrows a list by; what it leaves empty is left out."""
    return {name: value for name in names if (value := asked_text(request, name))}


def chips(
    *,
    name: str,
    states: Iterable[tuple[str, str | Promise, int | None]],
    asked: Mapping[str, str],
    keeps: bool = False,
    part: str = "",
    most: int | None = None,
) -> list[Chip]:
    """Return a chip for each state that a list can be narrowed to.

    Args:
        name: what the address calls the state.
        states: its value, which is empty for the first one, its words, and how many rows it has.
        asked: what the address narrows the list by.
        keeps: whether a chip keeps what else the list is narrowed by; counts of everything go with chips that keep nothing.
        part: the part of the page that a chip leads to, as "#lines".
        most: what is counted no further, where counts stop: more than that is told as this and a plus.
    """
    kept = {key: value for key, value in asked.items() if keeps and key != name}
    return [
        Chip(
            label=str(label),
            url=f"?{urlencode({**kept, **({name: state} if state else {})})}{part}",
            count=count if count is None or most is None else min(count, most),
            is_current=asked.get(name, "") == state,
            is_more=count is not None and most is not None and count > most,
        )
        for state, label, count in states
    ]


def sum_states(
    *, states: Iterable[tuple[str, str | Promise, Iterable[str]]], counts: Mapping[str, int]
) -> list[tuple[str, str | Promise, int]]:
    """Return states as `chips` takes them, where each stands for several of those that are stored.

    >>> sum_states(states=[("", "Open", ("waiting", "draft")), ("done", "Done", ("done",))], counts={"waiting": 2, "draft": 1})
    [('', 'Open', 3), ('done', 'Done', 0)]
    """
    return [(state, label, sum(counts.get(one, 0) for one in stored)) for state, label, stored in states]


def sort_link(*, name: str, asked: Mapping[str, str], part: str = "") -> SortLink:
    """Return the head of a column: it sorts by the column, and the other way round where that is so already.

    Args:
        name: what the address calls the column.
        asked: what the address narrows and sorts the list by; by name where it does not say.
        part: the part of the page that holds the list, as "#agents".
    """
    present = asked.get("sort", "name")
    following = f"-{name}" if present == name else name
    direction = {name: "ascending", f"-{name}": "descending"}.get(present, "")
    return SortLink(url=f"?{urlencode({**asked, 'sort': following})}{part}", direction=direction)


def cut(
    request: PortalRequest,
    *,
    found: QuerySet[M],
    by: str,
    asked: Mapping[str, str],
    ascending: bool = False,
    size: int = keyset.PAGE_ROWS,
) -> ListPage[M]:
    """Return the page of a list that an address asks for, with its links.

    Args:
        request: whose address says after which row the page begins.
        found, by, ascending, size: as for `keyset.cut_page`.
        asked: what the address narrows the list by.
    """
    after = asked_text(request, "after")
    page = keyset.cut_page(found=found, by=by, after=after, ascending=ascending, size=size)
    return ListPage(rows=page.rows, links=links(asked=asked, after=after, next_after=page.next_after))


def links(*, asked: Mapping[str, str], after: str, next_after: str, part: str = "") -> dict[str, Any]:
    """Return the addresses of a list's next page, its first one and its file, and what its search field keeps.

    Args:
        asked: what the address narrows the list by.
        after: where the shown page begins; empty for the first one.
        next_after: where the next page begins; empty at the end.
        part: the part of the page that holds the list, as "#lines".
    """
    return {
        "kept": [(name, value) for name, value in asked.items() if name != "find"],
        "next_url": f"?{urlencode({**asked, 'after': next_after})}{part}" if next_after else "",
        "first_url": f"?{urlencode(asked)}{part}" if after else "",
        "csv_url": f"?{urlencode({**asked, 'format': 'csv'})}",
    }
