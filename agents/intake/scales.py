"""What answers to surveys mean where a source has no scale of its own: the scales that the vendors document."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Answers that count, and which of them are favorable."""

    favorable: frozenset[str]
    other: frozenset[str]

    def is_favorable(self, answer: str) -> bool | None:
        """Say whether an answer is favorable; None where nobody said what it means.

        >>> FIVE.is_favorable("4"), FIVE.is_favorable("3"), FIVE.is_favorable("often")
        (True, False, None)
        """
        told = answer.strip().lower()
        return True if told in self.favorable else False if told in self.other else None


def make_scale(*, favorable: list[str] | tuple[str, ...], other: list[str] | tuple[str, ...]) -> Scale:
    """Return a scale; capitals and spaces around an answer do not matter.

    Args:
        favorable: answers that count as favorable.
        other: answers that count and are not.
    """
    return Scale(
        favorable=frozenset(answer.strip().lower() for answer in favorable), other=frozenset(answer.strip().lower() for answer in other)
    )


FIVE = make_scale(favorable=("4", "5"), other=("1", "2", "3"))
VENDOR_SCALES: Mapping[str, Scale] = {
    "zendesk": make_scale(favorable=("good", "good_with_comment"), other=("bad", "bad_with_comment")),
    "intercom": FIVE,
    "chatwoot": FIVE,
    "helpscout": make_scale(favorable=("great", "3"), other=("okay", "not good", "not_good", "1", "2")),
    "freshdesk": make_scale(favorable=("101", "102", "103"), other=("100", "-101", "-102", "-103")),
}
