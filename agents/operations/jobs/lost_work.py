"""Find uploads and acts whose worker was lost, so that they can be started again; whoever still works holds a lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from agents.models import HoldAct, Upload
from agents.operations.jobs.session_lock import hold_lock

UPLOADS_OPEN = (Upload.State.WAITING, Upload.State.RUNNING)
ACTS_OPEN = (HoldAct.State.WAITING, HoldAct.State.RUNNING, HoldAct.State.UNDOING)
# What an upload waits for stands in its step.
TRY, IMPORT = "try", "import"


@dataclass(frozen=True, kw_only=True)
class LostUpload:
    """An upload that nobody works on, and whether it was only to be tried."""

    upload_id: int
    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class LostAct:
    """An act that nobody works on, and whether it was being undone."""

    act_id: int
    is_undoing: bool


@contextmanager
def work_on_upload(*, upload_id: int) -> Iterator[bool]:
    """Hold an upload while it is worked on; a connection that ends lets it go.

    Args:
        upload_id: the upload.

    Returns: whether it is ours; if not, somebody else is at work on it.
    """
    with hold_lock(kind="ppr_upload", number=upload_id) as is_ours:
        yield is_ours


def list_lost_uploads() -> tuple[LostUpload, ...]:
    """Return the uploads that wait or run with nobody at work on them; one that only stands in the queue may be among them."""
    found: list[LostUpload] = []
    for pk, step in Upload.objects.filter(state__in=UPLOADS_OPEN).order_by("pk").values_list("pk", "step"):
        with work_on_upload(upload_id=pk) as is_free:
            if is_free:
                found.append(LostUpload(upload_id=pk, dry_run=step != IMPORT))
    return tuple(found)


def list_lost_acts() -> tuple[LostAct, ...]:
    """Return the acts that wait or run with nobody at work on them; whoever works on one holds its row."""
    with transaction.atomic():
        free = HoldAct.objects.select_for_update(skip_locked=True).filter(state__in=ACTS_OPEN).order_by("pk")
        return tuple(LostAct(act_id=act.pk, is_undoing=act.state == HoldAct.State.UNDOING) for act in free)
