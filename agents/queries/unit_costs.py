"""What a resolved case of each class costs: the handle time of its contacts, at what an hour costs where they were handled."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from django.db import connection

from contracts.models import ContractVersion
from contracts.rules import rate_cards

# A handful of recorded times says nothing about a class, and a price would be accused for chance.
MEASURED_MIN = 20
MICROS_AN_HOUR = 3_600 * 1_000_000
Class = tuple[str | None, str | None]

# A contact costs what its agent's site costs on its own day there; a site without a rate has that of every site. Cases of
# which no source told a handle time, or whose contacts have no cost on their day, are left out and never taken as free.
COSTS = """
    SELECT q.code, ch.code, count(*), sum(worked.cost)
    FROM (
        SELECT r.query_type_id, r.channel_id, sum(e.handle_seconds::numeric * c.hourly_micros) AS cost
        FROM agents_resolution r
        JOIN agents_case k ON k.id = r.case_id AND k.contract_id = %(contract)s
        JOIN agents_caseevent e ON e.case_id = r.case_id AND e.type = 'contact' AND e.handle_seconds IS NOT NULL
        LEFT JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
        LEFT JOIN agents_agent a ON a.id = i.agent_id
        LEFT JOIN agents_site s ON s.id = a.site_id
        LEFT JOIN LATERAL (
            SELECT rate.hourly_micros FROM agents_costrate rate
            WHERE rate.currency = %(currency)s AND (rate.site_id = s.id OR rate.site_id IS NULL)
              AND rate.starts_on <= (e.occurred_at AT TIME ZONE coalesce(s.timezone, 'UTC'))::date
            ORDER BY rate.site_id NULLS LAST, rate.starts_on DESC LIMIT 1) c ON true
        WHERE r.is_payable AND r.state IN ('confirmed', 'assumed') AND r.verified_at > %(since)s AND r.verified_at <= %(until)s
        GROUP BY r.id
        HAVING bool_and(c.hourly_micros IS NOT NULL)) worked
    LEFT JOIN contracts_querytype q ON q.id = worked.query_type_id
    LEFT JOIN contracts_channel ch ON ch.id = worked.channel_id
    GROUP BY q.code, ch.code ORDER BY q.code, ch.code"""


def find_unit_costs(*, version: ContractVersion, since: datetime, until: datetime) -> rate_cards.RateCard:
    """Return what a verified case of a contract cost, in one query, as a card of plain prices in the currency of the version.

    Args:
        version: whose contract and currency.
        since: verified after it.
        until: verified at or before it.

    Returns: one row for each query type, each first level of it, each channel, and all of them, that has at least
        `MEASURED_MIN` cases with handle times; no rows where nothing is known.
    """
    parameters = {"contract": version.contract_id, "currency": version.currency, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(COSTS, parameters)
        found = cursor.fetchall()
    counts: dict[Class, int] = defaultdict(int)
    costs: dict[Class, Fraction] = defaultdict(Fraction)
    for query_type, channel, count, cost in found:
        for one in _covering(query_type, channel):
            counts[one] += count
            costs[one] += Fraction(cost)
    return rate_cards.RateCard(
        rows=tuple(
            rate_cards.RateCardRow(
                query_type=query_type,
                channel=channel,
                price=rate_cards.PerUnit(unit_amount=costs[query_type, channel] / MICROS_AN_HOUR / count),
            )
            for (query_type, channel), count in counts.items()
            if count >= MEASURED_MIN
        )
    )


def _covering(query_type: str | None, channel: str | None) -> Iterator[Class]:
    """Give every class that covers this one, each once: with its query type, the level above it, or any; its channel, or any."""
    levels = [query_type.rsplit("/", depth)[0] for depth in range(query_type.count("/") + 1)] if query_type else []
    for level in (*levels, None):
        yield from ((level, one) for one in dict.fromkeys((channel, None)))
