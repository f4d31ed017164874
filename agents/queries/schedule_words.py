"""When a scheduled job runs, as people say it: every night at 02:00 New York time."""

from typing import Any

from django.utils.translation import gettext as _

from contracts import reading
from contracts.translation import gettext_lazy

DAYS = (
    gettext_lazy("Sunday"),
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
)
NIGHT_ENDS, NIGHT_BEGINS = 6, 22


def describe_schedule(*, task: Any) -> str:
    """Return when a job runs, from its crontab, interval, or single instant; a job without any says so."""
    if task.crontab:
        return describe_crontab(crontab=task.crontab)
    if task.interval:
        every, unit = task.interval.every, task.interval.get_period_display().lower()
        return (
            _("every %(value)s") % {"value": unit.rstrip("s")}
            if every == 1
            else _("every %(every)s %(unit)s") % {"every": every, "unit": unit}
        )
    if task.clocked:
        return _("once, on %(clocked_time)s UTC") % {"clocked_time": f"{task.clocked.clocked_time:%B %-d, %Y at %H:%M}"}
    return _("at sunrise or sunset") if task.solar else _("never: it has no schedule")


def describe_crontab(*, crontab: Any) -> str:
    """Return a crontab in words; one that no plain sentence fits is described by its package."""
    place = reading.place_of(str(crontab.timezone))
    minute, hour = crontab.minute, crontab.hour
    if crontab.month_of_year != "*":
        return str(crontab.human_readable)
    daily = crontab.day_of_month == crontab.day_of_week == "*"
    if daily and hour == "*":
        return _within_hours(minute) or str(crontab.human_readable)
    if not (minute.isdecimal() and hour.isdecimal()):
        return str(crontab.human_readable)
    said = _("at %(hour)s:%(minute)s UTC") if place == "UTC" else _("at %(hour)s:%(minute)s %(place)s time")
    at = said % {"hour": f"{int(hour):02}", "minute": f"{int(minute):02}", "place": place}
    if daily:
        return (_("every day %(at)s") if NIGHT_ENDS <= int(hour) < NIGHT_BEGINS else _("every night %(at)s")) % {"at": at}
    if crontab.day_of_month == "*" and crontab.day_of_week.isdecimal():
        return _("every %(days)s %(at)s") % {"days": DAYS[int(crontab.day_of_week) % len(DAYS)], "at": at}
    if crontab.day_of_week == "*" and crontab.day_of_month.isdecimal():
        return _("on day %(day_of_month)s of each month %(at)s") % {"day_of_month": int(crontab.day_of_month), "at": at}
    return str(crontab.human_readable)


def _within_hours(minute: str) -> str:
    if minute == "*":
        return _("every minute")
    step = minute.removeprefix("*/")
    if step != minute and step.isdecimal():
        return _("every %(step)s minutes") % {"step": int(step)}
    return _("every hour, %(minute)s minutes past") % {"minute": int(minute)} if minute.isdecimal() else ""
