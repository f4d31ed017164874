"""Dates as a mapping says they are written: read strictly, column-wise, never guessed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport

YEAR_MIN = 1980
YEAR_MAX = 2099
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# Day, month and hour may lack their leading zero; everything else has its full width.
PARTS = {
    "d": r"(?<day>[0-9]{1,2})",
    "m": r"(?<month>[0-9]{1,2})",
    "b": r"(?<month_name>[A-Za-z]{3})",
    "B": r"(?<month_name>[A-Za-z]{3,9})",
    "Y": r"(?<year>[0-9]{4})",
    "y": r"(?<short_year>[0-9]{2})",
    "H": r"(?<hour>[0-9]{1,2})",
    "I": r"(?<half_hour>[0-9]{1,2})",
    "p": r"(?<half>[AaPp][Mm])",
    "M": r"(?<minute>[0-9]{2})",
    "S": r"(?<second>[0-9]{2})",
    "f": r"(?<fraction>[0-9]{1,9})",
    "z": r"(?<offset>Z|[+-][0-9]{2}:?[0-9]{2})",
}
# Formats that codes cannot write. Each is chosen by name, and reads nothing else.
ISO = "iso"
EPOCH_SECONDS = "epoch seconds"
EPOCH_MILLISECONDS = "epoch milliseconds"
EXCEL = "excel"
EXCEL_1904 = "excel 1904"
DAY = r"(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})"
CLOCK = r"(?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?)?"
OFFSET = r" ?(?<offset>Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)"
NAMED = {
    ISO: rf"^{DAY}(?:[T ]{CLOCK}(?:{OFFSET})?)?$",
    EPOCH_SECONDS: r"^(?<whole>[0-9]{1,12})(?:\.(?<fraction>[0-9]{1,9}))?$",
    EPOCH_MILLISECONDS: r"^(?<whole>[0-9]{1,15})(?:\.(?<fraction>[0-9]{1,9}))?$",
    EXCEL: rf"^(?:{DAY}[T ]{CLOCK}|(?<serial>[0-9]{{1,6}}(?:\.[0-9]{{1,17}})?))$",
    EXCEL_1904: rf"^(?:{DAY}[T ]{CLOCK}|(?<serial>[0-9]{{1,6}}(?:\.[0-9]{{1,17}})?))$",
}
# What the codes stand for in a sentence, and the day that is written as an example there.
LETTERS = {
    **{"d": "DD", "m": "MM", "b": "Mon", "B": "Month", "Y": "YYYY", "y": "YY", "H": "HH", "I": "HH", "p": "AM/PM", "M": "MM", "S": "SS"},
    **{"f": "ffffff", "z": "+HHMM"},
}
EXAMPLE = datetime(2016, 2, 29, 16, 5, 7, tzinfo=UTC)
NAMED_FOR_PEOPLE = {
    ISO: "YYYY-MM-DD, for example 2016-02-29",
    EPOCH_SECONDS: "epoch seconds, for example 1456761907",
    EPOCH_MILLISECONDS: "epoch milliseconds, for example 1456761907000",
    EXCEL: "Excel, for example 42429.67",
    EXCEL_1904: "Excel 1904, for example 40967.67",
}
MICROSECONDS = {EPOCH_SECONDS: 1_000_000, EPOCH_MILLISECONDS: 1_000}
# Excel takes 1900 for a leap year, so its days count from here from March 1900 on.
FIRST_DAYS = {EXCEL: datetime(1899, 12, 30, tzinfo=UTC), EXCEL_1904: datetime(1904, 1, 1, tzinfo=UTC)}
MILLISECONDS_OF_A_DAY = 86_400_000
FULL_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")


@dataclass(frozen=True, kw_only=True)
class DateFormat:
    """A date format that was understood: its text, and the pattern of a whole cell."""

    text: str
    pattern: str
    parts: frozenset[str]

    @property
    def has_offset(self) -> bool:
        """Whether every date says its own offset from UTC."""
        return "z" in self.parts or self.text in MICROSECONDS


def compile_format(*, text: str) -> DateFormat:
    """Understand a date format.

    Args:
        text: strftime codes (%d %m %b %B %Y %y %H %I %p %M %S %f %z) between literal text; "%-d" is the same as "%d". Or the name of
            a format: "iso" (a day, with or without a time, a fraction of a second and an offset), "epoch seconds" and
            "epoch milliseconds" (with or without a fraction), "excel" and "excel 1904" (a date cell of a workbook, or its number of days).

    Returns: the format.
    Raises: UnableToImport if a code is unknown or used twice, or no whole day can be read.

    >>> compile_format(text="%d/%m/%Y").pattern
    '^(?<day>[0-9]{1,2})/(?<month>[0-9]{1,2})/(?<year>[0-9]{4})$'
    """
    if text in NAMED:
        return DateFormat(text=text, pattern=NAMED[text], parts=frozenset())
    pattern, parts = "", []
    for code, literal in re.findall(r"%-?(.)|([^%]+|%)", text):
        if not code:
            pattern += re.escape(literal)
        elif code not in PARTS or code in parts:
            raise UnableToImport(
                _(
                    'The date format "%(text)s" uses %%%(code)s twice or in a way that is not known; '
                    "use each of %%%(parts)s once, or one of %(named)s."
                )
                % {"text": text, "code": code, "parts": " %".join(PARTS), "named": ", ".join(NAMED)}
            )
        else:
            pattern += PARTS[code]
            parts.append(code)
    found = frozenset(parts)
    if "d" not in found or not found & {"m", "b", "B"} or not found & {"Y", "y"} or ("I" in found) != ("p" in found):
        raise UnableToImport(
            _('The date format "%(text)s" does not give a whole date; it needs day, month and year, and %%p where it has %%I.')
            % {"text": text}
        )
    return DateFormat(text=text, pattern=f"^{pattern}$", parts=found)


def written_for_people(*, text: str) -> str:
    """Say a date format as people write it, with an example.

    Args:
        text: a format that `compile_format` understands.

    Returns: the format in letters, and the same day written so.

    >>> written_for_people(text="%d/%m/%Y %H:%M")
    'DD/MM/YYYY HH:MM, for example 29/02/2016 16:05'
    >>> written_for_people(text="epoch seconds")
    'epoch seconds, for example 1456761907'
    """
    if text in NAMED_FOR_PEOPLE:
        return NAMED_FOR_PEOPLE[text]
    coded = text.replace("%-", "%")
    letters = re.sub(r"%(.)", lambda code: LETTERS.get(code[1], code[0]), coded)
    return f"{letters}, for example {EXAMPLE.strftime(coded)}"


def read_instants(*, values: pl.Series, date_format: DateFormat, timezone: str, repeated_hour: str) -> pl.DataFrame:
    """Read a column of dates.

    Args:
        values: text, null where the date is missing.
        date_format: how every value is written.
        timezone: whose clock a value without offset shows.
        repeated_hour: "hold", or "first" or "second" of the two instants that clocks show alike in autumn.

    Returns: one row per value: local (what the clock showed; UTC where the value says its offset), instant (UTC), fault
        (null, unreadable_date, date_out_of_range, skipped_time or repeated_time). Without a fault both times are there
        unless the value is null.
    """
    distinct = values.unique().alias("value").to_frame()
    read = distinct.with_columns(_clock_time(date_format).alias("local"), _offset(date_format).alias("offset"))
    read = read.with_columns(pl.col("local") - pl.duration(minutes=pl.col("offset").fill_null(0)))
    read = read.with_columns(*_instant_columns(timezone))
    faults = read.with_columns(
        fault=pl.when(pl.col("value").is_null())
        .then(None)
        .when(pl.col("local").is_null())
        .then(pl.lit("unreadable_date"))
        .when(~pl.col("local").dt.year().is_between(YEAR_MIN, YEAR_MAX))
        .then(pl.lit("date_out_of_range"))
        .when(pl.col("first").is_null())
        .then(pl.lit("skipped_time"))
        .when((pl.col("first") != pl.col("second")) & pl.lit(repeated_hour == "hold"))
        .then(pl.lit("repeated_time"))
    )
    chosen = pl.col("second" if repeated_hour == "second" else "first")
    final = faults.select("value", "local", pl.when(pl.col("fault").is_null()).then(chosen).alias("instant"), "fault")
    return values.alias("value").to_frame().join(final, on="value", how="left", nulls_equal=True, maintain_order="left").drop("value")


def _instant_columns(timezone: str) -> list[pl.Expr]:
    local, is_told = pl.col("local"), pl.col("offset").is_not_null()
    told = local.dt.replace_time_zone("UTC")
    first = local.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    second = local.dt.replace_time_zone(timezone, ambiguous="latest", non_existent="null").dt.convert_time_zone("UTC")
    return [pl.when(is_told).then(told).otherwise(first).alias("first"), pl.when(is_told).then(told).otherwise(second).alias("second")]


def _clock_time(date_format: DateFormat) -> pl.Expr:
    """What the clock showed, by the format: dates in parts, a count since 1970, or a workbook's count of days."""
    if date_format.text in MICROSECONDS:
        return _since_epoch(date_format)
    if date_format.text in FIRST_DAYS:
        return pl.coalesce(_named_local(date_format), _since_first_day(date_format))
    if date_format.text == ISO:
        return _named_local(date_format)
    return _local_time(date_format)


