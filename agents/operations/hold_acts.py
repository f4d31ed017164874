"""Acts of people on what waits: asked for, carried out as a whole, and taken back as a whole; each with its actor."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport
from agents.models import Agent, ChangedCase, HoldAct, SourceIdentity, User
from agents.operations import add_meanings, held_things, history, replay_rows, set_names
from agents.operations.add_meanings import UnableToAddMeaning
from agents.operations.map_identity import UnableToMap
from agents.operations.set_names import Standing
from contracts.models import Contract

Kind = HoldAct.Kind
# Which kinds of things an act is about; anything else that was picked is left as it is, and said.
ABOUT: Mapping[str, tuple[str, ...]] = {
    Kind.MAP: ("name",),
    Kind.SYSTEM: ("name",),
    Kind.MEAN: ("row",),
    Kind.CONTRACT: ("row",),
    Kind.RETRY: ("row", "delivery"),
    Kind.RELEASE: ("resolution",),
    Kind.DISMISS: ("row", "delivery"),
    Kind.ASSIGN: ("name", "resolution", "row", "delivery"),
}
NEEDS_REASON = (Kind.RELEASE, Kind.DISMISS)
# What came in is a record and stays; only what was decided about it can be taken back.
UNDONE_NEVER = (Kind.RETRY, Kind.CONTRACT)
REFUSALS = (UnableToMap, UnableToAddMeaning, UnableToImport)
STOPPED = "It stopped for a reason of ours, and nothing changed. Ask for it again; if it stops again, tell whoever runs the portal."
NOT_UNDONE = "It was not taken back:"

Items = Mapping[str, Sequence[int]]
Advance = Callable[[int], None]


class UnableToAct(Exception):
    """An act cannot be carried out or taken back; nothing changed."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants done: with which things, and what was chosen for them."""

    kind: str
    items: Items
    reason: str = ""
    agent_id: int | None = None
    owner_id: int | None = None
    contract_code: str = ""
    meanings: tuple[tuple[int, str, str, str], ...] = ()
    amounts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    """What came of an act: what undoes it, the sentence, and the cases of which something changed."""

    before: dict[str, Any]
    message: str
    case_ids: Sequence[int] = ()


def request_act(*, wish: Wish, actor: User, as_of: datetime) -> HoldAct:
    """Write down what somebody wants done, before it is done.

    Args:
        wish: what, with which things.
        actor: who wants it.
        as_of: business instant.

    Returns: the act, waiting to be carried out.
    Raises: UnableToAct if nothing of what was picked fits the act, or what it needs is missing.
    """
    items = {kind: sorted(set(wish.items.get(kind, ()))) for kind in ABOUT[wish.kind]}
    count = sum(len(ids) for ids in items.values())
    if not count:
        raise UnableToAct(
            _('Nothing of what was picked can be handled by "%(lower)s"; pick other things or another act.')
            % {"lower": Kind(wish.kind).label.lower()}
        )
    if wish.kind in NEEDS_REASON and not wish.reason.strip():
        raise UnableToAct(_("Say why in words; whoever asks later reads it."))
    if wish.kind == Kind.MAP and not Agent.objects.filter(pk=wish.agent_id or 0).exists():
        raise UnableToAct(_("Choose the agent that the name stands for."))
    if wish.kind == Kind.CONTRACT and not Contract.objects.filter(code=wish.contract_code).exists():
        raise UnableToAct(_("Choose the contract."))
    if wish.kind == Kind.MEAN and not wish.meanings:
        raise UnableToAct(_("Choose what at least one of the values means."))
    if wish.kind == Kind.ASSIGN and wish.owner_id is not None and not User.objects.filter(pk=wish.owner_id, is_active=True).exists():
        raise UnableToAct(_("Choose somebody who can sign in."))
    return HoldAct.objects.create(
        kind=wish.kind,
        actor=actor,
        reason=wish.reason.strip(),
        words=_words(wish, items, count),
        asked={
            "items": items,
            "agent_id": wish.agent_id,
            "owner_id": wish.owner_id,
            "contract_code": wish.contract_code,
            "meanings": [list(meaning) for meaning in wish.meanings],
        },
        amounts=dict(wish.amounts),
        item_count=count,
        asked_at=as_of,
    )


