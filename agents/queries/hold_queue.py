"""Everything that waits for a person, in one list: names nobody is mapped to, resolutions, rows of files and deliveries.

A name stands for all resolutions that it holds, so each thing is in the list once. The amount at stake is what rating wrote
on the holds: of several holds on one resolution it counts once, and currencies are never added to each other.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection

from contracts import row_ids

PAGE_SIZE = 25
# A file of everything is read so many things at a time.
FILE_PAGE_SIZE = 5_000
KINDS = ("name", "resolution", "row", "delivery")
NOBODY = "none"

# Of a pay hold what is at stake is pay and no client price, so it is shown with its reason and left out of sums of prices.
PAY_REASON = "reversed_but_payable"

# Whose a row is is looked up only where somebody asks for one client: of thousands of rows it would take most of the time.
# What came in carries the clock on the wall. Where the business clock stands before it, as in a demo, it came in at that instant:
# so all ages and days of the queue are those of one clock.
WAITING = """
    WITH hold AS (
        SELECT h.*, r.identity_id, c.key AS case_key, c.source_id, k.client_id,
            h.reason = 'unmapped_identity' AND r.identity_id IS NOT NULL AS is_name
        FROM agents_hold h
        JOIN agents_resolution r ON r.id = h.resolution_id
        JOIN agents_case c ON c.id = r.case_id
        JOIN contracts_contract k ON k.id = c.contract_id
        WHERE h.released_at IS NULL
    ), waiting AS (
        SELECT 'name' AS kind, i.id, i.source_id, array_agg(DISTINCT hold.client_id) AS client_ids, 'unmapped_identity' AS reason,
            i.value AS title, 'In ' || i.space || '. Map it to the agent it stands for, or mark it as a system user.' AS message,
            CASE WHEN count(*) = count(hold.owner_id) AND count(DISTINCT hold.owner_id) = 1 THEN min(hold.owner_id) END AS owner_id,
            min(hold.opened_at) AS since, min(hold.expires_at) AS expires_at, count(*)::int AS unit_count
        FROM hold JOIN agents_sourceidentity i ON i.id = hold.identity_id WHERE hold.is_name GROUP BY i.id
        UNION ALL
        SELECT 'resolution', id, source_id, ARRAY[client_id], reason, case_key, message, owner_id, opened_at, expires_at, 1
        FROM hold WHERE NOT is_name
        UNION ALL
        SELECT 'row', w.id, w.source_id, {row_clients}, w.reason,
            coalesce(nullif(w.case_key, ''), 'Row ' || w.row_number), w.message, w.owner_id, least(n.started_at, %(business)s),
            least(n.started_at, %(business)s) + %(expires_after)s, 1
        FROM agents_heldrow w
        JOIN agents_importrun n ON n.id = w.run_id
        WHERE w.released_at IS NULL
        UNION ALL
        SELECT 'delivery', d.id, d.source_id, ARRAY[s.client_id], d.reason, s.name || ', ' || d.vendor, d.message, d.owner_id,
            least(d.first_received_at, %(business)s), least(d.last_received_at, %(business)s) + %(kept_for)s, 1
        FROM agents_rawdelivery d JOIN agents_source s ON s.id = d.source_id WHERE d.released_at IS NULL
    ), item AS (
        SELECT w.kind, w.id, w.source_id, w.reason, w.title, w.message, w.owner_id, w.since, w.expires_at, w.unit_count
        FROM waiting w WHERE {where}
    )"""
ROW_CLIENTS = """ARRAY[coalesce(
    (SELECT k.client_id FROM agents_case c JOIN contracts_contract k ON k.id = c.contract_id
     WHERE c.source_id = w.source_id AND c.key = w.case_key),
    (SELECT s.client_id FROM agents_source s WHERE s.id = w.source_id))]"""
# How each kind of thing is joined to the holds behind it.
STAKED = {
    "name": "hold.is_name AND hold.identity_id = thing.id",
    "resolution": "hold.id = thing.id",
    "row": "hold.reason = 'rows_held' AND hold.source_id = thing.source_id AND hold.case_key = thing.title",
}
CUT = """, page AS (
        SELECT item.* FROM item WHERE (item.since, item.kind, item.id) > (%(after_since)s, %(after_kind)s, %(after_id)s)
        ORDER BY item.since, item.kind, item.id LIMIT %(limit)s
    )"""
PAGE = """
    SELECT page.*, s.name AS source_name, coalesce(nullif(u.name, ''), u.email, '') AS owner_name,
        coalesce(priced.amounts, '{{}}'::jsonb) AS amounts
    FROM page JOIN agents_source s ON s.id = page.source_id LEFT JOIN agents_user u ON u.id = page.owner_id LEFT JOIN (
        SELECT kind, item_id, jsonb_object_agg(currency, micros) AS amounts FROM (
            SELECT kind, item_id, currency, sum(amount_micros)::bigint AS micros FROM (
                SELECT DISTINCT kind, item_id, resolution_id, currency, amount_micros FROM stake WHERE amount_micros IS NOT NULL
            ) once GROUP BY kind, item_id, currency
        ) summed GROUP BY kind, item_id
    ) priced ON priced.kind = page.kind AND priced.item_id = page.id
    ORDER BY page.since, page.kind, page.id"""

# Joined once and not asked item by item: a whole filter may be thousands of rows.
BY_REASON = """
    SELECT counted.reason, counted.kind, counted.item_count, counted.unit_count, counted.oldest, coalesce(priced.amounts, '{{}}'::jsonb)
    FROM (
        SELECT reason, kind, count(*)::int AS item_count, sum(unit_count)::int AS unit_count, min(since) AS oldest
        FROM item GROUP BY reason, kind
    ) counted
    LEFT JOIN (
        SELECT reason, kind, jsonb_object_agg(currency, micros) AS amounts FROM (
            SELECT reason, kind, currency, sum(amount_micros)::bigint AS micros FROM (
                SELECT DISTINCT reason, kind, resolution_id, currency, amount_micros FROM stake WHERE amount_micros IS NOT NULL
            ) once GROUP BY reason, kind, currency
        ) summed GROUP BY reason, kind
    ) priced USING (reason, kind)"""

TOTAL = """
    SELECT (SELECT count(*)::int FROM item), coalesce((
        SELECT jsonb_object_agg(currency, micros) FROM (
            SELECT currency, sum(amount_micros)::bigint AS micros FROM (
                SELECT DISTINCT ON (resolution_id) resolution_id, currency, amount_micros FROM stake
                WHERE amount_micros IS NOT NULL AND held_for <> %(pay_reason)s ORDER BY resolution_id, held_for
            ) once GROUP BY currency
        ) summed), '{{}}'::jsonb),
        (SELECT count(*)::int FROM (
            SELECT resolution_id FROM stake WHERE held_for <> %(pay_reason)s GROUP BY resolution_id HAVING count(amount_micros) = 0
        ) unpriced)"""

IDS = "SELECT kind, id FROM item ORDER BY kind, id"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which part of what waits somebody looks at; empty means all. `items` are picked one by one, as (kind, id)."""

    kind: str = ""
    reason: str = ""
    source_id: int | None = None
    client_id: int | None = None
    owner: str = ""
    age_days: int = 0
    find: str = ""
    items: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page ends."""

    since: datetime
    kind: str
    pk: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a position from an address; anything that is none means the start."""
        try:
            instant, kind, number = text.split("_")
            at, pk = datetime.fromisoformat(instant), row_ids.read_id(number)
        except ValueError:
            return None
        return cls(since=at, kind=kind, pk=pk) if at.tzinfo and kind in KINDS and pk is not None else None

    def __str__(self) -> str:
        return f"{self.since.isoformat()}_{self.kind}_{self.pk}"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that waits. `amounts` is the client price at stake in micros by currency; empty where it has no price yet."""

    kind: str
    pk: int
    reason: str
    title: str
    message: str
    source_name: str
    owner_name: str
    since: datetime
    expires_at: datetime
    unit_count: int
    amounts: Mapping[str, int]

    @property
    def code(self) -> str:
        """What a form calls it."""
        return f"{self.kind}-{self.pk}"


@dataclass(frozen=True, kw_only=True)
class ReasonGroup:
    """What waits for one reason."""

    reason: str
    kind: str
    item_count: int
    unit_count: int
    oldest: datetime
    amounts: Mapping[str, int]

    @property
    def is_pay(self) -> bool:
        """Whether the amount is an agent's pay and no client price."""
        return self.reason == PAY_REASON


