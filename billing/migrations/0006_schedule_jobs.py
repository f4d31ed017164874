"""Schedules: refresh pay every ten minutes; look every hour for a site where the night's pay run is due."""

from django.db import migrations

REFRESH = ("Refresh pay", "billing.refresh_pay", "Books resolutions, proposes reversals, and accrues pay of agents whose facts changed.")
NIGHTLY = (
    "Nightly pay runs",
    "billing.start_pay_runs",
    "Looks every hour for sites where it is past local_hour and the last pay period is not in review yet, and calculates it.",
)


def schedule(apps, schema_editor):
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(every=10, period="minutes")
    name, task, description = REFRESH
    task_model.objects.get_or_create(name=name, defaults={"task": task, "interval": interval, "description": description})
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="5", hour="*", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    name, task, description = NIGHTLY
    task_model.objects.get_or_create(
        name=name, defaults={"task": task, "crontab": crontab, "kwargs": '{"local_hour": 2}', "description": description}
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[REFRESH[0], NIGHTLY[0]]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_settlement_line_exact_values_of_any_length"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