def carry_out_act(*, act_id: int, as_of: datetime, advance: Advance = lambda done: None) -> HoldAct:
    """Do what was asked for, in one transaction; a second call changes nothing.

    Args:
        act_id: the act.
        as_of: business instant.
        advance: called with how many things are done.

    Returns: the act, done or failed with a sentence.
    """
    HoldAct.objects.filter(pk=act_id, state=HoldAct.State.WAITING).update(state=HoldAct.State.RUNNING)
    try:
        with history.act(name="carry_out_act", as_of=as_of):
            act = HoldAct.objects.select_for_update().get(pk=act_id)
            if act.state != HoldAct.State.RUNNING:
                return act
            outcome = HANDLERS[act.kind](act, as_of, advance)
            _note_changed(outcome.case_ids)
            act.state, act.before, act.message = HoldAct.State.DONE, outcome.before, outcome.message
            act.done_count, act.finished_at = act.item_count, timezone.now()
            act.save()
    except REFUSALS as refusal:
        act = HoldAct.objects.get(pk=act_id)
        act.state, act.message, act.finished_at = HoldAct.State.FAILED, str(refusal), timezone.now()
        act.save()
    except Exception:
        stopped = HoldAct.objects.filter(pk=act_id, state=HoldAct.State.RUNNING)
        stopped.update(state=HoldAct.State.FAILED, message=STOPPED, finished_at=timezone.now())
        raise
    return act


def undo_act(*, act_id: int, person: User, as_of: datetime) -> HoldAct:
    """Take an act back as a whole, at once.

    Args:
        act_id: the act.
        person: who takes it back.
        as_of: business instant.

    Returns: the act, undone.
    Raises: UnableToAct if it is not done, was undone before, or something was changed since by somebody else.
    """
    request_undo(act_id=act_id, person=person)
    act = carry_out_undo(act_id=act_id, as_of=as_of)
    if act.state != HoldAct.State.UNDONE:
        raise UnableToAct(act.message.partition(f"{NOT_UNDONE} ")[2])
    return act


@transaction.atomic
def request_undo(*, act_id: int, person: User) -> HoldAct:
    """Write down that somebody wants an act taken back, before it is.

    Args:
        act_id: the act.
        person: who takes it back.

    Returns: the act, being undone.
    Raises: UnableToAct if it is not done, was undone before, or never can be.
    """
    act = HoldAct.objects.select_for_update().get(pk=act_id)
    if act.state != HoldAct.State.DONE:
        raise UnableToAct(
            _("%(words)s is %(lower)s, so there is nothing to take back.") % {"words": act.words, "lower": act.get_state_display().lower()}
        )
    if act.kind not in UNDOERS:
        raise UnableToAct(_("What came in by trying again is a record and stays; correct the case in its source instead."))
    act.state, act.undone_by = HoldAct.State.UNDOING, person
    act.save()
    return act


def carry_out_undo(*, act_id: int, as_of: datetime) -> HoldAct:
    """Take an act back as a whole that is being undone, in one transaction; a second call changes nothing.

    Args:
        act_id: the act.
        as_of: business instant.

    Returns: the act, undone; or done as before, with the reason in its message.
    """
    try:
        with history.act(name="undo_act", as_of=as_of):
            act = HoldAct.objects.select_for_update().get(pk=act_id)
            if act.state != HoldAct.State.UNDOING:
                return act
            outcome = UNDOERS[act.kind](act, as_of)
            _note_changed(outcome.case_ids)
            act.state, act.message, act.undone_at = HoldAct.State.UNDONE, outcome.message, as_of
            act.save()
    except (*REFUSALS, UnableToAct) as refusal:
        act = _stay_done(act_id, str(refusal))
    except Exception:
        _stay_done(act_id, STOPPED)
        raise
    return act


def _stay_done(act_id: int, reason: str) -> HoldAct:
    act = HoldAct.objects.get(pk=act_id)
    told = act.message.partition(f" {NOT_UNDONE}")[0]
    act.state, act.undone_by, act.message = HoldAct.State.DONE, None, f"{told} {NOT_UNDONE} {reason}"
    act.save()
    return act


def is_undoable(*, act: HoldAct) -> bool:
    """Tell whether an act can be taken back."""
    return act.state == HoldAct.State.DONE and act.kind in UNDOERS


