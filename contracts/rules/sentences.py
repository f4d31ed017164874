"""Sentences that rules make, which remember what they were made of, so that they can be told in another language.

A sentence is the English text itself: it is printed, compared and stored like any other. Who shows it may translate its
template and fill in the values again.
"""

from collections.abc import Mapping
from typing import Self


class Sentence(str):
    """An English sentence with its template and the values that were filled in."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, str | int]

    def __new__(cls, template: str, values: Mapping[str, str | int]) -> Self:
        """Fill the values into the template."""
        made = super().__new__(cls, template.format_map(values))
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[type["Sentence"], tuple[str, Mapping[str, str | int]]]:
        """Tell how to make it again in another process."""
        return Sentence, (self.template, self.values)


def sentence(template: str, **values: str | int) -> Sentence:
    """Make a sentence.

    Args:
        template: English, with the names of the values in braces; translators find it by this call.
        values: what is filled in; may be sentences themselves.

    Returns: the sentence, which is its English text.
    Source: docs/translations.md.

    >>> told = sentence("Converted at {rate}.", rate="0.92")
    >>> told, told.template, told.values["rate"]
    ('Converted at 0.92.', 'Converted at {rate}.', '0.92')
    """
    return Sentence(template, values)
