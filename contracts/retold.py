"""Sentences that exist in English only, told in the reader's language: found again by the words that they were made of.

What is stored, or made by rules that know no language, stays as it is, for files, the API and evidence read it. See
docs/adr/0067-sentences-remember-their-template.md.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from contracts import reading

NUMBER = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?%?|-?\d+(\.\d{1,4})?%?")
BLANK = re.compile(r"\{(\w+)\}")
GAP = r"(?:\s+|$)"
CHARACTERS_MAX, DEPTH_MAX, KEPT_MAX = 4_000, 3, 2_048


@dataclass(frozen=True)
class _Part:
    """A sentence that was found again: its template, and what was filled in."""

    template: str
    values: Mapping[str, str]


class Templates:
    """Sentences with blanks, as gettext knows them, and what finds them again in a text."""

    def __init__(self, templates: Sequence[str]) -> None:
        """Keep the templates, those with the most words of their own first."""
        ordered = sorted(templates, key=lambda template: -len(BLANK.sub("", template)))
        self._patterns = tuple((template, _pattern(template)) for template in ordered)
        self._taken_apart = functools.lru_cache(maxsize=KEPT_MAX)(self._take_apart)

    def tell(self, text: str) -> str:
        """Tell a text in the reader's language; one that was not made of these sentences stays as it is."""
        return text if not text or reading.language() == "en" else self._tell(text, 0)

    def _tell(self, text: str, depth: int) -> str:
        parts = self._taken_apart(text) if depth < DEPTH_MAX and len(text) <= CHARACTERS_MAX else None
        if parts is None:
            return reading.write_number(text) if NUMBER.fullmatch(text) else text
        return " ".join(
            gettext(part.template).format_map({name: self._value(name, value, depth) for name, value in part.values.items()})
            for part in parts
        )

    def _value(self, name: str, value: str, depth: int) -> str:
        """Tell what stood in a blank: one that is called day or month holds that, and any other may hold sentences itself."""
        if name in ("day", "month"):
            return reading.retell_day(value) if name == "day" else reading.retell_month(value)
        return self._tell(value, depth + 1)

    def _take_apart(self, text: str) -> tuple[_Part, ...] | None:
        """Find the sentences that a text was made of, in their order; None if a part of it is none of them."""
        text = text.strip()
        if not text:
            return ()
        # A short one first, so that no value swallows a sentence; a whole one last, for a value may have words of a sentence in it.
        begun = [(template, found) for template, pattern in self._patterns if (found := pattern.match(text))]
        for template, found in sorted(begun, key=lambda one: one[1].end()):
            rest = self._taken_apart(text[found.end() :])
            if rest is not None:
                return (_Part(template, found.groupdict()), *rest)
        whole = next(((template, found) for template, pattern in self._patterns if (found := pattern.fullmatch(text))), None)
        return None if whole is None else (_Part(whole[0], whole[1].groupdict()),)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = BLANK.split(template)
    made = "".join(f"(?P<{piece}>.*?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))
    return re.compile(made + GAP, re.DOTALL)