def _words(wish: Wish, items: Items, count: int) -> str:
    things = _things(items, count)
    if wish.kind == Kind.MAP:
        return f"Map {things} to {Agent.objects.get(pk=wish.agent_id or 0)}"
    if wish.kind == Kind.CONTRACT:
        return f"Let {things} fall under {Contract.objects.get(code=wish.contract_code)}"
    if wish.kind == Kind.MEAN:
        told = ", ".join(f'"{value}" means {meaning}' for _space, _target, value, meaning in wish.meanings[:3])
        return f"{told}{' and more' if len(wish.meanings) > 3 else ''}; try {things} again"
    if wish.kind == Kind.ASSIGN:
        return f"Assign {things} to {User.objects.get(pk=wish.owner_id)}" if wish.owner_id else f"Take {things} off their owner"
    verb = {Kind.SYSTEM: "Mark", Kind.RETRY: "Try", Kind.RELEASE: "Release", Kind.DISMISS: "Dismiss"}[Kind(wish.kind)]
    return f"{verb} {things}{' as a system user' if wish.kind == Kind.SYSTEM else ' again' if wish.kind == Kind.RETRY else ''}"


def _things(items: Items, count: int) -> str:
    """Name one thing, count several."""
    if count == 1 and items.get("name"):
        return str(SourceIdentity.objects.get(pk=items["name"][0]))
    nouns = {"name": "name", "resolution": "held resolution", "row": "held row", "delivery": "delivery"}
    parts = []
    for kind, ids in items.items():
        plural = "deliveries" if kind == "delivery" else f"{nouns[kind]}s"
        if ids:
            parts.append(f"{len(ids):,} {nouns[kind] if len(ids) == 1 else plural}")
    return " and ".join(parts)


def _note_changed(case_ids: Sequence[int]) -> None:
    """Let pay follow: the cases are folded already, so only books and accruals are left."""
    now = timezone.now()
    ChangedCase.objects.bulk_create(ChangedCase(case_id=case_id, noted_at=now, folded_at=now) for case_id in case_ids)


# How each act is done -----------------------------------------------------------------------------------------------------


def _set_names(act: HoldAct, as_of: datetime, advance: Advance) -> _Outcome:
    standing = Standing(agent_id=act.asked["agent_id"] if act.kind == Kind.MAP else None, is_system=act.kind == Kind.SYSTEM)
    report = set_names.set_names(standings=dict.fromkeys(act.asked["items"]["name"], standing), as_of=as_of)
    before = {str(pk): [stood.agent_id, stood.is_system] for pk, stood in report.before.items()}
    return _Outcome(
        before={"names": before},
        message=f"{report.released_count:,} held resolutions were released. Pay follows within minutes.",
        case_ids=report.case_ids,
    )


def _undo_names(act: HoldAct, as_of: datetime) -> _Outcome:
    before = {int(pk): Standing(agent_id=agent_id, is_system=is_system) for pk, (agent_id, is_system) in act.before["names"].items()}
    made = (act.asked["agent_id"] if act.kind == Kind.MAP else None, act.kind == Kind.SYSTEM)
    for row in SourceIdentity.objects.select_for_update().filter(pk__in=before).order_by("pk"):
        if (row.agent_id, row.is_system) != made:
            raise UnableToAct(
                _("%(row)s was changed since, so taking this back would undo somebody else's decision; change it by itself.") % {"row": row}
            )
    report = set_names.set_names(standings=before, as_of=as_of)
    return _Outcome(before={}, message=f"{report.opened_count:,} resolutions are held again.", case_ids=report.case_ids)


def _replay(act: HoldAct, as_of: datetime, advance: Advance) -> _Outcome:
    held_ids = act.asked["items"]["row"]
    report = replay_rows.replay_rows(held_ids=held_ids, as_of=as_of, contract_code=act.asked["contract_code"], advance=advance)
    understood = held_things.replay_deliveries(delivery_ids=act.asked["items"].get("delivery", ()), as_of=as_of)
    let_in = len(report.released_ids) + understood.understood_count
    waiting = act.item_count - let_in
    still = f" {waiting:,} still wait: {' '.join((*report.still_held, *understood.still_kept)[:1])}" if waiting else ""
    return _Outcome(before={"released": list(report.released_ids)}, message=f"{let_in:,} came in.{still}", case_ids=report.case_ids)


