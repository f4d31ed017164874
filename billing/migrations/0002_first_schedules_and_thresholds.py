"""Schedules, thresholds and deadlines of the first release, and what keeps paid resolutions: literals, so that later code changes nothing here."""

from django.db import migrations

# Name, task, what it does, and its interval or its minute and hour, every day.
SCHEDULES = [
    (
        "Take up changes",
        "ppr_portal.take_up_changes",
        "Folds changed cases and refreshes pay, should the task of a delivery be lost.",
        {"every": 1, "period": "minutes"},
        "{}",
    ),
    (
        "Refresh pay",
        "billing.refresh_pay",
        "Books resolutions, proposes reversals, and accrues pay of agents whose facts changed.",
        {"every": 10, "period": "minutes"},
        "{}",
    ),
    (
        "Nightly pay runs",
        "billing.start_pay_runs",
        "Looks every hour for sites where it is past local_hour and the last pay period is not in review yet, and calculates it.",
        {"minute": "5", "hour": "*"},
        '{"local_hour": 2}',
    ),
    (
        "Refresh invoice drafts",
        "ppr_portal.refresh_invoices",
        "Writes the drafts of every client's open billing period anew, posts revenue that was earned, and issues files that are missing.",
        {"minute": "15", "hour": "5"},
        "{}",
    ),
    (
        "Watch disputes",
        "billing.watch_disputes",
        "Reminds of disputes before their deadline, carries out the default outcome at it, and sends mails about disputes.",
        {"every": 5, "period": "minutes"},
        "{}",
    ),
]
ALWAYS = {"day_of_week": "*", "day_of_month": "*", "month_of_year": "*", "timezone": "UTC"}

# What is flagged in a pay run until somebody decides otherwise.
THRESHOLDS = """
    INSERT INTO billing_variancethreshold (flag, is_active, percent_bp, amount_micros, count_min) VALUES
        ('total_swing', true, 1000, NULL, NULL),
        ('agent_swing', true, 2500, 100000000, NULL),
        ('zero_pay', true, NULL, NULL, NULL),
        ('new_agent', true, NULL, NULL, NULL),
        ('missing_agent', true, NULL, NULL, NULL),
        ('guardrail_hits', true, NULL, NULL, 1)"""

# Kind, days to answer, days before the deadline at which it is reminded of; nobody's answer is nobody's gain until somebody decides.
DISPUTE_TERMS = """
    INSERT INTO billing_disputeterms (kind, answer_days, remind_days, default_outcome) VALUES
        ('line', 7, 2, 'escalated'),
        ('resolution', 7, 2, 'escalated'),
        ('qa_review', 7, 2, 'escalated'),
        ('hours', 5, 1, 'escalated'),
        ('client_case', 10, 3, 'escalated')"""

# No code deletes a resolution. Whoever does it by hand waits for those who write earnings, and is refused what was paid.
KEPT = """
    CREATE FUNCTION resolution_kept_with_its_earnings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        LOCK TABLE billing_earning IN SHARE MODE;
        IF EXISTS (SELECT 1 FROM old_rows o JOIN billing_earning e ON e.resolution_id = o.id) THEN
            RAISE EXCEPTION 'a resolution that was paid cannot be deleted' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER resolution_kept_with_its_earnings AFTER DELETE ON agents_resolution
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION resolution_kept_with_its_earnings();"""
NOT_KEPT = "DROP TRIGGER resolution_kept_with_its_earnings ON agents_resolution; DROP FUNCTION resolution_kept_with_its_earnings;"


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab_model = apps.get_model("django_celery_beat", "CrontabSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, description, when, kwargs in SCHEDULES:
        if "every" in when:
            found = {"interval": interval_model.objects.get_or_create(**when)[0]}
        else:
            found = {"crontab": crontab_model.objects.get_or_create(**when, **ALWAYS)[0]}
        task_model.objects.get_or_create(name=name, defaults={"task": task, "description": description, "kwargs": kwargs, **found})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[name for name, *_ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0002_first_schedules"),
        ("billing", "0001_first_release"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [
        migrations.RunPython(schedule, unschedule),
        migrations.RunSQL(THRESHOLDS, "DELETE FROM billing_variancethreshold"),
        migrations.RunSQL(DISPUTE_TERMS, "DELETE FROM billing_disputeterms"),
        migrations.RunSQL(KEPT, NOT_KEPT),
    ]
