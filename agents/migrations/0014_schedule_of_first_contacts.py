"""Counts first contacts by day every five minutes: literals, so that later code changes nothing here."""

from django.db import migrations

NAME, TASK = "Count first contacts", "agents.count_first_contacts"
DESCRIPTION = "Counts the days anew on which resolutions changed, so that the report of first contacts is read and not counted."
WHEN = {"minute": "*/5", "hour": "*", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}


def schedule(apps, schema_editor):
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(**WHEN)[0]
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.get_or_create(name=NAME, defaults={"task": TASK, "description": DESCRIPTION, "crontab": crontab})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("agents", "0013_first_contacts_by_day"), ("django_celery_beat", "0019_alter_periodictasks_options")]
    operations = [migrations.RunPython(schedule, unschedule)]
