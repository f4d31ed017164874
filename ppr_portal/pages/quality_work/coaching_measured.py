"""What was measured before and after a coaching talk, as its page draws it."""

from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import CoachingSession
from agents.operations.quality_work import coaching
from agents.rules import rate_changes
from ppr_portal.pages import drawings

Status = CoachingSession.Status
VERDICTS = {
    "rose": gettext_lazy("It rose, and chance hardly explains it."),
    "fell": gettext_lazy("It fell, and chance hardly explains it."),
    "unclear": gettext_lazy("With so few results, chance may explain the difference."),
    "missing": gettext_lazy("One side has no results yet, so nothing can be compared."),
}


def draw_measured(found: CoachingSession, *, today: date) -> dict[str, Any] | None:
    """Return the stored figures of a closed talk, or those of now of an open one."""
    if found.status == Status.CANCELLED or not found.metric:
        return None
    if found.status == Status.CLOSED:
        if found.before_from is None or found.after_from is None or found.before_to is None or found.after_to is None:
            return None
        spans = ((found.before_from, found.before_to), (found.after_from, found.after_to))
        stretches = (
            _stretch(found.before_count, found.before_success_count, found.before_expected),
            _stretch(found.after_count, found.after_success_count, found.after_expected),
        )
    else:
        counted = coaching.measure_talk(session=found, until=today)
        if counted is None:
            return None
        spans, stretches = (counted[0], counted[1]), (counted[2], counted[3])
    change = rate_changes.compare_rates(before=stretches[0], after=stretches[1])
    rates = [Fraction(one.successes, one.n) for one in stretches if one.n]
    expected = [one.expected / one.n for one in stretches if one.n and one.expected is not None]
    scale = drawings.fitting_scale([*rates, *expected])
    return {
        "sides": [
            _side(label, span, stretch, interval, scale)
            for label, span, stretch, interval in zip(
                (_("Before"), _("After")), spans, stretches, (change.before, change.after), strict=True
            )
        ],
        "change": change,
        "verdict": VERDICTS[change.verdict],
        "scale": scale,
        "is_adjusted": all(one.expected is not None for one in stretches),
    }


def _stretch(n: int | None, successes: int | None, expected: Any) -> rate_changes.Stretch:
    return rate_changes.Stretch(n=n or 0, successes=successes or 0, expected=None if expected is None else Fraction(expected))


def _side(label: str, span: tuple[Any, Any], stretch: rate_changes.Stretch, interval: Any, scale: drawings.Scale) -> dict[str, Any]:
    rate = Fraction(stretch.successes, stretch.n) if stretch.n else None
    expected = stretch.expected / stretch.n if stretch.expected is not None and stretch.n else None
    drawing = None
    if rate is not None and interval is not None:
        drawing = drawings.draw_interval(
            score=rate, low=interval.low, high=interval.high, expected=expected if expected is not None else rate, counted=rate, scale=scale
        )
    return {
        "label": label,
        "first": span[0],
        "end": span[1],
        "n": stretch.n,
        "successes": stretch.successes,
        "rate": rate,
        "expected": expected,
        "interval": interval,
        "drawing": drawing,
    }
