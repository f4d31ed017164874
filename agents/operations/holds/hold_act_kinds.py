"""What each kind of act on what waits does, and how it is taken back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agents.models import HoldAct, SourceIdentity
from agents.operations.holds import held_things, replay_rows
from agents.operations.mappings import add_meanings, set_names
from agents.operations.mappings.set_names import Standing

Kind = HoldAct.Kind
Advance = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an act: what undoes it, the sentence, and the cases of which something changed."""

    before: dict[str, Any]
    message: str
    case_ids: Sequence[int] = ()


@dataclass(frozen=True, kw_only=True)
class ActKind:
    """What a kind of act is about, does, and how it is taken back.

    Args:
        about: kinds of things; anything else that was picked is left as it is, and said.
        undo: none for what came in by it: that is a record and stays. Only what was decided can be taken back.
        needs_reason: whether somebody has to say why.
    """

    about: tuple[str, ...]
    do: Callable[[HoldAct, datetime, Advance], Outcome]
    undo: Callable[[HoldAct, datetime], Outcome] | None = None
    needs_reason: bool = False


class UnableToTakeBack(Exception):
    """Somebody else decided about the same thing since."""


def _set_names(act: HoldAct, as_of: datetime, advance: Advance) -> Outcome:
    standing = Standing(agent_id=act.asked["agent_id"] if act.kind == Kind.MAP else None, is_system=act.kind == Kind.SYSTEM)
    report = set_names.set_names(standings=dict.fromkeys(act.asked["items"]["name"], standing), as_of=as_of)
    before = {str(pk): [stood.agent_id, stood.is_system] for pk, stood in report.before.items()}
    return Outcome(
        before={"names": before},
        message=f"{report.released_count:,} held resolutions were released. Pay follows within minutes.",
        case_ids=report.case_ids,
    )


def _undo_names(act: HoldAct, as_of: datetime) -> Outcome:
    before = {int(pk): Standing(agent_id=agent_id, is_system=is_system) for pk, (agent_id, is_system) in act.before["names"].items()}
    made = (act.asked["agent_id"] if act.kind == Kind.MAP else None, act.kind == Kind.SYSTEM)
    for row in SourceIdentity.objects.select_for_update().filter(pk__in=before).order_by("pk"):
        if (row.agent_id, row.is_system) != made:
            raise UnableToTakeBack(
                _("%(row)s was changed since, so taking this back would undo somebody else's decision; change it by itself.") % {"row": row}
            )
    report = set_names.set_names(standings=before, as_of=as_of)
    return Outcome(before={}, message=f"{report.opened_count:,} resolutions are held again.", case_ids=report.case_ids)


def _replay(act: HoldAct, as_of: datetime, advance: Advance) -> Outcome:
    held_ids = act.asked["items"]["row"]
    report = replay_rows.replay_rows(held_ids=held_ids, as_of=as_of, contract_code=act.asked["contract_code"], advance=advance)
    understood = held_things.replay_deliveries(delivery_ids=act.asked["items"].get("delivery", ()), as_of=as_of)
    let_in = len(report.released_ids) + understood.understood_count
    waiting = act.item_count - let_in
    still = f" {waiting:,} still wait: {' '.join((*report.still_held, *understood.still_kept)[:1])}" if waiting else ""
    return Outcome(before={"released": list(report.released_ids)}, message=f"{let_in:,} came in.{still}", case_ids=report.case_ids)


def _give_meanings(act: HoldAct, as_of: datetime, advance: Advance) -> Outcome:
    before, versions = [], []
    for source_id, meanings in _by_source(act.asked["meanings"]).items():
        report = add_meanings.add_meanings(source_id=source_id, meanings=meanings, note=f"{act.words}, by {act.actor}.")
        versions.append(report.number)
        before += [[source_id, target, value, meaning] for (target, value), meaning in report.before.items()]
    outcome = _replay(act, as_of, advance)
    told = ", ".join(str(number) for number in versions)
    return Outcome(
        before={**outcome.before, "meanings": before},
        message=f"Mapping version {told} says so. {outcome.message}",
        case_ids=outcome.case_ids,
    )


