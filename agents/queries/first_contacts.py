"""Which cases FCR was asked of, grouped as a report shows them and narrowed as its links ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from django.db.models import Case, CharField, Count, DateField, F, Func, OuterRef, Q, QuerySet, Subquery, TimeField, Value, When
from django.db.models.functions import Coalesce

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
    """One way to group: what it is called, what people read, and what an address asks for."""

    label: str
    key: Any
    shown: Any
    also: Mapping[str, Any] = field(default_factory=dict)


PRODUCT = LevelOne(F("query_type__code"))
DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        "client": Dimension(label=_("Client"), key=F("case__contract__client__code"), shown=F("case__contract__client__name")),
        "product": Dimension(
            label=_("Product"),
            key=PRODUCT,
            shown=Coalesce(Subquery(QueryType.objects.filter(code=OuterRef("level_one")).values("name")[:1]), F("level_one")),
            also={"level_one": PRODUCT},
        ),
        "queue": Dimension(label=_("Queue"), key=F(LAST_QUEUE), shown=F(LAST_QUEUE)),
        "site": Dimension(label=_("Site"), key=F("agent__site__code"), shown=F("agent__site__name")),
        "team": Dimension(label=_("Team"), key=_team("team__code"), shown=_team("team__name"), also={"local_day": LocalDay(*LOCAL)}),
        "shift": Dimension(label=_("Shift"), key=_shift(), shown=_shift(), also={"local_time": LocalTime(*LOCAL)}),
        "channel": Dimension(label=_("Channel"), key=F("channel__code"), shown=F("channel__name")),
        "model": Dimension(label=_("Delivery model"), key=F("delivery_model"), shown=F("delivery_model")),
    }
)


@dataclass(frozen=True, kw_only=True)
class FcrRow:
    """Cases of one group with one answer: its key and name (both empty: unknown), the answer, and why not."""

    key: str
    name: str
    counted: FcrCount
    inhibitor: str
    delivery_model: str


def list_asked(*, resolutions: QuerySet[Resolution], start: datetime, end: datetime) -> QuerySet[Resolution]:
    """Return those of which FCR was asked, claimed from an instant up to and without another; a case is asked once."""
    again = Q(fcr_reason="later_episode") | Q(rule="superseded") | Q(fcr_reason="excluded", number__gt=1)
    return resolutions.filter(resolved_at__gte=start, resolved_at__lt=end).exclude(again)


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
    rows = (
        resolutions.order_by()
        .annotate(**found.also)
        .annotate(
            group_key=Coalesce(found.key, Value(UNKNOWN), output_field=CharField()),
            group_name=Coalesce(found.shown, Value(UNKNOWN), output_field=CharField()),
            # Self-service is never FCR, whatever was stored before its channel was marked so.
            answer=Case(When(channel__is_assisted=False, then=Value("not_applicable")), default=F("fcr")),
            why=Case(When(channel__is_assisted=False, then=Value("not_assisted")), default=F("fcr_reason")),
            optimum=F("policy_version__resolution_policy__fcr_optimum_bp"),
        )
        .values_list("group_key", "group_name", "answer", "why", "optimum", "inhibitor", "delivery_model")
        .annotate(total=Count("case", distinct=True))
    )
    return tuple(
        FcrRow(
            key=key,
            name=name,
            counted=FcrCount(answer=answer, reason=why, count=total, optimum=None if optimum is None else Fraction(optimum, BASIS_POINTS)),
            inhibitor=inhibitor,
            delivery_model=model,
        )
        for key, name, answer, why, optimum, inhibitor, model, total in rows
    )
