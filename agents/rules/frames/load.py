"""Every load limit for many agents and instants at once: what is measured, against what, and which level is reached.

The column twin of `agents.rules.load.check_load`. From when until when a reached limit holds is asked of the scalar rule, for the
few agents whom these columns find. All instants are whole microseconds since 1970; values and thresholds are exact ratios.
"""

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from agents.rules import load
from agents.rules.frames import load_spans
from agents.rules.load_measures import AVERAGE_WEEKS, OCCUPANCY_WINDOW
from agents.rules.worked_time import HOUR, MICROSECOND, WEEK, from_hours

HOUR_US, WEEK_US = HOUR // MICROSECOND, WEEK // MICROSECOND
DAY_US, OCCUPANCY_US = WEEK_US // 7, OCCUPANCY_WINDOW // MICROSECOND
ABSOLUTE = "weekly_hours_absolute"
PARTS = ("num", "den")
ASKS: Mapping[str, pl.DataType] = {"ask": pl.Int64(), "agent": pl.Int64(), "at": pl.Int64(), "day": pl.Int32(), "limits": pl.Int64()}
CONTACTS: Mapping[str, pl.DataType] = {"agent": pl.Int64(), "at": pl.Int64(), "end": pl.Int64(), "is_hostile": pl.Boolean()}
UNITS: Mapping[str, pl.DataType] = {"agent": pl.Int64(), "at": pl.Int64()}
LIMITS: Mapping[str, pl.DataType] = {
    "limits": pl.Int64(),
    "limit": pl.String(),
    "warn_num": pl.Int64(),
    "warn_den": pl.Int64(),
    "act_num": pl.Int64(),
    "act_den": pl.Int64(),
    "rest_us": pl.Int64(),
}


def limits_frame(*, limits: Mapping[int, load.Limits]) -> pl.DataFrame:
    """Write plans' limits as rows, the absolute week of 7 days beside the nine.

    Args:
        limits: by a number that asks name them by.

    Returns: one row per number and limit, thresholds as ratios of whole numbers.
    Source: design.md section 8.

    >>> limits_frame(limits={1: load.Limits()}).height
    10
    """
    rows = []
    for number, asked in limits.items():
        rest_us = from_hours(asked.limit_of("daily_rest").act or Fraction(0)) // MICROSECOND
        bounds = {code: (found.warn, found.act) for code in load.DEFAULT_LIMITS for found in (asked.limit_of(code),)}
        bounds[ABSOLUTE] = (None, asked.weekly_hours_absolute)
        for code, (warn, act) in bounds.items():
            rows.append((number, code, *_ratio(warn), *_ratio(act), rest_us))
    return pl.DataFrame(rows, schema=dict(LIMITS), orient="row")


def measure_loads(
    *, asks: pl.DataFrame, shifts: pl.DataFrame, pauses: pl.DataFrame, contacts: pl.DataFrame, units: pl.DataFrame, limits: pl.DataFrame
) -> pl.DataFrame:
    """Measure every limit for every ask.

    Args:
        asks: ASKS; an agent at an instant, on the day that it is there, under limits.
        shifts: `load_spans.SHIFTS`, without overlap; an open end is null. What starts after the ask is not known to it.
        pauses: `load_spans.PAUSES` inside the shifts.
        contacts: CONTACTS handled, end by the seconds of handling.
        units: UNITS resolved.
        limits: LIMITS, of `limits_frame`.

    Returns: ask, limit, value_num, value_den, then warn and act as in LIMITS; `open_us`: handling of the window that is recorded
        in all, also what of it lies ahead.
    Source: design.md section 8; Directive 2003/88/EC articles 3 to 6.
    """
    rest = limits.group_by("limits", maintain_order=True).agg(pl.col("rest_us").first())
    placed = load_spans.place_asks(asks=asks.join(rest, on="limits", how="left", maintain_order="left"), shifts=shifts, pauses=pauses)
    spans = load_spans.work_spans(shifts=shifts, pauses=pauses)
    known = _add_worked(placed, spans)
    known = _add_rests(known, shifts)
    known = _add_contacts(known, contacts)
    known = _add_units(known, units)
    values = {f"{code}.{part}": found.cast(pl.Int64) for code, pair in _values().items() for part, found in zip(PARTS, pair, strict=True)}
    wide = known.select("ask", "limits", "open_us", **values)
    codes = [*load.DEFAULT_LIMITS, ABSOLUTE]
    long = pl.concat(
        wide.select("ask", "limits", "open_us", place=pl.lit(place), limit=pl.lit(code), value_num=f"{code}.num", value_den=f"{code}.den")
        for place, code in enumerate(codes)
    )
    return long.join(limits.drop("rest_us"), on=["limits", "limit"], how="left").sort("ask", "place").drop("limits", "place")


