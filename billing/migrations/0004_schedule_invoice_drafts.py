"""The nightly schedule of invoice drafts: literals, so that later code changes nothing here."""

from django.db import migrations

NAME = "Refresh invoice drafts"
WHEN = {"minute": "15", "hour": "5", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}
DESCRIPTION = (
    "Writes the drafts of every client's open billing period anew, posts revenue that was earned, and issues files that are missing."
)


def schedule(apps, schema_editor):
    crontab = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(**WHEN)[0]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "ppr_portal.refresh_invoices", "description": DESCRIPTION, "kwargs": "{}", "crontab": crontab}
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_invoice_counts"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(schedule, unschedule)]
