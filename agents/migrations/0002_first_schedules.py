"""Schedules of the first release: literals, so that later code changes nothing here."""

from django.db import migrations

EVERY_TEN_MINUTES, EVERY_FIVE_MINUTES = {"every": 10, "period": "minutes"}, {"every": 5, "period": "minutes"}
# Name, task, what it does, and its interval or its minute and hour, every day.
SCHEDULES = [
    ("Verify due resolutions", "agents.verify_due_resolutions", "Verifies resolutions whose silence window has ended.", EVERY_TEN_MINUTES),
    ("Watch guardrails", "agents.watch_guardrails", "Checks the load of everybody who worked in the last day.", EVERY_FIVE_MINUTES),
    (
        "Credit waiting surveys and reviews",
        "agents.credit_waiting_answers",
        "Should what they waited for have come by another way.",
        EVERY_TEN_MINUTES,
    ),
    (
        "Take up lost work",
        "ppr_portal.take_up_lost_work",
        "Starts uploads and acts on held things again whose worker was lost.",
        EVERY_FIVE_MINUTES,
    ),
    (
        "Freeze reference rates",
        "agents.freeze_reference_rates",
        "Freezes the rates of a pay period on its first day, at noon UTC.",
        {"minute": "30", "hour": "12"},
    ),
    (
        "Find gaming signals",
        "agents.find_signals",
        "Looks at the last four weeks for what chance hardly explains, and puts it into the review queue.",
        {"minute": "45", "hour": "9"},
    ),
    (
        "Delete what was kept long enough",
        "agents.apply_retention",
        "Deliveries, uploads, held rows and comments, by client.",
        {"minute": "15", "hour": "8"},
    ),
]
ALWAYS = {"day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab_model = apps.get_model("django_celery_beat", "CrontabSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, description, when in SCHEDULES:
        if "every" in when:
            found = {"interval": interval_model.objects.get_or_create(**when)[0]}
        else:
            found = {"crontab": crontab_model.objects.get_or_create(**when, **ALWAYS)[0]}
        task_model.objects.get_or_create(name=name, defaults={"task": task, "description": description, **found})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[name for name, *_ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_first_release"), ("django_celery_beat", "0019_alter_periodictasks_options")]
    operations = [migrations.RunPython(schedule, unschedule)]
