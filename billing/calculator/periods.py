"""`periods`: the period that each instant belongs to."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.calculator import fields
from billing.rules import explain, periods


class Document(fields.KindDocument):
    """A calendar of a time zone, and instants."""

    calendar: periods.Calendar
    anchor: fields.Day | None = None
    timezone: str = "UTC"
    at: list[fields.Instant]


def answer(document: Document) -> dict[str, Any]:
    """Find the period of each instant."""
    timezone = periods.load_timezone(name=document.timezone)
    found = [_find(at=at, place=place, timezone=timezone, document=document) for place, at in enumerate(document.at)]
    shown = {
        "periods": [
            {
                "start": period.start_date.isoformat(),
                "end": period.end_date.isoformat(),
                "start_at": periods.first_instant(day=period.start_date, timezone=timezone).isoformat(),
                "end_at": periods.first_instant(day=period.end_date, timezone=timezone).isoformat(),
            }
            for period in found
        ]
    }
    steps = [_tell(at=at, period=period, document=document) for at, period in zip(document.at, found, strict=True)]
    return fields.explained(answer=shown, document=document, steps=steps)


def _find(*, at: datetime, place: int, timezone: ZoneInfo, document: Document) -> periods.Period:
    try:
        return periods.find_period(at=at, calendar=document.calendar, timezone=timezone, anchor=document.anchor)
    except periods.InvalidPeriod as refused:
        if refused.path:
            raise
        raise refused.inside("at", place) from refused


def _tell(*, at: datetime, period: periods.Period, document: Document) -> explain.Step:
    day = at.astimezone(periods.load_timezone(name=document.timezone)).date().isoformat()
    start, end = period.start_date.isoformat(), period.end_date.isoformat()
    return explain.Step(
        rule=document.calendar,
        inputs={"at": at.isoformat(), "timezone": document.timezone, "day": day},
        result=start,
        words=f"In {document.timezone} it is {day}, which lies from {start} up to and without {end}.",
    )
