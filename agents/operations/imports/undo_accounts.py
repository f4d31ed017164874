"""Take an import of account data back: every account month is again what it was before it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import AccountMonth, HeldRow, ImportRun, Source, User
from agents.operations import history
from agents.operations.imports.import_accounts import AT_ONCE, TOLD

Event: Any = AccountMonth.pgh_event_model  # type: ignore[attr-defined]


class UnableToUndo(Exception):
    """An import that is no account data, was taken back before, or was followed by another that told the same rows."""


def undo_accounts(*, run_id: int, person: User, as_of: datetime) -> ImportRun:
    """Take an import of accounts back as a whole, in one transaction; rows that it let in wait again, and those that it held do not.

    Args:
        run_id: an import of account data.
        person: who takes it back.
        as_of: business instant.

    Returns: the import, taken back.
    Raises: UnableToUndo with one sentence; nothing is changed then.
    Source: design.md section 11, "missing data is held with a reason and counted"; docs/value.md.
    """
    with history.act(name="undo_accounts", as_of=as_of):
        run = ImportRun.objects.select_related("source").get(pk=run_id)
        # As imports do, so that none of this source comes between reading and writing.
        Source.objects.select_for_update(no_key=True).get(pk=run.source_id)
        run.refresh_from_db()
        if run.origin != ImportRun.Origin.ACCOUNTS:
            raise UnableToUndo(_("%(file)s tells of cases; what it brought stays, as every event does.") % {"file": run.file_name})
        if run.undone_at is not None:
            raise UnableToUndo(_("%(file)s was taken back already.") % {"file": run.file_name})
        told = set(Event.objects.filter(run=run).values_list("pgh_obj_id", flat=True))
        _refuse_told_later(run, told)
        _restore(run, _before(run, told))
        _hold_again(run, as_of)
        run.undone_at, run.undone_by = as_of, person
        run.save(update_fields=["undone_at", "undone_by"])
    return run


def _refuse_told_later(run: ImportRun, told: Collection[int]) -> None:
    later = AccountMonth.objects.filter(pk__in=told).exclude(run=run).select_related("run").order_by("-run_id").first()
    if later is None:
        return
    count = AccountMonth.objects.filter(pk__in=told).exclude(run=run).count()
    words = ngettext(
        "%(later)s came after %(file)s and told %(count)s row of it too; take that one back first.",
        "%(later)s came after %(file)s and told %(count)s rows of it too; take that one back first.",
        count,
    )
    raise UnableToUndo(words % {"later": later.run.file_name, "file": run.file_name, "count": f"{count:,}"})


def _before(run: ImportRun, told: Collection[int]) -> dict[int, Mapping[str, Any] | None]:
    """Return what each row that an import wrote was before it; None for one that it brought."""
    found: dict[int, Mapping[str, Any] | None] = dict.fromkeys(told)
    is_past: set[int] = set()
    for event in Event.objects.filter(pgh_obj_id__in=told).order_by("pgh_id").values("pgh_obj_id", "run_id", *TOLD):
        pk = event["pgh_obj_id"]
        if event["run_id"] == run.pk:
            is_past.add(pk)
        elif pk not in is_past:
            found[pk] = event
    return found


def _restore(run: ImportRun, before: Mapping[int, Mapping[str, Any] | None]) -> None:
    changed = []
    for row in AccountMonth.objects.filter(run=run, pk__in=[pk for pk, was in before.items() if was is not None]):
        was = before[row.pk] or {}
        for name in (*TOLD, "run_id"):
            setattr(row, name, was[name])
        changed.append(row)
    AccountMonth.objects.bulk_update(changed, fields=[*TOLD, "run"], batch_size=AT_ONCE)
    AccountMonth.objects.filter(run=run, pk__in=[pk for pk, was in before.items() if was is None]).delete()


def _hold_again(run: ImportRun, as_of: datetime) -> None:
    """Let rows wait again that the import let in; what it held itself is no longer waited for."""
    waiting = HeldRow.objects.filter(source=run.source_id, run__origin=ImportRun.Origin.ACCOUNTS, release_note="")
    first = Event.objects.filter(run=run).select_related("pgh_context").order_by("pgh_id").first()
    if first is not None and first.pgh_context is not None:
        waiting.filter(released_at=datetime.fromisoformat(first.pgh_context.metadata["as_of"])).exclude(run=run).update(released_at=None)
    waiting.filter(run=run, released_at=None).update(released_at=as_of)
