"""The Spanish catalog: whole, compiled, and naming the same values as the English texts."""

import importlib.util
import pathlib

import pytest
from babel.messages.catalog import Message

SCRIPT = pathlib.Path(__file__).parent.parent / "scripts" / "translations.py"
_spec = importlib.util.spec_from_file_location("translations_script", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
translations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(translations)


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_text_is_collected_translated_and_compiled(language: str) -> None:
    assert list(translations.list_faults(language)) == []


def test_texts_come_from_pages_code_rules_and_models() -> None:
    texts = {key[0] for key in translations.collect_texts()}

    assert "Sign in" in texts
    assert ("%(number)s resolution", "%(number)s resolutions") in texts
    assert "You resolved these on your own." in texts
    assert "rate card row" in texts


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("%(count)s cases", "casos"),
        ("%(count)s cases", "%(number)s casos"),
        ("Converted at {rate}.", "Convertido."),
        ("Converted at {rate}.", "Convertido a {tipo}."),
        ("Close", ""),
        (("%(count)s day", "%(count)s days"), ("%(count)s día", "")),
    ],
)
def test_a_translation_that_lacks_or_invents_a_value_is_refused(english: str | tuple[str, str], spanish: str | tuple[str, str]) -> None:
    assert list(translations._message_faults(Message(english, spanish)))


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("%(count)s cases", "%(count)s casos"),
        (("One thing", "%(shown)s things"), ("Una cosa", "%(shown)s cosas")),
        ("100%", "100 %"),
    ],
)
def test_a_translation_with_the_same_values_is_fine(english: str | tuple[str, str], spanish: str | tuple[str, str]) -> None:
    assert not list(translations._message_faults(Message(english, spanish)))
