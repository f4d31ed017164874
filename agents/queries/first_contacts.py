"""Which cases FCR was asked of, grouped as a report shows them and narrowed as its links ask."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, Count, DateField, F, Func, OuterRef, Q, QuerySet, Subquery, TimeField, Value, When
from django.db.models.functions import Cast, Coalesce

from agents.models import Resolution, ShiftBand, TeamMembership
from agents.rules.fcr_report import FcrCount
from contracts.models import QueryType
from contracts.translation import gettext_lazy as _

BASIS_POINTS = 10_000
UNKNOWN = ""


class LocalDay(Func):
    """The day of an instant in a time zone that a column names."""

    template = "((%(expressions)s)::date)"
    arg_joiner = " AT TIME ZONE "
    output_field = DateField()


class LocalTime(Func):
    """The time of day of an instant in a time zone that a column names."""

    template = "((%(expressions)s)::time)"
    arg_joiner = " AT TIME ZONE "
    output_field = TimeField()


class LevelOne(Func):
    """The first level of a query type's code."""

    function = "split_part"
    template = "%(function)s(%(expressions)s, '/', 1)"
    output_field = CharField()


LOCAL = (F("resolved_at"), F("agent__site__timezone"))
# The day of a claim where the agent works; of whom nobody knows who they are, nobody knows where they work.
CLAIM_DAY = LocalDay(F("resolved_at"), Coalesce(F("agent__site__timezone"), Value("UTC")))
# What clocks of the world differ from UTC at most.
ZONES = timedelta(hours=14)
DAYS = (date(1, 1, 2), date(9999, 12, 29))
LAST_QUEUE = "queue"


def _team(column: str) -> Any:
    day = OuterRef("local_day")
    memberships = TeamMembership.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=day), agent=OuterRef("agent"), effective_from__lte=day
    )
    return Subquery(memberships.values(column)[:1])


