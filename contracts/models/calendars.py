"""When a client is open, for windows that count business hours. See docs/adr/0014-business-calendars.md."""

import pghistory
import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import fields
from contracts.models.clients import Client
from contracts.models.versions import rows_follow

TIME_OF_DAY = RegexValidator(r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", 'Write a time of day as "09:00", up to "24:00".')

# A calendar is in use once a version that somebody was promised names it.
IN_USE = """EXISTS (SELECT 1 FROM contracts_resolutionpolicy policy JOIN contracts_contractversion version ON version.id = policy.version_id
    WHERE policy.calendar_id = {calendar} AND version.status <> 'draft')"""
HOURS_ARE_KEPT = f"""
        IF {IN_USE.format(calendar="item.calendar_id")} THEN
            RAISE EXCEPTION 'these hours belong to a calendar that a version in force names; make a new calendar'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;"""
HOLIDAYS_ARE_KEPT = f"""
        IF item.day <= (SELECT calendar.holidays_until FROM contracts_businesscalendar calendar WHERE calendar.id = item.calendar_id)
           AND {IN_USE.format(calendar="item.calendar_id")} THEN
            RAISE EXCEPTION 'holidays of a calendar that a version in force names can only be added after its last listed day'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;"""  # noqa: S608 (our own text)


class Weekday(models.IntegerChoices):
    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class BusinessCalendar(models.Model):
    """When a client is open: weekly hours in a time zone, less holidays."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="calendars", help_text=_("Whose opening hours these are."))
    code = fields.code(unique=True, help_text=_("Short name used in files, for example larch-office."))
    name = models.CharField(max_length=120, help_text=_("Name as people read it, for example Larch Home, weekdays."))
    timezone = fields.timezone(help_text=_("Hours and holidays are meant in this time zone."))
    holidays_until = models.DateField(
        help_text=_(
            "Last day up to which the holidays below are complete. Once a version in force names this calendar, holidays "
            "can only be added after that day."
        )
    )
    holiday_country = models.CharField(
        max_length=16,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "Write a country, or a country and a region: US, US-CA, DE-BY.")],
        help_text=_(
            "Whose public holidays the button above proposes: a country, or a country and a region, such as US, US-CA or "
            "DE-BY. Empty: none are proposed."
        ),
    )

    class Meta:
        ordering = ["client", "code"]
        triggers = [
            pgtrigger.Trigger(
                name="calendar_kept_once_in_use",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=f"""
                    IF (OLD.client_id, OLD.code, OLD.timezone) IS NOT DISTINCT FROM (NEW.client_id, NEW.code, NEW.timezone)
                       AND NEW.holidays_until >= OLD.holidays_until THEN
                        RETURN NEW;
                    END IF;
                    IF {IN_USE.format(calendar="OLD.id")} THEN
                        RAISE EXCEPTION 'calendar % is named by a version in force; make a new calendar', OLD.code
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CalendarHours(models.Model):
    """Open from one time of a weekday to another."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(
        choices=Weekday, help_text=_("A day that is missing is closed; one with a break has two rows.")
    )
    opens_at = models.CharField(max_length=5, validators=[TIME_OF_DAY], help_text=_("For example 09:00."))
    closes_at = models.CharField(max_length=5, validators=[TIME_OF_DAY], help_text=_("For example 17:30; 24:00 is midnight."))

    class Meta:
        ordering = ["calendar", "weekday", "opens_at"]
        verbose_name_plural = _("calendar hours")
        constraints = [
            models.UniqueConstraint(name="calendar_hours_once", fields=["calendar", "weekday", "opens_at"]),
            models.CheckConstraint(name="calendar_hours_open_before_they_close", condition=models.Q(closes_at__gt=models.F("opens_at"))),
            models.CheckConstraint(name="calendar_hours_lie_in_a_week", condition=models.Q(weekday__range=(1, 7))),
        ]
        triggers = [rows_follow(name="calendar_hours_kept_once_in_use", check=HOURS_ARE_KEPT)]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at} to {self.closes_at}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Holiday(models.Model):
    """A day on which a client is closed."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField(help_text=_("Closed from midnight to midnight in the calendar's time zone."))
    name = models.CharField(max_length=200, help_text=_("For example Thanksgiving Day."))

    class Meta:
        ordering = ["calendar", "day"]
        constraints = [models.UniqueConstraint(name="holiday_once", fields=["calendar", "day"])]
        triggers = [rows_follow(name="holidays_kept_once_listed", check=HOLIDAYS_ARE_KEPT)]

    def __str__(self) -> str:
        return f"{self.day:%B %-d, %Y}: {self.name}"
