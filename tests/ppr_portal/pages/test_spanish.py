"""Every page in Spanish: no English left but names and stored texts, the same drawings, and the language said to the browser."""

import html
import re
import zoneinfo
from collections.abc import Iterator
from functools import cache

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.test import Client

from tests.ppr_portal.company import Company
from tests.ppr_portal.pages import test_access

ROLES = ("agent", "lead", "auditor", "approver", "client", "admin")
# Written alike in both languages: brands, units, formats and codes.
# fmt: off
SAME = frozenset({
    "ACW", "CSAT", "CSV", "Ctrl", "Esc", "Excel", "FCR", "IBAN", "JSON", "NDJSON", "PDF", "PPR", "Portal", "SHA", "Tab", "URL",
    "USD", "UTC", "Webhook", "XES", "XLSX", "XML", "Chat", "Chatwoot", "Freshdesk", "Front", "Help", "Scout", "HubSpot",
    "Intercom", "ServiceNow", "Zammad", "Zendesk", "Kappa", "kappa", "English", "Español", "General", "Plan", "Total", "final",
    "min", "manage", "serve", "only", "worker", "chat", "email", "ISO", "localtime",
    # Heads and cells of the file that is uploaded, and dates as files write them.
    "number", "state", "updated", "Feb", "Lost", "Resolved",
})
# fmt: on
# Names of time zones are those of the database of time zones.
DATA_PAGES = {"preferences"}
TEXT_ATTRIBUTES = r'(?:aria-label|title|placeholder|alt|data-label|content-label)="([^"]*)"'
DRAWN = re.compile(r'\s(d|x|y|x1|x2|y1|y2|cx|cy|r|width|height|points|viewBox|value|href|name|id|class)="([^"]*)"')
# Tokens, and files of which a reader of another language is offered a copy beside the one that was issued.
UNLIKE = re.compile(r'name="csrf.*?>|<a [^>]*href="[^"]*pdf[^"]*".*?</a>', re.DOTALL)
STORED_MAX = 3000


@cache
def _text_fields() -> tuple[tuple[type, str], ...]:
    models = [model for app in ("contracts", "agents", "billing", "django_celery_beat") for model in apps.get_app_config(app).get_models()]
    return tuple(
        (model, field.name)
        for model in models
        if not hasattr(model, "pgh_tracked_model")
        for field in model._meta.local_fields
        if isinstance(field, CharField | JSONField | TextField) and not field.choices
    )


def stored_texts() -> list[str]:
    """Return what people and records brought, the longest first."""
    found: set[str] = set()
    for model, field in _text_fields():
        for value in model.objects.order_by().values_list(field, flat=True).distinct()[:STORED_MAX]:  # type: ignore[attr-defined]
            found |= set(_strings(value))
    return sorted({" ".join(text.split()) for text in found if text and len(text) >= 3}, key=len, reverse=True)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _strings(part))


def texts_of(page: str) -> set[str]:
    """Return what a person reads of a page, piece by piece."""
    # What stands in code is written like that in files and addresses, in any language.
    body = re.sub(r"<(script|style|code)\b.*?</\1>", "", page, flags=re.DOTALL)
    pieces = [*re.findall(TEXT_ATTRIBUTES, body), *re.split(r"<[^>]*>", body)]
    return {" ".join(html.unescape(piece).split()) for piece in pieces} - {""}


def left_words(text: str, stored: list[str]) -> list[str]:
    """Return the words of a text that are neither stored nor the same in both languages."""
    # A version is called by the name that it is stored under.
    text = re.sub(r", version \d+", " ", text)
    for known in (*sorted(SAME, key=len, reverse=True), *stored):
        if known in text:
            text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " ", text)
    return [word for word in re.findall(r"[A-Za-zÁ-ú]{3,}", text) if not re.fullmatch(r"[0-9a-f]+", word)]


def pages() -> list[tuple[str, str]]:
    """Return each page as the first and as the last of the roles that see it: who works with it, and who decides or administers."""
    found = []
    for name, seen in test_access.SEEN.items():
        roles = [role for role in ROLES if seen.get(role) == 200]
        found += [(role, name) for role in dict.fromkeys((*roles[:1], *roles[-1:]))]
    return found


def test_no_page_keeps_english_and_every_drawing_stays_as_it_is(company: Company, client: Client) -> None:
    faults: list[str] = []
    stored: list[str] = []
    known: dict[str, list[str]] = {}
    addresses, zones = test_access.addresses(company), zoneinfo.available_timezones()
    for role, name in sorted(pages()):
        client.force_login(company.user_of(role))
        english, spanish = (client.get(addresses[name], headers={"accept-language": language}) for language in ("en", "es"))
        if "<html" not in spanish.content[:200].decode(errors="replace") or name in DATA_PAGES:
            continue
        stored = stored or stored_texts()
        told, plain = spanish.content.decode(), english.content.decode()
        if '<html lang="es"' not in told or spanish["Content-Language"] != "es":
            faults.append(f"{role} {name}: the page does not say that it is Spanish")
        for text in sorted(texts_of(told) & texts_of(plain) - zones):
            if text.startswith("/"):
                continue
            if text not in known:
                known[text] = left_words(text, stored)
            if known[text]:
                faults.append(f"{role} {name}: {text[:80]!r} is left in English ({', '.join(known[text][:4])})")
        drawn, expected = (sorted(DRAWN.findall(re.sub(UNLIKE, "", page))) for page in (told, plain))
        if drawn != expected:
            faults.append(f"{role} {name}: {sorted(set(drawn) ^ set(expected))[:3]} differ")

    assert faults == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/nowhere/"])
def test_pages_before_signing_in_are_spanish_too(client: Client, db: None, path: str) -> None:
    english, spanish = (client.get(path, headers={"accept-language": language}).content.decode() for language in ("en", "es"))

    assert [text for text in texts_of(english) & texts_of(spanish) if left_words(text, [])] == []
