"""First contacts of some days by group: as they were counted by day, and anew where that is little or was never counted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db import connection
from django.db.models import QuerySet, Sum

from agents.models import FirstContactDay, Resolution, Site, Source, Team
from agents.queries import first_contacts
from agents.queries.stage_times import SourceStages
from agents.rules import fcr_report
from agents.rules.fcr_report import FcrTally
from contracts.models import Channel, Client, QueryType

# Up to so many cases of days that changed are counted while somebody waits; beyond, the report says when it was counted.
COUNTED_ANEW_MAX = 10_000
STANDING = """
    SELECT counted.counted_at, changed.day, changed.row_count + coalesce((
        SELECT sum(d.case_count) FROM agents_firstcontactday d WHERE d.dimension = 'site' AND d.client_id IS NULL AND d.day = changed.day
    ), 0)
    FROM agents_firstcontactcount counted
    LEFT JOIN (
        SELECT day, sum(row_count) AS row_count FROM agents_firstcontactchange WHERE day BETWEEN %(first)s AND %(last)s GROUP BY day
    ) changed ON true"""
SUMS = (
    "yes_count", "no_count", "status_only_count", "pending_count", "exception_count", "left_out_count", "stated_count", "optimum_bp_sum",
    "case_count", "staged_count",
)  # fmt: skip
NAMED: Mapping[str, Any] = MappingProxyType({"client": Client, "site": Site, "team": Team, "channel": Channel})
UNKNOWN_INHIBITOR = "unknown"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cases of one group: its key and name (both empty: unknown), what they add up to, and the delivery models that occur."""

    key: str
    name: str
    tally: FcrTally
    delivery_models: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class FirstContacts:
    """First contacts by group, how many cases each inhibitor kept from it, and how many cases of each source tell their stages.

    `counted_at` is None where every case known by now is in it, else the instant for which it was counted. `grouped_at` is None where
    cases are in their groups as of now, else the instant for which those were read: teams, time zones, shifts and channels.
    """

    groups: tuple[Group, ...]
    inhibitors: Mapping[str, int]
    sources: tuple[SourceStages, ...]
    counted_at: datetime | None = None
    grouped_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """When days were counted, and those that changed since with about how many cases they hold."""

    counted_at: datetime
    changed: Mapping[date, int]


def count_now(*, resolutions: QuerySet[Resolution], dimension: str, is_few: bool = True) -> FirstContacts:
    """Count cases by group, in two queries.

    Args:
        resolutions: as first_contacts.list_asked or list_asked_on return them.
        dimension: a name of first_contacts.DIMENSIONS.
        is_few: whether these are some thousands of cases, as those of a team.
    """
    rows = first_contacts.count_with_stages(resolutions=resolutions, dimension=dimension, is_few=is_few)
    by_group: dict[tuple[str, str], list[first_contacts.FcrRow]] = defaultdict(list)
    by_source: dict[int | None, list[first_contacts.FcrRow]] = defaultdict(list)
    inhibitors: dict[str, int] = defaultdict(int)
    for row in rows:
        by_group[(row.key, row.name)].append(row)
        by_source[row.source_id].append(row)
        if row.counted.answer == "no":
            inhibitors[row.inhibitor or UNKNOWN_INHIBITOR] += row.counted.count
    groups = tuple(
        Group(
            key=key,
            name=name,
            tally=fcr_report.tally(counts=[row.counted for row in found]),
            delivery_models=frozenset(row.delivery_model for row in found),
        )
        for (key, name), found in by_group.items()
    )
    names = dict(Source.objects.filter(pk__in=[pk for pk in by_source if pk is not None]).values_list("pk", "name"))
    sources = tuple(
        SourceStages(
            source=names[pk], staged_count=sum(row.staged_count for row in found), case_count=sum(row.counted.count for row in found)
        )
        for pk, found in by_source.items()
        if pk is not None
    )
    return FirstContacts(groups=groups, inhibitors=inhibitors, sources=sources)


