"""Texts in the reader's language: those that are looked up when they are shown, and sentences that rules made."""

import re
from collections.abc import Callable
from typing import cast

from django.utils import translation

from contracts import reading
from contracts.rules.sentences import Sentence

# A longer one is shortened by whoever shows it.
SHORT_NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d{1,4})?")

# Typed as the text that it becomes: such a text is handed on like any other, but neither joined nor hashed before a language
# is known; write str() around it there.
gettext_lazy = cast(Callable[[str], str], translation.gettext_lazy)


def told(text: str) -> str:
    """Tell a sentence of the rules in the reader's language, the sentences within it too; another text stays as it is."""
    if not isinstance(text, Sentence):
        return text
    if not text:
        return ""
    values = {name: _value(value) for name, value in text.values.items()}
    return translation.gettext(text.template).format_map(values)


def _value(value: str | int) -> str:
    if isinstance(value, int) or SHORT_NUMBER.fullmatch(value):
        return reading.write_number(str(value))
    return told(value)