def _give_meanings(act: HoldAct, as_of: datetime, advance: Advance) -> _Outcome:
    by_source: dict[int, dict[tuple[str, str], str | None]] = {}
    for source_id, target, value, meaning in act.asked["meanings"]:
        by_source.setdefault(source_id, {})[target, value] = meaning
    before, versions = [], []
    for source_id, meanings in by_source.items():
        report = add_meanings.add_meanings(source_id=source_id, meanings=meanings, note=f"{act.words}, by {act.actor}.")
        versions.append(report.number)
        before += [[source_id, target, value, meaning] for (target, value), meaning in report.before.items()]
    outcome = _replay(act, as_of, advance)
    told = ", ".join(str(number) for number in versions)
    return _Outcome(
        before={**outcome.before, "meanings": before},
        message=f"Mapping version {told} says so. {outcome.message}",
        case_ids=outcome.case_ids,
    )


def _undo_meanings(act: HoldAct, as_of: datetime) -> _Outcome:
    by_source: dict[int, dict[tuple[str, str], str | None]] = {}
    for source_id, target, value, meaning in act.before["meanings"]:
        by_source.setdefault(source_id, {})[target, value] = meaning
    note = f"Undone: {act.words}."
    made = [add_meanings.add_meanings(source_id=source, meanings=meanings, note=note).number for source, meanings in by_source.items()]
    told = ", ".join(str(number) for number in made)
    return _Outcome(before={}, message=f"Mapping version {told} holds these values again. The rows that came in are records and stay.")


def _release(act: HoldAct, as_of: datetime, advance: Advance) -> _Outcome:
    released = held_things.release_holds(hold_ids=act.asked["items"]["resolution"], note=act.reason, as_of=as_of)
    left = act.item_count - len(released.ids)
    said = f" {left:,} had been released before." if left else ""
    return _Outcome(before={"holds": list(released.ids)}, message=f"{len(released.ids):,} released.{said}", case_ids=released.case_ids)


def _undo_release(act: HoldAct, as_of: datetime) -> _Outcome:
    opened = held_things.reopen_holds(hold_ids=act.before["holds"], note=act.reason, as_of=as_of)
    return _Outcome(before={}, message=f"{len(opened.ids):,} are held again.", case_ids=opened.case_ids)


def _dismiss(act: HoldAct, as_of: datetime, advance: Advance) -> _Outcome:
    items = act.asked["items"]
    gone = held_things.dismiss(row_ids=items["row"], delivery_ids=items["delivery"], note=act.reason, as_of=as_of)
    return _Outcome(
        before={"rows": list(gone.row_ids), "deliveries": list(gone.delivery_ids)},
        message=f"{len(gone.row_ids) + len(gone.delivery_ids):,} dismissed. They stay dismissed when the same file comes again.",
        case_ids=gone.case_ids,
    )


def _undo_dismiss(act: HoldAct, as_of: datetime) -> _Outcome:
    back = held_things.take_dismissal_back(row_ids=act.before["rows"], delivery_ids=act.before["deliveries"], note=act.reason, as_of=as_of)
    count = len(back.row_ids) + len(back.delivery_ids)
    return _Outcome(before={}, message=f"{count:,} wait again.", case_ids=back.case_ids)


def _assign(act: HoldAct, as_of: datetime, advance: Advance) -> _Outcome:
    before = held_things.assign(items=act.asked["items"], owner_id=act.asked["owner_id"])
    return _Outcome(before={"owners": before}, message=f"{act.item_count:,} assigned.")


def _undo_assign(act: HoldAct, as_of: datetime) -> _Outcome:
    held_things.assign_back(owners=act.before["owners"], from_owner_id=act.asked["owner_id"])
    return _Outcome(before={}, message="They are with whoever had them before.")


HANDLERS: Mapping[str, Callable[[HoldAct, datetime, Advance], _Outcome]] = {
    Kind.MAP: _set_names,
    Kind.SYSTEM: _set_names,
    Kind.MEAN: _give_meanings,
    Kind.CONTRACT: _replay,
    Kind.RETRY: _replay,
    Kind.RELEASE: _release,
    Kind.DISMISS: _dismiss,
    Kind.ASSIGN: _assign,
}
UNDOERS: Mapping[str, Callable[[HoldAct, datetime], _Outcome]] = {
    Kind.MAP: _undo_names,
    Kind.SYSTEM: _undo_names,
    Kind.MEAN: _undo_meanings,
    Kind.RELEASE: _undo_release,
    Kind.DISMISS: _undo_dismiss,
    Kind.ASSIGN: _undo_assign,
}
