from django.db import migrations

# What was dated ahead of its arrival may never have been looked at again; the next look at what is due takes it up.
AWAIT = """
    INSERT INTO agents_awaitedcase (case_id, due_at)
    SELECT case_id, min(occurred_at) FROM agents_caseevent WHERE occurred_at > received_at GROUP BY case_id"""


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0007_cases_dated_ahead_are_folded_in_time"),
    ]

    operations = [
        migrations.RunSQL(sql=AWAIT, reverse_sql="DELETE FROM agents_awaitedcase"),
    ]
