"""Every scheduled task leaves a record under its own name, also where there is nothing to do."""

import json

import pytest
from django_celery_beat.models import PeriodicTask

from agents.models import JobRun
from agents.queries import jobs
from ppr_portal.celery import app
from tests import factories


@pytest.mark.django_db
def test_every_scheduled_task_leaves_a_record(settings) -> None:
    settings.PPR_NOW = factories.NOON
    app.loader.import_default_modules()
    scheduled = list(PeriodicTask.objects.filter(task__regex=r"^(agents|billing|ppr_portal)\."))
    for row in scheduled:
        app.tasks[row.task].apply(kwargs=json.loads(row.kwargs), throw=True)

    recorded = set(JobRun.objects.filter(outcome="done").values_list("job", flat=True))
    assert {jobs.job_of(task=row) for row in scheduled} <= recorded
