"""Schedules: delete every night what was kept long enough, and look again at surveys and reviews that wait."""

from django.db import migrations

RETENTION = ("Delete what was kept long enough", "agents.apply_retention", "Deliveries, uploads, held rows and comments, by client.")
WAITING = ("Credit waiting surveys and reviews", "agents.credit_waiting_answers", "Should what they waited for have come by another way.")


def schedule(apps, schema_editor):
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="15", hour="8", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(every=10, period="minutes")
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for (name, task, description), when in ((RETENTION, {"crontab": crontab}), (WAITING, {"interval": interval})):
        tasks.get_or_create(name=name, defaults={"task": task, "description": description, **when})


def unschedule(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.filter(name__in=[name for name, _, _ in (RETENTION, WAITING)]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0020_quality_data_from_outside"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