def _since_epoch(date_format: DateFormat) -> pl.Expr:
    groups = pl.col("value").str.extract_groups(date_format.pattern).struct
    factor = MICROSECONDS[date_format.text]
    digits = len(str(factor)) - 1
    fraction = groups.field("fraction").fill_null("0").str.slice(0, digits).str.pad_end(digits, "0")
    whole = groups.field("whole").cast(pl.Int64, strict=False)
    return (whole * factor + fraction.cast(pl.Int64, strict=False)).cast(pl.Datetime("us"))


def _since_first_day(date_format: DateFormat) -> pl.Expr:
    days = pl.col("value").str.extract_groups(date_format.pattern).struct.field("serial").cast(pl.Float64, strict=False)
    # A workbook keeps times as fractions of a day, which hit no whole second exactly.
    milliseconds = (days * MILLISECONDS_OF_A_DAY).round(0).cast(pl.Int64, strict=False)
    return pl.lit(FIRST_DAYS[date_format.text].replace(tzinfo=None)) + pl.duration(milliseconds=milliseconds)


def _named_local(date_format: DateFormat) -> pl.Expr:
    groups = pl.col("value").str.extract_groups(date_format.pattern).struct
    day = pl.concat_str([groups.field("year"), groups.field("month"), groups.field("day")], separator="-")
    hour, minute = groups.field("hour").fill_null("00"), groups.field("minute").fill_null("00")
    second = groups.field("second").fill_null("00").replace({"60": None})
    clock = pl.concat_str([hour, minute, second], separator=":")
    written = pl.concat_str([day, pl.lit("T"), clock, pl.lit("."), groups.field("fraction").fill_null("0").str.slice(0, 6)])
    return written.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)


