"""Pages of a list cut by the last row that was shown, so that the thousandth page costs what the first one does."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

from contracts import row_ids

PAGE_ROWS = 30
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Page(Generic[M]):
    """The rows of one page, and the place where the next one begins; an empty place is the end."""

    rows: list[M]
    next_after: str


def cut_page(*, found: QuerySet[M], by: str, after: str, ascending: bool = False, size: int = PAGE_ROWS) -> Page[M]:
    """Order rows by one field of theirs, then by id, and return the page after a place.

    Args:
        found: all rows; their own order does not count.
        by: a field of theirs that holds a day, an instant or a text, and is never empty.
        after: "value_id" as `next_after` gave it; anything else begins with the first row.
        ascending: oldest or first letter first; else newest first.
        size: rows of a page.
    """
    step, sign = ("gt", "") if ascending else ("lt", "-")
    place = _place(found, by, after)
    if place is not None:
        # The bound without an alternative is where the index is entered; with one alone, all rows before the place would be read.
        reached = Q(**{f"{by}__{step}e": place[0]})
        found = found.filter(reached & (Q(**{f"{by}__{step}": place[0]}) | Q(**{f"pk__{step}": place[1]})))
    rows = list(found.order_by(f"{sign}{by}", f"{sign}pk")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows=rows[:size], next_after=f"{_write(getattr(last, by))}_{last.pk}" if last is not None else "")


def _place(found: QuerySet[M], by: str, after: str) -> tuple[Any, int] | None:
    """Read where a page begins; None for an address that nobody was given."""
    text, _, number = after.rpartition("_")
    field, pk = found.model._meta.get_field(by), row_ids.read_id(number)
    if not isinstance(field, Field) or not text or pk is None:
        return None
    try:
        value = field.to_python(text)
        if isinstance(value, datetime):
            value = value.astimezone(UTC) if value.tzinfo else None
    except (ValidationError, OverflowError):
        return None
    return None if value is None else (value, pk)


def _write(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
