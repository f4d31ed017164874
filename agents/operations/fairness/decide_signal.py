"""Let a person decide about a gaming signal, and take the decision back."""

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import GamingSignal, User
from agents.operations.fairness import find_signals

Status = GamingSignal.Status
DECISIONS = (Status.DISMISSED, Status.CONFIRMED)


class UnableToDecide(Exception):
    """A signal that is not open, a decision that does not exist, or one without a reason."""


def decide_signal(*, signal_id: int, person: User, decision: str, reason: str, as_of: datetime) -> GamingSignal:
    """Dismiss or confirm a signal; what a dismissed one holds is released at once, pay is cut by neither.

    Args:
        signal_id: a signal that is open.
        person: who decides; never the agent that it is about.
        decision: dismissed or confirmed.
        reason: why, in the person's words; not empty.
        as_of: business instant.

    Returns: the decided signal.
    Raises: UnableToDecide; nothing is written then.
    Source: design.md section 8: signals are review items and never cut pay by themselves.
    """
    if decision not in DECISIONS:
        raise UnableToDecide(_("Choose whether nothing is wrong or the problem is real, then decide again."))
    if not reason.strip():
        raise UnableToDecide(_("Write why, so that the agent and an auditor can follow it, then decide again."))
    with transaction.atomic(), pghistory.context(act="decide signal"):
        signal = GamingSignal.objects.select_for_update(of=("self",)).select_related("agent").get(pk=signal_id)
        if signal.agent.user_id == person.pk:
            raise UnableToDecide(_("This signal is about %(agent)s; somebody else has to decide it.") % {"agent": signal.agent})
        if signal.status != Status.OPEN:
            raise UnableToDecide(
                _("“%(signal)s” is no longer open: %(lower)s. Take that back first.")
                % {"signal": signal, "lower": signal.get_status_display().lower()}
            )
        signal.status, signal.decided_by, signal.decided_at = decision, person, as_of
        signal.decision_reason = reason.strip()
        signal.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
        find_signals.hold_doubtful_units(as_of=as_of)
    return signal


def take_decision_back(*, signal_id: int, person: User, as_of: datetime) -> GamingSignal:
    """Open a decided signal again; its history keeps the decision.

    Args:
        signal_id: a signal that somebody decided.
        person: who takes it back; never the agent that it is about.
        as_of: business instant.

    Returns: the open signal, to be decided within the usual time.
    Raises: UnableToDecide if it is not decided, or another one of the same kind is open by now.
    """
    with transaction.atomic(), pghistory.context(act="take back decision on signal"):
        signal = GamingSignal.objects.select_for_update(of=("self",)).select_related("agent").get(pk=signal_id)
        if signal.agent.user_id == person.pk:
            raise UnableToDecide(_("This signal is about %(agent)s; somebody else has to open it again.") % {"agent": signal.agent})
        if signal.status not in DECISIONS:
            raise UnableToDecide(_("“%(signal)s” was not decided, so nothing can be taken back.") % {"signal": signal})
        if GamingSignal.objects.filter(agent=signal.agent, kind=signal.kind, status=Status.OPEN).exists():
            raise UnableToDecide(_("A newer signal “%(signal)s” is open; decide that one.") % {"signal": signal})
        signal.status, signal.decided_by, signal.decided_at, signal.decision_reason = Status.OPEN, None, None, ""
        signal.expires_at = max(signal.expires_at, as_of + find_signals.DECIDE_WITHIN)
        signal.save(update_fields=["status", "decided_by", "decided_at", "decision_reason", "expires_at"])
        find_signals.hold_doubtful_units(as_of=as_of)
    return signal
