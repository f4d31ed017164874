"""Tries mails about statements again that a mail server refused or a lost task left: literals, so that later code changes nothing here."""

from django.db import migrations

NAME, TASK = "Send statement mails", "ppr_portal.send_statement_notices"
DESCRIPTION = "Sends what agents are still to be told about their statements, and tries again what a mail server refused."
WHEN = {"every": 15, "period": "minutes"}


def schedule(apps, schema_editor):
    interval = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(**WHEN)[0]
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.get_or_create(name=NAME, defaults={"task": TASK, "description": DESCRIPTION, "interval": interval})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_bill_changes_attachments_and_shadow_runs"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(schedule, unschedule)]
