"""Schedules: take up changes that no delivery's own task took up, and delete old bodies of webhooks."""

from django.db import migrations

EVERY_MINUTE = ("Take up changes", "ppr_portal.take_up_changes", "Folds changed cases and refreshes pay, should the task of a delivery be lost.")
DAILY = ("Delete old deliveries", "agents.delete_old_deliveries", "Deletes bodies of webhooks that nobody looked at for two weeks.")


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab_model = apps.get_model("django_celery_beat", "CrontabSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    interval, _ = interval_model.objects.get_or_create(every=1, period="minutes")
    crontab, _ = crontab_model.objects.get_or_create(
        minute="40", hour="3", day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    for (name, task, description), when in ((EVERY_MINUTE, {"interval": interval}), (DAILY, {"crontab": crontab})):
        task_model.objects.get_or_create(name=name, defaults={"task": task, "description": description, **when})


def unschedule(apps, schema_editor):
    names = [EVERY_MINUTE[0], DAILY[0]]
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=names).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_deliveries_and_their_keys"),
        ("billing", "0006_schedule_jobs"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
