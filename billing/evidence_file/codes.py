"""What every code of an evidence file means, in words that a stranger understands."""

import csv
import io
from collections.abc import Iterable, Mapping

from agents.rules import resolution_words

STATES: Mapping[str, str] = {
    "pending": "A solution was offered; the customer has not said yes and the window is open.",
    "confirmed": "The customer said yes. Counts as verified.",
    "assumed": "The window passed in silence. Counts as verified.",
    "reopened": "The customer came back.",
    "void": "Excluded, merged, or a duplicate.",
    "unresolved": "Nobody has claimed that the case is solved.",
}
REASONS: Mapping[str, str] = {
    "counted": "It is verified in this period and counts with its whole price.",
    "reduced_price": "It counts, with a part of its price, because the customer came back and the contract reduces the price then.",
    "pending": "It is not verified yet; once it is, the period of that day counts it.",
    "reopened": "The customer came back, so it does not count.",
    "void": "It is excluded from counting.",
    "cap_once_per_case": "Another resolution of this case counts already, and the contract counts one per case.",
    "cap_customer_day": "Another resolution for this customer counts on that day, and the contract counts one per customer and day.",
    "verified_later": "It was verified after this period, so a later period counts it.",
    "counted_elsewhere": "Another period, or a version of the contract in another currency, counts it.",
    "not_booked": "It counts, but was not booked when the invoice was written; a later invoice corrects this period.",
    "no_price": "The rate card has no row for it; it waits for a person.",
    "voice_not_priced": "It came by voice, which the contract does not price; it waits for a person.",
    "beyond_last_tier": "Its place lies beyond the last tier of its price; it waits for a person.",
    "no_value": "Its price is a percentage of the case's value, and nobody told that value; it waits for a person.",
    "no_solution": "Nobody has claimed that the case is solved.",
    "spam": "Excluded: spam.",
    "test": "Excluded: a test.",
    "internal": "Excluded: it came from within the company.",
    "duplicate": "Excluded: the same request as another case.",
    "merged": "Excluded: merged into another case.",
    "abandoned": "Excluded: the customer left before an answer.",
    "wrong_queue": "Excluded: it came to the wrong queue.",
    "client_outage": "Excluded: caused by an outage of the client.",
    "greeting_only": "Excluded: nothing but a greeting.",
    "self_service": "Excluded: solved by self-service, which is never counted.",
    "excluded": "Excluded by the help desk without a further code.",
    "superseded": "What was learned later leaves no resolution of its own here.",
    "no_further_action_excluded": "An agent said that nothing more can be done; the contract does not count that.",
}
OUTCOMES: Mapping[str, str] = {"confirmed": "The customer said yes.", "assumed": "The window passed in silence."}
WORDS: Mapping[str, Mapping[str, str]] = {
    "state": STATES,
    "rule": resolution_words.TRANSITION_WORDS,
    "reason": REASONS,
    "outcome": OUTCOMES,
}


def write_codes(*, used: Mapping[str, Iterable[str]]) -> bytes:
    """Return codes.csv: every code with its meaning, known ones and those that a help desk or contract added.

    Args:
        used: by column, the codes that stand in cases.csv.
    """
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(["column", "code", "meaning"])
    for column, words in WORDS.items():
        own = sorted(set(used.get(column, ())) - set(words))
        writer.writerows([column, code, meaning] for code, meaning in words.items())
        writer.writerows([column, code, f"A code of this contract or help desk: {code.replace('_', ' ')}."] for code in own)
    return told.getvalue().encode()
