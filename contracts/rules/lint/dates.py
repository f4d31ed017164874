"""Lint of dates: two versions of one contract or plan in force on the same day, and holidays that nobody listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.rules import errors
from contracts.rules.lint import findings


@dataclass(frozen=True, kw_only=True)
class Span:
    """The days of one version: from the first, up to and without `effective_to`; None is without end."""

    label: str
    path: tuple[errors.PathPart, ...]
    effective_from: date
    effective_to: date | None = None


def lint_spans(*, spans: Sequence[Span]) -> list[findings.Finding]:
    """Find versions that are in force on the same day, and versions that end before they start.

    Args:
        spans: the versions of one contract or plan, in any order.

    Returns: one error for each version that overlaps an earlier one, or covers no day.
    Source: style.md, "terms never overlap".

    >>> may = Span(label="version 1", path=("versions", 0), effective_from=date(2026, 5, 1))
    >>> june = Span(label="version 2", path=("versions", 1), effective_from=date(2026, 6, 1))
    >>> [found.code for found in lint_spans(spans=[may, june])]
    ['dates_overlap']
    """
    found = [_tell_empty(span) for span in spans if span.effective_to is not None and span.effective_to <= span.effective_from]
    ordered = sorted(spans, key=lambda span: span.effective_from)
    reaching: Span | None = None
    for span in ordered:
        if reaching is not None and (reaching.effective_to is None or span.effective_from < reaching.effective_to):
            found.append(_tell_overlap(reaching, span))
        if reaching is None or _ends_later(span, reaching):
            reaching = span
    return found


def lint_holidays(*, calendar: str, holidays_until: date, on: date) -> list[findings.Finding]:
    """Find a calendar whose last listed day lies behind: from then on every holiday counts as a day like any other.

    Args:
        calendar: its name, for people.
        holidays_until: last day up to which its holidays are complete.
        on: the day it is looked at.

    Returns: a warning from the day after the last listed one.
    Source: docs/resolution.md, "business hours".

    >>> [found.code for found in lint_holidays(calendar="Office", holidays_until=date(2026, 12, 31), on=date(2027, 1, 1))]
    ['holidays_end']
    """
    if on <= holidays_until:
        return []
    return [
        findings.Finding(
            code="holidays_end",
            severity="warning",
            path=("policy", "calendar"),
            what=f"The holidays of {calendar} are listed up to {holidays_until}, which lies behind: "
            "every weekday since then counts as open, so windows end too early.",
            remedy="Open the calendar and list the next public holidays.",
        )
    ]


def _ends_later(span: Span, other: Span) -> bool:
    return other.effective_to is not None and (span.effective_to is None or span.effective_to > other.effective_to)


def _tell_overlap(earlier: Span, later: Span) -> findings.Finding:
    return findings.Finding(
        code="dates_overlap",
        severity="error",
        path=(*later.path, "effective_from"),
        what=f"{_capital(later.label)} starts on {later.effective_from}, while {earlier.label} is still in force ({_until(earlier)}). "
        "One day cannot have two sets of terms.",
        remedy=f"End {earlier.label} on {later.effective_from}, or start {later.label} later.",
    )


def _tell_empty(span: Span) -> findings.Finding:
    return findings.Finding(
        code="dates_empty",
        severity="error",
        path=(*span.path, "effective_to"),
        what=f"{_capital(span.label)} ends on {span.effective_to}, which is not after its first day {span.effective_from}: "
        "it is never in force.",
        remedy="Choose a later last day; effective_to is the first day that it is no longer in force.",
    )


def _until(span: Span) -> str:
    return f"until {span.effective_to}" if span.effective_to else "without end"


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]
