"""Texts that are looked up in the reader's language when they are shown, typed as the text that they become.

They are handed on like any other text, but neither joined nor hashed before a language is known: write str() around them there.
"""

from collections.abc import Callable
from typing import cast

from django.utils import translation

gettext_lazy = cast(Callable[[str], str], translation.gettext_lazy)
