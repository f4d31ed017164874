"""One thing that waits for somebody, as the lists of leads, of the office and of the administration show it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What waits: how bad it is, the fact with numbers, by when, one act, and where. The administration has icons of its own."""

    look: str
    icon: str = ""
    title: str
    fact: str
    when: str = ""
    is_due: bool = False
    url: str
    act: str
