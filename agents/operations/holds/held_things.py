"""Release, dismiss and assign what waits, set-based, and take that back. Called inside one act's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from agents.models import Case, HeldRow, Hold, RawDelivery, SourceIdentity
from agents.operations.deliveries import receive_hook
from agents.operations.holds import holds
from agents.operations.resolutions import resolve_cases

DISMISSED_WITHOUT_WORDS = "Dismissed."


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Which holds were released or opened, and the cases that they are about."""

    ids: tuple[int, ...]
    case_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Dismissed:
    """Which rows and deliveries changed sides, and the cases that they are about."""

    row_ids: tuple[int, ...]
    delivery_ids: tuple[int, ...]
    case_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Understood:
    """How many deliveries were understood at last, and what is still wrong with the others."""

    understood_count: int
    still_kept: tuple[str, ...]


def release_holds(*, hold_ids: Collection[int], note: str, as_of: datetime) -> Moved:
    """Release holds although their reasons still stand; those released already stay as they are.

    Args:
        hold_ids: which.
        note: why, in the person's words.
        as_of: business instant.
    """
    found = list(Hold.objects.select_for_update(of=("self",)).filter(pk__in=list(hold_ids), released_at=None).order_by("pk"))
    ids = tuple(hold.pk for hold in found)
    Hold.objects.filter(pk__in=ids).update(released_at=as_of, release_note=note)
    return Moved(ids=ids, case_ids=_cases_of_holds(ids))


def reopen_holds(*, hold_ids: Collection[int], note: str, as_of: datetime) -> Moved:
    """Hold again what a person released; one that was opened anew since, or released for another reason, stays as it is.

    Args:
        hold_ids: which.
        note: the note that they were released with.
        as_of: business instant; a hold whose reason is gone by now is released again.
    """
    closed = Hold.objects.select_for_update(of=("self",)).filter(pk__in=list(hold_ids), released_at__isnull=False, release_note=note)
    open_now = set(Hold.objects.filter(resolution__in=closed.values("resolution"), released_at=None).values_list("resolution_id", "reason"))
    ids = tuple(hold.pk for hold in closed.order_by("pk") if (hold.resolution_id, hold.reason) not in open_now)
    Hold.objects.filter(pk__in=ids).update(released_at=None, release_note="", expires_at=as_of + holds.EXPIRES_AFTER)
    case_ids = _cases_of_holds(ids)
    if case_ids:
        resolve_cases.resolve_cases(as_of=as_of, case_ids=case_ids)
    return Moved(ids=ids, case_ids=case_ids)


def dismiss(*, row_ids: Collection[int], delivery_ids: Collection[int], note: str, as_of: datetime) -> Dismissed:
    """Dismiss held rows and deliveries: nobody needs them, and they stay dismissed when they come again.

    Args:
        row_ids: held rows.
        delivery_ids: deliveries that were not understood.
        note: why, in the person's words.
        as_of: business instant.
    """
    words = note or DISMISSED_WITHOUT_WORDS
    rows = tuple(HeldRow.objects.filter(pk__in=list(row_ids), released_at=None).order_by("pk").values_list("pk", flat=True))
    deliveries = tuple(RawDelivery.objects.filter(pk__in=list(delivery_ids), released_at=None).order_by("pk").values_list("pk", flat=True))
    HeldRow.objects.filter(pk__in=rows).update(released_at=as_of, release_note=words)
    RawDelivery.objects.filter(pk__in=deliveries).update(released_at=as_of, release_note=words)
    return Dismissed(row_ids=rows, delivery_ids=deliveries, case_ids=_fold_cases_of_rows(rows, as_of))


def take_dismissal_back(*, row_ids: Collection[int], delivery_ids: Collection[int], note: str, as_of: datetime) -> Dismissed:
    """Let rows and deliveries wait again that were dismissed with a note.

    Args:
        row_ids: held rows.
        delivery_ids: deliveries.
        note: the note that they were dismissed with.
        as_of: business instant.
    """
    words = note or DISMISSED_WITHOUT_WORDS
    rows = tuple(HeldRow.objects.filter(pk__in=list(row_ids), release_note=words).order_by("pk").values_list("pk", flat=True))
    deliveries = tuple(
        RawDelivery.objects.filter(pk__in=list(delivery_ids), release_note=words).order_by("pk").values_list("pk", flat=True)
    )
    HeldRow.objects.filter(pk__in=rows).update(released_at=None, release_note="")
    RawDelivery.objects.filter(pk__in=deliveries).update(released_at=None, release_note="")
    return Dismissed(row_ids=rows, delivery_ids=deliveries, case_ids=_fold_cases_of_rows(rows, as_of))


