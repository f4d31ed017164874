"""Work that crosses the apps: what a delivery changed goes on into resolutions and pay."""

import logging
from contextlib import suppress
from datetime import date, datetime

from celery import shared_task
from django.core.cache import cache
from django.utils import translation

from agents.operations.holds import hold_acts
from agents.operations.imports import run_upload
from agents.operations.jobs import lost_work
from agents.operations.jobs.run_job import JobResult, Skipped, run_job
from agents.operations.people import tell_due
from agents.operations.resolutions import fold_changed_cases
from agents.recorded_tasks import recorded
from billing.operations import book_resolutions, draft_invoices, recognize_revenue, refresh_changed
from contracts import clock
from contracts.models import ContractVersion
from ppr_portal import invoice_papers, notification_mail, statement_mail
from ppr_portal.pages.trials import simulator_kept

LOG = logging.getLogger(__name__)

PROGRESS_SECONDS = 3600
# Says that somebody asked for the task since it last looked. Should its task be lost, the wish ends, and the schedule comes.
ASKED, ASKED_SECONDS = "take_up_changes:asked", 20
# Deliveries of this long are taken up together.
GATHER_SECONDS = 0.3
COME_AGAIN_SECONDS = 1.0


def ask_to_take_up() -> None:
    """Start the task after a delivery, unless one is asked for already that has not looked yet."""
    if cache.add(ASKED, 1, ASKED_SECONDS):
        take_up_changes.apply_async(countdown=GATHER_SECONDS)


@shared_task(name="ppr_portal.take_up_changes")
def take_up_changes() -> None:
    """Fold the changed cases and refresh the pay of their agents.

    It works on all that came since it last looked, so that many small deliveries cost no more than one. Only one works at a
    time; a copy that finds another at work comes again, for that one may have looked before what this one was asked for.
    """
    try:
        with run_job(job="take_up_changes", as_of=clock.now(), records_skips=False) as result:
            cache.delete(ASKED)
            while _work_off(result):
                pass
    except Skipped:
        take_up_changes.apply_async(countdown=COME_AGAIN_SECONDS)


def _work_off(result: JobResult) -> bool:
    """Work off what is there, and say whether more may be left."""
    as_of = clock.now()
    folded_count = fold_changed_cases.fold_changed_cases(as_of=as_of)
    report = refresh_changed.refresh_changed(as_of=as_of)
    result.seen_count, result.changed_count = result.seen_count + report.agent_count, result.changed_count + report.changed_count
    for message in report.failures:
        LOG.error("Not accrued: %s", message)
        result.message = f"{result.message} {message}".strip()
    return folded_count >= fold_changed_cases.CASES_PER_FOLD or report.case_count >= refresh_changed.NOTES_AT_ONCE


@shared_task(name="ppr_portal.refresh_invoices")
@recorded(job="refresh_invoices")
def refresh_invoices(result: JobResult, as_of: datetime) -> None:
    """Book what became payable, write the drafts of every contract anew, post revenue that was earned, and issue files that are missing."""
    book_resolutions.book_resolutions(as_of=as_of)
    report = draft_invoices.refresh_drafts(as_of=as_of)
    posted = recognize_revenue.recognize_revenue(on=as_of.date(), posted_at=as_of)
    issued = invoice_papers.issue_missing()
    result.seen_count, result.changed_count = report.written + report.unchanged, report.written
    result.message = f"{report.written} drafts written, {posted} clients with new revenue, {issued} PDF files issued."
    for message in report.failures:
        LOG.error("Draft not written: %s", message)
        result.message = f"{result.message} {message}"


@shared_task(name="ppr_portal.send_statement_notices")
@recorded(job="send_statement_notices")
def send_statement_notices(result: JobResult, as_of: datetime) -> None:
    """Tell agents that their statement is ready; what a lost task or a mail server left is sent by the next one."""
    while sent_count := statement_mail.send_notices():
        result.seen_count = result.changed_count = result.changed_count + sent_count


