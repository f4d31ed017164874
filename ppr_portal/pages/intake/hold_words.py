"""How what waits is named: reasons, kinds, acts and amounts in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import HoldAct
from agents.operations.holds import replay_rows
from agents.queries import hold_queue
from contracts import reading
from contracts.translation import gettext_lazy

Kind = HoldAct.Kind

KINDS = {
    "name": gettext_lazy("Names"),
    "resolution": gettext_lazy("Resolutions"),
    "row": gettext_lazy("Rows"),
    "delivery": gettext_lazy("Deliveries"),
}

# Code of the reason: what is the matter, and what to do about it.
REASONS: Mapping[str, tuple[str, str]] = {
    "unmapped_identity": (
        gettext_lazy("Nobody is mapped to the name"),
        gettext_lazy("Say which agent the name stands for, or that it is a system user."),
    ),
    "resolver_not_named": (
        gettext_lazy("The source does not say who resolved it"),
        gettext_lazy("Find out and correct it in the source, or release it unpaid."),
    ),
    "no_contract_version": (gettext_lazy("No contract version was in force"), gettext_lazy("Activate a version that covers the day.")),
    "rows_held": (
        gettext_lazy("Rows of the case could not be read"),
        gettext_lazy("Put the held rows right; the hold then ends by itself."),
    ),
    "voice_not_priced": (gettext_lazy("The contract does not price phone"), gettext_lazy("Let a new contract version price voice.")),
    "no_price": (gettext_lazy("No price fits"), gettext_lazy("Add a row to a new version of the rate card.")),
    "beyond_last_tier": (gettext_lazy("No tier reaches so far"), gettext_lazy("Add a tier to a new version of the rate card.")),
    "paid_to_another": (gettext_lazy("Somebody else was paid for it"), gettext_lazy("Correct both by adjustments, or map the name back.")),
    "reversed_but_payable": (
        gettext_lazy("It counts again after its pay was taken back"),
        gettext_lazy("Give the pay back by an adjustment."),
    ),
    "no_value": (
        gettext_lazy("Nobody told what the case is worth"),
        gettext_lazy("Deliver an event with its value, or price it otherwise."),
    ),
    "gaming_signal": (
        gettext_lazy("A signal about it is reviewed"),
        gettext_lazy("Decide about the signal; if nobody does until its day, it is paid."),
    ),
    "possible_duplicate": (gettext_lazy("It may be a duplicate"), gettext_lazy("Decide whether it is one case or two.")),
    "missing_account": (gettext_lazy("No account number"), gettext_lazy("Correct the row in its source and import it again.")),
    "account_is_a_person": (
        gettext_lazy("An account that is an e-mail address"),
        gettext_lazy("Export the account's number instead; people's addresses are not kept."),
    ),
    "unreadable_value": (gettext_lazy("A value that cannot be read"), gettext_lazy("Correct the row in its source and import it again.")),
    "part_above_whole": (gettext_lazy("A part above its whole"), gettext_lazy("Correct the counts in the source and import them again.")),
    "missing_currency": (gettext_lazy("Revenue without a currency"), gettext_lazy("Import it again with a currency.")),
    "told_twice": (gettext_lazy("Told twice, and differently"), gettext_lazy("Keep the right row in the source and import it again.")),
    "wrong_cell_count": (
        gettext_lazy("More or fewer cells than the head"),
        gettext_lazy("Correct the row in its source and import it again."),
    ),
    "missing_case": (gettext_lazy("No case number"), gettext_lazy("Correct the row in its source, or dismiss it.")),
    "missing_state": (gettext_lazy("No state"), gettext_lazy("Correct the row in its source, or dismiss it.")),
    "unknown_state": (gettext_lazy("A state without a meaning"), gettext_lazy("Say what the state means.")),
    "missing_contract": (gettext_lazy("Nothing tells the contract"), gettext_lazy("Set the contract, or say what the value means.")),
    "unknown_contract": (gettext_lazy("A value that tells no contract"), gettext_lazy("Say which contract the value means.")),
    "unknown_query_type": (gettext_lazy("A query type without a meaning"), gettext_lazy("Say which query type the value means.")),
    "unknown_channel": (gettext_lazy("A channel without a meaning"), gettext_lazy("Say which channel the value means.")),
    "missing_date": (gettext_lazy("No date"), gettext_lazy("Correct the row in its source, or dismiss it.")),
    "unreadable_date": (
        gettext_lazy("A date that is written otherwise"),
        gettext_lazy("Correct the date format in the mapping and try again."),
    ),
    "date_out_of_range": (gettext_lazy("A date out of range"), gettext_lazy("Correct the row in its source, or dismiss it.")),
    "skipped_time": (
        gettext_lazy("An hour that clocks skipped"),
        gettext_lazy("Correct the time in the source, or the time zone in the mapping."),
    ),
    "repeated_time": (gettext_lazy("An hour that clocks showed twice"), gettext_lazy("Say in the mapping which of the two it is.")),
    "missing_number": (gettext_lazy("No counter"), gettext_lazy("Correct the row in its source, or dismiss it.")),
    "unreadable_number": (gettext_lazy("A number that cannot be read"), gettext_lazy("Correct the row in its source, or dismiss it.")),
    "too_long": (gettext_lazy("Longer than it can be stored"), gettext_lazy("Shorten it in the source, or dismiss it.")),
    "changed": (gettext_lazy("Known already with another content"), gettext_lazy("Find out which is right; the first one stays.")),
    "changed_answer": (
        gettext_lazy("A customer changed an answer"),
        gettext_lazy("Read it and dismiss it; the first answer counts, and pay does not wait."),
    ),
    "unreadable_record": (
        gettext_lazy("A record that cannot be taken apart"),
        gettext_lazy("Correct it in its source and import the file again."),
    ),
    "unknown_word": (gettext_lazy("A word without a meaning"), gettext_lazy("Say what the word means.")),
    "before_opening": (gettext_lazy("Dated before the case was opened"), gettext_lazy("Correct the dates in the source, or dismiss it.")),
    "status_disagrees": (
        gettext_lazy("Its name and its status contradict each other"),
        gettext_lazy("Look the case up in the help desk; try again if it counts."),
    ),
    "changed_since_closed": (
        gettext_lazy("Changed since it was closed"),
        gettext_lazy("Look up in the help desk who closed it; try again if it was who changed it."),
    ),
    "missing_time": (
        gettext_lazy("It does not say when"),
        gettext_lazy("Let the help desk send the time; try again if the time of arrival will do."),
    ),
    "unknown_time_unit": (
        gettext_lazy("A length of time in an unknown unit"),
        gettext_lazy("Find out what the help desk counts in, or dismiss it."),
    ),
    "not_understood": (
        gettext_lazy("A delivery that was not understood"),
        gettext_lazy("Look at what the help desk sends, or dismiss it."),
    ),
    "not_json": (gettext_lazy("A delivery that is no JSON"), gettext_lazy("Look at what the help desk sends, or dismiss it.")),
}

# What the button of an act says, and what follows from it.
ACTS: Mapping[str, tuple[str, str]] = {
    Kind.MAP: (
        gettext_lazy("Map to an agent"),
        gettext_lazy("Everything that these names resolved is credited to the agent and no longer held. What was settled stays."),
    ),
    Kind.SYSTEM: (
        gettext_lazy("Mark as a system user"),
        gettext_lazy("What a system user closes is no resolution, and nobody is paid for it."),
    ),
    Kind.MEAN: (
        gettext_lazy("Say what the values mean"),
        gettext_lazy(
            "It becomes the next version of the mapping, and the rows are tried again at once. "
            "Rows that come in are records: undoing takes the meaning back, not the rows."
        ),
    ),
    Kind.CONTRACT: (
        gettext_lazy("Set the contract"),
        gettext_lazy("The rows come in under this contract. They are records then, so this cannot be undone."),
    ),
    Kind.RETRY: (
        gettext_lazy("Try again"),
        gettext_lazy("The rows are read once more by the newest mapping. What comes in is a record and stays."),
    ),
    Kind.RELEASE: (
        gettext_lazy("Release"),
        gettext_lazy("What is released counts as if nothing had held it, although the reason still stands."),
    ),
    Kind.DISMISS: (
        gettext_lazy("Dismiss"),
        gettext_lazy("What is dismissed is never read, and stays dismissed when the same file comes again."),
    ),
    Kind.ASSIGN: (
        gettext_lazy("Assign"),
        gettext_lazy("The owner is to put it right; everybody who looks at what waits sees who that is."),
    ),
}
BUTTONS = {
    Kind.MAP: gettext_lazy("Map"),
    Kind.SYSTEM: gettext_lazy("Mark as system user"),
    Kind.MEAN: gettext_lazy("Save and try again"),
    Kind.CONTRACT: gettext_lazy("Set the contract"),
    Kind.RETRY: gettext_lazy("Try again"),
    Kind.RELEASE: gettext_lazy("Release"),
    Kind.DISMISS: gettext_lazy("Dismiss"),
    Kind.ASSIGN: gettext_lazy("Assign"),
}

# What the date format or the time zone of the mapping may put right.
OF_DATES = frozenset({"unreadable_date", "skipped_time", "repeated_time"})


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An amount of one currency."""

    micros: int
    currency: str


