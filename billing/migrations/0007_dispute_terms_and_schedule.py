"""How long each kind of dispute may wait, and the job that watches it: literals, so that later code changes nothing here."""

from django.db import migrations

NAME = "Watch disputes"
WHEN = {"every": 5, "period": "minutes"}
DESCRIPTION = "Reminds of disputes before their deadline, carries out the default outcome at it, and sends mails about disputes."

# Kind, days to answer, days before the deadline at which it is reminded of.
TERMS = [("line", 7, 2), ("resolution", 7, 2), ("qa_review", 7, 2), ("hours", 5, 1), ("client_case", 10, 3)]


def fill(apps, schema_editor):
    terms = apps.get_model("billing", "DisputeTerms")
    for kind, answer_days, remind_days in TERMS:
        terms.objects.create(kind=kind, answer_days=answer_days, remind_days=remind_days, default_outcome="escalated")
    interval = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(**WHEN)[0]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "billing.watch_disputes", "description": DESCRIPTION, "kwargs": "{}", "interval": interval}
    )


def empty(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()
    apps.get_model("billing", "DisputeTerms").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0006_disputes_of_agents_and_clients"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(fill, empty)]
