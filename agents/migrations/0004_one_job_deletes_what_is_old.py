"""One job deletes what was kept long enough; the two that did parts of it beside it go."""

from django.db import migrations

GONE = ("agents.delete_old_uploads", "agents.delete_old_deliveries")


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(task__in=GONE).delete()


class Migration(migrations.Migration):
    # The second of the two schedules stands in the other app.
    dependencies = [("agents", "0003_cost_rates"), ("billing", "0002_first_schedules_and_thresholds")]
    operations = [migrations.RunPython(unschedule, migrations.RunPython.noop)]
