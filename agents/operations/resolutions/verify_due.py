"""Let time pass: verify what was silent long enough."""

from datetime import datetime

from django.db import connection

from agents.operations.resolutions import resolve_cases
from agents.operations.resolutions.resolve_cases import ResolveReport

# Besides ended windows: what a source dated ahead becomes known when its time comes.
DUE = """
    SELECT case_id FROM agents_resolution WHERE state = 'pending' AND window_ends_at <= %(as_of)s
    UNION
    SELECT case_id FROM agents_awaitedcase WHERE due_at <= %(as_of)s
    ORDER BY case_id"""


def verify_due_resolutions(*, as_of: datetime) -> ResolveReport:
    """Fold the cases that time alone has moved since they were last looked at; a second run changes nothing.

    Args:
        as_of: business instant; a window that ends at this instant has passed.

    Returns: counts.
    Source: design.md section 4, "silence window".
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"as_of": as_of})
        case_ids = [case_id for (case_id,) in cursor.fetchall()]
    return resolve_cases.resolve_cases(as_of=as_of, case_ids=case_ids)
