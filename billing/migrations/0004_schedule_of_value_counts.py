"""Counts what value reports rest on every night: literals, so that later code changes nothing here."""

from django.db import migrations

NAME, TASK = "Count for value reports", "billing.count_value"
DESCRIPTION = "Counts resolutions, contacts, first contacts and answers of each client's open and last billing periods."
WHEN = {"minute": "45", "hour": "5", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}


def schedule(apps, schema_editor):
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(**WHEN)[0]
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.get_or_create(name=NAME, defaults={"task": TASK, "description": DESCRIPTION, "crontab": crontab})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_value_counts"), ("django_celery_beat", "0019_alter_periodictasks_options")]
    operations = [migrations.RunPython(schedule, unschedule)]
