"""Business calendars in plain sentences, and whether a version in force names one."""

from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contracts import clock, lint_sentences, reading
from contracts.models import BusinessCalendar, ResolutionPolicy, VersionStatus
from contracts.queries import resolution_terms
from contracts.rules import business_hours
from contracts.rules.lint import dates


def is_in_use(*, calendar: BusinessCalendar | None) -> bool:
    """Say whether a version that is or was in force names a calendar; then the database keeps what it lists."""
    if calendar is None or calendar.pk is None:
        return False
    return ResolutionPolicy.objects.filter(calendar=calendar).exclude(version__status=VersionStatus.DRAFT).exists()


def describe_calendar(*, calendar: BusinessCalendar) -> list[str]:
    """Return when a client is open, which holidays come, and what may still be changed."""
    rows = list(calendar.hours.all())
    by_hours: dict[tuple[str, ...], list[str]] = {}
    for _other, day in groupby(rows, key=lambda row: row.weekday):
        parts = list(day)
        by_hours.setdefault(
            tuple(_("%(opens)s to %(closes)s") % {"opens": row.opens_at, "closes": row.closes_at} for row in parts), []
        ).append(parts[0].get_weekday_display())
    listed = [f"{_join(days)} {_join(list(hours))}" for hours, days in by_hours.items()]
    sentences = [
        _("Open %(listed)s, in %(timezone)s.") % {"listed": "; ".join(listed), "timezone": calendar.timezone}
        if listed
        else _("Never open: add hours below.")
    ]
    try:
        resolution_terms.freeze_calendar(calendar=calendar)
    except business_hours.InvalidBusinessHours as refused:
        sentences.append(refused.message)
    count = calendar.holidays.count()
    sentences.append(
        ngettext(
            "Closed on %(count)s holiday, listed up to %(until)s. After that day no holiday is known: list the next year before it begins.",
            "Closed on %(count)s holidays, listed up to %(until)s. "
            "After that day no holiday is known: list the next year before it begins.",
            count,
        )
        % {"count": count, "until": reading.write_day(calendar.holidays_until)}
    )
    today = clock.now().astimezone(ZoneInfo(calendar.timezone)).date()
    sentences += [
        f"{lint_sentences.tell(one.what)} {lint_sentences.tell(one.remedy)}"
        for one in dates.lint_holidays(calendar=_("this calendar"), holidays_until=calendar.holidays_until, on=today)
    ]
    if is_in_use(calendar=calendar):
        sentences.append(
            _(
                "A version in force names this calendar, so its hours and listed holidays are kept; holidays can be added "
                "after the last listed day. For other hours, make another calendar and a new version."
            )
        )
    return sentences


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else _("%(parts)s and %(parts_2)s") % {"parts": ", ".join(parts[:-1]), "parts_2": parts[-1]}