def decide_levels(*, measured: pl.DataFrame) -> pl.DataFrame:
    """Decide the level of each limit measured.

    Args:
        measured: as `measure_loads` returns it.

    Returns: ask, limit, value_num, value_den, threshold_num, threshold_den (null without a threshold), level; in the order of
        asks and of design.md section 8.
    Source: design.md section 8; the twin of agents.rules.load.check_load.
    """
    absolute = measured.filter(pl.col("limit") == ABSOLUTE).select(
        "ask",
        pl.lit("weekly_hours").alias("limit"),
        week_num="value_num",
        week_den="value_den",
        week_limit_num="act_num",
        week_limit_den="act_den",
        is_over=_reaches("act").fill_null(value=False),
    )
    decided = measured.filter(pl.col("limit") != ABSOLUTE).join(absolute, on=["ask", "limit"], how="left", maintain_order="left")
    over, acts, warns = (
        pl.col("is_over").fill_null(value=False),
        _reaches("act").fill_null(value=False),
        _reaches("warn").fill_null(value=False),
    )
    nearest = {part: pl.coalesce(f"warn_{part}", f"act_{part}") for part in PARTS}

    def threshold(part: str) -> pl.Expr:
        return (
            pl.when(over)
            .then(f"week_limit_{part}")
            .when(acts)
            .then(f"act_{part}")
            .when(warns)
            .then(f"warn_{part}")
            .otherwise(nearest[part])
        )

    return decided.select(
        "ask",
        "limit",
        value_num=pl.when(over).then("week_num").otherwise("value_num"),
        value_den=pl.when(over).then("week_den").otherwise("value_den"),
        threshold_num=threshold("num"),
        threshold_den=threshold("den"),
        level=pl.when(over | acts).then(pl.lit("act")).when(warns).then(pl.lit("warn")).otherwise(pl.lit("ok")),
    )


def _values() -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """Return numerator and denominator of each measure, over the columns that were added to the asks."""
    hour = pl.lit(HOUR_US)
    weeks = (-((pl.col("first_start") - pl.col("at")).floordiv(WEEK_US))).clip(1, AVERAGE_WEEKS).fill_null(1)
    paced = pl.max_horizontal(hour, pl.col("worked_shift").fill_null(0))
    streak = pl.when((pl.col("day") - pl.col("shift_day")).is_in([0, 1])).then(pl.col("streak")).otherwise(0).fill_null(0)
    length = pl.when("is_unrested").then(pl.col("worked_until") - pl.col("shift_start")).otherwise(0)
    pause = pl.when("is_on_shift").then(pl.col("at") - pl.col("since")).otherwise(0)
    is_logged = pl.col("logged") > 0
    return {
        "weekly_hours": (pl.col("worked_average"), weeks * HOUR_US),
        "daily_rest": (pl.col("rested_day"), hour),
        "weekly_rest": (pl.col("rested_week"), hour),
        "consecutive_days": (streak, pl.lit(1)),
        "shift_length": (length, hour),
        "break_after": (pause, hour),
        "occupancy": (
            pl.when(is_logged).then(pl.min_horizontal("handled", "logged")).otherwise(0),
            pl.when(is_logged).then(pl.col("logged")).otherwise(1),
        ),
        "hostile_contacts": (pl.col("hostile"), pl.lit(1)),
        "pace": (pl.col("units") * HOUR_US, paced),
        ABSOLUTE: (pl.col("worked_week"), hour),
    }