def amounts_of(amounts: Mapping[str, int]) -> tuple[Amount, ...]:
    """Return amounts one by one; several currencies are never added."""
    return tuple(Amount(micros=micros, currency=currency) for currency, micros in amounts.items())


def lacks_meaning(reason: str) -> bool:
    """Say whether a row waits for somebody to say what a value of it means."""
    return reason.startswith("unknown_") or reason == "missing_contract"


def title_of(reason: str) -> str:
    """Name a reason; one that this page has never heard of is still readable."""
    return REASONS[reason][0] if reason in REASONS else reason.replace("_", " ").capitalize()


def remedy_of(reason: str) -> str:
    """Say what to do about a reason."""
    return REASONS[reason][1] if reason in REASONS else _("Open it and read what it says.")


def count_words(kind: str, count: int) -> str:
    """Count things of a kind.

    >>> count_words("delivery", 2)
    '2 deliveries'
    """
    words = {
        "name": ngettext("%(count)s name", "%(count)s names", count),
        "resolution": ngettext("%(count)s resolution", "%(count)s resolutions", count),
        "row": ngettext("%(count)s row", "%(count)s rows", count),
        "delivery": ngettext("%(count)s delivery", "%(count)s deliveries", count),
    }
    return words[kind] % {"count": reading.write_number(f"{count:,}")}


def acts_for(item: hold_queue.Item, *, is_file: bool) -> tuple[str, ...]:
    """Return what can be done about one thing, the most likely first."""
    if item.kind == "name":
        return (Kind.MAP, Kind.SYSTEM)
    if item.kind == "resolution":
        return (Kind.RELEASE,)
    if item.kind == "delivery":
        return (Kind.RETRY, Kind.DISMISS)
    can_mean = lacks_meaning(item.reason)
    can_place = item.reason in ("missing_contract", "unknown_contract") and is_file
    can_retry = item.reason not in replay_rows.NEVER_REPLAYED
    chosen = ((Kind.CONTRACT, can_place), (Kind.MEAN, can_mean), (Kind.RETRY, can_retry), (Kind.DISMISS, True))
    return tuple(kind for kind, can in chosen if can)
