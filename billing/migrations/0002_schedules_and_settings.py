"""Schedules of all apps, first settings, and what keeps paid resolutions: literals, so that later code changes nothing here."""

from django.db import migrations

ONE_MINUTE, FIVE_MINUTES, TEN_MINUTES, QUARTER = ({"every": minutes, "period": "minutes"} for minutes in (1, 5, 10, 15))
# Name, task, what it does, and its interval or its minute and hour of every day, in UTC.
SCHEDULES = [
    ("Take up changes", "ppr_portal.take_up_changes", "Folds changed cases and refreshes pay, should the task of a delivery be lost.", ONE_MINUTE),
    ("Verify due resolutions", "agents.verify_due_resolutions", "Verifies resolutions whose silence window has ended.", TEN_MINUTES),
    ("Watch guardrails", "agents.watch_guardrails", "Checks the load of everybody who worked in the last day.", FIVE_MINUTES),
    (
        "Credit waiting surveys and reviews",
        "agents.credit_waiting_answers",
        "Should what they waited for have come by another way.",
        TEN_MINUTES,
    ),
    (
        "Take up lost work",
        "ppr_portal.take_up_lost_work",
        "Starts uploads and acts on held things again whose worker was lost.",
        FIVE_MINUTES,
    ),
    (
        "Count first contacts",
        "agents.count_first_contacts",
        "Counts the days anew on which resolutions changed, so that the report of first contacts is read and not counted.",
        {"minute": "*/5", "hour": "*"},
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
        "Remind of reviews, coaching and training",
        "agents.remind_quality_work",
        "Tells everybody what of theirs is due by tomorrow, each thing once.",
        {"minute": "20", "hour": "5"},
    ),
    (
        "Delete what was kept long enough",
        "agents.apply_retention",
        "Deliveries, uploads, held rows and comments, by client.",
        {"minute": "15", "hour": "8"},
    ),
    (
        "Refresh pay",
        "billing.refresh_pay",
        "Books resolutions, proposes reversals, and accrues pay of agents whose facts changed.",
        TEN_MINUTES,
    ),
    (
        "Nightly pay runs",
        "billing.start_pay_runs",
        "Looks every hour for sites where it is past local_hour and the last pay period is not in review yet, and calculates it.",
        {"minute": "5", "hour": "*"},
    ),
    (
        "Refresh invoice drafts",
        "ppr_portal.refresh_invoices",
        "Writes the drafts of every client's open billing period anew, posts revenue that was earned, and issues files that are missing.",
        {"minute": "15", "hour": "5"},
    ),
    (
        "Count for value reports",
        "billing.count_value",
        "Counts resolutions, contacts, first contacts and answers of each client's open and last billing periods.",
        {"minute": "45", "hour": "5"},
    ),
    (
        "Watch disputes",
        "billing.watch_disputes",
        "Reminds of disputes before their deadline, carries out the default outcome at it, and sends mails about disputes.",
        FIVE_MINUTES,
    ),
    (
        "Send statement mails",
        "ppr_portal.send_statement_notices",
        "Sends what agents are still to be told about their statements, and tries again what a mail server refused.",
        QUARTER,
    ),
    ("Send mails of notifications", "ppr_portal.send_notification_mails", "What people want to hear of at once.", ONE_MINUTE),
    (
        "Send the daily mail of notifications",
        "ppr_portal.send_notification_digests",
        "Looks every hour whose morning it is, and sends each what came since the last one.",
        {"minute": "0", "hour": "*"},
    ),
    (
        "Delete old records of who read pay",
        "billing.delete_old_pay_reads",
        "Deletes what is older than three years; until then the database keeps it.",
        {"minute": "25", "hour": "8"},
    ),
]
ARGUMENTS = {"Nightly pay runs": '{"local_hour": 2}'}
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

# Nobody's answer is nobody's gain until somebody decides otherwise.
DISPUTE_TERMS = """
    INSERT INTO billing_disputeterms (kind, answer_days, remind_days, reply_days, decide_days, default_outcome) VALUES
        ('line', 7, 2, 2, 5, 'escalated'),
        ('resolution', 7, 2, 2, 5, 'escalated'),
        ('qa_review', 7, 2, 2, 5, 'escalated'),
        ('hours', 5, 1, 2, 5, 'escalated'),
        ('client_case', 10, 3, 2, 5, 'escalated')"""

# No code deletes a resolution. Whoever does it by hand waits for those who write earnings or book, and is refused what was paid or booked.
KEPT = """
    CREATE FUNCTION resolution_kept_with_its_{things}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        LOCK TABLE {table} IN SHARE MODE;
        IF EXISTS (SELECT 1 FROM old_rows o JOIN {table} found ON found.resolution_id = o.id) THEN
            RAISE EXCEPTION 'a resolution that was {done} cannot be deleted' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER resolution_kept_with_its_{things} AFTER DELETE ON agents_resolution
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION resolution_kept_with_its_{things}();"""
NOT_KEPT = "DROP TRIGGER resolution_kept_with_its_{things} ON agents_resolution; DROP FUNCTION resolution_kept_with_its_{things};"
PAID = {"things": "earnings", "table": "billing_earning", "done": "paid"}
BOOKED = {"things": "bookings", "table": "billing_bookedline", "done": "booked"}

# The index of the key holds the settlement as well, so that what a settlement pays is found among the earnings of its agent.
KEY = """
    ALTER TABLE billing_earning DROP CONSTRAINT billing_earning_pkey,
    ADD CONSTRAINT billing_earning_pkey PRIMARY KEY (agent_id, resolution_id){included};"""


def schedule(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    crontab_model = apps.get_model("django_celery_beat", "CrontabSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, description, when in SCHEDULES:
        if "every" in when:
            found = {"interval": interval_model.objects.get_or_create(**when)[0]}
        else:
            found = {"crontab": crontab_model.objects.get_or_create(**when, **ALWAYS)[0]}
        task_model.objects.create(name=name, task=task, description=description, kwargs=ARGUMENTS.get(name, "{}"), **found)


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[name for name, *_ in SCHEDULES]).delete()


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_tables"), ("django_celery_beat", "0019_alter_periodictasks_options")]
    operations = [
        migrations.RunPython(schedule, unschedule),
        migrations.RunSQL(THRESHOLDS, "DELETE FROM billing_variancethreshold"),
        migrations.RunSQL(DISPUTE_TERMS, "DELETE FROM billing_disputeterms"),
        migrations.RunSQL(KEPT.format(**PAID), NOT_KEPT.format(**PAID)),
        migrations.RunSQL(KEPT.format(**BOOKED), NOT_KEPT.format(**BOOKED)),
        migrations.RunSQL(KEY.format(included=" INCLUDE (settlement_id)"), KEY.format(included="")),
    ]
