"""Acts of people on what waits: asked for, carried out as a whole, and taken back as a whole; each with its actor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport
from agents.models import Agent, ChangedCase, HoldAct, SourceIdentity, User
from agents.operations import history
from agents.operations.holds import hold_act_kinds
from agents.operations.mappings.add_meanings import UnableToAddMeaning
from agents.operations.mappings.map_identity import UnableToMap
from contracts.models import Contract

Kind = HoldAct.Kind
REFUSALS = (UnableToMap, UnableToAddMeaning, UnableToImport)
STOPPED = "It stopped for a reason of ours, and nothing changed. Ask for it again; if it stops again, tell whoever runs the portal."
NOT_UNDONE = "It was not taken back:"

Items = Mapping[str, Sequence[int]]


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


def request_act(*, wish: Wish, actor: User, as_of: datetime) -> HoldAct:
    """Write down what somebody wants done, before it is done.

    Args:
        wish: what, with which things.
        actor: who wants it.
        as_of: business instant.

    Returns: the act, waiting to be carried out.
    Raises: UnableToAct if nothing of what was picked fits the act, or what it needs is missing.
    """
    act_kind = hold_act_kinds.KINDS[wish.kind]
    items = {kind: sorted(set(wish.items.get(kind, ()))) for kind in act_kind.about}
    count = sum(len(ids) for ids in items.values())
    if not count:
        raise UnableToAct(
            _('Nothing of what was picked can be handled by "%(lower)s"; pick other things or another act.')
            % {"lower": Kind(wish.kind).label.lower()}
        )
    if act_kind.needs_reason and not wish.reason.strip():
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


def carry_out_act(*, act_id: int, as_of: datetime, advance: hold_act_kinds.Advance = lambda done: None) -> HoldAct:
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
            outcome = hold_act_kinds.KINDS[act.kind].do(act, as_of, advance)
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
    if hold_act_kinds.KINDS[act.kind].undo is None:
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
            undo = hold_act_kinds.KINDS[act.kind].undo
            if act.state != HoldAct.State.UNDOING or undo is None:
                return act
            outcome = undo(act, as_of)
            _note_changed(outcome.case_ids)
            act.state, act.message, act.undone_at = HoldAct.State.UNDONE, outcome.message, as_of
            act.save()
    except (*REFUSALS, hold_act_kinds.UnableToTakeBack) as refusal:
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
    """Tell whether an act can be taken back.

    Args:
        act: in any state.
    """
    return act.state == HoldAct.State.DONE and hold_act_kinds.KINDS[act.kind].undo is not None


def is_for_good(*, act: HoldAct) -> bool:
    """Tell whether an act is done and never can be taken back.

    Args:
        act: in any state.
    """
    return act.state == HoldAct.State.DONE and hold_act_kinds.KINDS[act.kind].undo is None


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
