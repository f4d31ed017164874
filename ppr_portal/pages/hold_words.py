"""How what waits is named: reasons, kinds, acts and amounts in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.models import HoldAct
from agents.operations import replay_rows
from agents.queries import hold_queue

Kind = HoldAct.Kind

KINDS = {"name": "Names", "resolution": "Resolutions", "row": "Rows", "delivery": "Deliveries"}
UNITS = {"name": "name", "resolution": "resolution", "row": "row", "delivery": "delivery"}

# Code of the reason: what is the matter, and what to do about it.
REASONS: Mapping[str, tuple[str, str]] = {
    "unmapped_identity": ("Nobody is mapped to the name", "Say which agent the name stands for, or that it is a system user."),
    "resolver_not_named": ("The source does not say who resolved it", "Find out and correct it in the source, or release it unpaid."),
    "no_contract_version": ("No contract version was in force", "Activate a version that covers the day."),
    "rows_held": ("Rows of the case could not be read", "Put the held rows right; the hold then ends by itself."),
    "voice_not_priced": ("The contract does not price phone", "Let a new contract version price voice."),
    "no_price": ("No price fits", "Add a row to a new version of the rate card."),
    "beyond_last_tier": ("No tier reaches so far", "Add a tier to a new version of the rate card."),
    "paid_to_another": ("Somebody else was paid for it", "Correct both by adjustments, or map the name back."),
    "reversed_but_payable": ("It counts again after its pay was taken back", "Give the pay back by an adjustment."),
    "possible_duplicate": ("It may be a duplicate", "Decide whether it is one case or two."),
    "wrong_cell_count": ("More or fewer cells than the head", "Correct the row in its source and import it again."),
    "missing_case": ("No case number", "Correct the row in its source, or dismiss it."),
    "missing_state": ("No state", "Correct the row in its source, or dismiss it."),
    "unknown_state": ("A state without a meaning", "Say what the state means."),
    "missing_contract": ("Nothing tells the contract", "Set the contract, or say what the value means."),
    "unknown_contract": ("A value that tells no contract", "Say which contract the value means."),
    "unknown_query_type": ("A query type without a meaning", "Say which query type the value means."),
    "unknown_channel": ("A channel without a meaning", "Say which channel the value means."),
    "missing_date": ("No date", "Correct the row in its source, or dismiss it."),
    "unreadable_date": ("A date that is written otherwise", "Correct the date format in the mapping and try again."),
    "date_out_of_range": ("A date out of range", "Correct the row in its source, or dismiss it."),
    "skipped_time": ("An hour that clocks skipped", "Correct the time in the source, or the time zone in the mapping."),
    "repeated_time": ("An hour that clocks showed twice", "Say in the mapping which of the two it is."),
    "missing_number": ("No counter", "Correct the row in its source, or dismiss it."),
    "unreadable_number": ("A number that cannot be read", "Correct the row in its source, or dismiss it."),
    "too_long": ("Longer than it can be stored", "Shorten it in the source, or dismiss it."),
    "changed": ("Known already with another content", "Find out which is right; the first one stays."),
    "changed_answer": ("A customer changed an answer", "Read it and dismiss it; the first answer counts, and pay does not wait."),
    "unreadable_record": ("A record that cannot be taken apart", "Correct it in its source and import the file again."),
    "unknown_word": ("A word without a meaning", "Say what the word means."),
    "before_opening": ("Dated before the case was opened", "Correct the dates in the source, or dismiss it."),
    "status_disagrees": ("Its name and its status contradict each other", "Look the case up in the help desk; try again if it counts."),
    "missing_time": ("It does not say when", "Let the help desk send the time; try again if the time of arrival will do."),
    "unknown_time_unit": ("A length of time in an unknown unit", "Find out what the help desk counts in, or dismiss it."),
    "not_understood": ("A delivery that was not understood", "Look at what the help desk sends, or dismiss it."),
    "not_json": ("A delivery that is no JSON", "Look at what the help desk sends, or dismiss it."),
}

# What the button of an act says, and what follows from it.
ACTS: Mapping[str, tuple[str, str]] = {
    Kind.MAP: (
        "Map to an agent",
        "Everything that these names resolved is credited to the agent and no longer held. What was settled stays.",
    ),
    Kind.SYSTEM: ("Mark as a system user", "What a system user closes is no resolution, and nobody is paid for it."),
    Kind.MEAN: (
        "Say what the values mean",
        "It becomes the next version of the mapping, and the rows are tried again at once. Rows that come in are records: "
        "undoing takes the meaning back, not the rows.",
    ),
    Kind.CONTRACT: ("Set the contract", "The rows come in under this contract. They are records then, so this cannot be undone."),
    Kind.RETRY: ("Try again", "The rows are read once more by the newest mapping. What comes in is a record and stays."),
    Kind.RELEASE: ("Release", "They count as if nothing had held them, although the reason still stands."),
    Kind.DISMISS: ("Dismiss", "They are never read, and stay dismissed when the same file comes again."),
    Kind.ASSIGN: ("Assign", "The owner sees by whom it is to be put right."),
}
BUTTONS = {
    Kind.MAP: "Map",
    Kind.SYSTEM: "Mark as system user",
    Kind.MEAN: "Save and try again",
    Kind.CONTRACT: "Set the contract",
    Kind.RETRY: "Try again",
    Kind.RELEASE: "Release",
    Kind.DISMISS: "Dismiss",
    Kind.ASSIGN: "Assign",
}


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An amount of one currency."""

    micros: int
    currency: str


def amounts_of(amounts: Mapping[str, int]) -> tuple[Amount, ...]:
    """Return amounts one by one; several currencies are never added."""
    return tuple(Amount(micros=micros, currency=currency) for currency, micros in amounts.items())


def title_of(reason: str) -> str:
    """Name a reason; one that this page has never heard of is still readable."""
    return REASONS[reason][0] if reason in REASONS else reason.replace("_", " ").capitalize()


def remedy_of(reason: str) -> str:
    """Say what to do about a reason."""
    return REASONS[reason][1] if reason in REASONS else "Open it and read what it says."


def count_words(kind: str, count: int) -> str:
    """Count things of a kind.

    >>> count_words("delivery", 2)
    '2 deliveries'
    """
    unit = UNITS[kind]
    return f"{count:,} {unit if count == 1 else 'deliveries' if kind == 'delivery' else f'{unit}s'}"


def acts_for(item: hold_queue.Item, *, is_file: bool) -> tuple[str, ...]:
    """Return what can be done about one thing, the most likely first."""
    if item.kind == "name":
        return (Kind.MAP, Kind.SYSTEM)
    if item.kind == "resolution":
        return (Kind.RELEASE,)
    if item.kind == "delivery":
        return (Kind.RETRY, Kind.DISMISS)
    can_mean = item.reason.startswith("unknown_") or item.reason == "missing_contract"
    can_place = item.reason in ("missing_contract", "unknown_contract") and is_file
    can_retry = item.reason not in replay_rows.NEVER_REPLAYED
    chosen = ((Kind.CONTRACT, can_place), (Kind.MEAN, can_mean), (Kind.RETRY, can_retry), (Kind.DISMISS, True))
    return tuple(kind for kind, can in chosen if can)
