"""What is flagged until somebody decides otherwise: literals, so that later code changes nothing here."""

from django.db import migrations

FIRST = """
    INSERT INTO billing_variancethreshold (flag, is_active, percent_bp, amount_micros, count_min) VALUES
        ('total_swing', true, 1000, NULL, NULL),
        ('agent_swing', true, 2500, 100000000, NULL),
        ('zero_pay', true, NULL, NULL, NULL),
        ('new_agent', true, NULL, NULL, NULL),
        ('missing_agent', true, NULL, NULL, NULL),
        ('guardrail_hits', true, NULL, NULL, 1)"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_variance_of_pay_runs")]
    operations = [migrations.RunSQL(FIRST, "DELETE FROM billing_variancethreshold")]
