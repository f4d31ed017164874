"""What the scheduled jobs did, and when they run."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agents import models as work
from agents.admin.base import ReadOnlyAdmin, TellsItsMessage
from agents.queries import schedule_words
from contracts import stored_texts

OUTCOME_LABELS = {"done": "success", "failed": "danger", "running": "info", "skipped": "warning"}

for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule):
    admin.site.unregister(model)


@admin.register(work.JobRun)
class JobRunAdmin(TellsItsMessage, ReadOnlyAdmin):
    list_display = ["job", "started_at", "result", "seen_count", "changed_count", "seconds", "told_message"]
    list_filter = ["job", "outcome"]
    search_fields = ["job", "message"]
    exclude = ["message"]
    readonly_fields = ["told_message"]

    @display(description=_("Outcome"), label=OUTCOME_LABELS)
    def result(self, run: Any) -> tuple[str, str]:
        return run.outcome, str(run.get_outcome_display())


class _TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The package's list of tasks, in this admin's look."""


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = _TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    change_form_template = "admin/change_form.html"
    form = PeriodicTaskForm
    list_display = ["told_name", "when", "enabled", "last_run_at", "total_run_count"]
    list_select_related = ["crontab", "interval", "clocked", "solar"]
    readonly_fields = [*beat.PeriodicTaskAdmin.readonly_fields, "told_name", "told_description", "when"]
    fieldsets = [(_("In words"), {"fields": ["told_name", "told_description", "when"]}), *beat.PeriodicTaskAdmin.fieldsets]

    @display(description=_("Name"), ordering="name")
    def told_name(self, task: Any) -> str:
        return stored_texts.tell_words(task.name)

    @display(description=_("Description"))
    def told_description(self, task: Any) -> str:
        return stored_texts.tell_words(task.description)

    @display(description=_("Runs"))
    def when(self, task: Any) -> str:
        return schedule_words.describe_schedule(task=task)


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    list_display = ["__str__", "every", "period"]


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(beat.CrontabScheduleAdmin, ModelAdmin):
    list_display = ["in_words", "timezone"]

    @display(description=_("In words"))
    def in_words(self, crontab: Any) -> str:
        return schedule_words.describe_crontab(crontab=crontab)


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(ModelAdmin):
    list_display = ["clocked_time"]