def replay_deliveries(*, delivery_ids: Collection[int], as_of: datetime) -> Understood:
    """Read deliveries again that were not understood when they came.

    Args:
        delivery_ids: which.
        as_of: business instant.

    Returns: how many are understood now. What a delivery said only in its head is not kept, so some stay as they are.
    """
    understood, still = 0, []
    for kept in RawDelivery.objects.filter(pk__in=list(delivery_ids), released_at=None).select_related("source").order_by("pk"):
        report = receive_hook.receive_hook(
            source=kept.source,
            vendor=kept.vendor,
            headers=None,
            body=bytes(kept.body),
            content_type=kept.content_type,
            received_at=as_of,
            arrived_at=min(as_of, kept.first_received_at),
        )
        if report.kept_reason:
            # Trying again is no delivery, which is what the count tells.
            RawDelivery.objects.filter(pk=kept.pk).update(delivery_count=F("delivery_count") - 1, last_received_at=kept.last_received_at)
            still.append(report.kept_message)
        else:
            RawDelivery.objects.filter(pk=kept.pk).update(released_at=as_of, release_note="Understood when it was tried again.")
            understood += 1
    return Understood(understood_count=understood, still_kept=tuple(dict.fromkeys(still)))


def assign(*, items: Mapping[str, Sequence[int]], owner_id: int | None) -> dict[str, list[list[int | None]]]:
    """Give things an owner, or take them off their owner.

    Args:
        items: ids by kind: name (its open holds get the owner), resolution, row, delivery.
        owner_id: who, or None.

    Returns: by kind of row, each id with its owner before.
    """
    names = list(items.get("name", ()))
    known = SourceIdentity.objects.filter(pk__in=names).values("pk")
    of_names = Hold.objects.filter(released_at=None, reason=holds.UNMAPPED_IDENTITY, resolution__identity__in=known)
    hold_ids = {*items.get("resolution", ()), *of_names.values_list("pk", flat=True)}
    before: dict[str, list[list[int | None]]] = {}
    for kind, rows in (
        ("hold", Hold.objects.filter(pk__in=hold_ids, released_at=None)),
        ("row", HeldRow.objects.filter(pk__in=items.get("row", ()), released_at=None)),
        ("delivery", RawDelivery.objects.filter(pk__in=items.get("delivery", ()), released_at=None)),
    ):
        before[kind] = [[pk, owner] for pk, owner in rows.order_by("pk").values_list("pk", "owner_id")]
        rows.update(owner=owner_id)
    return before


def assign_back(*, owners: Mapping[str, Sequence[Sequence[int | None]]], from_owner_id: int | None) -> None:
    """Give things back to whoever had them; what somebody else took over since stays theirs.

    Args:
        owners: as `assign` returned it.
        from_owner_id: who has them now.
    """
    for kind, model in (("hold", Hold), ("row", HeldRow), ("delivery", RawDelivery)):
        by_owner: dict[int | None, list[int]] = {}
        for pk, owner in owners.get(kind, ()):
            by_owner.setdefault(owner, []).append(pk or 0)
        for owner, ids in by_owner.items():
            model._default_manager.filter(pk__in=ids, owner=from_owner_id).update(owner=owner)


def _cases_of_holds(hold_ids: Collection[int]) -> tuple[int, ...]:
    return tuple(Hold.objects.filter(pk__in=hold_ids).order_by().values_list("resolution__case_id", flat=True).distinct())


def _fold_cases_of_rows(row_ids: Collection[int], as_of: datetime) -> tuple[int, ...]:
    """Fold the cases that wait, or no longer wait, for these rows."""
    keys: dict[int, set[str]] = {}
    for source_id, case_key in HeldRow.objects.filter(pk__in=row_ids).exclude(case_key="").values_list("source_id", "case_key"):
        keys.setdefault(source_id, set()).add(case_key)
    found: set[int] = set()
    for source_id, names in keys.items():
        found.update(Case.objects.filter(source=source_id, key__in=names).values_list("pk", flat=True))
    if found:
        resolve_cases.resolve_cases(as_of=as_of, case_ids=sorted(found))
    return tuple(sorted(found))
