"""Large acts are undone by a worker, and what a lost worker left is taken up again."""

from django.db import migrations, models

NAME = "Take up lost work"


def schedule(apps, schema_editor):
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(every=5, period="minutes")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "ppr_portal.take_up_lost_work",
            "description": "Starts uploads and acts on held things again whose worker was lost.",
            "interval": interval,
        },
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("agents", "0004_one_job_deletes_what_is_old")]
    operations = [
        migrations.AlterField(
            model_name="holdact",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting for a worker"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed; nothing changed"),
                    ("undoing", "Being undone"),
                    ("undone", "Undone"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
        migrations.RunPython(schedule, unschedule),
    ]
