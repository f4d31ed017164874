"""Schedules: verify due resolutions, watch guardrails, freeze reference rates."""

from django.db import migrations

INTERVALS = [
    ("Verify due resolutions", "agents.verify_due_resolutions", 10, "Verifies resolutions whose silence window has ended."),
    ("Watch guardrails", "agents.watch_guardrails", 5, "Checks the load of everybody who worked in the last day."),
]
DAILY = ("Freeze reference rates", "agents.freeze_reference_rates", "Freezes the rates of a pay period on its first day, at noon UTC.")


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab_model = apps.get_model("django_celery_beat", "CrontabSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, minutes, description in INTERVALS:
        interval, _ = interval_model.objects.get_or_create(every=minutes, period="minutes")
        task_model.objects.get_or_create(name=name, defaults={"task": task, "interval": interval, "description": description})
    crontab, _ = crontab_model.objects.get_or_create(
        minute="30", hour="12", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    name, task, description = DAILY
    task_model.objects.get_or_create(name=name, defaults={"task": task, "crontab": crontab, "description": description})


def unschedule(apps, schema_editor):
    names = [name for name, *_ in INTERVALS] + [DAILY[0]]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_guardrail_decision_once_per_effect"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
