"""Signals in words: what was counted, what else may explain it, and what to look at. Never an accusation."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.rules import sentences


@dataclass(frozen=True, kw_only=True)
class SignalWords:
    """How a kind of signal is told: its name, what one mark is, what may explain it, and what a reviewer looks at first."""

    name: str
    counted: str
    innocent: str
    look_at: str


SIGNAL_WORDS: Mapping[str, SignalWords] = MappingProxyType(
    {
        "premature_close": SignalWords(
            name=sentences.sentence("Closed too early"),
            counted=sentences.sentence("cases whose customer was back within 24 hours"),
            innocent=sentences.sentence("An outage or a broken release brings many customers back, whoever answered them."),
            look_at=sentences.sentence("Read three of the cases: did the last message answer the question?"),
        ),
        "splitting": SignalWords(
            name=sentences.sentence("One problem as several cases"),
            counted=sentences.sentence("cases of a customer who had opened another one about the same within 24 hours"),
            innocent=sentences.sentence("One customer may have two orders, or write again because the first mail got lost."),
            look_at=sentences.sentence("Open two cases of one customer side by side: are they one problem?"),
        ),
        "cherry_picking": SignalWords(
            name=sentences.sentence("Mostly short cases"),
            counted=sentences.sentence("cases of kinds that take at most half the usual handle time"),
            innocent=sentences.sentence("Routing, a training plan or a skill list may give somebody the short ones."),
            look_at=sentences.sentence("Ask how the work came: does the agent choose from a list, or does the desk assign?"),
        ),
        "survey_steering": SignalWords(
            name=sentences.sentence("Few answers from unhappy customers"),
            counted=sentences.sentence("cases that went badly and brought no survey answer"),
            innocent=sentences.sentence("Some channels send no survey, and unhappy customers answer less everywhere."),
            look_at=sentences.sentence("See whether a survey was sent on these cases at all."),
        ),
        "period_end_spike": SignalWords(
            name=sentences.sentence("Many at the end of the period"),
            counted=sentences.sentence("cases solved in the last 48 hours of the pay period"),
            innocent=sentences.sentence("Shifts at the month's end, a deadline of the client, or sick colleagues give the same picture."),
            look_at=sentences.sentence("Compare with the shifts of those days."),
        ),
        "self_created": SignalWords(
            name=sentences.sentence("Cases opened by the agent"),
            counted=sentences.sentence("cases that the agent opened and solved"),
            innocent=sentences.sentence("Agents open cases for callers, and desks without a form rely on it."),
            look_at=sentences.sentence("Is there a contact with a customer before the case was opened?"),
        ),
        "merge_farming": SignalWords(
            name=sentences.sentence("Merged after they were solved"),
            counted=sentences.sentence("cases that the agent solved and then merged into another"),
            innocent=sentences.sentence("Cleaning up duplicates is good work, and somebody has to do it."),
            look_at=sentences.sentence("Was the second case known before the first one was solved?"),
        ),
    }
)
