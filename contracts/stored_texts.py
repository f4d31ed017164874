"""Texts that are stored in English, as the administration tells them: in the reader's language.

Which words and sentences are stored is known to the portal, which no app may import; it says so once, at the start.
"""

from collections.abc import Callable

Tell = Callable[[str], str]
_tells: dict[str, Tell] = {}


def register_stored_texts(*, words: Tell, sentences: Tell, reasons: Tell) -> None:
    """Name what tells stored texts in the reader's language.

    Args:
        words: tells a name, such as that of a job; one that somebody wrote stays as it is.
        sentences: tells a message, such as why a row is held; one that nobody here made stays as it is.
        reasons: names the code of why something is held.
    """
    _tells.update(words=words, sentences=sentences, reasons=reasons)


def tell_words(text: str) -> str:
    """Return a stored name in the reader's language."""
    return _tells["words"](text) if "words" in _tells else text


def tell_sentence(text: str) -> str:
    """Return a stored message in the reader's language."""
    return _tells["sentences"](text) if "sentences" in _tells else text


def tell_reason(code: str) -> str:
    """Name a stored reason in the reader's language."""
    return _tells["reasons"](code) if "reasons" in _tells else code
