"""Uploads and acts whose worker was lost are started again, once; those that somebody works on are left alone."""

import pathlib
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from agents import models as work
from agents.operations.holds import hold_acts
from agents.operations.holds.hold_acts import Wish
from agents.operations.imports import run_upload
from agents.operations.jobs import lost_work, session_lock
from ppr_portal import tasks
from tests import factories
from tests.agents import desk
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import NOW, Company

ROWS = (desk.row("C-1", "New", "1 08:00"), desk.row("C-1", "Resolved", "2 09:00", 1))


@pytest.fixture
def upload(company: Company, tmp_path: pathlib.Path, settings: Any) -> work.Upload:
    settings.MEDIA_ROOT = tmp_path
    work.Source.objects.filter(code=desk.SOURCE).update(code="desk-before")
    return intake_pages.make_upload(company, desk.make_desk(), name="export.csv", content=desk.text_of(ROWS).encode())


@pytest.mark.parametrize(("dry_run", "end"), [(True, "checked"), (False, "imported")])
@pytest.mark.parametrize("state", ["waiting", "running"])
def test_an_upload_whose_worker_was_lost_is_read_after_all(upload: work.Upload, state: str, dry_run: bool, end: str) -> None:
    run_upload.ask_run(upload_id=upload.pk, dry_run=dry_run)
    work.Upload.objects.update(state=state)

    tasks.take_up_lost_work()

    upload.refresh_from_db()
    assert upload.state == end
    assert work.CaseEvent.objects.filter(source=upload.source).exists() is not dry_run
    tasks.take_up_lost_work()
    assert work.ImportRun.objects.filter(source=upload.source).count() == (0 if dry_run else 1)
    assert [run.changed_count for run in work.JobRun.objects.filter(job="take_up_lost_work").order_by("pk")] == [1, 0]


def test_an_upload_that_somebody_reads_is_left_alone(upload: work.Upload) -> None:
    run_upload.ask_run(upload_id=upload.pk, dry_run=False)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(session_lock.TAKE, {"kind": "ppr_upload", "number": upload.pk, "name": ""})
            assert lost_work.list_lost_uploads() == ()
            assert run_upload.run_upload(upload_id=upload.pk, dry_run=False, as_of=NOW).state == "waiting"
            # A closed connection lets go when its server gets to it; this lets go now.
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert [lost.upload_id for lost in lost_work.list_lost_uploads()] == [upload.pk]


def _dismiss(company: Company, count: int) -> work.HoldAct:
    intake_pages.make_run(factories.make_source(), held=count)
    items = {"row": list(work.HeldRow.objects.values_list("pk", flat=True))}
    wish = Wish(kind=work.HoldAct.Kind.DISMISS, items=items, reason="A test file.")
    return hold_acts.request_act(wish=wish, actor=company.admin, as_of=NOW)


def test_an_act_whose_worker_was_lost_is_carried_out_and_undone_after_all(company: Company) -> None:
    act = _dismiss(company, 3)
    work.HoldAct.objects.update(state="running")
    tasks.take_up_lost_work()
    act.refresh_from_db()
    assert (act.state, work.HeldRow.objects.filter(released_at=None).count()) == ("done", 0)

    hold_acts.request_undo(act_id=act.pk, person=company.admin)
    tasks.take_up_lost_work()
    act.refresh_from_db()
    assert (act.state, work.HeldRow.objects.filter(released_at=None).count()) == ("undone", 3)


def test_a_large_act_is_undone_by_a_worker_and_the_page_follows(company: Company, client: Client) -> None:
    client.force_login(company.admin)
    act = hold_acts.carry_out_act(act_id=_dismiss(company, 40).pk, as_of=NOW)
    hold_acts.request_undo(act_id=act.pk, person=company.admin)
    page = client.get(reverse("hold_act", args=[act.pk])).content.decode()
    assert "Being undone" in page
    assert "hx-trigger" in page
    assert client.post(reverse("hold_act_undoing", args=[act.pk]), follow=True).content.decode().count("is being undone") == 1

    tasks.take_hold_act_back(act_id=act.pk)
    assert "Taken back by Sam Whitaker" in client.get(reverse("hold_act", args=[act.pk])).content.decode()
    assert work.HeldRow.objects.filter(released_at=None).count() == 40


def test_an_undo_that_is_refused_leaves_the_act_done_and_says_why(company: Company, client: Client) -> None:
    client.force_login(company.admin)
    name = work.SourceIdentity.objects.create(source=factories.make_source(), space="resolver", value="Resolver  9")
    wish = Wish(kind=work.HoldAct.Kind.MAP, items={"name": [name.pk]}, agent_id=company.agent.pk)
    act = hold_acts.request_act(wish=wish, actor=company.admin, as_of=NOW)
    hold_acts.carry_out_act(act_id=act.pk, as_of=NOW)
    work.SourceIdentity.objects.filter(pk=name.pk).update(agent=company.colleague)

    for _ in range(2):
        page = client.post(reverse("hold_act_undoing", args=[act.pk]), follow=True).content.decode()
    act.refresh_from_db()
    assert (act.state, act.undone_by) == ("done", None)
    assert act.message.count("It was not taken back") == 1
    assert "was changed since" in page


@pytest.mark.django_db
def test_the_schedule_names_the_job_and_only_retention_deletes() -> None:
    tasks_scheduled = set(PeriodicTask.objects.values_list("task", flat=True))
    assert "ppr_portal.take_up_lost_work" in tasks_scheduled
    deleting = {task for task in tasks_scheduled if "delete" in task or "retention" in task}
    assert deleting == {"agents.apply_retention", "billing.delete_old_pay_reads"}
