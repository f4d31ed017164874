"""Tell people what comes due without anybody acting: a new version of their pay plan, and held things that expire."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Min
from django.urls import reverse

from agents.models import Hold
from agents.operations.people.notify import Told, notify_each
from agents.queries import plan_spans

# A version is told from a month before it counts until a week after; who has read it by then is not told.
PLAN_AHEAD, PLAN_BACK = timedelta(days=31), timedelta(days=7)
EXPIRES_WITHIN = timedelta(days=2)
NEW_VERSIONS = f"""
    SELECT a.user_id, v.version_id, p.name, lower(v.days)
    FROM ({plan_spans.VERSIONS.format(agents="IS NOT NULL")}) v
    JOIN agents_agent a ON a.id = v.agent_id AND a.user_id IS NOT NULL
    JOIN contracts_payplanversion w ON w.id = v.version_id
    JOIN contracts_payplan p ON p.id = w.plan_id
    WHERE lower(v.days) BETWEEN %(first)s AND %(last)s
        AND NOT EXISTS (SELECT 1 FROM agents_planacknowledgement k WHERE k.agent_id = v.agent_id AND k.version_id = v.version_id)
    ORDER BY a.user_id, v.version_id"""  # noqa: S608 (our own text)


@transaction.atomic
def tell_due(*, as_of: datetime) -> int:
    """Tell agents of plan versions that they have not read, and owners of held things that expire soon; a second run tells nobody.

    Args:
        as_of: business instant.

    Returns: how many were told.
    """
    return _tell_plans(as_of) + _tell_holds(as_of)


def _tell_plans(as_of: datetime) -> int:
    today = as_of.date()
    with connection.cursor() as cursor:
        cursor.execute(NEW_VERSIONS, {"first": today - PLAN_BACK, "last": today + PLAN_AHEAD})
        rows = cursor.fetchall()
    told = [
        Told(person_id=person, key=f"version-{version}", facts={"plan": name, "from_on": first.isoformat()}, path=reverse("plan"))
        for person, version, name, first in rows
    ]
    return notify_each(kind="plan_to_acknowledge", told=told, as_of=as_of)


def _tell_holds(as_of: datetime) -> int:
    waiting = Hold.objects.filter(released_at=None, owner__isnull=False, expires_at__range=(as_of, as_of + EXPIRES_WITHIN))
    rows = waiting.order_by().values_list("owner_id").annotate(total=Count("pk"), first=Min("expires_at"))
    told = [
        Told(
            person_id=person,
            key=f"{first.date()}",
            facts={"held_count": total, "expires_on": (as_of + EXPIRES_WITHIN).date().isoformat()},
            path=f"{reverse('holds')}?owner={person}",
        )
        for person, total, first in rows
    ]
    return notify_each(kind="holds_expiring", told=told, as_of=as_of)
