"""Date formats to choose from, each with what it makes of the dates that stand in the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agents.intake import dates
from agents.intake.errors import UnableToImport
from contracts.translation import gettext_lazy as _

SAMPLES_MAX = 200
# Format and how people write it.
FORMATS = (
    ("iso", "2016-02-29 01:16 (ISO)"),
    ("%d/%m/%Y %H:%M", "29/2/2016 01:16"),
    ("%m/%d/%Y %H:%M", "2/29/2016 01:16"),
    ("%d/%m/%Y %H:%M:%S", "29/2/2016 01:16:07"),
    ("%m/%d/%Y %H:%M:%S", "2/29/2016 01:16:07"),
    ("%d.%m.%Y %H:%M", "29.2.2016 01:16"),
    ("%d-%m-%Y %H:%M", "29-2-2016 01:16"),
    ("%d/%m/%y %H:%M", "29/2/16 01:16"),
    ("%m/%d/%y %H:%M", "2/29/16 01:16"),
    ("%m/%d/%Y %I:%M %p", "2/29/2016 1:16 AM"),
    ("%b %d, %Y %I:%M %p", "Feb 29, 2016 1:16 AM"),
    ("%d %b %Y %H:%M", "29 Feb 2016 01:16"),
    ("%Y/%m/%d %H:%M:%S", "2016/02/29 01:16:07"),
    ("%d/%m/%Y", "29/2/2016"),
    ("%m/%d/%Y", "2/29/2016"),
    ("%Y%m%d", "20160229"),
    ("%Y%m%d%H%M%S", "20160229011607"),
    ("epoch seconds", _("1456708567 (epoch seconds)")),
    ("epoch milliseconds", _("1456708567000 (epoch milliseconds)")),
    ("excel", "42429.05 (Excel)"),
)


@dataclass(frozen=True, kw_only=True)
class FormatChoice:
    """A format, how many of the shown dates it can read, and what it makes of the first."""

    text: str
    example: str
    read_count: int
    sample_count: int
    first_raw: str
    first_at: datetime | None
    is_chosen: bool

    @property
    def reads_all(self) -> bool:
        """Whether it can read everything that is shown."""
        return self.sample_count > 0 and self.read_count == self.sample_count


def format_choices(*, samples: Sequence[str], chosen: str, timezone: str, repeated_hour: str) -> tuple[FormatChoice, ...]:
    """Return the formats to choose from, those first that can read all of the samples; none is chosen for anybody.

    Args:
        samples: dates as they stand in the file, without missing ones.
        chosen: the format that is chosen now; one of its own is offered too.
        timezone: whose clock a date without offset shows.
        repeated_hour: what an hour means that clocks show twice.
    """
    offered = [*FORMATS, *([(chosen, chosen)] if chosen and chosen not in dict(FORMATS) else [])]
    found = [_choice(text, example, samples[:SAMPLES_MAX], chosen, timezone, repeated_hour) for text, example in offered]
    return tuple(sorted(found, key=lambda choice: (not choice.is_chosen, not choice.reads_all, -choice.read_count)))


def _choice(text: str, example: str, samples: Sequence[str], chosen: str, timezone: str, repeated_hour: str) -> FormatChoice:
    instants: list[datetime | None] = []
    try:
        if samples:
            compiled = dates.compile_format(text=text)
            values = pl.Series("value", list(samples), dtype=pl.String)
            read = dates.read_instants(values=values, date_format=compiled, timezone=timezone, repeated_hour=repeated_hour)
            # A time that clocks skipped or showed twice is written as the format says; only what it means is open.
            instants = [
                at if fault != "unreadable_date" and fault != "date_out_of_range" else None
                for at, fault in read.select("local", "fault").iter_rows()
            ]
    except UnableToImport:
        instants = [None] * len(samples)
    first = next((index for index, at in enumerate(instants) if at is not None), 0)
    return FormatChoice(
        text=text,
        example=example,
        read_count=sum(at is not None for at in instants),
        sample_count=len(samples),
        first_raw=samples[first] if samples else "",
        first_at=instants[first] if instants else None,
        is_chosen=text == chosen,
    )