@dataclass(frozen=True, kw_only=True)
class Total:
    """How many things wait, what clients pay for them, and how many of their resolutions have no price yet."""

    item_count: int
    amounts: Mapping[str, int]
    unpriced_count: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of the queue, oldest first, and where the next begins; None on the last page."""

    rows: tuple[Item, ...]
    next_position: Position | None


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """By which clock the queue counts ages, and how long rows and deliveries wait before they expire."""

    business: datetime
    expires_after: timedelta
    kept_for: timedelta


def list_page(*, filters: Filters, clocks: Clocks, after: Position | None, limit: int | None = None) -> Page:
    """Return the page after a position, oldest first, in one query.

    Args:
        filters: which part.
        clocks: now.
        after: where the page before ended.
        limit: how many; PAGE_SIZE unless told.
    """
    size = limit or PAGE_SIZE
    rows = _ask(
        CUT + _stake("page") + PAGE,
        filters,
        clocks,
        after_since=after.since if after else "-infinity",
        after_kind=after.kind if after else "",
        after_id=after.pk if after else 0,
        limit=size + 1,
    )
    items = tuple(_item(row) for row in rows[:size])
    last = items[-1] if len(rows) > size else None
    return Page(rows=items, next_position=Position(since=last.since, kind=last.kind, pk=last.pk) if last else None)


def read_all(*, filters: Filters, clocks: Clocks) -> Iterator[Item]:
    """Give everything of a part, oldest first, in one query for each FILE_PAGE_SIZE things."""
    page = list_page(filters=filters, clocks=clocks, after=None, limit=FILE_PAGE_SIZE)
    yield from page.rows
    while page.next_position is not None:
        page = list_page(filters=filters, clocks=clocks, after=page.next_position, limit=FILE_PAGE_SIZE)
        yield from page.rows


def group_by_reason(*, filters: Filters, clocks: Clocks) -> tuple[ReasonGroup, ...]:
    """Return what waits by reason, most resolutions first, in one query; a resolution counts once in each reason."""
    names = ("reason", "kind", "item_count", "unit_count", "oldest", "amounts")
    found = [
        ReasonGroup(**dict(zip(names, (*row[:5], _amounts(row[5])), strict=True)))
        for row in _rows(_stake("item") + BY_REASON, filters, clocks)
    ]
    return tuple(sorted(found, key=lambda group: (-sum(group.amounts.values()), -group.unit_count, group.reason)))


def total(*, filters: Filters, clocks: Clocks) -> Total:
    """Return what waits in all, in one query; a resolution that is held for two reasons counts once."""
    ((item_count, amounts, unpriced_count),) = _rows(_stake("item") + TOTAL, filters, clocks, pay_reason=PAY_REASON)
    return Total(item_count=item_count, amounts=_amounts(amounts), unpriced_count=unpriced_count)


def item_ids(*, filters: Filters, clocks: Clocks) -> dict[str, list[int]]:
    """Return the ids of what waits by kind, in one query."""
    found: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for kind, pk in _rows(IDS, filters, clocks):
        found[kind].append(pk)
    return found


def _stake(part: str) -> str:
    """Write the holds behind the things of a part, each kind by itself, so that no thing is compared with all holds."""
    kinds = (
        f"""
        SELECT thing.kind, thing.id AS item_id, thing.reason, hold.resolution_id, hold.currency, hold.amount_micros, hold.reason AS held_for
        FROM {part} thing JOIN hold ON {joined} WHERE thing.kind = '{kind}'"""  # noqa: S608 (our own text)
        for kind, joined in STAKED.items()
    )
    return f", stake AS ({' UNION ALL '.join(kinds)})"


def _where(filters: Filters) -> str:
    conditions = {
        "w.kind = %(kind)s": filters.kind,
        "w.reason = %(reason)s": filters.reason,
        "w.source_id = %(source_id)s": filters.source_id is not None,
        "%(client_id)s = ANY(w.client_ids)": filters.client_id is not None,
        "w.owner_id IS NULL": filters.owner == NOBODY,
        "w.owner_id = %(owner_id)s": filters.owner and filters.owner != NOBODY,
        "w.since <= %(business)s - %(age)s": filters.age_days,
        "(w.title ILIKE %(find)s OR w.message ILIKE %(find)s)": filters.find,
        "(w.kind, w.id) IN (SELECT * FROM unnest(%(kinds)s::text[], %(ids)s::bigint[]))": filters.items is not None,
    }
    return " AND ".join(condition for condition, is_asked in conditions.items() if is_asked) or "true"


def _parameters(filters: Filters, clocks: Clocks) -> dict[str, Any]:
    items = filters.items or ()
    escaped = filters.find.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "kind": filters.kind,
        "reason": filters.reason,
        "source_id": filters.source_id,
        "client_id": filters.client_id,
        "owner_id": row_ids.read_id(filters.owner) or 0,
        "business": clocks.business,
        "age": timedelta(days=filters.age_days),
        "find": f"%{escaped}%",
        "kinds": [kind for kind, _ in items],
        "ids": [pk for _, pk in items],
        "expires_after": clocks.expires_after,
        "kept_for": clocks.kept_for,
    }


def _written(sql: str, filters: Filters) -> str:
    return (WAITING + sql).format(where=_where(filters), row_clients="NULL::bigint[]" if filters.client_id is None else ROW_CLIENTS)


def _rows(sql: str, filters: Filters, clocks: Clocks, **more: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_written(sql, filters), {**_parameters(filters, clocks), **more})
        return list(cursor.fetchall())


def _ask(sql: str, filters: Filters, clocks: Clocks, **more: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_written(sql, filters), {**_parameters(filters, clocks), **more})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _item(row: Mapping[str, Any]) -> Item:
    kept = ("kind", "reason", "title", "message", "source_name", "owner_name", "since", "expires_at", "unit_count")
    return Item(pk=row["id"], amounts=_amounts(row["amounts"]), **{name: row[name] for name in kept})


def _amounts(found: Any) -> dict[str, int]:
    """Sort by currency, so that pages always show them in one order; JSON comes as text through a plain cursor."""
    told = json.loads(found) if isinstance(found, str) else found
    return {currency: int(micros) for currency, micros in sorted(told.items())}


def parse_codes(*, codes: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Read what a form picked, such as "row-12"; anything else is passed over.

    >>> parse_codes(codes=["row-12", "nothing", "name-x"])
    (('row', 12),)
    """
    found = []
    for code in codes:
        kind, _, number = code.partition("-")
        pk = row_ids.read_id(number)
        if kind in KINDS and pk is not None:
            found.append((kind, pk))
    return tuple(found)
