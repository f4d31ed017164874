"""Seeds the rates that agents are compared with in the first pay period, from before which nothing is recorded."""

from datetime import date

from agents.models import ReferenceRate
from contracts.models import Channel, QueryType
from ppr_portal.demo.company import Reference

BASIS = "Simulated: there are no records from before this month"


def seed_first_references(*, period_start: date, references: tuple[Reference, ...]) -> None:
    """Write the made-up rates of the first pay period; those that are there stay."""
    query_types = {row.code: row.pk for row in QueryType.objects.all()}
    channels = {row.code: row.pk for row in Channel.objects.all()}
    ReferenceRate.objects.bulk_create(
        (
            ReferenceRate(
                metric=row.metric,
                period_start=period_start,
                query_type_id=query_types[row.query_type] if row.query_type else None,
                channel_id=channels[row.channel] if row.channel else None,
                success_count=row.successes,
                observation_count=row.results,
                basis=BASIS,
            )
            for row in references
        ),
        ignore_conflicts=True,
    )