def _shift() -> Any:
    """The band that had begun last; before the first of the day, yesterday's last one goes on."""
    bands = ShiftBand.objects.filter(site=OuterRef("agent__site")).order_by("-starts_at")
    begun = bands.filter(starts_at__lte=OuterRef("local_time"))
    return Coalesce(Subquery(begun.values("name")[:1]), Subquery(bands.values("name")[:1]))


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One way to group: what it is called, what people read, what an address asks for, and what stays when that is renamed."""

    label: str
    key: Any
    shown: Any
    lasting: Any
    also: Mapping[str, Any] = field(default_factory=dict)


PRODUCT = LevelOne(F("query_type__code"))
DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        "client": Dimension(
            label=_("Client"),
            key=F("case__contract__client__code"),
            shown=F("case__contract__client__name"),
            lasting=Cast("case__contract__client", CharField()),
        ),
        "product": Dimension(
            label=_("Product"),
            key=PRODUCT,
            lasting=PRODUCT,
            shown=Coalesce(Subquery(QueryType.objects.filter(code=OuterRef("level_one")).values("name")[:1]), F("level_one")),
            also={"level_one": PRODUCT},
        ),
        "queue": Dimension(label=_("Queue"), key=F(LAST_QUEUE), shown=F(LAST_QUEUE), lasting=F(LAST_QUEUE)),
        "site": Dimension(
            label=_("Site"), key=F("agent__site__code"), shown=F("agent__site__name"), lasting=Cast("agent__site", CharField())
        ),
        "team": Dimension(
            label=_("Team"),
            key=_team("team__code"),
            shown=_team("team__name"),
            lasting=Cast(_team("team"), CharField()),
            also={"local_day": LocalDay(*LOCAL)},
        ),
        "shift": Dimension(label=_("Shift"), key=_shift(), shown=_shift(), lasting=_shift(), also={"local_time": LocalTime(*LOCAL)}),
        "channel": Dimension(label=_("Channel"), key=F("channel__code"), shown=F("channel__name"), lasting=Cast("channel", CharField())),
        "model": Dimension(label=_("Delivery model"), key=F("delivery_model"), shown=F("delivery_model"), lasting=F("delivery_model")),
    }
)


ANSWERED: Mapping[str, Any] = MappingProxyType(
    {
        # Self-service is never FCR, whatever was stored before its channel was marked so.
        "answer": Case(When(channel__is_assisted=False, then=Value("not_applicable")), default=F("fcr")),
        "why": Case(When(channel__is_assisted=False, then=Value("not_assisted")), default=F("fcr_reason")),
        "optimum": F("policy_version__resolution_policy__fcr_optimum_bp"),
    }
)


@dataclass(frozen=True, kw_only=True)
class FcrRow:
    """Cases of one group with one answer: its key and name (both empty: unknown), the answer, and why not.

    Where `count_with_stages` counted: the id of the source of the cases, and how many of them have stage times.
    """

    key: str
    name: str
    counted: FcrCount
    inhibitor: str
    delivery_model: str
    source_id: int | None = None
    staged_count: int = 0


GROUPED = ("group_key", "group_name", "answer", "why", "optimum", "inhibitor", "delivery_model")
# Some thousands of cases are set apart first, in their order, and looked up by one process of the database, for others would start up
# longer than that takes; of all cases the planner makes what it likes.
APART = {True: "MATERIALIZED", False: "NOT MATERIALIZED"}
STAGED = """
    WITH asked (case_id, {grouped}) AS {apart} ({asked}),
    counted AS (
        SELECT {grouped}, {contract} AS contract_id, solved.source_id, count(*) AS total, count(*) FILTER (WHERE EXISTS (
            SELECT FROM agents_caseevent told
            WHERE told.case_id = asked.case_id AND told.type = 'stage_time' AND told.handle_seconds IS NOT NULL
        )) AS staged
        FROM asked JOIN agents_case solved ON solved.id = asked.case_id
        GROUP BY {grouped}, {contract}, solved.source_id
    )
    SELECT coalesce(client.code, group_key), coalesce(client.name, group_name), answer, why, optimum, inhibitor, delivery_model, source_id,
        total, staged
    FROM counted
    LEFT JOIN contracts_contract contract ON contract.id = counted.contract_id
    LEFT JOIN contracts_client client ON client.id = contract.client_id"""
# A case is asked once.
AGAIN = Q(fcr_reason="later_episode") | Q(rule="superseded") | Q(fcr_reason="excluded", number__gt=1)


def list_asked(*, resolutions: QuerySet[Resolution], start: datetime, end: datetime) -> QuerySet[Resolution]:
    """Return those of which FCR was asked, claimed from an instant up to and without another; a case is asked once."""
    return resolutions.filter(resolved_at__gte=start, resolved_at__lt=end).exclude(AGAIN)


def list_asked_on(
    *, resolutions: QuerySet[Resolution], first: date, last: date, among: Collection[date] | None = None
) -> QuerySet[Resolution]:
    """Return those of which FCR was asked, claimed from a day to another, both included, where their agents work.

    So a report holds the same cases whoever reads it, wherever they are. `among` are the only days that count; None is all of them.
    """
    start = datetime.combine(min(max(first, DAYS[0]), DAYS[1]), time(), tzinfo=UTC) - ZONES
    end = datetime.combine(min(max(last, DAYS[0]), DAYS[1]), time(), tzinfo=UTC) + timedelta(days=1) + ZONES
    asked = list_asked(resolutions=resolutions, start=start, end=end)
    # Only near both ends does it take an agent's clock to tell the day; asked of every case, it would take longer than to count them.
    is_far_inside = Q(resolved_at__gte=start + 2 * ZONES, resolved_at__lt=end - 2 * ZONES)
    claimed = asked.annotate(claim_day=CLAIM_DAY).filter(is_far_inside | Q(claim_day__gte=first, claim_day__lte=last))
    return claimed if among is None else claimed.filter(claim_day__in=among)


def narrow(*, resolutions: QuerySet[Resolution], dimension: str, key: str) -> QuerySet[Resolution]:
    """Return those of one group; an empty key are those of which it is not known."""
    found = DIMENSIONS[dimension]
    keyed = resolutions.annotate(**found.also, group_key=Coalesce(found.key, Value(UNKNOWN), output_field=CharField()))
    return keyed.filter(group_key=key)


def count_by(*, resolutions: QuerySet[Resolution], dimension: str) -> tuple[FcrRow, ...]:
    """Count cases by group, answer, reason and stated optimum, in one query.

    Args:
        resolutions: as `list_asked` returns them.
        dimension: a name of DIMENSIONS.

    Returns: rows in no order.
    """
    found = DIMENSIONS[dimension]
    rows: Any = _grouped(resolutions, found.also, found.key, found.shown).values_list(*GROUPED).annotate(total=Count("pk"))
    return _rows((*row[:-1], None, row[-1], 0) for row in rows)


def count_with_stages(*, resolutions: QuerySet[Resolution], dimension: str, is_few: bool) -> tuple[FcrRow, ...]:
    """Count cases as `count_by` does, by source too, with how many of them have stage times, in one query.

    Args:
        resolutions: as `list_asked` returns them.
        dimension: a name of DIMENSIONS.
        is_few: whether these are some thousands of cases; the counts are the same.

    Returns: rows in no order; one group with one answer may have several.
    """
    found = DIMENSIONS[dimension]
    is_of_case = dimension == "client"
    key, shown = (Value(UNKNOWN), Value(UNKNOWN)) if is_of_case else (found.key, found.shown)
    rows = _grouped(resolutions, found.also, key, shown).values_list("case_id", *GROUPED)
    try:
        asked, values = (rows.order_by("case_id") if is_few else rows).query.sql_with_params()
    except EmptyResultSet:
        return ()
    contract = "solved.contract_id" if is_of_case else "NULL::bigint"
    with connection.cursor() as cursor:
        cursor.execute(STAGED.format(asked=asked, grouped=", ".join(GROUPED), contract=contract, apart=APART[is_few]), values)
        return _rows(cursor.fetchall())


def _grouped(resolutions: QuerySet[Resolution], also: Mapping[str, Any], key: Any, shown: Any) -> QuerySet[Resolution]:
    named = {name: Coalesce(value, Value(UNKNOWN), output_field=CharField()) for name, value in (("group_key", key), ("group_name", shown))}
    return resolutions.order_by().annotate(**also).annotate(**named, **ANSWERED)


def _rows(rows: Iterable[tuple[Any, ...]]) -> tuple[FcrRow, ...]:
    return tuple(
        FcrRow(
            key=key,
            name=name,
            counted=FcrCount(answer=answer, reason=why, count=total, optimum=None if optimum is None else Fraction(optimum, BASIS_POINTS)),
            inhibitor=inhibitor,
            delivery_model=model,
            source_id=source_id,
            staged_count=staged_count,
        )
        for key, name, answer, why, optimum, inhibitor, model, source_id, total, staged_count in rows
    )