def _undo_meanings(act: HoldAct, as_of: datetime) -> Outcome:
    note, by_source = f"Undone: {act.words}.", _by_source(act.before["meanings"])
    made = [add_meanings.add_meanings(source_id=source, meanings=meanings, note=note).number for source, meanings in by_source.items()]
    told = ", ".join(str(number) for number in made)
    return Outcome(before={}, message=f"Mapping version {told} holds these values again. The rows that came in are records and stay.")


def _by_source(rows: Sequence[Sequence[Any]]) -> dict[int, dict[tuple[str, str], str | None]]:
    """Return the meanings of each source by target and value."""
    found: dict[int, dict[tuple[str, str], str | None]] = {}
    for source_id, target, value, meaning in rows:
        found.setdefault(source_id, {})[target, value] = meaning
    return found


def _release(act: HoldAct, as_of: datetime, advance: Advance) -> Outcome:
    released = held_things.release_holds(hold_ids=act.asked["items"]["resolution"], note=act.reason, as_of=as_of)
    left = act.item_count - len(released.ids)
    said = f" {left:,} had been released before." if left else ""
    return Outcome(before={"holds": list(released.ids)}, message=f"{len(released.ids):,} released.{said}", case_ids=released.case_ids)


def _undo_release(act: HoldAct, as_of: datetime) -> Outcome:
    opened = held_things.reopen_holds(hold_ids=act.before["holds"], note=act.reason, as_of=as_of)
    return Outcome(before={}, message=f"{len(opened.ids):,} are held again.", case_ids=opened.case_ids)


def _dismiss(act: HoldAct, as_of: datetime, advance: Advance) -> Outcome:
    items = act.asked["items"]
    gone = held_things.dismiss(row_ids=items["row"], delivery_ids=items["delivery"], note=act.reason, as_of=as_of)
    return Outcome(
        before={"rows": list(gone.row_ids), "deliveries": list(gone.delivery_ids)},
        message=f"{len(gone.row_ids) + len(gone.delivery_ids):,} dismissed. They stay dismissed when the same file comes again.",
        case_ids=gone.case_ids,
    )


def _undo_dismiss(act: HoldAct, as_of: datetime) -> Outcome:
    back = held_things.take_dismissal_back(row_ids=act.before["rows"], delivery_ids=act.before["deliveries"], note=act.reason, as_of=as_of)
    count = len(back.row_ids) + len(back.delivery_ids)
    return Outcome(before={}, message=f"{count:,} wait again.", case_ids=back.case_ids)


def _assign(act: HoldAct, as_of: datetime, advance: Advance) -> Outcome:
    before = held_things.assign(items=act.asked["items"], owner_id=act.asked["owner_id"])
    return Outcome(before={"owners": before}, message=f"{act.item_count:,} assigned.")


def _undo_assign(act: HoldAct, as_of: datetime) -> Outcome:
    held_things.assign_back(owners=act.before["owners"], from_owner_id=act.asked["owner_id"])
    return Outcome(before={}, message="They are with whoever had them before.")


KINDS: Mapping[str, ActKind] = {
    Kind.MAP: ActKind(about=("name",), do=_set_names, undo=_undo_names),
    Kind.SYSTEM: ActKind(about=("name",), do=_set_names, undo=_undo_names),
    Kind.MEAN: ActKind(about=("row",), do=_give_meanings, undo=_undo_meanings),
    Kind.CONTRACT: ActKind(about=("row",), do=_replay),
    Kind.RETRY: ActKind(about=("row", "delivery"), do=_replay),
    Kind.RELEASE: ActKind(about=("resolution",), do=_release, undo=_undo_release, needs_reason=True),
    Kind.DISMISS: ActKind(about=("row", "delivery"), do=_dismiss, undo=_undo_dismiss, needs_reason=True),
    Kind.ASSIGN: ActKind(about=("name", "resolution", "row", "delivery"), do=_assign, undo=_undo_assign),
}
