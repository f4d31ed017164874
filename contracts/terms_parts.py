"""What a terms document holds: each stored row as a part with named fields, and the rows that belong to it.

A test fails when a model or a column of this app is missing here, so that no term can be lost on the way.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models

from contracts import models as terms
from contracts import terms_codecs as codecs
from contracts.rules import exact


@dataclass(frozen=True)
class Field:
    """One value of a part: its name in the document, the column, and how it is written.

    A reference is written as the code of the row it points to.
    """

    name: str
    column: str
    codec: codecs.Codec
    is_reference: bool = False


@dataclass(frozen=True)
class Part:
    """A kind of stored row as it stands in the document.

    Args:
        model: the stored row.
        key: fields that tell two rows of one list apart, and their order.
        fields: every value, in the order of the document.
        owner: column that points to the row this one belongs to; empty for a row that belongs to none.
        children: lists of further rows by their name in the document, with the accessor of the model.
        only: children of which there is one or none, written as an object.
    """

    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    owner: str = ""
    children: tuple[tuple[str, str, "Part"], ...] = ()
    only: tuple[tuple[str, str, "Part"], ...] = ()


def _field(name: str, codec: codecs.Codec, column: str = "") -> Field:
    return Field(name=name, column=column or name, codec=codec)


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(_field(name, codecs.TEXT) for name in names)


def _counts(*names: str) -> tuple[Field, ...]:
    return tuple(_field(name, codecs.COUNT) for name in names)


def _money(*names: str) -> tuple[Field, ...]:
    return tuple(_field(name, codecs.MONEY, f"{name}_micros") for name in names)


def _percents(*names: str) -> tuple[Field, ...]:
    return tuple(_field(name, codecs.PERCENT, f"{name}_bp") for name in names)


def _rates(*names: str) -> tuple[Field, ...]:
    return tuple(_field(name, codecs.RATE, f"{name}_ppm") for name in names)


CLASS = (Field("query_type", "query_type", codecs.TEXT, is_reference=True), Field("channel", "channel", codecs.TEXT, is_reference=True))
SILENCE = (*_texts("delivery_model", "verified_by"), *_counts("silence_window_hours"), *_texts("silence_clock"))
WINDOWS = (
    *_counts("reopen_window_hours"),
    *_texts("reopen_clock", "reopen_effect"),
    *_percents("reduced_price"),
    *_texts("repeat_scope"),
    *_counts("repeat_window_hours"),
    *_texts("repeat_clock", "unit_cap"),
    _field("exclusions", codecs.TEXTS),
    _field("counts_no_further_action", codecs.FLAG),
    *_texts("priced_as_of"),
)
LIFE = (*_counts("number"), *_texts("status"), _field("effective_from", codecs.DAY), _field("effective_to", codecs.DAY))

QUERY_TYPE = Part(model=terms.QueryType, key=("code",), fields=_texts("code", "name"))
CHANNEL = Part(
    model=terms.Channel,
    key=("code",),
    fields=(*_texts("code", "name"), *(_field(name, codecs.FLAG) for name in ("is_assisted", "is_digital", "is_voice"))),
)
OVERRIDE = Part(
    model=terms.ResolutionPolicyOverride,
    key=("query_type", "channel"),
    fields=(*CLASS, *SILENCE, *WINDOWS),
    owner="policy",
)
POLICY = Part(
    model=terms.ResolutionPolicy,
    key=(),
    fields=(
        *SILENCE,
        Field("calendar", "calendar", codecs.TEXT, is_reference=True),
        *WINDOWS,
        *_percents("fcr_optimum"),
    ),
    owner="version",
    children=(("overrides", "overrides", OVERRIDE),),
)
RATE_TIER = Part(
    model=terms.RateTier,
    key=("up_to",),
    fields=(*_counts("up_to"), *_money("unit_amount", "flat_amount"), *_counts("block_size"), *_rates("rate")),
    owner="row",
)
RATE_ROW = Part(
    model=terms.RateCardRow,
    key=("query_type", "channel", "outcome"),
    fields=(
        *CLASS,
        *_texts("outcome", "shape"),
        *_money("unit_amount"),
        *_counts("package_size"),
        *_money("package_amount"),
        *_counts("free_units"),
        *_rates("rate"),
        *_money("fixed_amount"),
        *_counts("free_events"),
        *_money("free_amount", "per_event_min", "per_event_max"),
        *_counts("usage_discount"),
        *_percents("percent_discount"),
        *_money("maximum", "minimum"),
    ),
    owner="version",
    children=(("tiers", "tiers", RATE_TIER),),
)
COMMITMENT = Part(model=terms.MinimumCommitment, key=(), fields=(*_money("amount"), *_percents("overage_factor")), owner="version")
FORECAST_FLOOR = Part(model=terms.ForecastFloor, key=(), fields=(*_percents("floor"), *_money("unit_amount")), owner="version")
FORECAST = Part(
    model=terms.Forecast, key=("period_start",), fields=(_field("period_start", codecs.DAY), *_counts("count")), owner="version"
)
VOLUME_BASELINE = Part(model=terms.VolumeBaseline, key=(), fields=(*_counts("count"), *_percents("dead_band")), owner="version")
VOLUME_BAND = Part(
    model=terms.VolumeBand,
    key=("side", "up_to"),
    fields=(*_texts("side"), *_percents("up_to"), *_money("unit_amount")),
    owner="version",
)
SERVICE_CREDITS = Part(
    model=terms.ServiceCreditTerms, key=(), fields=(*_percents("at_risk"), *_counts("earn_back_periods")), owner="version"
)
SERVICE_LEVEL = Part(
    model=terms.ServiceLevel,
    key=("metric",),
    fields=(*_texts("metric"), *_percents("target", "pool", "allocation"), *_counts("count_min")),
    owner="version",
)
TAX = Part(model=terms.TaxRate, key=("name",), fields=(*_texts("name"), *_rates("rate")), owner="version")
CONTRACT_VERSION = Part(
    model=terms.ContractVersion,
    key=("number",),
    fields=(
        *LIFE,
        *_texts("currency"),
        _field("prices_voice", codecs.FLAG),
        *_texts("billing_calendar"),
        _field("billing_anchor", codecs.DAY),
        *_counts("prepaid_expiry_months"),
        *_texts("note"),
    ),
    owner="contract",
    children=(
        ("rate_card", "rate_card_rows", RATE_ROW),
        ("forecasts", "forecasts", FORECAST),
        ("volume_bands", "volume_bands", VOLUME_BAND),
        ("service_levels", "service_levels", SERVICE_LEVEL),
        ("taxes", "taxes", TAX),
    ),
    only=(
        ("resolution_policy", "resolution_policy", POLICY),
        ("commitment", "commitment", COMMITMENT),
        ("forecast_floor", "forecast_floor", FORECAST_FLOOR),
        ("volume_baseline", "volume_baseline", VOLUME_BASELINE),
        ("service_credits", "service_credits", SERVICE_CREDITS),
    ),
)
VALUE_BASELINE = Part(
    model=terms.ValueBaseline,
    key=("channel", "currency", "starts_on"),
    fields=(
        CLASS[1],
        _field("starts_on", codecs.DAY),
        *_texts("currency"),
        *_money("contact"),
        _field("contacts_per_resolution", codecs.DECIMAL),
        *_percents("fcr", "csat"),
        *_money("repeat"),
        *_texts("source"),
    ),
    owner="contract",
)
CONTRACT = Part(
    model=terms.Contract,
    key=("code",),
    fields=_texts("code", "name", "timezone"),
    owner="client",
    children=(("versions", "versions", CONTRACT_VERSION), ("value_baselines", "value_baselines", VALUE_BASELINE)),
)
CALENDAR_HOURS = Part(
    model=terms.CalendarHours,
    key=("weekday", "opens_at"),
    fields=(_field("weekday", codecs.WEEKDAY), *_texts("opens_at", "closes_at")),
    owner="calendar",
)
HOLIDAY = Part(model=terms.Holiday, key=("day",), fields=(_field("day", codecs.DAY), *_texts("name")), owner="calendar")
CALENDAR = Part(
    model=terms.BusinessCalendar,
    key=("code",),
    fields=(*_texts("code", "name", "timezone"), _field("holidays_until", codecs.DAY), *_texts("holiday_country")),
    owner="client",
    children=(("hours", "hours", CALENDAR_HOURS), ("holidays", "holidays", HOLIDAY)),
)
CLIENT = Part(
    model=terms.Client,
    key=("code",),
    fields=(
        *_texts("code", "name"),
        _field("is_simulated", codecs.FLAG),
        _field("keeps_comments", codecs.FLAG),
        *_counts("comment_days", "raw_days", "held_days", "healthy_from"),
    ),
    children=(("calendars", "calendars", CALENDAR), ("contracts", "contracts", CONTRACT)),
)
PLAN_TIER = Part(
    model=terms.PayPlanTier,
    key=("up_to",),
    fields=(*_counts("up_to"), *_percents("share"), *_money("unit_amount", "amount")),
    owner="version",
)
PLAN_CATEGORY_RATE = Part(
    model=terms.PayPlanCategoryRate, key=("category",), fields=(*_texts("category"), *_money("hourly")), owner="version"
)
PLAN_CLASS_AMOUNT = Part(model=terms.PayPlanClassAmount, key=("query_type", "channel"), fields=(*CLASS, *_money("amount")), owner="version")
PLAN_STAGE_WEIGHT = Part(model=terms.PayPlanStageWeight, key=("stage",), fields=(*_texts("stage"), *_percents("weight")), owner="version")
PLAN_METRIC = Part(model=terms.PayPlanMetric, key=("metric",), fields=(*_texts("metric"), *_percents("weight")), owner="version")
PLAN_LIMIT = Part(
    model=terms.PayPlanLimit,
    key=("limit",),
    fields=(*_texts("limit"), _field("warn", codecs.DECIMAL), _field("act", codecs.DECIMAL)),
    owner="version",
)
PLAN_VERSION = Part(
    model=terms.PayPlanVersion,
    key=("number",),
    fields=(
        *LIFE,
        *_texts("currency", "rule_pack"),
        *_money("base_hourly", "guaranteed_hourly", "salary"),
        *_texts("salary_per"),
        _field("salary_hours", codecs.DECIMAL),
        *_texts("basis", "crediting", "measure", "mode", "accumulate"),
        *_percents("quality_low_score", "quality_low_multiplier", "quality_high_score", "quality_high_multiplier"),
        *_counts("quality_n_min", "prior_strength"),
        *_percents("clawback", "holdback"),
        *_counts("holdback_days"),
        *_money("cap", "draw"),
        _field("is_draw_recoverable", codecs.FLAG),
        *_percents("draw_recovery"),
        _field("workweek_starts_on", codecs.WEEKDAY),
        *_texts("note"),
    ),
    owner="plan",
    children=(
        ("tiers", "tiers", PLAN_TIER),
        ("category_rates", "category_rates", PLAN_CATEGORY_RATE),
        ("class_amounts", "class_amounts", PLAN_CLASS_AMOUNT),
        ("stage_weights", "stage_weights", PLAN_STAGE_WEIGHT),
        ("metrics", "metrics", PLAN_METRIC),
        ("limits", "limits", PLAN_LIMIT),
    ),
)
PLAN = Part(
    model=terms.PayPlan,
    key=("code",),
    fields=_texts("code", "name"),
    children=(("versions", "versions", PLAN_VERSION),),
)

# The lists of a document in the order in which they are written; a later one may refer to an earlier one.
DOCUMENT: tuple[tuple[str, Part], ...] = (
    ("query_types", QUERY_TYPE),
    ("channels", CHANNEL),
    ("clients", CLIENT),
    ("pay_plans", PLAN),
)
VERSIONS = (CONTRACT_VERSION, PLAN_VERSION)


def write_row(*, part: Part, row: Any) -> dict[str, Any]:
    """Return a stored row, with all that belongs to it, as plain values in the order of the document."""
    written: dict[str, Any] = {}
    for field in part.fields:
        value = getattr(row, field.column)
        if field.is_reference:
            value = None if value is None else value.code
        written[field.name] = None if value is None else field.codec.write(value)
    for name, accessor, child in part.only:
        held = getattr(row, accessor, None)
        written[name] = None if held is None else write_row(part=child, row=held)
    for name, accessor, child in part.children:
        written[name] = sort_rows(part=child, rows=[write_row(part=child, row=one) for one in getattr(row, accessor).all()])
    return written


def sort_rows(*, part: Part, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in the order of their keys: an empty bound, which has no end, last; an empty class, which is any, first."""
    return sorted(rows, key=lambda row: [_rank(name, row[name]) for name in part.key])


def _rank(name: str, value: Any) -> tuple[int, Any]:
    if value is None:
        return (2, 0) if name == "up_to" else (0, 0)
    if isinstance(value, str) and value.endswith("%"):
        return (1, exact.parse_exact(text=value[:-1]))
    return (1, value)
