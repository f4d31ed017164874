"""Collects, compiles and checks translations, without gettext on the machine: translations.py collect | compile | check.

Texts come from Python (Babel's extractor), from templates (Django's own reading of them), from the sentences of the rules, and
from the names that Django makes of models and fields. What is compiled is committed, so that nobody needs a compiler to read Spanish.
"""

import io
import os
import pathlib
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")

import django  # noqa: E402
from babel.messages import extract, mofile, pofile  # noqa: E402
from babel.messages.catalog import Catalog, Message  # noqa: E402
from django.utils.translation.template import templatize  # noqa: E402

LANGUAGES = ("es",)
FOLDERS = ("contracts", "agents", "billing", "ppr_portal")
SKIPPED = ("migrations", "management", "demo", "calculator")
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "sentence"), None),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!\{)\{(\w*)\}(?!\})")

Key = tuple[str | tuple[str, ...], str | None]


def collect_texts() -> dict[Key, set[str]]:
    """Return every text that is to be translated, with the files that it stands in."""
    found: dict[Key, set[str]] = {}
    for name, content in _sources():
        for _line, texts, _comments, context in extract.extract("python", io.BytesIO(content.encode()), KEYWORDS):
            key = texts if isinstance(texts, str) else tuple(texts)
            if key:
                found.setdefault((key, context), set()).add(name)
    for name in _made_names():
        found.setdefault((name, None), set()).add("ppr_portal/model_words.py")
    singulars = {key[0]: (key, context) for key, context in found if isinstance(key, tuple)}
    for (key, context), files in list(found.items()):
        if isinstance(key, str) and context is None and key in singulars:
            found[singulars[key]] |= files
            del found[(key, context)]
    return found


def _sources() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not set(path.relative_to(ROOT).parts) & set(SKIPPED):
                yield str(path.relative_to(ROOT)), path.read_text()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            # Outside the marked texts nothing is left but letters X; the indentation of a page is none of Python.
            lines = templatize(path.read_text(), origin=str(path)).splitlines()
            yield str(path.relative_to(ROOT)), "\n".join(line.lstrip() for line in lines) + "\n"


def _made_names() -> set[str]:
    from ppr_portal import model_words

    return model_words.made_names()


def catalog_path(language: str) -> pathlib.Path:
    """Return where the translations of a language stand."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalog(language: str) -> Catalog:
    """Read the translations of a language; an empty catalog where there are none yet."""
    path = catalog_path(language)
    if not path.exists():
        return Catalog(locale=language, project="PPR Portal", charset="utf-8")
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language, charset="utf-8")


def collect(language: str) -> None:
    """Write the texts of today into the catalog: known translations stay, texts that are gone leave."""
    known = {(message.id, message.context): message.string for message in read_catalog(language) if message.id}
    made = Catalog(locale=language, project="PPR Portal", charset="utf-8", fuzzy=False)
    for (key, context), files in sorted(collect_texts().items(), key=lambda item: (str(item[0][0]), item[0][1] or "")):
        made.add(key, known.get((key, context), ""), locations=[(name, 0) for name in sorted(files)], context=context)
    write(language, made)


def write(language: str, catalog: Catalog) -> None:
    """Write a catalog so that the same translations give the same bytes."""
    path = catalog_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.BytesIO()
    pofile.write_po(text, catalog, width=120, include_lineno=False, omit_header=True, sort_output=False)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    path.write_bytes(header.encode() + text.getvalue())


def compiled(language: str) -> bytes:
    """Return the compiled catalog of a language."""
    catalog, made = read_catalog(language), io.BytesIO()
    # The compiled header names days; those of today would make every compilation another one.
    catalog.creation_date = catalog.revision_date = UNDATED
    mofile.write_mo(made, catalog)
    return made.getvalue()


def list_faults(language: str) -> Iterator[str]:
    """Say what keeps a catalog from being complete and compiled."""
    catalog = read_catalog(language)
    kept = {(message.id, message.context): message for message in catalog if message.id}
    texts = collect_texts()
    for key in texts.keys() - kept.keys():
        yield f"{language}: {key[0]!r} of {', '.join(sorted(texts[key]))} is not in the catalog; run scripts/translations.py collect"
    for key in kept.keys() - texts.keys():
        yield f"{language}: {key[0]!r} is in no page any more; run scripts/translations.py collect"
    for message in kept.values():
        yield from (f"{language}: {fault}" for fault in _message_faults(message))
    path = catalog_path(language).with_suffix(".mo")
    if not path.exists() or path.read_bytes() != compiled(language):
        yield f"{language}: {path.name} is not what {path.stem}.po compiles to; run scripts/translations.py compile"


def _message_faults(message: Message) -> Iterator[str]:
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    told = [message.string] if isinstance(message.string, str) else list(message.string)
    if message.fuzzy or not all(told):
        yield f"{texts[0]!r} is not translated"
        return
    wanted = set().union(*(_placeholders(text) for text in texts))
    # A singular may say the number in words.
    if any(_placeholders(text) - wanted for text in told) or _placeholders(told[-1]) != _placeholders(texts[-1]):
        yield f"{texts[0]!r} and its translation do not name the same values"


def _placeholders(text: str) -> set[str]:
    return {found.group(0) for found in PLACEHOLDER.finditer(text)}


def main() -> int:
    """Do what was asked for each language; 1 where a check finds something."""
    django.setup()
    act = sys.argv[1] if len(sys.argv) > 1 else "check"
    faults = []
    for language in LANGUAGES:
        if act == "collect":
            collect(language)
        if act in ("collect", "compile"):
            catalog_path(language).with_suffix(".mo").write_bytes(compiled(language))
        faults += list_faults(language)
    for fault in faults[:50]:
        print(fault, file=sys.stderr)
    print(f"{len(faults)} faults" if faults else "Every text is translated.")
    return 1 if faults and act == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
