"""A contract version that came into force, or ended, for days that are past: its cases are folded again and priced anew."""

from django.db import connection
from django.utils import timezone

from contracts.models import ContractVersion

# What was resolved before the version's first day and verified or opened otherwise cannot be told from here, so the widest span counts.
NOTE = """
    INSERT INTO agents_changedcase (case_id, noted_at)
    SELECT DISTINCT r.case_id, %(now)s::timestamptz
    FROM agents_resolution r
    JOIN agents_case c ON c.id = r.case_id
    JOIN contracts_contract k ON k.id = c.contract_id
    WHERE c.contract_id = %(contract)s
      AND (greatest(c.opened_at, r.resolved_at, r.verified_at) AT TIME ZONE k.timezone)::date >= %(since)s"""


def note_new_terms(version: ContractVersion) -> int:
    """Note the cases whose resolutions a version may price, so that the next fold finds their terms again.

    Args:
        version: active or ended; what happened before its first day is left alone.

    Returns: how many cases were noted. Folding them twice changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"now": timezone.now(), "contract": version.contract_id, "since": version.effective_from})
        return int(cursor.rowcount)
