"""What was attained of the metrics that service levels promise, over one billing period of a contract."""

from datetime import date

from django.db import connection

from billing.rules import contract_period
from contracts.models import Contract

# What was verified in the period counts; a survey belongs to the period of its answer.
SQL = """
    WITH verified AS (
        SELECT r.fcr, r.state FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id
        WHERE c.contract_id = %(contract)s AND r.verified_at IS NOT NULL AND r.state <> 'void'
          AND (r.verified_at AT TIME ZONE %(zone)s)::date >= %(start)s AND (r.verified_at AT TIME ZONE %(zone)s)::date < %(end)s)
    SELECT 'fcr', count(*) FILTER (WHERE fcr = 'yes'), count(*) FILTER (WHERE fcr IN ('yes', 'no')) FROM verified
    UNION ALL SELECT 'kept', count(*) FILTER (WHERE state <> 'reopened'), count(*) FROM verified
    UNION ALL SELECT 'csat', count(*) FILTER (WHERE s.is_favorable), count(*)
        FROM agents_survey s JOIN agents_resolution r ON r.id = s.resolution_id JOIN agents_case c ON c.id = r.case_id
        WHERE c.contract_id = %(contract)s
          AND (s.answered_at AT TIME ZONE %(zone)s)::date >= %(start)s AND (s.answered_at AT TIME ZONE %(zone)s)::date < %(end)s"""


def read_attained(*, contract: Contract, start: date, end: date) -> dict[str, contract_period.Attained]:
    """Return successes and results of each metric over the days from `start` up to `end`, in the contract's time zone."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"contract": contract.pk, "zone": contract.timezone, "start": start, "end": end})
        return {metric: contract_period.Attained(successes=successes, count=count) for metric, successes, count in cursor.fetchall()}