@shared_task(name="ppr_portal.send_notification_mails")
@recorded(job="send_notification_mails")
def send_notification_mails(result: JobResult, as_of: datetime) -> None:
    """Send what people want to hear of at once; what a lost task or a mail server left is sent by the next one."""
    _tell(result, notification_mail.send_mails())


@shared_task(name="ppr_portal.send_notification_digests")
@recorded(job="send_notification_digests")
def send_notification_digests(result: JobResult, as_of: datetime) -> None:
    """Tell what comes due, and send the daily mail to everybody whose morning it is."""
    tell_due.tell_due(as_of=as_of)
    _tell(result, notification_mail.send_digests(as_of=as_of))


@shared_task(name="ppr_portal.simulate")
def simulate(name: str, version_id: int, months: list[str], against_id: int | None, *, with_knobs: bool, language: str | None) -> None:
    """Work out a simulation that somebody watches, in their language; nothing is written."""
    versions = ContractVersion.objects.select_related("contract__client")
    question = simulator_kept.Question(
        version=versions.get(pk=version_id),
        months=[date.fromisoformat(month) for month in months],
        against=None if against_id is None else versions.get(pk=against_id),
        with_knobs=with_knobs,
    )
    as_of, job = clock.now(), f"simulation {version_id} {name[-12:]}"
    with suppress(Skipped), run_job(job=job, as_of=as_of, records_skips=False), translation.override(language):
        simulator_kept.work_out(question=question, as_of=as_of)


@shared_task(name="ppr_portal.carry_out_hold_act")
def carry_out_hold_act(act_id: int) -> None:
    """Do what somebody asked for on many held things, and let pay follow."""

    def advance(done: int) -> None:
        cache.set(_progress_key(act_id), done, PROGRESS_SECONDS)

    hold_acts.carry_out_act(act_id=act_id, as_of=clock.now(), advance=advance)
    take_up_changes()


@shared_task(name="ppr_portal.take_hold_act_back")
def take_hold_act_back(act_id: int) -> None:
    """Take back what somebody did to many held things, and let pay follow."""
    cache.delete(_progress_key(act_id))
    hold_acts.carry_out_undo(act_id=act_id, as_of=clock.now())
    take_up_changes()


@shared_task(name="ppr_portal.take_up_lost_work")
@recorded(job="take_up_lost_work")
def take_up_lost_work(result: JobResult, as_of: datetime) -> None:
    """Start uploads and acts again whose worker was lost; one that is only slow to come is done once all the same."""
    uploads, acts = lost_work.list_lost_uploads(), lost_work.list_lost_acts()
    result.seen_count = result.changed_count = len(uploads) + len(acts)
    for upload in uploads:
        read_upload.delay(upload_id=upload.upload_id, dry_run=upload.dry_run)
    for act in acts:
        task = take_hold_act_back if act.is_undoing else carry_out_hold_act
        task.delay(act_id=act.act_id)


def _tell(result: JobResult, report: notification_mail.MailReport) -> None:
    result.seen_count, result.changed_count = report.sent_count + report.failed_count, report.sent_count
    result.message = f"{report.sent_count} mails sent, {report.failed_count} refused and tried again."


def act_progress(*, act_id: int) -> int:
    """Return how many things of an act are done, as far as a page can know before it is committed."""
    return int(cache.get(_progress_key(act_id), 0))


@shared_task(name="ppr_portal.run_upload")
def read_upload(upload_id: int, *, dry_run: bool) -> None:
    """Try or import an uploaded file, and let pay follow."""

    def advance(step: str, done: int, total: int) -> None:
        cache.set(f"upload-{upload_id}", (step, done, total), PROGRESS_SECONDS)

    run_upload.run_upload(upload_id=upload_id, dry_run=dry_run, as_of=clock.now(), advance=advance)
    if not dry_run:
        take_up_changes()


def upload_progress(*, upload_id: int) -> tuple[str, int, int]:
    """Return what is being done with an upload, and how far it is."""
    step, done, total = cache.get(f"upload-{upload_id}", ("", 0, 1))
    return str(step), int(done), max(int(total), 1)


def _progress_key(act_id: int) -> str:
    return f"hold-act-{act_id}"
