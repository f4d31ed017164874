"""When notifications go out by mail: literals, so that later code changes nothing here."""

from django.db import migrations

ALWAYS = {"day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}
MAILS = ("Send mails of notifications", "ppr_portal.send_notification_mails", "What people want to hear of at once.")
DIGESTS = (
    "Send the daily mail of notifications",
    "ppr_portal.send_notification_digests",
    "Looks every hour whose morning it is, and sends each what came since the last one.",
)


def schedule(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(every=1, period="minutes")
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(minute="0", hour="*", **ALWAYS)
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for (name, task, description), when in ((MAILS, {"interval": interval}), (DIGESTS, {"crontab": crontab})):
        task_model.objects.get_or_create(name=name, defaults={"task": task, "description": description, **when})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[MAILS[0], DIGESTS[0]]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0005_notifications_filters_and_search"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(schedule, unschedule)]