def read_days(*, resolutions: QuerySet[Resolution], client: str, dimension: str, first: date, last: date) -> FirstContacts:
    """Return the cases of all agents claimed from a day to another, both included, by group, in at most six queries.

    Args:
        resolutions: all of the client's, or simply all; what changed since it was counted is counted from these.
        client: the code of one client; empty for all.
        dimension: a name of first_contacts.DIMENSIONS.
        first, last: days where the agents work.
    """
    standing = _load_standing(first, last)
    if standing is None:
        asked = first_contacts.list_asked_on(resolutions=resolutions, first=first, last=last)
        return count_now(resolutions=asked, dimension=dimension, is_few=False)
    is_late = sum(standing.changed.values()) > COUNTED_ANEW_MAX
    changed = [] if is_late else sorted(standing.changed)
    found = _read(client, dimension, (first, last), changed)
    if changed:
        asked = first_contacts.list_asked_on(resolutions=resolutions, first=changed[0], last=changed[-1], among=changed)
        found = _add(found, count_now(resolutions=asked, dimension=dimension))
    return FirstContacts(
        groups=found.groups,
        inhibitors=found.inhibitors,
        sources=found.sources,
        counted_at=standing.counted_at if is_late else None,
        grouped_at=standing.counted_at,
    )


def _load_standing(first: date, last: date) -> _Standing | None:
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"first": first, "last": last})
        rows = cursor.fetchall()
    if not rows:
        return None
    return _Standing(counted_at=rows[0][0], changed={day: int(count) for _, day, count in rows if day is not None})


def _read(client: str, dimension: str, days: tuple[date, date], left_out: Sequence[date]) -> FirstContacts:
    stored = FirstContactDay.objects.filter(dimension__in=(dimension, "inhibitor", "source"), day__range=days).exclude(day__in=left_out)
    stored = stored.filter(client__code=client) if client else stored.filter(client=None)
    rows: list[Any] = list(
        stored.order_by()
        .values("dimension", "key")
        .annotate(models=StringAgg("delivery_models", ","), **{f"{name}_all": Sum(name) for name in SUMS})
    )
    by_dimension: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_dimension[row["dimension"]].append(row)
    names = _names(dimension, [row["key"] for row in by_dimension[dimension]])
    sources = dict(Source.objects.filter(pk__in=[row["key"] for row in by_dimension["source"]]).values_list("pk", "name"))
    return FirstContacts(
        groups=tuple(_group(row, names) for row in by_dimension[dimension]),
        inhibitors={row["key"] or UNKNOWN_INHIBITOR: row["no_count_all"] for row in by_dimension["inhibitor"]},
        sources=tuple(
            SourceStages(source=sources[int(row["key"])], staged_count=row["staged_count_all"], case_count=row["case_count_all"])
            for row in by_dimension["source"]
        ),
    )


def _names(dimension: str, keys: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """Return the present code and name of what groups were counted under."""
    known = [key for key in keys if key]
    if dimension in NAMED:
        rows = NAMED[dimension].objects.filter(pk__in=known).values_list("pk", "code", "name")
        return {str(pk): (code, name) for pk, code, name in rows}
    if dimension == "product":
        names = dict(QueryType.objects.filter(code__in=known).values_list("code", "name"))
        return {key: (key, names.get(key, key)) for key in known}
    return {key: (key, key) for key in known}


def _group(row: Mapping[str, Any], names: Mapping[str, tuple[str, str]]) -> Group:
    key, name = names[row["key"]] if row["key"] else (first_contacts.UNKNOWN, first_contacts.UNKNOWN)
    counts = {count: row[f"{count}_all"] for count in SUMS[:7]}
    tally = FcrTally(**counts, optimum_sum=Fraction(int(row["optimum_bp_sum_all"]), first_contacts.BASIS_POINTS))
    return Group(key=key, name=name, tally=tally, delivery_models=frozenset(row["models"].split(",")))


def _add(left: FirstContacts, right: FirstContacts) -> FirstContacts:
    groups: dict[tuple[str, str], list[Group]] = defaultdict(list)
    inhibitors: dict[str, int] = defaultdict(int)
    sources: dict[str, list[SourceStages]] = defaultdict(list)
    for side in (left, right):
        for group in side.groups:
            groups[(group.key, group.name)].append(group)
        for inhibitor, count in side.inhibitors.items():
            inhibitors[inhibitor] += count
        for source in side.sources:
            sources[source.source].append(source)
    return FirstContacts(
        groups=tuple(
            Group(
                key=key,
                name=name,
                tally=fcr_report.add_tallies(tallies=[one.tally for one in found]),
                delivery_models=frozenset().union(*(one.delivery_models for one in found)),
            )
            for (key, name), found in groups.items()
        ),
        inhibitors=inhibitors,
        sources=tuple(
            SourceStages(
                source=name,
                staged_count=sum(one.staged_count for one in found),
                case_count=sum(one.case_count for one in found),
            )
            for name, found in sources.items()
        ),
    )