def _add_worked(placed: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Add the time worked in the windows that the limits look at."""
    found = load_spans.worked_before(points=placed, spans=spans, at=pl.col("at"), name="total")
    starts = {
        "worked_average": pl.col("at") - AVERAGE_WEEKS * WEEK_US,
        "worked_week": pl.col("at") - WEEK_US,
        "logged": pl.col("at") - OCCUPANCY_US,
        "worked_shift": pl.col("contacts_since").fill_null(pl.col("at")),
    }
    for name, start in starts.items():
        found = load_spans.worked_before(points=found, spans=spans, at=start, name=name)
    return found.with_columns((pl.col("total") - pl.col(name)).alias(name) for name in starts)


def _add_rests(known: pl.DataFrame, shifts: pl.DataFrame) -> pl.DataFrame:
    """Add the longest rest in the day and in the week before the last work."""
    gaps = shifts.sort("agent", "start").select("agent", rest_end="start", rest_start=pl.col("end").shift(1).over("agent"))
    pairs = known.select("ask", "agent", "at", "worked_until").join(gaps, on="agent")
    until, rest_start = pl.col("worked_until"), pl.col("rest_start").fill_null(-load_spans.FAR)
    pairs = pairs.filter((pl.col("rest_end") <= pl.col("at")) & (pl.col("rest_end") > until - WEEK_US))
    longest = pairs.group_by("ask").agg(
        day=(pl.min_horizontal("rest_end", until) - pl.max_horizontal(rest_start, until - DAY_US)).max().clip(0),
        week=(pl.min_horizontal("rest_end", until) - pl.max_horizontal(rest_start, until - WEEK_US)).max().clip(0),
    )
    found = known.join(longest.rename({"day": "rest_day", "week": "rest_week"}), on="ask", how="left", maintain_order="left")
    resting = pl.col("at") - until

    def rested(name: str, window: int) -> pl.Expr:
        longest = pl.max_horizontal(pl.col(name).fill_null(0), resting)
        return pl.when(pl.col("shift_start").is_null()).then(pl.lit(window)).otherwise(longest)

    return found.with_columns(rested_day=rested("rest_day", DAY_US), rested_week=rested("rest_week", WEEK_US))


def _add_contacts(known: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Add the handling in the window, and the hostile contacts of the shift."""
    pairs = known.select("ask", "agent", "contacts_since", asked="at").join(contacts, on="agent").filter(pl.col("at") <= pl.col("asked"))
    start = pl.max_horizontal(pl.col("at"), pl.col("asked") - OCCUPANCY_US)
    counted = pairs.group_by("ask").agg(
        handled=(pl.min_horizontal("end", "asked") - start).clip(0).sum(),
        open_us=(pl.col("end") - start).clip(0).sum(),
        hostile=(pl.col("is_hostile") & (pl.col("at") >= pl.col("contacts_since"))).sum().cast(pl.Int64),
    )
    found = known.join(counted, on="ask", how="left", maintain_order="left")
    return found.with_columns(pl.col("handled", "open_us", "hostile").fill_null(0))


def _add_units(known: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Add the units of the shift."""
    pairs = known.select("ask", "agent", "contacts_since", asked="at").join(units, on="agent")
    counted = pairs.filter(pl.col("at").is_between("contacts_since", "asked")).group_by("ask").agg(units=pl.len().cast(pl.Int64))
    found = known.join(counted, on="ask", how="left", maintain_order="left")
    return found.with_columns(pl.col("units").fill_null(0))


def _reaches(level: str) -> pl.Expr:
    """Say whether a value reaches a threshold: rest by being less, all else from equal on; null without one."""
    value = pl.col("value_num").cast(pl.Int128) * pl.col(f"{level}_den")
    threshold = pl.col(f"{level}_num").cast(pl.Int128) * pl.col("value_den")
    return pl.when(pl.col("limit").is_in(load.RESTS)).then(value < threshold).otherwise(value >= threshold)


def _ratio(bound: Fraction | None) -> tuple[int | None, int | None]:
    return (None, None) if bound is None else (bound.numerator, bound.denominator)
