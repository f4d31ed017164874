"""Numbers and durations as a mapping says they are written: read strictly, column-wise, never guessed."""

import re

import polars as pl

SECONDS_MAX = 7 * 24 * 3600
UNIT_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}
UNIT_WORDS = {
    "seconds": "number of seconds",
    "minutes": "number of minutes",
    "hours": "number of hours",
    "clock": "time written as 0:15 or 0:15:00",
    "minute_clock": "time written as 4:35",
}
NANOS = 1_000_000_000
# Digits before the mark that leave room to multiply within 64 bits.
WHOLE_DIGITS_MAX = 6
CLOCK = r"^(?<hours>[0-9]{1,3}):(?<minutes>[0-5][0-9])(?::(?<seconds>[0-5][0-9])(?:\.0*)?)?$"
MINUTE_CLOCK = r"^(?<minutes>[0-9]{1,5}):(?<seconds>[0-5][0-9])$"
# A workbook shows a length of time as a clock time of its first days, in the count of 1900 or in that of 1904.
EXCEL_DAYS = r"^(?:1899-12-(?<eve>31)|1900-01-(?<day>0[1-7])|1904-01-(?<late>0[1-8])) (?<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?$"


def read_whole_numbers(*, values: pl.Series, decimal_mark: str, grouping_mark: str) -> pl.Series:
    """Read a column of whole numbers; 15.0 is 15.

    Args:
        values: text, null where the number is missing.
        decimal_mark: "." or ",".
        grouping_mark: what separates thousands; "" for nothing.

    Returns: Int64; null where the value is missing or no whole number.

    >>> read_whole_numbers(values=pl.Series(["15", "15.0", "1,500", "15.5", "1,50"]), decimal_mark=".", grouping_mark=",").to_list()
    [15, 15, 1500, None, None]
    """
    parts = _parts(values, decimal_mark, grouping_mark)
    is_whole = pl.col("fraction").fill_null("").str.strip_chars("0") == ""
    return parts.select(pl.when(is_whole).then(pl.col("whole").cast(pl.Int64, strict=False))).to_series()


def read_decimals(*, values: pl.Series, decimal_mark: str, grouping_mark: str) -> pl.Series:
    """Read a column of decimals, such as amounts, exactly.

    Args:
        values: text, null where the number is missing.
        decimal_mark: "." or ",".
        grouping_mark: what separates thousands; "" for nothing.

    Returns: the number as text with a point and no grouping; null where the value is missing or no number.

    >>> read_decimals(values=pl.Series(["1.234,50", "-7", "12.5"]), decimal_mark=",", grouping_mark=".").to_list()
    ['1234.50', '-7', None]
    """
    fraction = pl.when(pl.col("fraction").is_null()).then(pl.lit("")).otherwise(pl.lit(".") + pl.col("fraction"))
    return _parts(values, decimal_mark, grouping_mark).select((pl.col("whole") + fraction).alias("value")).to_series()


def read_seconds(*, values: pl.Series, unit: str, decimal_mark: str, grouping_mark: str) -> pl.Series:
    """Read a column that tells how long something took.

    Args:
        values: text, null where it is missing.
        unit: a key of UNIT_WORDS.
        decimal_mark: "." or ",".
        grouping_mark: what separates thousands; "" for nothing.

    Returns: whole seconds (Int64), half a second rounded up; null where the value is missing, not written in that unit, or
        not between 0 and seven days.

    >>> read_seconds(values=pl.Series(["0.50", "00:15"]), unit="hours", decimal_mark=".", grouping_mark="").to_list()
    [1800, None]
    >>> read_seconds(values=pl.Series(["0.50", "00:15", "1899-12-31 00:15:00"]), unit="clock", decimal_mark=".", grouping_mark="").to_list()
    [None, 900, 900]
    """
    if unit in UNIT_SECONDS:
        parts = _parts(values, decimal_mark, grouping_mark)
        found = _scaled(UNIT_SECONDS[unit])
    else:
        parts = values.alias("value").to_frame()
        found = _minute_clock() if unit == "minute_clock" else pl.coalesce(_clock(pl.col("value")), _excel_days())
    seconds = parts.select(found.alias("seconds"))
    return seconds.select(pl.when(pl.col("seconds").is_between(0, SECONDS_MAX)).then("seconds")).to_series()


def _parts(values: pl.Series, decimal_mark: str, grouping_mark: str) -> pl.DataFrame:
    """Cut numbers at the decimal mark: whole (without grouping, with its sign) and fraction, null where it is no number."""
    mark, group = re.escape(decimal_mark), re.escape(grouping_mark)
    grouped = rf"|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+" if grouping_mark else ""
    groups = pl.col("value").str.extract_groups(rf"^(?<whole>[+-]?(?:[0-9]+{grouped}))(?:{mark}(?<fraction>[0-9]+))?$").struct
    whole = groups.field("whole").str.replace_all(grouping_mark, "", literal=True) if grouping_mark else groups.field("whole")
    return values.alias("value").to_frame().select(whole.alias("whole"), groups.field("fraction").alias("fraction"))


def _scaled(factor: int) -> pl.Expr:
    whole = pl.when(pl.col("whole").str.len_chars() <= WHOLE_DIGITS_MAX).then(pl.col("whole").cast(pl.Int64, strict=False))
    fraction = pl.col("fraction").fill_null("0").str.slice(0, 9).str.pad_end(9, "0").cast(pl.Int64, strict=False)
    is_negative = pl.col("whole").str.starts_with("-")
    return pl.when(~is_negative).then(((whole * NANOS + fraction) * factor * 2 + NANOS) // (2 * NANOS))


def _clock(value: pl.Expr) -> pl.Expr:
    groups = value.str.extract_groups(CLOCK).struct

    def part(name: str) -> pl.Expr:
        return groups.field(name).cast(pl.Int64, strict=False)

    return part("hours") * 3600 + part("minutes") * 60 + part("seconds").fill_null(0)


def _minute_clock() -> pl.Expr:
    groups = pl.col("value").str.extract_groups(MINUTE_CLOCK).struct
    return groups.field("minutes").cast(pl.Int64, strict=False) * 60 + groups.field("seconds").cast(pl.Int64, strict=False)


def _excel_days() -> pl.Expr:
    groups = pl.col("value").str.extract_groups(EXCEL_DAYS).struct
    days = pl.coalesce(
        pl.when(groups.field("eve").is_not_null()).then(pl.lit(0, dtype=pl.Int64)),
        groups.field("day").cast(pl.Int64, strict=False),
        groups.field("late").cast(pl.Int64, strict=False) - 1,
    )
    return days * 86_400 + _clock(groups.field("clock"))
