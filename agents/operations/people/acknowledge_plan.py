"""Record that an agent has read a version of their pay plan."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from agents.models import Agent, PlanAcknowledgement


def acknowledge_plan(*, agent: Agent, version_id: int, sentences: Sequence[str], as_of: datetime) -> PlanAcknowledgement:
    """Keep that an agent has read a plan version, with the words that were shown. It never changes what they are paid.

    Args:
        agent: who read it.
        version_id: the plan version.
        sentences: the plan in plain words, as they were shown.
        as_of: business instant.

    Returns: the record; reading the same words again keeps the first one.
    Source: pay_rules.md section 3, "PlanAcceptance record"; section 9: a written plan.
    """
    words = "\n".join(sentences)
    found, _ = PlanAcknowledgement.objects.get_or_create(
        agent=agent,
        version_id=version_id,
        words_hash=hash_words(sentences=sentences),
        defaults={"acknowledged_at": as_of, "words": words},
    )
    return found


def hash_words(*, sentences: Sequence[str]) -> str:
    """Return the fingerprint of a plan's words.

    Args:
        sentences: as the agent read them, in order.

    Returns: SHA-256 in hexadecimal digits.

    >>> hash_words(sentences=["Pay law: none."])[:8]
    '644a8742'
    """
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()
