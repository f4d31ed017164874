"""Post revenue that was earned and not invoiced yet: what is booked for a client, less what was posted of it before."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import connection

from billing.models import LedgerTransaction
from billing.operations import post_ledger
from billing.rules import ledger

UNPOSTED = """
    WITH booked AS (
        SELECT k.client_id, v.currency, sum(b.amount_micros)::bigint AS amount, max(b.id) AS last
        FROM billing_bookedline b
        JOIN contracts_contractversion v ON v.id = b.version_id
        JOIN contracts_contract k ON k.id = v.contract_id
        WHERE %(clients)s::bigint[] IS NULL OR k.client_id = ANY(%(clients)s)
        GROUP BY k.client_id, v.currency
    ), posted AS (
        SELECT e.client_id, e.currency, sum(e.amount_micros)::bigint AS amount
        FROM billing_ledgerentry e JOIN billing_ledgertransaction t ON t.id = e.transaction_id
        WHERE t.kind = 'booking' AND e.account = 'unbilled_revenue' GROUP BY e.client_id, e.currency
    )
    SELECT b.client_id, c.name, b.currency, b.amount - coalesce(p.amount, 0), b.last
    FROM booked b JOIN contracts_client c ON c.id = b.client_id
    LEFT JOIN posted p ON p.client_id = b.client_id AND p.currency = b.currency
    WHERE b.amount <> coalesce(p.amount, 0) ORDER BY c.name, b.currency"""


def recognize_revenue(*, on: date, posted_at: datetime, client_ids: Collection[int] | None = None) -> int:
    """Post the difference between what is booked and what was posted, client by client; a second call posts nothing.

    Args:
        on: day that it counts on.
        posted_at: business instant.
        client_ids: only these clients; None is all.

    Returns: how many clients had a difference.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNPOSTED, {"clients": None if client_ids is None else list(client_ids)})
        rows = cursor.fetchall()
    events = [
        post_ledger.Event(
            key=f"booking:{client_id}:{currency}:{last}:{amount}",
            kind=LedgerTransaction.Kind.BOOKING,
            on=on,
            words=f"Resolutions rated for {name}",
            currency=currency,
            postings=ledger.post_booking(client_id=client_id, amount=amount),
        )
        for client_id, name, currency, amount, last in rows
    ]
    return post_ledger.post_events(events=events, posted_at=posted_at, person_id=None)