def _local_time(date_format: DateFormat) -> pl.Expr:
    """Put the parts of a cell into one padded form, which leaves nothing to interpretation."""
    groups = pl.col("value").str.extract_groups(date_format.pattern).struct
    parts = date_format.parts

    def two(name: str) -> pl.Expr:
        return groups.field(name).str.zfill(2)

    year = groups.field("year") if "Y" in parts else _century(groups.field("short_year")) + groups.field("short_year")
    month = two("month") if "m" in parts else _month_number(groups.field("month_name"))
    hour = two("hour") if "H" in parts else _full_hour(groups) if "I" in parts else pl.lit("00")
    minute = groups.field("minute") if "M" in parts else pl.lit("00")
    # 60 is refused here, because the date parser would take it for a leap second.
    second = groups.field("second").replace({"60": None}) if "S" in parts else pl.lit("00")
    fraction = groups.field("fraction").str.slice(0, 6) if "f" in parts else pl.lit("0")
    written = pl.concat_str(
        [
            year,
            pl.lit("-"),
            month,
            pl.lit("-"),
            two("day"),
            pl.lit("T"),
            hour,
            pl.lit(":"),
            minute,
            pl.lit(":"),
            second,
            pl.lit("."),
            fraction,
        ]
    )
    return written.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)


def _century(short_year: pl.Expr) -> pl.Expr:
    """POSIX: 69 to 99 are of the last century."""
    return pl.when(short_year >= "69").then(pl.lit("19")).otherwise(pl.lit("20"))


def _month_number(name: pl.Expr) -> pl.Expr:
    known = {name: f"{number:02d}" for names in (MONTHS, FULL_MONTHS) for number, name in enumerate(names, start=1)}
    return name.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)


def _full_hour(groups: pl.Expr | object) -> pl.Expr:
    field = groups.field  # type: ignore[union-attr]
    hour = field("half_hour").cast(pl.Int32, strict=False)
    afternoon = field("half").str.to_lowercase() == "pm"
    full = (hour % 12) + pl.when(afternoon).then(12).otherwise(0)
    return pl.when(hour.is_between(1, 12)).then(full.cast(pl.String).str.zfill(2))


def _offset(date_format: DateFormat) -> pl.Expr:
    """Minutes east of UTC; null where the value does not say."""
    if date_format.text in MICROSECONDS:
        return pl.lit(0, dtype=pl.Int32)
    if not date_format.has_offset and date_format.text != ISO:
        return pl.lit(None, dtype=pl.Int32)
    offset = pl.col("value").str.extract_groups(date_format.pattern).struct.field("offset").str.replace(":", "", literal=True)
    minutes_part = offset.str.slice(3, 2).cast(pl.Int32, strict=False).fill_null(0)
    minutes = offset.str.slice(1, 2).cast(pl.Int32, strict=False) * 60 + minutes_part
    return pl.when(offset.is_in(["Z", "UTC"])).then(0).when(offset.str.starts_with("-")).then(-minutes).otherwise(minutes)
