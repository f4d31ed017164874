"""When records of who read pay are deleted: literals, so that later code changes nothing here."""

from django.db import migrations

NAME, TASK = "Delete old records of who read pay", "billing.delete_old_pay_reads"
DESCRIPTION = "Deletes what is older than three years; until then the database keeps it."
WHEN = {"minute": "25", "hour": "8", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}


def schedule(apps, schema_editor):
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(**WHEN)[0]
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.get_or_create(name=NAME, defaults={"task": TASK, "description": DESCRIPTION, "crontab": crontab})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0009_narrow_books"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(schedule, unschedule)]
