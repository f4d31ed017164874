"""Business calendars: opening hours and holidays, as the people who agree on them read them."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from contracts import models as terms
from contracts.admin.keeping import KeepsWhatIsUsed
from contracts.operations import list_holidays
from contracts.queries import calendar_words
from contracts.translation import gettext_lazy


class KeptOnceInUse:
    """What a version in force counts with can be read and not changed."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not calendar_words.is_in_use(calendar=obj) and super().has_add_permission(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not calendar_words.is_in_use(calendar=obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not calendar_words.is_in_use(calendar=obj) and super().has_delete_permission(request, obj)  # type: ignore[misc]


class HoursInline(KeptOnceInUse, TabularInline):
    model = terms.CalendarHours


class HolidayInline(TabularInline):
    """Holidays; those up to the last listed day of a calendar in use are kept by the database."""

    model = terms.Holiday
    extra = 0

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not calendar_words.is_in_use(calendar=obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not calendar_words.is_in_use(calendar=obj) and super().has_delete_permission(request, obj)


@admin.register(terms.BusinessCalendar)
class BusinessCalendarAdmin(KeepsWhatIsUsed, ModelAdmin):
    list_display = ["name", "client", "code", "timezone", "holidays_until"]
    list_filter = ["client"]
    search_fields = ["name", "code", "client__name"]
    list_select_related = ["client"]
    autocomplete_fields = ["client"]
    inlines = [HoursInline, HolidayInline]
    actions_detail = ["list_next_holidays"]
    fieldsets = [
        (gettext_lazy("In words"), {"fields": ["in_words"]}),
        (gettext_lazy("This calendar"), {"fields": ["client", ("code", "name"), "timezone", ("holidays_until", "holiday_country")]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        kept = ["client", "code", "timezone"] if calendar_words.is_in_use(calendar=obj) else []
        return ["in_words", *kept]

    # The button asks with the id of its row, which Django's own permission methods do not take.
    def has_list_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self.has_change_permission(request)

    @display(description=gettext_lazy("In words"))
    def in_words(self, calendar: Any) -> SafeString | str:
        if not calendar.pk:
            return _("Save it once, and it is put into words here.")
        return render_to_string("admin/contracts/words.html", {"sentences": calendar_words.describe_calendar(calendar=calendar)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the last listed day where it was until the holidays before it are stored."""
        self._wanted: date = obj.holidays_until
        if change and "holidays_until" in form.changed_data:
            obj.holidays_until = min(form.initial["holidays_until"], self._wanted)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        calendar = form.instance
        if calendar.holidays_until != (wanted := form.cleaned_data["holidays_until"]):
            calendar.holidays_until = wanted
            calendar.save(update_fields=["holidays_until"])

    @action(description=gettext_lazy("List the next public holidays"), permissions=["list"])
    def list_next_holidays(self, request: HttpRequest, object_id: int) -> HttpResponse:
        calendar = terms.BusinessCalendar.objects.get(pk=object_id)
        try:
            listed = list_holidays.list_holidays(calendar=calendar)
        except list_holidays.UnableToListHolidays as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                _("%(count)s public holidays are listed up to %(last_day)s. Read them through: they count from now on.")
                % {"count": listed.count, "last_day": f"{listed.last_day:%B %-d, %Y}"},
            )
        return redirect(reverse("admin:contracts_businesscalendar_change", args=[object_id]))
