"""Which translator reads which help desk's webhooks."""

from collections.abc import Callable

from agents.intake.vendors import chatwoot, freshdesk, front, helpscout, hubspot, intercom, zammad, zendesk
from agents.intake.vendors.story import Hook, NotUnderstood, Story

TRANSLATORS: dict[str, Callable[[Story], None]] = {
    "zendesk": zendesk.translate,
    "intercom": intercom.translate,
    "chatwoot": chatwoot.translate,
    "freshdesk": freshdesk.translate,
    "zammad": zammad.translate,
    "hubspot": hubspot.translate,
    "front": front.translate,
    "helpscout": helpscout.translate,
}


def translate(*, vendor: str, hook: Hook) -> Story:
    """Turn a webhook into events.

    Args:
        vendor: whose it is, one of TRANSLATORS.
        hook: what came, proven to be the vendor's.

    Returns: its events, what is doubtful in them, and what in it is no matter of ours.
    Raises: NotUnderstood.
    """
    tale = Story(hook=hook)
    TRANSLATORS[vendor](tale)
    if not tale.events and not tale.ignored:
        raise NotUnderstood("Nothing in it tells what happened on a case.")
    return tale
