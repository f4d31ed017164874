"""When a scheduled job runs, as people say it: every night at 02:00 New York time."""

from typing import Any

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
NIGHT_ENDS, NIGHT_BEGINS = 6, 22


def describe_schedule(*, task: Any) -> str:
    """Return when a job runs, from its crontab, interval, or single instant; a job without any says so."""
    if task.crontab:
        return describe_crontab(crontab=task.crontab)
    if task.interval:
        every, unit = task.interval.every, task.interval.get_period_display().lower()
        return f"every {unit.rstrip('s')}" if every == 1 else f"every {every} {unit}"
    if task.clocked:
        return f"once, on {task.clocked.clocked_time:%B %-d, %Y at %H:%M} UTC"
    return "at sunrise or sunset" if task.solar else "never: it has no schedule"


def describe_crontab(*, crontab: Any) -> str:
    """Return a crontab in words; one that no plain sentence fits is described by its package."""
    place = str(crontab.timezone).rpartition("/")[2].replace("_", " ")
    minute, hour = crontab.minute, crontab.hour
    if crontab.month_of_year != "*":
        return str(crontab.human_readable)
    daily = crontab.day_of_month == crontab.day_of_week == "*"
    if daily and hour == "*":
        return _within_hours(minute) or str(crontab.human_readable)
    if not (minute.isdecimal() and hour.isdecimal()):
        return str(crontab.human_readable)
    at = f"at {int(hour):02}:{int(minute):02} {place} time"
    if daily:
        return f"every {'night' if not NIGHT_ENDS <= int(hour) < NIGHT_BEGINS else 'day'} {at}"
    if crontab.day_of_month == "*" and crontab.day_of_week.isdecimal():
        return f"every {DAYS[int(crontab.day_of_week) % len(DAYS)]} {at}"
    if crontab.day_of_week == "*" and crontab.day_of_month.isdecimal():
        return f"on day {int(crontab.day_of_month)} of each month {at}"
    return str(crontab.human_readable)


def _within_hours(minute: str) -> str:
    if minute == "*":
        return "every minute"
    step = minute.removeprefix("*/")
    if step != minute and step.isdecimal():
        return f"every {int(step)} minutes"
    return f"every hour, {int(minute)} minutes past" if minute.isdecimal() else ""
