"""Holds: resolutions that wait for a person, each with a reason, an owner and an expiry."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from agents.operations import copying, history

# A week to put it right before it is raised with the owner's lead.
EXPIRES_AFTER = timedelta(days=7)
REASON_IS_GONE = "The reason is gone."

UNMAPPED_IDENTITY = "unmapped_identity"
RESOLVER_NOT_NAMED = "resolver_not_named"
NO_CONTRACT_VERSION = "no_contract_version"
ROWS_HELD = "rows_held"
# Pay is at stake here and not the client's price.
REVERSED_BUT_PAYABLE = "reversed_but_payable"

WANTED = {"resolution_id": "bigint", "message": "text", "amount_micros": "bigint", "currency": "text"}
WANTED_SCHEMA: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "message": pl.String(),
    "amount_micros": pl.Int64(),
    "currency": pl.String(),
}
PRICED = {"resolution_id": "bigint", "amount_micros": "bigint", "currency": "text"}

# What a person released by hand stays released, although its reason still stands.
OPEN = """
    INSERT INTO agents_hold (resolution_id, reason, message, expires_at, amount_micros, currency, opened_at, release_note)
    SELECT w.resolution_id, %(reason)s, w.message, %(expires_at)s, w.amount_micros, coalesce(w.currency, ''), %(as_of)s, ''
    FROM wanted_hold w
    WHERE NOT EXISTS (
        SELECT 1 FROM agents_hold h WHERE h.resolution_id = w.resolution_id AND h.reason = %(reason)s
            AND (h.released_at IS NULL OR h.release_note <> %(gone)s))
    ORDER BY w.resolution_id
    ON CONFLICT (resolution_id, reason) WHERE released_at IS NULL DO NOTHING"""

UPDATE = """
    UPDATE agents_hold h SET message = w.message, amount_micros = coalesce(w.amount_micros, h.amount_micros),
        currency = coalesce(nullif(w.currency, ''), h.currency)
    FROM wanted_hold w
    WHERE h.resolution_id = w.resolution_id AND h.reason = %(reason)s AND h.released_at IS NULL
        AND (h.message, h.amount_micros, h.currency) IS DISTINCT FROM
            (w.message, coalesce(w.amount_micros, h.amount_micros), coalesce(nullif(w.currency, ''), h.currency))"""

RELEASE = """
    UPDATE agents_hold h SET released_at = %(as_of)s, release_note = %(gone)s
    WHERE h.reason = %(reason)s AND h.released_at IS NULL
        AND (%(scope)s::bigint[] IS NULL OR h.resolution_id = ANY(%(scope)s))
        AND NOT EXISTS (SELECT 1 FROM wanted_hold w WHERE w.resolution_id = h.resolution_id)"""

RELEASE_ALL = """
    UPDATE agents_hold h SET released_at = %(as_of)s, release_note = %(gone)s
    WHERE h.reason = %(reason)s AND h.released_at IS NULL AND (%(scope)s::bigint[] IS NULL OR h.resolution_id = ANY(%(scope)s))"""

PRICE = """
    UPDATE agents_hold h SET amount_micros = p.amount_micros, currency = p.currency
    FROM priced_hold p
    WHERE h.resolution_id = p.resolution_id AND h.released_at IS NULL AND h.reason <> %(pay)s
        AND (h.amount_micros, h.currency) IS DISTINCT FROM (p.amount_micros, p.currency)"""


@dataclass(frozen=True, kw_only=True)
class HoldReport:
    """How many holds were opened and released."""

    opened_count: int
    released_count: int


def sync_holds(*, reason: str, wanted: pl.DataFrame, as_of: datetime, resolution_ids: Collection[int] | None = None) -> HoldReport:
    """Bring the open holds of one reason to what the facts say; a second call changes nothing.

    Args:
        reason: stable code, for example unmapped_identity.
        wanted: one row per resolution to hold: resolution_id i64, message str, amount_micros i64 (client price at stake,
            null while it cannot be priced), currency str.
        as_of: business instant at which holds are opened or released.
        resolution_ids: the resolutions that were looked at; open holds of others stay. None means all were.

    Returns: counts. A hold that a person released by hand is not opened again.
    """
    scope = None if resolution_ids is None else sorted(resolution_ids)
    parameters: dict[str, Any] = {
        "reason": reason,
        "as_of": as_of,
        "expires_at": as_of.astimezone(UTC) + EXPIRES_AFTER,
        "gone": REASON_IS_GONE,
        "scope": scope,
    }
    frame = wanted.cast(WANTED_SCHEMA)  # type: ignore[arg-type]
    with history.act(name="sync_holds", as_of=as_of), connection.cursor() as cursor:
        if frame.is_empty():
            cursor.execute(RELEASE_ALL, parameters)
            return HoldReport(opened_count=0, released_count=cursor.rowcount)
        return _open_and_release(cursor, frame, parameters)


def _open_and_release(cursor: CursorWrapper, frame: pl.DataFrame, parameters: dict[str, Any]) -> HoldReport:
    with copying.temporary_table(cursor=cursor, name="wanted_hold", columns=WANTED, frame=frame):
        cursor.execute(OPEN, parameters)
        opened_count = cursor.rowcount
        copying.refresh_statistics(cursor=cursor, tables=("agents_hold",), row_count=opened_count)
        cursor.execute(UPDATE, parameters)
        cursor.execute(RELEASE, parameters)
        return HoldReport(opened_count=opened_count, released_count=cursor.rowcount)


def price_holds(*, amounts: pl.DataFrame) -> int:
    """Write the client price at stake on every open hold of some resolutions; those about pay keep the pay that is at stake.

    Args:
        amounts: one row per resolution: resolution_id i64, amount_micros i64, currency str.

    Returns: how many holds changed.
    """
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        copying.temporary_table(cursor=cursor, name="priced_hold", columns=PRICED, frame=amounts),
    ):
        cursor.execute(PRICE, {"pay": REVERSED_BUT_PAYABLE})
        return int(cursor.rowcount)
